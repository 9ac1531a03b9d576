"""Erasing what is held on a person who left, while their hours and what these cost stay (docs/adr/0013).

What goes: name, e-mail, password, other names, notes, absences, reminders, a subscription to the summary, and every
copy of these in the history, the imports and their files, the admin's log and the summaries that were sent. What
stays: a number, the days of joining and leaving, hours, weeks, rates; they are shown as those of "Former member 7".
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import erasure_log, saved_views, uploads
from campaigns.erasure_log import ErasureEntry
from campaigns.models import (
    Agency,
    ApiToken,
    Decision,
    HoldNotice,
    IdempotentAnswer,
    ImportedRow,
    ImportRun,
    RememberedMapping,
    SavedView,
)
from campaigns.models.catalogue import normalise
from campaigns.models.erasures import imprint
from campaigns.models.imports import ImportKind
from campaigns.names_in_text import replace_names
from core import task_queue
from reports.models import Subscriber, SummaryDelivery
from timesheets import sessions, sign_in
from timesheets.models import (
    Absence,
    PersonAlias,
    PersonErasure,
    PinnedRow,
    Reminder,
    TimeEntry,
    Timer,
    Timesheet,
    User,
)

log = logging.getLogger(__name__)

HOURS = (ImportKind.HOURS,)
# Rows that are about the person alone; those about hours stay.
THEIRS_ALONE: tuple[tuple[type[Any], str], ...] = (
    (PersonAlias, "person"),
    (Absence, "member"),
    (PinnedRow, "member"),
    (Timer, "member"),
    (Reminder, "member"),
    (HoldNotice, "member"),
    (SavedView, "member"),
    (ApiToken, "person"),
    (EmailAddress, "user"),
    (Authenticator, "user"),
    (SocialAccount, "user"),
)
LETTER = ("subject", "text", "html")


class NotErased(Exception):
    """It cannot be done now."""


class StillHere(NotErased):
    """The person can still sign in: they have not left."""


class HoursImportUnderWay(NotErased):
    """A file of hours is being read just now: it could write again what is erased meanwhile."""


def is_erased(person: User) -> bool:
    return PersonErasure.objects.filter(pk=person.pk).exists()


def erase_now(person: User, *, at: datetime) -> None:
    """Erase a person who has left because somebody asked for it, with the files of imports of hours."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if sign_in.may_sign_in(person):
            raise StillHere
        runs = ImportRun.objects.filter(kind__in=HOURS)
        if runs.filter(status__in=uploads.UNDER_WAY).exists():
            raise HoursImportUnderWay
        if not is_erased(person):
            _erase(person, ErasureEntry(at, _hashes(person, Agency.current().mark)))
            uploads.discard(runs)
    erasure_log.leave_nothing_behind()


def _erase(person: User, entry: ErasureEntry) -> None:
    PersonErasure.objects.create(pk=person.pk, erased_at=entry.erased_at, hashes=entry.hashes)
    texts = [person.email, person.name, *person.aliases.values_list("text", flat=True)]
    with translation.override(Agency.current().language):
        name = _("Former member %(number)s") % {"number": person.pk}
    _erase_sign_in(person)
    for model, field in THEIRS_ALONE:
        model.objects.filter(**{field: person}).delete()
    saved_views.forget_names(texts)
    _erase_words_on_hours(person)
    IdempotentAnswer.empty()
    _erase_log(person, texts)
    _erase_imports(person, texts)
    _erase_summaries(person, name, at=entry.erased_at)
    _erase_from_decisions(person, name)
    _erase_account(person, name, entry.erased_at.date())
    transaction.on_commit(keep_outside, robust=True)  # it is erased; what cannot be written now is tonight
    task_queue.enqueue_on_commit()
    log.info("erased person=%s", person.pk)


def _erase_account(person: User, name: str, left_on: date) -> None:
    person.name, person.email = name, f"former-{person.pk}@erased.invalid"
    person.language, person.is_active, person.gets_reminders, person.last_login = "", False, False, None
    person.left_on = person.left_on or max(left_on, person.joined_on)
    person.set_unusable_password()
    person.save()


def _erase_sign_in(person: User) -> None:
    sessions.end(person)
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        model.objects.filter(username__iexact=person.email).delete()


