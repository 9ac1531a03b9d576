"""Periods of an ad account's export that overlap: their amounts would count some days twice."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from campaigns.models import ImportedRow, Spend


class SpendPeriod(NamedTuple):
    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"

    def overlaps(self, other: "SpendPeriod") -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass
class PeriodsOfFile:
    """The periods of each part of a campaign in one file, with the line that has each first."""

    by_part: dict[str, list[tuple[SpendPeriod, int]]] = field(default_factory=dict)

    def overlapping(self, part: str, period: SpendPeriod, line: int) -> tuple[SpendPeriod, int] | None:
        """An earlier period of the part that shares days with this one, and is not the same; else remember it."""
        known = self.by_part.setdefault(part, [])
        place = bisect_left(known, (period, 0))
        for other in known[max(place - 1, 0) : place + 1]:
            if other[0] == period:
                return None
            if other[0].overlaps(period):
                return other
        insort(known, (period, line))
        return None


class Overlap(NamedTuple):
    code: str
    params: Mapping[str, str]


def overlapping_spend(
    records: Sequence[Any], *, source: str, level: tuple[str, str], run_id: int | None
) -> Iterator[tuple[Any, Overlap]]:
    """Those of these records whose days an earlier file of the source has, at another level or in another period.

    `level` are the fields that the file breaks its amounts down by, and what its columns are called.
    """
    by_campaign: dict[int | None, list[tuple[Spend, ImportedRow]]] = {}
    for spend, row in _imported_spend(records, source, run_id):
        by_campaign.setdefault(spend.campaign_id, []).append((spend, row))
    for record in records:
        candidates = by_campaign.get(record.values["campaign_id"], ())
        found = (overlap for spend, row in candidates if (overlap := _overlap(record, level, spend, row)))
        if first := next(found, None):
            yield record, first


def _imported_spend(records: Sequence[Any], source: str, run_id: int | None) -> Iterator[tuple[Spend, ImportedRow]]:
    if not records:
        return
    campaigns = {record.values["campaign_id"] for record in records}
    of_campaigns = Q(campaign_id__in=campaigns - {None})
    if None in campaigns:
        of_campaigns |= Q(campaign_id=None)
    near = Spend.objects.live().filter(
        of_campaigns,
        starts_on__lte=max(record.values["ends_on"] for record in records),
        ends_on__gte=min(record.values["starts_on"] for record in records),
    )
    spend = near.in_bulk()
    rows = ImportedRow.objects.standing().filter(kind="spend", source=source, object_id__in=list(spend))
    for row in rows.exclude(run_id=run_id).exclude(natural_key=None).select_related("run"):
        yield spend[row.object_id], row


def _overlap(record: Any, level: tuple[str, str], spend: Spend, row: ImportedRow) -> Overlap | None:
    stored = row.before or {}
    period = SpendPeriod(record.values["starts_on"], record.values["ends_on"])
    other = SpendPeriod(spend.starts_on, spend.ends_on)
    accounts = {record.account, stored.get("account", "")} - {""}
    if not period.overlaps(other) or len(accounts) > 1:
        return None
    params = {"period": str(period), "other": str(other), "file": row.run.file_name}
    if stored.get("level") != level[0]:
        columns = {"level": level[1], "other_level": str(stored.get("columns", ""))}
        return Overlap("overlap_of_levels", params | columns)
    is_same_account = record.account == stored.get("account", "")
    if spend.platform_id == record.values["platform_id"] and (period != other or not is_same_account):
        return Overlap("overlap_of_periods", params)
    return None
