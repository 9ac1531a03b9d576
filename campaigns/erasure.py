"""Erasing what is held on a lead, everywhere, while what it counted for stays (docs/adr/0013).

What stays: that there was a lead, when it came in, where it was met, what it became, what its sales were worth. What
goes: name, address, company, note, what its links said, what its sales are called, and every copy of these in the
history, the imports, their files, the names of saved views and the admin's log. A row of `Erasure` keeps the lead's
number and hashes, in the database and in a file beside it, so that a restored backup can be erased again.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from campaigns import erasure_log, saved_views, uploads
from campaigns.erasure_log import ErasureEntry
from campaigns.models import (
    Agency,
    CapturedContact,
    Decision,
    Erasure,
    ErasureReason,
    IdempotentAnswer,
    ImportedRow,
    ImportRun,
    Lead,
    LeadMerge,
    Sale,
    Touch,
)
from campaigns.models.erasures import erased_id, imprint, is_erased_id
from campaigns.models.imports import ImportKind
from campaigns.names_in_text import replace_names
from core import task_queue

log = logging.getLogger(__name__)

PERSONAL = ("name", "email", "phone", "company", "how_heard", "note", "void_reason")
OF_A_LINK = ("utm_source", "utm_medium", "utm_campaign", "void_reason")
OF_A_SALE = ("description", "void_reason")
# What an imported row remembers of these, to be able to undo.
REMEMBERED = {*PERSONAL, *OF_A_LINK, *OF_A_SALE, "external_id"}
KINDS = (ImportKind.LEADS, ImportKind.TOUCHES, ImportKind.SALES)


class LeadImportUnderWay(Exception):
    """A file of leads, touches or sales is being read just now: it could write again what is erased meanwhile."""


def erase_now(lead: Lead, *, at: datetime) -> None:
    """Erase one lead because somebody asked for it, with the files of imports, which may hold it as well."""
    with transaction.atomic():
        runs = ImportRun.objects.filter(kind__in=KINDS)
        if runs.filter(status__in=uploads.UNDER_WAY).exists():
            raise LeadImportUnderWay
        erase([lead], at=at, why=ErasureReason.REQUEST)
        uploads.discard(runs)
    erasure_log.leave_nothing_behind()


def erase(leads: Iterable[Lead], *, at: datetime, why: str) -> None:
    """Erase these leads, and all that are one person with them; those that are erased already are left alone."""
    with transaction.atomic():
        found = _locked_with_their_merges([lead.pk for lead in leads])
        if not found:
            return
        mark = Agency.current().mark
        Erasure.objects.bulk_create([_entry(lead, mark, at, why) for lead in found], ignore_conflicts=True)
        known_by = [text for lead in found for text in texts_of(lead)]
        replace_names(
            Decision.objects.all(), Decision.TEXTS, [name for lead in found for name in full_names(lead)], "…"
        )
        _erase_leads(found, mark, at)
        _erase_contacts(found, known_by)
        uploads.forget_names(known_by, KINDS)
        saved_views.forget_names(known_by)
        touches = Touch.objects.filter(lead__in=found)
        touches.update(**dict.fromkeys(OF_A_LINK, ""))
        # In two statements, each by an index: as one with OR, PostgreSQL reads the whole table.
        bought = list(Sale.objects.filter(lead__in=found).values_list("pk", flat=True))
        sales = list(Sale.objects.filter(Q(lead__in=found) | Q(refund_of__in=bought)))
        deleted = _erase_versions(found, [sale.pk for sale in sales])
        _erase_sales(sales, mark)
        _erase_copies(ImportKind.LEADS, Lead, [lead.pk for lead in found])
        _erase_copies(ImportKind.TOUCHES, Touch, list(touches.values_list("pk", flat=True)))
        _erase_copies(ImportKind.SALES, Sale, [sale.pk for sale in sales])
        _erase_log(Sale, deleted)
        IdempotentAnswer.empty()
        transaction.on_commit(keep_outside, robust=True)  # it is erased; what cannot be written now is tonight
        task_queue.enqueue_on_commit()
    log.info("erased %s leads", len(found))


def _locked_with_their_merges(numbers: Sequence[int]) -> list[Lead]:
    """The leads that are not erased yet, and all that are one person with one of them; the records of merges go."""
    merges = LeadMerge.objects.filter(Q(survivor=OuterRef("pk")) | Q(merged=OuterRef("pk")))
    live = Lead.objects.select_for_update().filter(erased_at=None)
    found = list(live.filter(pk__in=numbers).annotate(is_merged=Exists(merges)))
    if not any(getattr(lead, "is_merged", False) for lead in found):
        return found
    everyone = LeadMerge.one_person(lead.pk for lead in found)
    LeadMerge.objects.filter(survivor__in=everyone).delete()
    return list(live.filter(pk__in=everyone))


def _entry(lead: Lead, mark: str, at: datetime, why: str) -> Erasure:
    return Erasure(lead_id=lead.pk, erased_at=at, hashes=_hashes(lead, mark), why=why)


def _hashes(lead: Lead, mark: str) -> list[str]:
    """One for each thing by which a lead is known again: of these it takes one that fits."""
    return [imprint(text, mark) for text in (*texts_of(lead), lead.received_at.isoformat())]


def texts_of(lead: Lead) -> list[str]:
    """What a lead is known by."""
    return [text for text in (lead.external_id, lead.email, lead.phone, lead.name, lead.company) if text]


def full_names(lead: Lead) -> list[str]:
    """What names this lead and hardly anything else in a text: a single word could be any word."""
    return [text for text in (lead.email, lead.phone, lead.name if " " in lead.name.strip() else "") if text]


def _erase_leads(leads: Sequence[Lead], mark: str, at: datetime) -> None:
    for lead in leads:
        lead.erased_at = at
        lead.external_id = _erased(lead.external_id, mark)
        for name in PERSONAL:
            setattr(lead, name, "")
    Lead.objects.bulk_update(leads, ["erased_at", "external_id", *PERSONAL])


def _erase_contacts(leads: Sequence[Lead], known_by: Iterable[str]) -> None:
    """That a form was sent stays, and the sender's number of it, so that it makes no lead when it is sent once more.

    What was taken for spam and names the person goes.
    """
    nothing = {"email": "", "values": {}, "origin": {}, "consent_text": "", "content_hash": ""}
    CapturedContact.objects.filter(lead__in=leads).update(**nothing)
    CapturedContact.objects.mentioning(known_by).delete()


def _erase_versions(leads: Sequence[Lead], sales: Sequence[int]) -> list[int]:
    """Empty the recorded versions of these sales, and of all that ever were a sale of these leads or its refund.

    A sale that was deleted has versions alone; one that belongs to another lead by now keeps its later ones. Returns
    the numbers of sales that are gone.
    """
    of_leads = Q(id__in=sales) | Q(lead_id__in=[lead.pk for lead in leads])
    once = {*sales, *Sale.history.filter(of_leads).values_list("id", flat=True)}
    gone = once - set(Sale.objects.filter(pk__in=once).values_list("pk", flat=True))
    versions = Sale.history.filter(of_leads | Q(id__in=gone) | Q(refund_of_id__in=gone))
    versions.update(external_id=None, history_change_reason=None, **dict.fromkeys(OF_A_SALE, ""))
    return sorted(gone)


def _erase_sales(sales: Sequence[Sale], mark: str) -> None:
    """Sales keep day, amount and origin."""
    for sale in sales:
        sale.external_id = _erased(sale.external_id, mark)
        for name in OF_A_SALE:
            setattr(sale, name, "")
    Sale.objects.bulk_update(sales, ["external_id", *OF_A_SALE])


def _erased(external_id: str | None, mark: str) -> str | None:
    return external_id if not external_id or is_erased_id(external_id) else erased_id(external_id, mark)


def _erase_copies(kind: str, model: type[models.Model], pks: Sequence[int]) -> None:
    """What imports remember of these rows to undo them, and what the admin's log calls them."""
    rows = list(ImportedRow.objects.filter(kind=kind, object_id__in=pks).exclude(before=None))
    for row in rows:
        row.before = {part: _without_persons(stored) for part, stored in (row.before or {}).items()}
    ImportedRow.objects.bulk_update(rows, ["before"], batch_size=500)
    _erase_log(model, pks)


