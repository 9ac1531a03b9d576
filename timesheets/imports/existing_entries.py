"""The entries that a file meets: what its cells hold already, which of its days are closed, and how they change."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Sum
from simple_history.utils import bulk_update_with_history

from campaigns.models.imports import UPDATED_AT_ONCE
from core.weeks import Week
from timesheets.imports.cells import CellKey, ImportedCell
from timesheets.models import TimeEntry, Timesheet


def held_in(cells: Sequence[ImportedCell]) -> dict[CellKey, TimeEntry]:
    """The entries that are in these cells."""
    return held_in_cells({cell.key for cell in cells})


def held_in_cells(wanted: set[CellKey]) -> dict[CellKey, TimeEntry]:
    entries = TimeEntry.objects.filter(
        member_id__in={key[0] for key in wanted}, day__in={key[1] for key in wanted}
    ).order_by()
    by_cell = {(entry.member_id, entry.day, entry.platform_id, entry.campaign_id): entry for entry in entries}
    return {key: entry for key, entry in by_cell.items() if key in wanted}


def day_sums(days: set[tuple[int, date]]) -> dict[tuple[int, date], int]:
    sums = (
        TimeEntry.objects.filter(member_id__in={member for member, _d in days}, day__in={day for _m, day in days})
        .order_by()
        .values_list("member_id", "day")
        .annotate(total=Sum("minutes"))
    )
    return {(member, day): total for member, day, total in sums}


def closed_days(days: set[tuple[int, date]]) -> set[tuple[int, date]]:
    """Those of these (person, day) that are submitted."""
    sheets = Timesheet.objects.filter(
        member_id__in={member for member, _day in days}, week__in={Week.containing(day).monday for _member, day in days}
    )
    by_week = {(sheet.member_id, sheet.week): sheet for sheet in sheets}
    sheets_by_day = {(member, day): by_week.get((member, Week.containing(day).monday)) for member, day in days}
    return {key for key, sheet in sheets_by_day.items() if sheet and sheet.locks(key[1])}


def split(entries: Iterable[TimeEntry], *, by: Callable[[TimeEntry], bool]) -> tuple[list[TimeEntry], list[TimeEntry]]:
    """Return the entries of which `by` is false, and those of which it is true."""
    halves: tuple[list[TimeEntry], list[TimeEntry]] = ([], [])
    for entry in entries:
        halves[by(entry)].append(entry)
    return halves


def save_in_order(
    shrinking: Sequence[TimeEntry],
    growing: Sequence[TimeEntry],
    fields: Sequence[str],
    *,
    user: AbstractBaseUser | None = None,
) -> None:
    """Save the entries that shrink first: a day must not pass 24 hours on the way."""
    for changed in (shrinking, growing):
        if changed:
            bulk_update_with_history(changed, TimeEntry, fields, batch_size=UPDATED_AT_ONCE, default_user=user)
