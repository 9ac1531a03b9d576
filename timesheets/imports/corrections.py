"""What a tracker's file changes of what earlier files brought: same, changed, moved, or in conflict (docs/adr/0018).

Typed and imported minutes share a cell, so a correction moves by shares: what is there, less what the earlier row gave,
plus what this one gives.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from campaigns.imports.ledger.matching import Matching
from campaigns.models import ImportedRow
from timesheets.imports.cells import CellKey, ImportedCell, Logged, PersonDay, Replaced
from timesheets.imports.corrected_notes import CorrectedNote
from timesheets.models import TimeEntry

KIND = "hours"
HASHES_AT_ONCE = 500


class Correction(NamedTuple):
    """A row of the file that takes the place of an earlier one, and the entry that holds what that one gave."""

    new: Logged
    old: ImportedRow
    entry: TimeEntry


class Conflict(NamedTuple):
    """A cell that somebody changed since a file filled it: it is kept. In minutes, here and by the file."""

    line: int
    who: str
    day: date
    minutes_here: int
    minutes_in_file: int

    def as_json(self) -> dict[str, str | int]:
        return {**self._asdict(), "day": self.day.isoformat()}


@dataclass
class Ledger:
    """What earlier files of one source brought for some days of people, and the entries that hold it."""

    rows: dict[PersonDay, list[ImportedRow]]
    entries: dict[int, TimeEntry]
    counted: set[str]  # fingerprints of rows from before natural keys were kept

    @classmethod
    def of(cls, cells: Sequence[ImportedCell], *, source: str, run_id: int | None) -> "Ledger":
        days = {cell.key[:2] for cell in cells}
        stored = ImportedRow.objects.standing().filter(kind=KIND).exclude(natural_key=None).exclude(run_id=run_id)
        by_day = stored.filter(source=source, owner_id__in={m for m, _d in days}, day__in={d for _m, d in days})
        rows: dict[PersonDay, list[ImportedRow]] = defaultdict(list)
        for row in by_day.order_by("pk"):
            rows[row.owner_id or 0, row.day or date.min].append(row)
        _gather_by_identity(rows, cells, stored)
        held = TimeEntry.objects.in_bulk({row.object_id for of_day in rows.values() for row in of_day if row.object_id})
        return cls(rows, held, _counted_before(cells))


def _gather_by_identity(
    rows: dict[PersonDay, list[ImportedRow]], cells: Sequence[ImportedCell], stored: object
) -> None:
    """Put earlier rows beside the day on which the file has their ids: the day itself may be corrected."""
    wanted = {row.identity: cell.key[:2] for cell in cells for row in cell.logged if row.identity}
    for hashes in _parts(list(wanted)):
        for row in stored.filter(identity__in=hashes):  # type: ignore[attr-defined]
            place, target = (row.owner_id, row.day), wanted[row.identity]
            if place != target:
                rows[place] = [other for other in rows.get(place, []) if other.pk != row.pk]
                rows[target].append(row)


def believes_moves(cells: Sequence[ImportedCell], *, source: str, run_id: int | None) -> bool:
    """Whether a row that is gone and one that is new, of one person, day and duration, are the same work, moved.

    Two files of one week may be of two clients, each with an hour here and there. So some row must be in both, or all
    of them must have a partner.
    """
    spans = Counter((*cell.key[:2], row.seconds) for cell in cells for row in cell.logged)
    if not spans:
        return False
    members, days = {member for member, _day, _seconds in spans}, {day for _member, day, _seconds in spans}
    earlier = ImportedRow.objects.filter(kind=KIND, source=source, owner_id__in=members)
    earlier = earlier.filter(day__range=(min(days), max(days))).exclude(natural_key=None).exclude(run_id=run_id)
    if not earlier.exists():
        return False
    keys = [hash_ for cell in cells for row in cell.logged for hash_ in (row.natural_key, row.identity) if hash_]
    for hashes in _parts(keys):
        if earlier.filter(Q(natural_key__in=hashes) | Q(identity__in=hashes)).exists():
            return True
    standing = earlier.filter(Q(corrected_by=None) | Q(corrected_by__run=run_id))
    return Counter(standing.values_list("owner_id", "day", "seconds")) == spans


def owners_by_identity(cells: Sequence[ImportedCell]) -> set[int]:
    """Whose hours the ids of these rows have been before."""
    wanted = [row.identity for cell in cells for row in cell.logged if row.identity]
    stored = ImportedRow.objects.standing().filter(kind=KIND)
    return {
        owner
        for hashes in _parts(wanted)
        for owner in stored.filter(identity__in=hashes).values_list("owner_id", flat=True)
        if owner
    }


def _counted_before(cells: Sequence[ImportedCell]) -> set[str]:
    prints = [row.fingerprint for cell in cells for row in cell.logged]
    before = ImportedRow.objects.filter(kind=KIND, natural_key=None)
    return {
        print_
        for hashes in _parts(prints)
        for print_ in before.filter(fingerprint__in=hashes).values_list("fingerprint", flat=True)
        if print_
    }


def _parts(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    """What one statement bears."""
    return (hashes[start : start + HASHES_AT_ONCE] for start in range(0, len(hashes), HASHES_AT_ONCE))


@dataclass
class LedgerComparison:
    """The cells of some days as this file makes them, what it changes of earlier files, and what it cannot change."""

    ledger: Ledger
    believes_moves: bool = True
    corrections: list[Correction] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    found: set[int] = field(default_factory=set)  # the earlier rows that the file has
    adopted: list[ImportedRow] = field(default_factory=list)  # those of them that it says other keys of
    counts: Counter[str] = field(default_factory=Counter)
    no_note: str = ""  # the key of an empty note, which corrects nothing
    notes: dict[CellKey, list[CorrectedNote]] = field(default_factory=lambda: defaultdict(list))

    def cells(self, cells: Sequence[ImportedCell]) -> list[ImportedCell]:
        """The cells with the rows that are new or correct an earlier one, and those that only lose some."""
        by_day: dict[PersonDay, list[ImportedCell]] = defaultdict(list)
        for cell in cells:
            by_day[cell.key[:2]].append(cell)
        return [cell for day, of_day in by_day.items() for cell in self._of_day(day, of_day)]

    def _of_day(self, day: PersonDay, cells: Sequence[ImportedCell]) -> list[ImportedCell]:
        place = {row.keys: cell for cell in cells for row in cell.logged if row.fingerprint not in self.ledger.counted}
        rows = [row for cell in cells for row in cell.logged if row.keys in place]
        stored = self.ledger.rows.get(day, [])
        matching: Matching[Any, Any] = Matching.of(rows, stored)
        if self.believes_moves:
            self._pair_moves(matching, place)
        corrections = [made for new, old in matching.pairs if (made := self._correction(new, old, place[new.keys]))]
        self.corrections += corrections
        self.counts["fresh"] += len(matching.new)
        wanted = {row.keys for row in matching.new} | {made.new.keys for made in corrections}
        result = {cell.key: _with_rows(cell, wanted) for cell in cells}
        for made in corrections:
            _take_out(result, made, cells[0].who)
        for key, cell in result.items():
            cell.notes = self.notes.get(key, [])
            corrected = {correction.row.pk for correction in cell.notes}
            cell.notes_of_others = self._notes_beside(key, stored, corrected) if corrected else frozenset()
        _round_beside(result, stored, {made.old.pk for made in corrections}, self.ledger.entries)
        return list(result.values())

    def _pair_moves(self, matching: Matching[Any, Any], place: dict[bytes, ImportedCell]) -> None:
        """Pair what is left by duration: first in one cell, where only the start was corrected, then across cells."""

        def may_move(new: Logged, old: ImportedRow) -> bool:
            entry = self.ledger.entries.get(old.object_id or 0)
            return entry is not None and entry.is_as_imported

        def is_in_place(new: Logged, old: ImportedRow) -> bool:
            entry = self.ledger.entries.get(old.object_id or 0)
            return entry is not None and _key(entry) == place[new.keys].key

        matching.pair_by(_duration, fits=is_in_place)
        matching.pair_by(_duration, fits=may_move)

    def _correction(self, new: Logged, old: ImportedRow, cell: ImportedCell) -> Correction | None:
        """What a row changes of its earlier self; None when nothing, or when somebody changed the cell since."""
        self.found.add(old.pk)
        self.counts["found"] += 1
        entry = self.ledger.entries.get(old.object_id or 0)
        is_in_place = entry is not None and _key(entry) == cell.key
        if is_in_place and entry and old.note_key and new.note_key not in (old.note_key, self.no_note):
            self.notes[_key(entry)].append(CorrectedNote(new.line, old, old.note_key, new.note_key))
        if new.fingerprint == old.fingerprint or (is_in_place and new.seconds == old.seconds):
            self._adopt(new, old)
            return None
        if entry is None or not entry.is_as_imported or entry.minutes < (old.minutes or 0):
            self._note_conflict(new, old, cell, entry)
            return None
        is_moved = new.seconds == old.seconds
        self.counts["moved" if is_moved else "changed"] += 1
        self.counts["changed_seconds"] += new.seconds - (old.seconds or 0)
        return Correction(new, old, entry)

    def _notes_beside(self, key: CellKey, stored: Sequence[ImportedRow], corrected: set[int]) -> frozenset[str]:
        """The keys of the notes that other rows of a cell say."""
        others = (row for row in stored if row.note_key and row.pk not in corrected)
        return frozenset(
            str(row.note_key)
            for row in others
            if (entry := self.ledger.entries.get(row.object_id or 0)) and _key(entry) == key
        )

    def _adopt(self, new: Logged, old: ImportedRow) -> None:
        """Let an earlier row be found by what the file says of it now: its first id, or its corrected start."""
        is_told_otherwise = (new.fingerprint, new.natural_key) != (old.fingerprint, old.natural_key)
        if (new.identity and not old.identity) or is_told_otherwise:
            old.identity = new.identity or old.identity
            old.natural_key, old.fingerprint = new.natural_key, new.fingerprint
            self.adopted.append(old)

    def _note_conflict(self, new: Logged, old: ImportedRow, cell: ImportedCell, entry: TimeEntry | None) -> None:
        here = entry.minutes if entry else 0
        meant = here + (new.seconds - (old.seconds or 0)) // 60 if entry else new.seconds // 60
        self.conflicts.append(Conflict(new.line, cell.who, cell.key[1], here, meant))


def _duration(row: Any) -> object:
    return row.seconds


def _with_rows(cell: ImportedCell, wanted: set[bytes]) -> ImportedCell:
    return ImportedCell(
        cell.key, cell.who, [row for row in cell.logged if row.keys in wanted], cell.note, first_line=cell.line
    )


def _take_out(result: dict[CellKey, ImportedCell], made: Correction, who: str) -> None:
    """Take what the earlier row gave out of its cell, and note in the new row's cell whose place it takes."""
    key = _key(made.entry)
    loser = result.setdefault(key, ImportedCell(key, who, first_line=made.new.line))
    loser.given += made.old.minutes or 0
    for cell in result.values():
        if any(row.keys == made.new.keys for row in cell.logged):
            cell.replaced[made.new.keys] = Replaced(made.old.pk, made.entry.pk)


def _round_beside(
    result: dict[CellKey, ImportedCell],
    stored: Sequence[ImportedRow],
    replaced: set[int],
    entries: dict[int, TimeEntry],
) -> None:
    """Say how many seconds each cell has of rows that stay as they are."""
    for old in stored:
        entry = entries.get(old.object_id or 0)
        if entry and old.pk not in replaced and (cell := result.get(_key(entry))):
            cell.beside += old.seconds or 0


def _key(entry: TimeEntry) -> CellKey:
    return entry.member_id, entry.day, entry.platform_id, entry.campaign_id
