"""Asking people by e-mail for a week that they have not submitted (docs/adr/0008).

On Friday and Monday everyone who has not submitted gets a row, which is the decision and can exist only once. The
outbox sends it: right before, what it rests on is checked again and the text is written. A manager may also ask one
person at once.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import trusted_clock
from campaigns.models import Agency, EventKind, JobRun
from campaigns.webhooks import events
from core import money, outbox
from core.outbox import Outbox
from core.schedule import FRIDAY, MONDAY, next_weekly
from core.weeks import Week
from timesheets import grid, hours, missing_hours, sign_in
from timesheets.expected_hours import expected_hours, expected_words
from timesheets.models import Reminder, TimeEntry, User, lock_member

# Later than this it is no reminder any more: an outage must not end in a nightly e-mail about last week.
TOO_LATE = timedelta(hours=12)
ASKED_AGAIN_AFTER = timedelta(days=1)


class AskedAlready(Exception):
    """Somebody asked this person for this week within a day."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When people are reminded, in the agency's zone, and of which week: `weeks` after the current one."""

    kind: Reminder.Kind
    weekday: int
    hour: int
    weeks: int

    @property
    def job(self) -> str:
        return f"reminders-{self.kind}"

    def next_due(self, after: datetime, agency: Agency) -> datetime:
        return next_weekly(after, weekday=self.weekday, hour=self.hour, zone=agency.zone)


OCCASIONS = (
    Occasion(Reminder.Kind.FRIDAY, weekday=FRIDAY, hour=15, weeks=0),
    Occasion(Reminder.Kind.MONDAY, weekday=MONDAY, hour=9, weeks=-1),
)


# -- deciding ---------------------------------------------------------------------------------------------------------


def send_due(*, at: datetime) -> None:
    """Decide what is due at this instant, then send what waits; safe to run twice, and by two workers at once."""
    if not trusted_clock.is_trusted(at):
        return
    agency = Agency.current()
    for occasion in OCCASIONS:
        _decide(occasion, agency, at=at)
    OUTBOX.send_due(at=at)


def _decide(occasion: Occasion, agency: Agency, *, at: datetime) -> None:
    """Write down whom to remind, once the hour has come. The first call ever only sets the time."""
    due = JobRun.objects.get_or_create(name=occasion.job)[0].next_due
    coming = occasion.next_due(at, agency)
    if due == coming:
        return
    with transaction.atomic():
        # Of two that move the time on, one wins and decides. It also moves when the agency changes its time zone.
        is_ours = JobRun.objects.filter(name=occasion.job, next_due=due).update(next_due=coming)
        if is_ours and due and due <= at <= due + TOO_LATE:
            week = agency.week_of(due).plus(occasion.weeks)
            missing = missing_hours.missing(week)
            Reminder.objects.bulk_create(
                [
                    Reminder(member=member, week=week.monday, kind=occasion.kind, due_at=due, next_attempt_at=at)
                    for member in missing
                    if member.gets_reminders
                ],
                ignore_conflicts=True,
            )
            _tell(week, missing, is_over=occasion.weeks < 0, at=at)


def _tell(week: Week, missing: Iterable[User], *, is_over: bool, at: datetime) -> None:
    """Tell the webhooks who is missing and, of a week that is over, what was logged."""
    url = f"{settings.SITE_URL}{reverse('timesheets:team')}?week={week}"
    people = {"week": str(week), "people": [member.pk for member in missing], "url": url}
    events.emit(EventKind.WEEK_MISSING, lambda: people, at=at)
    if is_over:
        events.emit(
            EventKind.WEEK_HOURS,
            lambda: {"week": str(week), "minutes": dict(_minutes_by_platform(week)), "url": url},
            at=at,
        )


def _minutes_by_platform(week: Week) -> Iterable[tuple[str, int]]:
    rows = TimeEntry.objects.in_week(week).order_by().values_list("platform__name")
    return rows.annotate(minutes=Sum("minutes"))


def reminded_lately(week: Week, *, at: datetime) -> dict[int, Reminder]:
    """The newest reminder of this week that each person got within a day, or that is on its way, by their key."""
    rows = Reminder.objects.filter(week=week.monday, due_at__gt=at - ASKED_AGAIN_AFTER)
    kept = rows.exclude(state__in=(Reminder.State.FAILED, Reminder.State.DROPPED))
    return {row.member_id: row for row in kept.select_related("member").order_by("due_at", "pk")}


