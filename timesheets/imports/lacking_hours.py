"""The hours that earlier files brought for the people and days of this one, and it does not have."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from campaigns.imports.ledger.lacking import Lacking, LackingRow
from campaigns.models import ImportedRow
from campaigns.models.imports import ImportKind
from timesheets.imports.cells import CellKey, ImportedCell, Replaced
from timesheets.models import TimeEntry, User


@dataclass(frozen=True)
class Extent:
    """Whose hours a file has, from which day to which, and on which campaigns."""

    members: frozenset[int]
    first: date
    last: date
    campaigns: frozenset[int]

    @classmethod
    def of(cls, keys: Iterable[CellKey]) -> Self | None:
        keys = list(keys)
        if not keys:
            return None
        days = [day for _member, day, _platform, _campaign in keys]
        members = frozenset(member for member, *_rest in keys)
        return cls(members, min(days), max(days), frozenset(campaign for *_rest, campaign in keys))


def lacking_hours(extent: Extent, source: str, found: Container[int]) -> Lacking:
    known = ImportedRow.objects.standing().filter(kind=ImportKind.HOURS, source=source, owner_id__in=extent.members)
    rows = list(known.filter(day__range=(extent.first, extent.last)).exclude(natural_key=None).order_by("day", "pk"))
    rows += _after_midnight(extent, source, found)
    absent = [row for row in rows if row.pk not in found]
    names = dict(User.objects.filter(pk__in={row.owner_id for row in absent}).values_list("pk", "name"))
    entries = TimeEntry.objects.in_bulk({row.object_id for row in absent if row.object_id})
    return Lacking(
        rows=[LackingRow(row, names.get(row.owner_id or 0, "–"), row.seconds or 0) for row in absent],
        known=len(rows),
        unit="seconds",
        lost=any(entry.campaign_id not in extent.campaigns for entry in entries.values()),
    )


def _after_midnight(extent: Extent, source: str, found: Container[int]) -> list[ImportedRow]:
    """What entries of the last day, which the file has, once gave to the day after: they may be shorter now."""
    of_source = ImportedRow.objects.filter(kind=ImportKind.HOURS, source=source, owner_id__in=extent.members)
    of_last_day = of_source.filter(day=extent.last).exclude(natural_key=None)
    lines = {(row.run_id, row.line) for row in of_last_day if row.pk in found or row.corrected_by_id in found}
    later = of_source.filter(day=extent.last + timedelta(days=1), corrected_by=None).exclude(natural_key=None)
    return [row for row in later.order_by("pk") if (row.run_id, row.line) in lines]


def set_before(source: str, entries: Iterable[TimeEntry]) -> set[int]:
    """The rows of earlier files that set these entries, by number."""
    standing = ImportedRow.objects.standing().filter(kind=ImportKind.HOURS, source=source)
    return set(standing.filter(object_id__in=[entry.pk for entry in entries]).values_list("pk", flat=True))


def cells_without(rows: Sequence[ImportedRow]) -> list[ImportedCell]:
    """What these rows gave, by cell; rows whose entry is gone have nothing to take out."""
    entries = TimeEntry.objects.select_related("member").in_bulk({row.object_id for row in rows if row.object_id})
    cells: dict[CellKey, ImportedCell] = {}
    for row in rows:
        if entry := entries.get(row.object_id or 0):
            key = entry.member_id, entry.day, entry.platform_id, entry.campaign_id
            cell = cells.setdefault(key, ImportedCell(key, entry.member.name))
            cell.given += row.minutes or 0
            cell.gone.append(Replaced(row.pk, entry.pk))
    return sorted(cells.values(), key=lambda cell: cell.key)
