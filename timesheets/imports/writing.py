"""The entries that a file of hours makes and changes, and the row of the ledger that each of its rows leaves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.imports.importers.base import PlannedChange
from campaigns.models import ImportedRow
from campaigns.models.imports import ImportKind
from core.bulk_insert import insert_rows
from core.history import record_created
from timesheets.imports.cells import CellKey, ImportedCell
from timesheets.imports.corrected_notes import take_new_notes
from timesheets.imports.existing_entries import save_in_order, split
from timesheets.imports.undo import as_removed
from timesheets.models import TimeEntry, stamp

SET_CELL = "cell"  # the natural key of a row that set one: person, day and entry say the rest
FIELDS = ["minutes", "minutes_as_imported", "note", "version", "week", "hourly_cents"]


@dataclass(frozen=True)
class Writing:
    """Who writes a file of this source; `sets_cells` for Retour's own format, which adds nothing to what is there."""

    source: str
    user: Any
    sets_cells: bool
    setters: dict[int | None, int] = field(default_factory=dict)

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        entries = [self._entry(change) for change in changes]
        take_new_notes([corrected for change in changes for corrected in change.record.notes])
        stamp(entries)
        emptied = {entry.pk: as_removed(entry) for entry in entries if not entry.minutes}
        self._set_before(entries)
        self._save(list(zip(entries, changes, strict=True)))
        numbers = {change.record.key: entry.pk for entry, change in zip(entries, changes, strict=True) if entry.minutes}
        return [row for change in changes for row in self._rows(change, numbers, emptied)]

    def _entry(self, change: PlannedChange) -> TimeEntry:
        member, day, platform, campaign = change.record.key
        place = {"member_id": member, "day": day, "platform_id": platform, "campaign_id": campaign}
        entry = change.found or TimeEntry(**place, minutes=0, version=0)
        if self.sets_cells:
            entry.minutes = change.now["minutes"]
        elif change.now["minutes"] != entry.minutes or change.record.logged:
            entry.import_minutes(change.now["minutes"] - entry.minutes)
        entry.note = change.now["note"]
        entry.version += 1
        return entry

    def _save(self, changed: Sequence[tuple[TimeEntry, PlannedChange]]) -> None:
        """Entries of which nothing is left go first: a day must not pass 24 hours on the way."""
        TimeEntry.objects.filter(pk__in=[entry.pk for entry, _change in changed if not entry.minutes]).delete()
        growth = {id(entry): growth_of(change) for entry, change in changed}
        updated = [entry for entry, change in changed if change.was and entry.minutes]
        created = [entry for entry, change in changed if not change.was]
        shrinking, growing = split(updated, by=lambda entry: growth[id(entry)] > 0)
        save_in_order(shrinking, growing, FIELDS, user=self.user)
        if created:
            insert_rows(created)
            record_created(TimeEntry, [entry.pk for entry in created], by=self.user)

    def _rows(
        self, change: PlannedChange, numbers: Mapping[CellKey, int], emptied: Mapping[int, dict[str, Any]]
    ) -> Iterator[ImportedRow]:
        """What each row did: its share of the minutes of its cell, and which earlier row's place it takes."""
        cell: ImportedCell = change.record
        if self.sets_cells and not cell.gone:
            yield self._row_of_set_cell(change, numbers)
            return
        for row, minutes in zip(cell.logged, cell.shares(), strict=True):
            replaced = cell.replaced.get(row.keys)
            was = emptied.get(replaced.entry) if replaced else None
            stored = self._row(cell, numbers, line=row.line, before={"was": was} if was else None)
            stored.fingerprint, stored.natural_key, stored.identity = row.fingerprint, row.natural_key, row.identity
            stored.note_key = row.note_key
            stored.minutes, stored.seconds = minutes, row.seconds
            stored.replaces = [replaced.row] if replaced else []
            yield stored
        for gone in cell.gone:
            was = emptied.get(gone.entry)
            stored = self._row(cell, numbers, line=0, minutes=0, seconds=0, before={"was": was} if was else None)
            stored.replaces = [gone.row]
            yield stored
        if cell.notes:
            yield self._row_of_notes(change, numbers)

    def _row_of_notes(self, change: PlannedChange, numbers: Mapping[CellKey, int]) -> ImportedRow:
        """What was done to the note of a cell: it is no row of the file, and only undone."""
        cell: ImportedCell = change.record
        keys = {str(corrected.row.pk): corrected.was for corrected in cell.notes}
        was, now = (change.was or {}).get("note", ""), change.now["note"]
        before = {"note_was": {"note": was}, "note_now": {"note": now}, "note_keys": keys}
        return self._row(cell, numbers, line=cell.notes[0].line, before=before)

    def _set_before(self, entries: Sequence[TimeEntry]) -> None:
        """Look up the rows of earlier files that set these entries: the new ones take their place."""
        if self.sets_cells:
            numbers = [entry.pk for entry in entries if entry.pk]
            standing = ImportedRow.objects.standing().filter(kind=ImportKind.HOURS, source=self.source)
            self.setters.update(standing.filter(object_id__in=numbers).values_list("object_id", "pk"))

    def _row_of_set_cell(self, change: PlannedChange, numbers: Mapping[CellKey, int]) -> ImportedRow:
        """What set a cell, found again by the cell itself."""
        cell, minutes = change.record, change.now["minutes"]
        row = self._row(cell, numbers, line=cell.line, before={"was": change.was, "now": change.now})
        row.minutes, row.seconds, row.natural_key = minutes, minutes * 60, SET_CELL
        row.replaces = [self.setters[row.object_id]] if row.object_id in self.setters else []
        return row

    def _row(self, cell: ImportedCell, numbers: Mapping[CellKey, int], **values: Any) -> ImportedRow:
        member, day = cell.key[:2]
        return ImportedRow(
            kind=ImportKind.HOURS,
            source=self.source,
            owner_id=member,
            day=day,
            object_id=numbers.get(cell.key),
            **values,
        )


def growth_of(change: PlannedChange) -> int:
    """The minutes by which a cell grows."""
    return int(change.now["minutes"] - (change.was or {"minutes": 0})["minutes"])