def _erase_words_on_hours(person: User) -> None:
    """Notes, and the reasons why weeks were given back; minutes and days stay, so no figure changes."""
    TimeEntry.objects.filter(member=person).exclude(note="").update(note="")
    TimeEntry.history.filter(member_id=person.pk).exclude(note="").update(note="")
    for rows in (Timesheet.objects.filter(member=person), Timesheet.history.filter(member_id=person.pk)):
        rows.exclude(reopen_reason="").update(reopen_reason="")


def _erase_log(person: User, texts: Sequence[str]) -> None:
    """The admin's log calls a rate, a week and an entry by whose they are."""
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    for text in filter(None, texts):
        about |= Q(object_repr__icontains=text) | Q(change_message__icontains=text)
    LogEntry.objects.filter(about).update(object_repr="", change_message="")


def _erase_imports(person: User, texts: Sequence[str]) -> None:
    """What imports remember of notes, and what files call the person."""
    own = Q(owner_id=person.pk) | Q(object_id__in=TimeEntry.objects.filter(member=person).values("pk"))
    of_person = ImportedRow.objects.filter(own, kind__in=HOURS)
    of_person.update(fingerprint=None, identity=None, natural_key=None, note_key=None)
    rows = list(of_person.exclude(before=None))
    for row in rows:
        row.before = {part: _without_note(value) for part, value in (row.before or {}).items()}
    ImportedRow.objects.bulk_update(rows, ["before"], batch_size=erasure_log.BATCH)
    uploads.forget_names(texts, HOURS)
    known = {normalise(text) for text in texts}
    for learnt in RememberedMapping.objects.filter(kind__in=HOURS):
        names = learnt.mapping.get("names", {}).get("person", {})
        kept = {name: target for name, target in names.items() if not {name, normalise(target)} & known}
        if kept != names:
            learnt.mapping["names"]["person"] = kept
            learnt.save(update_fields=["mapping"])


def _without_note(value: Any) -> Any:
    """Empty, as it is in the entry now: the row is compared with it before it is undone."""
    return {**value, "note": ""} if isinstance(value, dict) and "note" in value else value


def _erase_summaries(person: User, name: str, *, at: datetime) -> None:
    """Summaries name who has not submitted; and a person may have been sent them."""
    subscription = Subscriber.objects.filter(email__iexact=person.email)
    SummaryDelivery.objects.filter(subscriber__in=subscription).update(reason="", message_id="")
    subscription.update(email=f"former-{person.pk}@erased.invalid", name="", unsubscribed_at=at)
    texts = [text for text in (person.name, person.email) if text]
    forms = {form for text in texts for form in (text, escape(text), escape(text, quote=False))}
    replace_names(SummaryDelivery.objects.all(), LETTER, forms, name)


def _erase_from_decisions(person: User, name: str) -> None:
    """A decision is a director's own words, which may have named the person."""
    replace_names(Decision.objects.all(), Decision.TEXTS, (person.name, person.email), name)


# -- after a restore --------------------------------------------------------------------------------------------------


def _hashes(person: User, mark: str) -> list[str]:
    return [imprint(text, mark) for text in (person.email, person.name) if text]


def entries() -> dict[int, ErasureEntry]:
    """What the database itself knows to be erased."""
    return {erasure.person_id: ErasureEntry.of(erasure) for erasure in PersonErasure.objects.all()}


def keep_outside() -> int:
    """Write to the file beside the database what it does not have yet."""
    return erasure_log.keep_outside("person", entries())


def replay(path: Path | None = None) -> int:
    """Erase again the people whom a restored backup brought back; return how many that were.

    Somebody whom nothing of what was known of the erased one fits has got an old number by chance.
    """
    mark, known = Agency.current().mark, entries() | erasure_log.entries_outside("person", path)
    back = [person for person in _found(known) if set(_hashes(person, mark)) & set(known[person.pk].hashes)]
    with transaction.atomic():
        for person in back:
            PersonErasure.objects.filter(pk=person.pk).delete()
            _erase(person, known[person.pk])
        if back:
            uploads.discard(ImportRun.objects.filter(kind__in=HOURS).exclude(status__in=uploads.UNDER_WAY))
    erasure_log.leave_nothing_behind()
    return len(back)


def _found(numbers: Iterable[int]) -> Iterable[User]:
    for batch in erasure_log.batched(numbers):
        yield from User.objects.filter(pk__in=batch)
