"""Erasing what is held on a lead, everywhere, while what it counted for stays (docs/adr/0013).

What stays: that there was a lead, when it came in, where it was met, what it became, what its sales were worth. What
goes: name, address, company, note, what its links said, what its sales are called, and every copy of these in the
history, the imports, their files and the admin's log. A row of `Erasure` keeps the lead's number and hashes, in the
database and in a file beside it, so that a restored backup can be erased again.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Q

from campaigns import doorbell, uploads
from campaigns.models import Agency, Erasure, ImportedRow, ImportRun, Lead, Sale, Touch
from campaigns.models.erasures import erased_id, imprint, is_erased_id
from campaigns.models.imports import ImportKind

log = logging.getLogger(__name__)

PERSONAL = ("name", "email", "company", "note", "void_reason")
OF_A_LINK = ("utm_source", "utm_medium", "utm_campaign", "void_reason")
OF_A_SALE = ("description", "void_reason")
# What an imported row remembers of these, to be able to undo.
REMEMBERED = {*PERSONAL, *OF_A_LINK, *OF_A_SALE, "external_id"}
KINDS = (ImportKind.LEADS, ImportKind.TOUCHES, ImportKind.SALES)


class ImportUnderWay(Exception):
    """A file of leads, touches or sales is being read just now: it could write again what is erased meanwhile."""


def erase_now(lead: Lead, *, at: datetime) -> None:
    """Erase one lead because somebody asked for it, with the files of imports, which may hold it as well."""
    with transaction.atomic():
        runs = ImportRun.objects.filter(kind__in=KINDS)
        if runs.filter(status__in=uploads.UNDER_WAY).exists():
            raise ImportUnderWay
        erase([lead], at=at)
        uploads.discard(runs)
    leave_nothing_behind()


def erase(leads: Iterable[Lead], *, at: datetime) -> None:
    """Erase these leads; those that are erased already are left alone."""
    with transaction.atomic():
        asked = [lead.pk for lead in leads]
        found = list(Lead.objects.select_for_update().filter(pk__in=asked, erased_at=None))
        if not found:
            return
        mark = Agency.current().mark
        Erasure.objects.bulk_create([_entry(lead, mark, at) for lead in found], ignore_conflicts=True)
        _erase_leads(found, mark, at)
        touches = Touch.objects.filter(lead__in=found)
        touches.update(**dict.fromkeys(OF_A_LINK, ""))
        sales = list(Sale.objects.filter(Q(lead__in=found) | Q(refund_of__lead__in=found)))
        _erase_sales(sales, mark)
        _erase_copies(ImportKind.LEADS, Lead, [lead.pk for lead in found])
        _erase_copies(ImportKind.TOUCHES, Touch, list(touches.values_list("pk", flat=True)))
        _erase_copies(ImportKind.SALES, Sale, [sale.pk for sale in sales])
        transaction.on_commit(keep_outside)
        doorbell.ring()
    log.info("erased %s leads", len(found))


def _entry(lead: Lead, mark: str, at: datetime) -> Erasure:
    return Erasure(lead_id=lead.pk, erased_at=at, hashes=_hashes(lead, mark))


def _hashes(lead: Lead, mark: str) -> list[str]:
    """One for each thing by which a lead is known again: of these it takes one that fits."""
    known_by = (lead.external_id, lead.email, lead.name, lead.company, lead.received_at.isoformat())
    return [imprint(text, mark) for text in known_by if text]


def _erase_leads(leads: Sequence[Lead], mark: str, at: datetime) -> None:
    for lead in leads:
        lead.erased_at = at
        lead.external_id = _erased(lead.external_id, mark)
        for name in PERSONAL:
            setattr(lead, name, "")
    Lead.objects.bulk_update(leads, ["erased_at", "external_id", *PERSONAL])


def _erase_sales(sales: Sequence[Sale], mark: str) -> None:
    """Sales keep day, amount and origin. Their recorded versions lose what they lose."""
    for sale in sales:
        sale.external_id = _erased(sale.external_id, mark)
        for name in OF_A_SALE:
            setattr(sale, name, "")
    Sale.objects.bulk_update(sales, ["external_id", *OF_A_SALE])
    versions = Sale.history.filter(id__in=[sale.pk for sale in sales])
    versions.update(external_id=None, history_change_reason=None, **dict.fromkeys(OF_A_SALE, ""))


def _erased(external_id: str | None, mark: str) -> str | None:
    return external_id if not external_id or is_erased_id(external_id) else erased_id(external_id, mark)


def _erase_copies(kind: str, model: type[models.Model], pks: Sequence[int]) -> None:
    """What imports remember of these rows to undo them, and what the admin's log calls them."""
    rows = list(ImportedRow.objects.filter(kind=kind, object_id__in=pks).exclude(before=None))
    for row in rows:
        row.before = {part: _without_persons(told) for part, told in (row.before or {}).items()}
    ImportedRow.objects.bulk_update(rows, ["before"], batch_size=500)
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=[str(pk) for pk in pks]
    )
    entries.update(object_repr="", change_message="")


