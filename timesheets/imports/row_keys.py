"""What a row of hours is found again by: keyed hashes of its id, of all that it says, of its subject, of its note."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from campaigns.imports.importers.base import is_usable_id
from campaigns.imports.mapping.columns import RowCells
from campaigns.models.catalogue import normalise
from timesheets.imports.cells import NO_START, NOTE_KEY_LENGTH, Logged
from timesheets.imports.long_hours import DayPart


@dataclass(frozen=True)
class RowKeys:
    """The hashes of rows of one source; equal rows of a file have fingerprints of their own."""

    source: str
    imprint: Callable[..., str]
    keyed: Callable[..., str]

    def logged(self, cells: RowCells, who: str, part: DayPart, number: int) -> Logged:
        """One part of an entry, with what it is found again by."""
        fingerprint = self._fingerprint(cells, normalise(who), part.day, part.start, part.seconds)
        natural, note = self._natural_key(cells, part.start), self.of_note(cells["note"])
        return Logged.keyed(
            cells.line, part.seconds, part.start, (fingerprint, natural, note, self._identity(cells, number))
        )

    def of_note(self, note: str) -> str:
        return self.keyed("note", note)[: 2 * NOTE_KEY_LENGTH]

    def _fingerprint(self, cells: RowCells, who: str, day: date, start: int, seconds: int) -> str:
        """Of what the tracker says itself, not what its columns were taken to mean: that may be changed later."""
        work = [normalise(cells[name]) for name in ("client", "project", "task", "tags")]
        return self.imprint(self.source, who, day, start, *work, seconds)

    def _natural_key(self, cells: RowCells, start: int) -> str:
        """What a row is about, of one person and day: when it began, else what was worked on."""
        if start != NO_START:
            return self.keyed("start", start)
        return self.keyed(*(normalise(cells[name]) for name in ("client", "project", "task", "note")))

    def _identity(self, cells: RowCells, part: int) -> str:
        """The hash of the entry's id in its tracker, and of its part after midnight; empty without a usable one."""
        text = cells.text("external_id")
        if not is_usable_id(text):
            return ""
        return self.keyed(self.source, normalise(cells["workspace"]), text, *([part] if part else []))