def ask_missing(week: Week, *, by: User, at: datetime) -> list[Reminder]:
    """Remind everybody who has still not submitted this week, but for those who were reminded within a day."""
    lately = reminded_lately(week, at=at)
    asked = []
    for member in missing_hours.missing(week):
        if member.pk not in lately:
            with suppress(AskedAlready):
                asked.append(ask(member, week, by=by, at=at))
    return asked


def ask(member: User, week: Week, *, by: User, at: datetime) -> Reminder:
    """Remind one person now, whatever their settings: a colleague asks. AskedAlready within a day of the last time."""
    with transaction.atomic():
        lock_member(member.pk)
        earlier = Reminder.objects.filter(member=member, week=week.monday, kind=Reminder.Kind.ASKED)
        if earlier.filter(due_at__gt=at - ASKED_AGAIN_AFTER).exclude(state=Reminder.State.FAILED).exists():
            raise AskedAlready
        return Reminder.objects.create(
            member=member, week=week.monday, kind=Reminder.Kind.ASKED, due_at=at, next_attempt_at=at, asked_by=by
        )


# -- sending ----------------------------------------------------------------------------------------------------------


def not_needed(reminder: Reminder, at: datetime) -> str:
    """Why this reminder is not to be sent after all; empty when it is."""
    if at > reminder.due_at + TOO_LATE:
        return "too late"
    if not missing_hours.is_missing(reminder.member, Week(reminder.week)) or not sign_in.may_sign_in(reminder.member):
        return "submitted, away, or no longer at work"
    if reminder.kind != Reminder.Kind.ASKED and not reminder.member.gets_reminders:
        return "turned off"
    return ""


def resend(pk: int, *, at: datetime) -> bool:
    """Have a new copy sent, as due now; False when this one is not stuck. What it rests on is looked at once more."""
    return OUTBOX.send_again(pk, at=at, due_at=at)


# -- the message ------------------------------------------------------------------------------------------------------


def message_of(reminder: Reminder) -> EmailMessage:
    """The e-mail, in the person's language. Only the scheduled ones can be turned off, so only they offer it."""
    member, week, agency = reminder.member, Week(reminder.week), Agency.current()
    off = "" if reminder.kind == Reminder.Kind.ASKED else off_url(member)
    with money.localised(language=member.language or agency.language, country=agency.country, currency=agency.currency):
        context = {
            "member": member,
            "agency": agency,
            "asked_by": reminder.asked_by,
            "week": grid.title(week),
            "logged": hours.format_minutes(TimeEntry.objects.of(member).in_week(week).minutes(), member),
            "expected": expected_words(expected_hours([member], week)[member.pk], member),
            "url": f"{settings.SITE_URL}{reverse('timesheets:week', args=[week])}",
            "off_url": off,
        }
        subject = _("Your hours of %(week)s are not submitted") % {"week": context["week"]}
        text = render_to_string("emails/reminder.txt", context)
    headers = outbox.headers(outbox.new_message_id(), unsubscribe_url=off)
    return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [member.email], headers=headers)


# A reminder is claimed as unknown, so that one whose worker dies is never sent twice, nor waits for a sweep to say so.
OUTBOX = Outbox(
    rows=Reminder.objects.select_related("member", "asked_by"),
    states=Reminder.State,
    claimed=Reminder.State.UNKNOWN,
    claimed_at="next_attempt_at",
    hand_over=outbox.by_email(message_of),
    not_needed=not_needed,
    translate=Agency.translate,
)


_SIGNER = signing.Signer(salt="timesheets.reminders")


def off_url(member: User) -> str:
    return f"{settings.SITE_URL}{reverse('timesheets:reminders_off', args=[_SIGNER.sign(str(member.pk))])}"


def member_of(token: str) -> User | None:
    """Whose link this is; None when it was not made here."""
    try:
        return User.objects.filter(pk=int(_SIGNER.unsign(token))).first()
    except (signing.BadSignature, ValueError, OverflowError):
        return None


def turn_off(member: User) -> None:
    """No more scheduled reminders; a second time changes nothing."""
    User.objects.filter(pk=member.pk).update(gets_reminders=False)