def _erase_log(model: type[models.Model], pks: Sequence[int]) -> None:
    of_these = Q(content_type=ContentType.objects.get_for_model(model), object_id__in=[str(pk) for pk in pks])
    LogEntry.objects.filter(of_these).update(object_repr="", change_message="")


def _without_persons(stored: Any) -> Any:
    if not isinstance(stored, dict):
        return stored
    return {name: value for name, value in stored.items() if name not in REMEMBERED}


# -- after a restore --------------------------------------------------------------------------------------------------


def entries() -> dict[int, ErasureEntry]:
    """What the database itself knows to be erased."""
    return {erasure.lead_id: ErasureEntry.of(erasure) for erasure in Erasure.objects.all()}


def keep_outside() -> int:
    """Write to the file beside the database what it does not have yet, so that losing one loses not both."""
    return erasure_log.keep_outside("lead", entries())


def brought_back(why: str, path: Path | None = None) -> dict[Lead, ErasureEntry]:
    """The leads that were erased for this reason and are here again, by the database's own log and the file beside it.

    A lead that came in after the erasure has got an old number by chance and is left out, and so is one that nothing
    of what was known of the erased one fits.
    """
    mark, known = Agency.current().mark, entries() | erasure_log.entries_outside("lead", path)
    asked = {number: entry for number, entry in known.items() if entry.why == why}
    return {
        lead: asked[lead.pk]
        for numbers in erasure_log.batched(asked)
        for lead in Lead.objects.filter(pk__in=numbers, erased_at=None)
        if lead.received_at <= asked[lead.pk].erased_at and set(_hashes(lead, mark)) & set(asked[lead.pk].hashes)
    }


def replay(path: Path | None = None, *, why: str = ErasureReason.REQUEST) -> int:
    """Erase again what a restored backup brought back; return how many leads that were.

    What time erased is only erased again when somebody says so: a clock that was wrong may have done it.
    """
    back = brought_back(why, path)
    with transaction.atomic():
        for lead, entry in back.items():
            defaults = {"erased_at": entry.erased_at, "hashes": entry.hashes, "why": why}
            Erasure.objects.update_or_create(lead_id=lead.pk, defaults=defaults)
            erase([lead], at=entry.erased_at, why=why)
        if back:
            uploads.discard(ImportRun.objects.filter(kind__in=KINDS).exclude(status__in=uploads.UNDER_WAY))
    erasure_log.leave_nothing_behind()
    return len(back)
