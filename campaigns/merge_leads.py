"""Merge a lead into another that is the same person, and split them again (docs/adr/0021).

What was met, sold and became of one moves to the other. The one that goes stays as a voided row with its own values and
external id, so that files which name it find the survivor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns import lead_search, uploads
from campaigns.erasure import KINDS
from campaigns.models import Agency, CapturedContact, ImportRun, Lead, LeadMerge, Sale, StatusChange, Touch
from campaigns.models.funnel import LeadStatus
from core import task_queue

FILLED = ("name", "email", "phone", "company", "how_heard")
VALUES = ("received_at", *FILLED, "note", "status", "disqualified_reason", "qualified_at")
# From the first to the furthest: of two statuses the further one is what became of the person.
COURSE = (LeadStatus.NEW, LeadStatus.DISQUALIFIED, LeadStatus.QUALIFIED, LeadStatus.LOST, LeadStatus.WON)
MERGED = gettext_noop("Merged into lead %(number)s.")


class LeadMergeRefused(Exception):
    """Nothing was written; the sentence says why."""


def is_further(status: str, than: str) -> bool:
    return COURSE.index(LeadStatus(status)) > COURSE.index(LeadStatus(than))


def merge(*, survivor_id: int, merged_id: int, by: Any, at: datetime) -> LeadMerge:
    """Make the second lead part of the first."""
    with transaction.atomic():
        survivor, gone = _locked(survivor_id, merged_id)
        _check(survivor, gone)
        was = _values(survivor)
        record = LeadMerge(survivor=survivor, merged=gone, at=at, by=by)
        record.save()
        moved = _move(gone, survivor, by)
        _take_over(survivor, gone)
        moved["added"] = _note_status(survivor, was["status"], by=by, at=at)
        record.before = {"was": was, "now": _values(survivor), **moved}
        record.save(update_fields=["before"])
        gone.void(at=at, reason=Agency.translate(gettext_lazy(MERGED)) % {"number": survivor.pk})
        task_queue.enqueue_on_commit()
    return record


def split(record: LeadMerge, *, by: Any) -> None:
    """Give the merged lead back what it brought; what came later stays with the survivor."""
    with transaction.atomic():
        survivor, gone = _locked(record.survivor_id, record.merged_id)
        record = LeadMerge.objects.get(pk=record.pk)
        if LeadMerge.objects.filter(merged=survivor).exists():
            raise LeadMergeRefused(_("The other lead became part of a third one since. Split these first."))
        Touch.objects.filter(pk__in=record.before.get("touches", []), lead=survivor).update(lead=gone)
        CapturedContact.objects.filter(pk__in=record.before.get("contacts", []), lead=survivor).update(lead=gone)
        _move_sales(Sale.objects.filter(pk__in=record.before.get("sales", []), lead=survivor), gone, by)
        StatusChange.objects.filter(pk__in=record.before.get("changes", []), lead=survivor).update(lead=gone)
        StatusChange.objects.filter(pk__in=record.before.get("added", [])).delete()
        _give_back(survivor, record.before)
        record.delete()
        gone.restore()
        task_queue.enqueue_on_commit()


def _locked(*numbers: int) -> tuple[Lead, ...]:
    """Both leads, held in the order of their numbers; none while a file is written that may name them."""
    leads = {lead.pk: lead for lead in Lead.objects.select_for_update().filter(pk__in=numbers).order_by("pk")}
    if ImportRun.objects.filter(kind__in=KINDS, status__in=uploads.UNDER_WAY).exists():
        raise LeadMergeRefused(_("A file of leads is being imported. Try again when it has finished."))
    if len(leads) < len(numbers):
        raise LeadMergeRefused(_("There is no such lead, or it is the same one."))
    return tuple(leads[number] for number in numbers)


def _check(survivor: Lead, gone: Lead) -> None:
    if survivor.erased_at or gone.erased_at:
        raise LeadMergeRefused(_("A lead that was erased cannot be merged."))
    if survivor.is_void or gone.is_void:
        raise LeadMergeRefused(_("A voided lead cannot be merged. Restore it first."))


def _values(lead: Lead) -> dict[str, Any]:
    return {name: _as_json(getattr(lead, name)) for name in VALUES}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _move(gone: Lead, survivor: Lead, by: Any) -> dict[str, list[int]]:
    """Move what hangs on a lead to another; return the numbers of what moved."""
    touches = list(gone.touches.values_list("pk", flat=True))
    changes = list(gone.status_changes.values_list("pk", flat=True))
    contacts = list(gone.contacts.values_list("pk", flat=True))
    Touch.objects.filter(pk__in=touches).update(lead=survivor)
    CapturedContact.objects.filter(pk__in=contacts).update(lead=survivor)
    StatusChange.objects.filter(pk__in=changes).update(lead=survivor)
    sales = _move_sales(gone.sales.all(), survivor, by)
    return {"touches": touches, "changes": changes, "sales": sales, "contacts": contacts}


def _move_sales(sales: Any, lead: Lead, by: Any) -> list[int]:
    moved = []
    for sale in sales:
        sale.lead = lead
        sale._history_user = by
        sale.save(update_fields=["lead"])
        moved.append(sale.pk)
    return moved


def _take_over(survivor: Lead, gone: Lead) -> None:
    """The earliest contact, the furthest status, and what the survivor does not say itself."""
    survivor.received_at = min(survivor.received_at, gone.received_at)
    for name in FILLED:
        setattr(survivor, name, getattr(survivor, name) or getattr(gone, name))
    survivor.note = "\n\n".join(dict.fromkeys(note for note in (survivor.note, gone.note) if note))
    since = [at for at in (survivor.qualified_at, gone.qualified_at) if at]
    if is_further(gone.status, than=survivor.status):
        survivor.status, survivor.disqualified_reason = gone.status, gone.disqualified_reason
    counts = survivor.status not in (LeadStatus.NEW, LeadStatus.DISQUALIFIED)
    survivor.qualified_at = min(since) if since and counts else None
    survivor.save(update_fields=list(VALUES))


def _note_status(survivor: Lead, before: str, *, by: Any, at: datetime) -> list[int]:
    if survivor.status == before:
        return []
    reason = survivor.disqualified_reason
    change = StatusChange(lead=survivor, at=at, before=before, after=survivor.status, reason=reason, by=by)
    change.save()
    return [change.pk]


def _give_back(survivor: Lead, before: dict[str, Any]) -> None:
    """The survivor's own values, except what somebody changed since the merge."""
    was, now = before.get("was", {}), before.get("now", {})
    together = ("status", "disqualified_reason", "qualified_at")
    has_moved_on = any(_as_json(getattr(survivor, name)) != now.get(name) for name in together)
    columns = {column.attname: column for column in Lead._meta.concrete_fields}
    names = [name for name in was if _as_json(getattr(survivor, name)) == now.get(name)]
    for name in names:
        if not (has_moved_on and name in together):
            setattr(survivor, name, columns[name].to_python(was[name]))
    survivor.save(update_fields=list(VALUES))


def candidates(lead: Lead) -> Sequence[Lead]:
    """Other live leads with the same e-mail address, phone or name: they may be the same person."""
    others = Lead.objects.live().filter(erased_at=None).exclude(pk=lead.pk)
    same = others.none()
    if lead.email:
        same |= others.with_email(lead.email)
    if lead.phone:
        same |= others.filter(lead_search.may_hold(lead.phone), phone=lead.phone)
    if lead.name:
        same |= others.filter(lead_search.named(lead.name))
    return list(same.order_by("received_at", "pk")[:50])
