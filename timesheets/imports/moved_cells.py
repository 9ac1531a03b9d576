"""Cells that a file in our own format set, and that the next one has in another place of the same day: they moved.

Such a file sets its cells, and what it lacks is kept. So without this an entry that somebody corrected to another
platform would count on both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from campaigns.models import ImportedRow
from campaigns.models.imports import ImportedRowQuerySet, ImportKind
from timesheets.imports.cells import CellKey, ImportedCell, PersonDay
from timesheets.imports.lacking_hours import cells_without
from timesheets.imports.writing import SET_CELL
from timesheets.models import TimeEntry


def believes_set_cells_moved(cells: Sequence[ImportedCell], *, source: str, run_id: int | None) -> bool:
    """Whether a cell that is gone and one that is new are the same work, moved.

    Two files of one day may be of two clients. So some cell must be in both, or all of them must have a partner.
    """
    earlier = list(_set_rows({cell.key[:2] for cell in cells}, source=source, run_id=run_id))
    if not earlier:
        return False
    wanted = {cell.key for cell in cells}
    if any(_key(entry) in wanted for entry in _entries(earlier).values()):
        return True
    spans = Counter((*cell.key[:2], cell.minutes) for cell in cells)
    return spans == Counter((row.owner_id, row.day, row.minutes) for row in earlier)


def moved_cells(
    cells: Sequence[ImportedCell], new: Iterable[ImportedCell], *, source: str, run_id: int | None
) -> list[ImportedCell]:
    """The cells that lose what the new ones of these have now: of one person, day and minutes, changed by nobody."""
    waiting = Counter((*cell.key[:2], cell.minutes) for cell in new)
    here = {cell.key for cell in cells}
    rows = list(_set_rows({key[:2] for key in waiting}, source=source, run_id=run_id))
    entries = _entries(rows)
    moved = []
    for row in rows:
        entry = entries.get(row.object_id or 0)
        place = row.owner_id or 0, row.day or date.min, row.minutes or 0
        if entry and _key(entry) not in here and entry.minutes == row.minutes and waiting[place]:
            waiting[place] -= 1
            moved.append(row)
    return cells_without(moved)


def beside_their_day(cells: Sequence[ImportedCell], moved: Sequence[ImportedCell]) -> list[ImportedCell]:
    """Cells with those that lose something after the others of their day: a day is checked as a whole."""
    by_day: dict[PersonDay, list[ImportedCell]] = defaultdict(list)
    for cell in (*cells, *moved):
        by_day[cell.key[:2]].append(cell)
    return [cell for of_day in by_day.values() for cell in of_day]


def _set_rows(days: set[PersonDay], *, source: str, run_id: int | None) -> ImportedRowQuerySet:
    stored = ImportedRow.objects.standing().filter(kind=ImportKind.HOURS, source=source, natural_key=SET_CELL)
    stored = stored.filter(owner_id__in={member for member, _day in days}, day__in={day for _member, day in days})
    return stored.exclude(run_id=run_id).order_by("pk")


def _entries(rows: Iterable[ImportedRow]) -> dict[int, TimeEntry]:
    return TimeEntry.objects.in_bulk({row.object_id for row in rows if row.object_id})


def _key(entry: TimeEntry) -> CellKey:
    return entry.member_id, entry.day, entry.platform_id, entry.campaign_id