def _without_persons(told: Any) -> Any:
    if not isinstance(told, dict):
        return told
    return {name: value for name, value in told.items() if name not in REMEMBERED}


def leave_nothing_behind() -> None:
    """On SQLite, write the log of changes into the file and empty it: it still holds what was there before."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# -- after a restore --------------------------------------------------------------------------------------------------


def keep_outside() -> int:
    """Write to the file beside the database what it does not have yet, so that losing one loses not both.

    One JSON a line. Returns how many were added.
    """
    mark, path = Agency.current().mark, Path(settings.ERASURES_FILE)
    there = {entry.lead_id for entry in _entries_outside(path, mark)}
    missing = [entry for entry in Erasure.objects.all() if entry.lead_id not in there]
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(_line(entry, mark) for entry in missing)
    return len(missing)


def _line(entry: Erasure, mark: str) -> str:
    told = {"mark": mark, "lead": entry.lead_id, "erased_at": entry.erased_at.isoformat(), "hashes": entry.hashes}
    return json.dumps(told) + "\n"


def _entries_outside(path: Path, mark: str) -> Iterator[Erasure]:
    """The erasures of this installation in a file; a line that a full disk cut short is passed over."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
            entry = Erasure(
                lead_id=int(told["lead"]),
                erased_at=datetime.fromisoformat(told["erased_at"]),
                hashes=list(told["hashes"]),
            )
        except (ValueError, KeyError, TypeError):
            log.warning("a line of %s cannot be read", path)
            continue
        if told.get("mark") == mark:
            yield entry


def replay(path: Path | None = None) -> int:
    """Erase again what a restored backup brought back: what the database's own log and the file beside it name.

    Returns how many leads that were. A lead that came in after the erasure has got an old number by chance and is
    left alone, and so is one that nothing of what was known of the erased one fits.
    """
    mark = Agency.current().mark
    entries = {entry.lead_id: entry for entry in Erasure.objects.all()}
    entries |= {entry.lead_id: entry for entry in _entries_outside(path or Path(settings.ERASURES_FILE), mark)}
    back = [
        lead
        for lead in Lead.objects.filter(pk__in=entries, erased_at=None)
        if lead.received_at <= entries[lead.pk].erased_at and set(_hashes(lead, mark)) & set(entries[lead.pk].hashes)
    ]
    with transaction.atomic():
        Erasure.objects.bulk_create([entries[lead.pk] for lead in back], ignore_conflicts=True)
        for lead in back:
            erase([lead], at=entries[lead.pk].erased_at)
        if back:
            uploads.discard(ImportRun.objects.filter(kind__in=KINDS).exclude(status__in=uploads.UNDER_WAY))
    leave_nothing_behind()
    return len(back)
