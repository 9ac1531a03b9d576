"""Lines of hours that somebody left out of a file: the file does not lack what earlier files brought of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.models import ImportedRow
from campaigns.models.imports import ImportKind
from timesheets.imports.cells import CellKey, Logged
from timesheets.imports.existing_entries import held_in_cells
from timesheets.imports.lacking_hours import set_before


@dataclass(frozen=True)
class LeftOutLine:
    """One line, or its part on one day: the cell it would be in, as far as its names are known, and its keys."""

    cell: CellKey
    logged: Logged


def rows_left_out(lines: Sequence[LeftOutLine], source: str, *, sets_cells: bool) -> set[int]:
    """The rows of earlier files that these lines would be, by number."""
    if not lines:
        return set()
    if sets_cells:
        return set_before(source, held_in_cells({line.cell for line in lines}).values())
    keys: dict[object, set[str | None]] = defaultdict(set)
    for line in lines:
        logged = line.logged
        keys[line.cell[:2]] |= {logged.fingerprint, logged.natural_key, logged.identity} - {None}
    days = {line.cell[:2] for line in lines}
    stored = ImportedRow.objects.standing().filter(kind=ImportKind.HOURS, source=source)
    stored = stored.filter(owner_id__in={owner for owner, _day in days}, day__in={day for _owner, day in days})
    return {
        row.pk
        for row in stored.exclude(natural_key=None)
        if keys[row.owner_id, row.day] & {row.fingerprint, row.natural_key, row.identity}
    }
