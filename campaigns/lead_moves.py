"""Leads that change their status, or get their platform, many by one act; and how that is taken back, row by row.

Each lead is changed as it would be by itself: with its record, its marks and its locks. One that has changed since it
was seen is left as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet

from campaigns.models import BulkChange, Lead, Platform, StatusChange, Touch
from campaigns.models.funnel import DisqualifiedReason, LeadStatus, has_sale
from core import task_queue

MOST_LEADS = 200


class LeadStanding(NamedTuple):
    """Where a lead stands; written `disqualified:spam`, or `new`."""

    status: str
    reason: str = ""

    @classmethod
    def parse(cls, text: str) -> "LeadStanding | None":
        """None for what is no standing: an unknown word, a reason that is lacking or not asked for."""
        return next((standing for standing in STANDINGS if str(standing) == text), None)

    @classmethod
    def of(cls, lead: Lead) -> "LeadStanding":
        return cls(lead.status, lead.disqualified_reason)

    def __str__(self) -> str:
        return f"{self.status}:{self.reason}" if self.reason else self.status

    @property
    def label(self) -> str:
        return str(DisqualifiedReason(self.reason).label if self.reason else LeadStatus(self.status).label)


STANDINGS = (
    *(LeadStanding(status.value) for status in LeadStatus if status != LeadStatus.DISQUALIFIED),
    *(LeadStanding(LeadStatus.DISQUALIFIED.value, reason.value) for reason in DisqualifiedReason),
)


class SeenLead(NamedTuple):
    """A lead as the page showed it; written `12:new` or `12:disqualified:spam`."""

    pk: int
    standing: LeadStanding

    @classmethod
    def parse(cls, text: str) -> "SeenLead | None":
        number, _colon, rest = text.partition(":")
        standing = LeadStanding.parse(rest)
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        return cls(int(number), standing) if is_number and standing else None


@dataclass(frozen=True)
class MoveResult:
    """What an act did: the leads that it changed and those that it left; `change` is what undoes it."""

    changed: Sequence[Lead]
    left: Sequence[Lead]
    change: BulkChange | None = None


def move(seen: Iterable[SeenLead], to: LeadStanding, *, at: datetime, by: Any) -> MoveResult:
    """Give these leads a status. One that does not stand any more where it was seen is left."""
    standings = dict(seen)
    with transaction.atomic():
        leads = _locked(standings)
        fresh = [lead for lead in leads if LeadStanding.of(lead) == standings[lead.pk]]
        before = {lead.pk: _before(lead) for lead in fresh}
        changes = [change for lead in fresh if (change := lead.step_to(*to, at=at, by=by))]
        _write(changes)
        rows = [{"lead": change.lead_id, "change": change.pk, **before[change.lead_id]} for change in changes]
        record = _record(BulkChange.BulkKind.STATUS, rows, at, by)
    return MoveResult(fresh, [lead for lead in leads if lead not in fresh], record)


def give_platform(seen: Iterable[SeenLead], platform: Platform, *, at: datetime, by: Any) -> MoveResult:
    """Give these leads their first touchpoint, on the day they came in. One that has a touchpoint is left."""
    with transaction.atomic():
        leads = _locked(dict(seen))
        met = set(Touch.objects.live().filter(lead__in=leads).values_list("lead_id", flat=True))
        unmet = [lead for lead in leads if lead.pk not in met]
        touches = Touch.objects.bulk_create(Touch(lead=lead, at=lead.received_at, platform=platform) for lead in unmet)
        rows = [{"lead": touch.lead_id, "touch": touch.pk} for touch in touches]
        record = _record(BulkChange.BulkKind.PLATFORM, rows, at, by)
    return MoveResult(unmet, [lead for lead in leads if lead.pk in met], record)


def undo(change: BulkChange, *, at: datetime, by: Any) -> MoveResult | None:
    """Take an act back on each lead on which nothing has changed since; None when it was taken back before."""
    with transaction.atomic():
        if not change.claim_undo(at=at):
            return None
        rows = {row["lead"]: row for row in change.rows}
        leads = _locked(rows)
        here = [lead for lead in leads if not _is_gone_since(lead, change.at)]
        untouched = _UNDO[change.kind](here, rows, at=at, by=by)
        task_queue.enqueue_on_commit()
    return MoveResult(untouched, [lead for lead in leads if lead not in untouched])


def _locked(pks: Iterable[int]) -> list[Lead]:
    """In the order of their numbers, as everybody takes several of them."""
    return list(Lead.objects.select_for_update().filter(pk__in=list(pks)).order_by("pk"))


def _before(lead: Lead) -> dict[str, Any]:
    qualified = lead.qualified_at and lead.qualified_at.isoformat()
    return {"status": lead.status, "reason": lead.disqualified_reason, "qualified_at": qualified}


def _write(changes: Sequence[StatusChange]) -> None:
    leads = [change.lead for change in changes]
    Lead.objects.bulk_update(leads, ["status", "disqualified_reason", "qualified_at"])
    StatusChange.objects.bulk_create(changes)


def _record(kind: str, rows: list[dict[str, Any]], at: datetime, by: Any) -> BulkChange | None:
    if not rows:
        return None
    task_queue.enqueue_on_commit()
    return BulkChange.objects.create(kind=kind, at=at, by=by, rows=rows)


# -- taking back ------------------------------------------------------------------------------------------------------

Rows = Mapping[int, Mapping[str, Any]]


def _take_back_status(leads: Sequence[Lead], rows: Rows, *, at: datetime, by: Any) -> list[Lead]:
    """The record of a lead shows both steps; since when it counts as qualified is as it was."""
    newest = _newest(StatusChange.objects.filter(lead__in=leads))
    sold = set(Lead.objects.filter(has_sale(), pk__in=rows, status=LeadStatus.WON).values_list("pk", flat=True))
    untouched = [lead for lead in leads if newest.get(lead.pk) == rows[lead.pk]["change"] and lead.pk not in sold]
    steps = []
    for lead in untouched:
        row = rows[lead.pk]
        if step := lead.step_to(row["status"], row["reason"], at=at, by=by):
            lead.qualified_at = row["qualified_at"] and datetime.fromisoformat(row["qualified_at"])
            steps.append(step)
    _write(steps)
    return untouched


def _take_back_platform(leads: Sequence[Lead], rows: Rows, *, at: datetime, by: Any) -> list[Lead]:
    """The touchpoint is voided, as by hand, unless it is voided already or another came after it."""
    newest = _newest(Touch.objects.filter(lead__in=leads))
    live = set(Touch.objects.live().filter(lead__in=leads).values_list("pk", flat=True))
    untouched = [lead for lead in leads if newest.get(lead.pk) == rows[lead.pk]["touch"] in live]
    Touch.objects.filter(pk__in=[rows[lead.pk]["touch"] for lead in untouched]).update(voided_at=at)
    return untouched


def _newest(rows: QuerySet[StatusChange] | QuerySet[Touch]) -> dict[int, int]:
    """The number of the newest row of each lead."""
    return dict(rows.order_by().values_list("lead").annotate(newest=Max("pk")))


def _is_gone_since(lead: Lead, since: datetime) -> bool:
    """Whether it was voided or erased after that."""
    return any(at > since for at in (lead.voided_at, lead.erased_at) if at)


_UNDO: dict[str, Callable[..., list[Lead]]] = {
    BulkChange.BulkKind.STATUS: _take_back_status,
    BulkChange.BulkKind.PLATFORM: _take_back_platform,
}
