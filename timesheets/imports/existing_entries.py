"""What is in the cells of a file already, and which of its days are closed. A statement each."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Sum

from core.weeks import Week
from timesheets.imports.cells import Cell, Key
from timesheets.models import TimeEntry, Timesheet


def held_in(cells: Sequence[Cell]) -> dict[Key, TimeEntry]:
    """The entries that are in these cells."""
    wanted = {cell.key for cell in cells}
    found = TimeEntry.objects.filter(
        member_id__in={key[0] for key in wanted}, day__in={key[1] for key in wanted}
    ).order_by()
    held = {(one.member_id, one.day, one.platform_id, one.campaign_id): one for one in found}
    return {key: one for key, one in held.items() if key in wanted}


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
    found = {(member, day): by_week.get((member, Week.containing(day).monday)) for member, day in days}
    return {key for key, sheet in found.items() if sheet and sheet.locks(key[1])}
