"""Hours from files: a tracker's rows add to the cells of the week, Retour's own format sets them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.imports.files.file_reader import FileRow
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange
from campaigns.imports.importers.changes import as_in_files
from campaigns.imports.ledger.lacking import Lacking
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.columns import Field, Layout, RowCells
from campaigns.imports.mapping.name_resolution import LEFT_OUT, Directory
from campaigns.models import ImportedRow
from campaigns.models.catalogue import normalise
from campaigns.models.imports import UPDATED_AT_ONCE
from timesheets.imports.arrangement import columns_of_platform_and_campaign
from timesheets.imports.cells import CellKey, HoursRecord, ImportedCell, Logged, joined
from timesheets.imports.clock_times import seconds_of, start_of
from timesheets.imports.corrected_notes import with_corrections
from timesheets.imports.corrections import Ledger, LedgerComparison, believes_moves, owners_by_identity
from timesheets.imports.day_checks import check_days, check_employed
from timesheets.imports.existing_entries import closed_days, held_in
from timesheets.imports.lacking_hours import Extent, cells_without, lacking_hours, set_before
from timesheets.imports.left_out import LeftOutLine, rows_left_out
from timesheets.imports.long_hours import DayPart, is_too_long, settle_long_days, split_at_midnight
from timesheets.imports.moved_cells import believes_set_cells_moved, beside_their_day, moved_cells
from timesheets.imports.people import People
from timesheets.imports.row_keys import RowKeys
from timesheets.imports.submitted_weeks import SubmittedWeeks, real
from timesheets.imports.undo import take_back
from timesheets.imports.well_known import is_well_known
from timesheets.imports.writing import Writing
from timesheets.models import TimeEntry, User, lock_members

# Numbers from here on down stand for people who are not known; those above it for people who will be made.
UNKNOWN = -(2**40)
PERSON_FIELDS = ("email", "name", "user", "last_name", "first_name")


class HourImporter(Importer):
    """Rows are put together by cell; a day is written in one step, so that it never holds more than 24 hours."""

    key = "hours"
    fields: ClassVar[Mapping[str, Field]] = {
        "day": Field(_("the day"), "day", one_of="day"),
        "duration": Field(_("the duration"), "duration", one_of="duration"),
        "email": Field(_("the person's e-mail"), "name", one_of="person"),
        "name": Field(_("the person's name"), "name", one_of="person"),
        "user": Field(_("the person's sign-in name"), "name", one_of="person"),
        "first_name": Field(_("the first name"), "name"),
        "last_name": Field(_("the last name"), "name", one_of="person"),
        "platform": Field(_("the platform"), "name", one_of="platform"),
        "campaign": Field(_("the campaign"), "name"),
        "client": Field(_("the client"), "name"),
        "project": Field(_("the project"), "name"),
        "task": Field(_("the task"), "name"),
        "tags": Field(_("the tags"), "name"),
        "start_time": Field(_("the start"), "time"),
        "end_time": Field(_("the end"), "time", one_of="duration"),
        "end_day": Field(_("the last day")),
        "note": Field(_("the note"), most=100_000),
        "external_id": Field(_("the external id"), most=120),
        "workspace": Field(_("the workspace")),
    }

    @classmethod
    def fields_for(cls, only_for: int | None) -> Mapping[str, Field]:
        """One's own file need not say whose it is."""
        if only_for is None:
            return cls.fields
        return {
            name: replace(field, one_of="") if field.one_of == "person" else field for name, field in cls.fields.items()
        }

    directory_types: ClassVar[Mapping[str, type[Directory]]] = {**Importer.directory_types, "person": People}

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self.people = People.load(context.mapping, creating=context.creating)
        self.is_own_format = context.layout.file_format.key == "generic"
        # Stands in for a name that the file does not give: rows of two people must not look the same.
        owner = User.objects.filter(pk=context.only_for).first() if context.only_for else None
        self.own_email = owner.email if owner else ""
        # Most rows have no note, or one of a few: few are kept, since one may be long.
        self._keys = RowKeys(self.source, self.imprint, lru_cache(maxsize=100, typed=True)(self.keyed))
        self.believes_moves = False
        self._extent: Extent | None = None
        self._submitted = SubmittedWeeks(context)
        self._adopted: list[ImportedRow] = []
        self._unknown: dict[str, int] = {}

    @property
    def directories(self) -> list[Directory]:
        ours = [self.platforms, self.campaigns]
        return ours if self.context.only_for else [self.people, *ours]

    @classmethod
    def arrange(cls, layout: Layout, rows: Iterable[FileRow], mapping: ColumnMapping) -> dict[str, str]:
        return columns_of_platform_and_campaign(layout, rows, mapping)

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, cells: RowCells) -> HoursRecord | None:
        day, seconds = cells.day("day"), self._seconds(cells)
        name = _name_in(cells)
        person, platform = self._person(cells, name), self._platform(cells)
        if seconds == 0 or LEFT_OUT in (person, platform):
            self.context.remarks.note("zero_hours" if seconds == 0 else "left_out", cells.line)
            return None
        campaign, start = self._campaign(cells), start_of(cells, self.context.agency.zone)
        if cells.errors or day is None or seconds is None:
            return None
        who = cells["email"] or name or self.own_email
        parts = self._parts(cells, day, start, seconds)
        for part in parts:
            self.note_future(cells.line, part.day)
            self.context.totals["seconds"] += part.seconds
        records = [
            HoursRecord(
                cells.line,
                (person or self._stand_in(who), part.day, platform or 0, campaign or 0),
                who,
                self._logged(cells, who, part, number),
                cells["note"],
            )
            for number, part in enumerate(parts)
        ]
        if not records:
            return None
        records[0].rest = tuple(records[1:])
        return records[0]

    def _logged(self, cells: RowCells, who: str, part: DayPart, number: int) -> Logged:
        """One part of an entry. What sets a cell is found again by the cell, and needs no keys."""
        if self.is_own_format:
            cells.text("external_id")  # one that is too long is an error all the same
            return Logged(cells.line, part.seconds, part.start, b"")
        return self._keys.logged(cells, who, part, number)

    def _parts(self, cells: RowCells, day: date, start: int, seconds: int) -> list[DayPart]:
        """The days on which an entry counts: over midnight both; one that is too long as a person said."""
        if self.is_own_format:
            return [DayPart(day, start, seconds)]
        parts = split_at_midnight(day, start, seconds)
        if not is_too_long(start, seconds):
            if len(parts) > 1:
                self.context.remarks.note("over_midnight", cells.line)
            return parts
        said = self.context.mapping.options.get("long_entries", "")
        self.context.offered.add("long_entries")
        self.context.remarks.set_aside(f"long_entry_{said or 'open'}", cells.line, {"seconds": seconds})
        return {"split": parts, "cut": parts[:1]}.get(said, [])

    def _person(self, cells: RowCells, name: str) -> int | None:
        """Whose hours a row brings; in a file of one's own, another's are an error and nobody is asked about."""
        if self.context.only_for is None:
            return self.people.find_person(cells["email"], name, line=cells.line)
        field = next((name for name in PERSON_FIELDS if name in self.context.layout.places and cells[name]), "")
        if field and self.people.knows(cells["email"] or name) != self.context.only_for:
            cells.wrong(field, "not_your_hours")
        return self.context.only_for

    def _stand_in(self, who: str) -> int:
        """A number for somebody whom nobody knows yet: two of them are two people. Their question stops the file."""
        return self._unknown.setdefault(normalise(who), UNKNOWN - len(self._unknown))

    def keys_of(self, cells: RowCells) -> Sequence[LeftOutLine]:
        name, day = _name_in(cells), cells.day("day")
        seconds, start = self._seconds(cells) or 0, start_of(cells, self.context.agency.zone)
        person = self.context.only_for or self.people.knows(cells["email"] or name)
        if day is None or person is None:
            return ()
        whole = [DayPart(day, start, seconds)]
        parts = whole if self.is_own_format else split_at_midnight(day, start, seconds) or whole
        platform, campaign = self.platforms.knows(cells["platform"]) or 0, self._campaign_if_known(cells)
        who = cells["email"] or name or self.own_email
        return [
            LeftOutLine((person, part.day, platform, campaign), self._keys.logged(cells, who, part, number))
            for number, part in enumerate(parts)
        ]

    def _campaign_if_known(self, cells: RowCells) -> int:
        return (self.campaigns.knows(cells["campaign"]) or 0) if cells["campaign"] else self.general

    def sums_of(self, cells: RowCells) -> dict[str, int]:
        seconds = self._seconds(cells)
        return {"seconds": seconds} if seconds else {}

    def _seconds(self, cells: RowCells) -> int | None:
        return seconds_of(cells, self.context.agency.zone, within_a_day=self.is_own_format)

    def _platform(self, cells: RowCells) -> int | None:
        """The platform of a row; of several tags, the one that is a platform."""
        text = cells["platform"]
        parts = [part.strip() for part in text.split(",")] if "," in text else []
        if not parts or self.context.mapping.target("platform", text) is not None:
            return self.platforms.find(text, line=cells.line)
        named = {str(self.platforms.knows(part) or normalise(part)): part for part in parts if self._is_platform(part)}
        if len(named) > 1:
            self.platforms.ask(text, line=cells.line, reason="several")
            return None
        found = next(iter(named.values()), text)
        self.context.unread["tags"].update(dict.fromkeys(part for part in parts if part not in ("", found)))
        return self.platforms.find(found, line=cells.line)

    def _is_platform(self, text: str) -> bool:
        is_unsaid = self.context.mapping.target("platform", text) is None
        return bool(self.platforms.knows(text)) or (is_unsaid and is_well_known(text))

    def _campaign(self, cells: RowCells) -> int | None:
        """The campaign of a row; without one, the hours are general presence."""
        text = cells["campaign"]
        # What names its client itself: in our own format, or because it is known so.
        names_client = " / " in text and (self.is_own_format or self.campaigns.knows(text) is not None)
        within = "" if names_client else cells["client"]
        campaign = self.campaigns.find(text, line=cells.line, within=within) if text else LEFT_OUT
        return self.general if campaign == LEFT_OUT else campaign

    def units(self, records: Iterable[HoursRecord]) -> Iterator[ImportedCell]:
        """The cells of the file, one person's day after another."""
        cells: dict[CellKey, ImportedCell] = {}
        for record in records:
            for part in (record, *record.rest):
                cell = cells.get(part.key)
                if cell is None:
                    cell = cells[part.key] = ImportedCell(part.key, part.who)
                cell.logged.append(part.logged)
                cell.note = joined(cell.note, part.note)
        self._extent = Extent.of(cells)
        self._settle_long_days(cells)
        believes = believes_set_cells_moved if self.is_own_format else believes_moves
        self.believes_moves = believes(list(cells.values()), source=self.source, run_id=self.own_run)
        # By first line rather than by id: a resumed import must meet the same order.
        first: dict[tuple[int, date], int] = {}
        for cell in cells.values():
            first.setdefault(cell.key[:2], cell.line)
        return iter(sorted(cells.values(), key=lambda cell: (first[cell.key[:2]], cell.line)))

    def _settle_long_days(self, cells: dict[CellKey, ImportedCell]) -> None:
        said = "" if self.is_own_format else self.context.mapping.options.get("long_days", "")
        for long_day in settle_long_days(cells, said):
            self.context.offered.add("long_days")
            if said:
                self.context.totals["seconds"] -= long_day.seconds_off
                sums = {"seconds": long_day.seconds_concerned}
                self.context.remarks.set_aside(f"long_day_{said}", long_day.line, sums)

    def batches(self, units: Iterator[ImportedCell], size: int) -> Iterator[list[ImportedCell]]:
        batch: list[ImportedCell] = []
        for _person_and_day, cells in groupby(units, key=lambda cell: cell.key[:2]):
            batch += cells
            if len(batch) >= size:
                yield batch
                batch = []
        if batch:
            yield batch

    # -- what it would do ---------------------------------------------------------------------------------------------

    def plan(self, units: Sequence[ImportedCell]) -> list[PlannedChange]:
        if any(cell.gone for cell in units):
            return self._planned_removals(units)
        cells = self._with_moved(units) if self.is_own_format else self._corrected(units)
        existing = held_in(cells)
        if self.is_own_format:
            self.found |= set_before(self.source, existing.values())
        changes = [
            self._compared(cell, existing.get(cell.key))
            if cell.logged or cell.given or cell.notes
            else PlannedChange(cell, "same")
            for cell in cells
        ]
        self._submitted.check(changes)
        check_employed(self.context, self.people, changes)
        check_days(self.context, changes)
        return changes

    def _with_moved(self, units: Sequence[ImportedCell]) -> list[ImportedCell]:
        """The cells that the file sets, and those that an earlier one set and this one has elsewhere; they are said."""
        if not self.believes_moves:
            return list(units)
        existing = held_in(units)
        new = [cell for cell in units if cell.key not in existing]
        moved = moved_cells(units, new, source=self.source, run_id=self.own_run)
        self.context.totals["moved"] += len(moved)
        return beside_their_day(units, moved)

    def _corrected(self, units: Sequence[ImportedCell]) -> list[ImportedCell]:
        """The cells with what is new in them, and less what the file corrects of earlier ones; both are said."""
        comparison = LedgerComparison(Ledger.of(units, source=self.source, run_id=self.own_run), self.believes_moves)
        comparison.no_note = self._keys.of_note("")
        cells = comparison.cells(units)
        self.found |= comparison.found
        self._adopted += comparison.adopted
        for name in ("changed", "moved", "changed_seconds"):
            self.context.totals[name] += comparison.counts[name]
        self.context.conflicts += [conflict.as_json() for conflict in comparison.conflicts]
        return cells

    def _planned_removals(self, units: Sequence[ImportedCell]) -> list[PlannedChange]:
        """Take out what the file lacks; what somebody changed since and submitted weeks are kept."""
        existing, closed = held_in(units), closed_days({cell.key[:2] for cell in units})
        changes = []
        for cell in units:
            entry = existing.get(cell.key)
            if entry is not None and self._may_go(entry, cell) and cell.key[:2] not in closed:
                changes.append(self._compared(cell, entry))
            else:
                self.context.remarks.note("lacking_kept")
                changes.append(PlannedChange(cell, "same", entry))
        return changes

    def _may_go(self, entry: TimeEntry, cell: ImportedCell) -> bool:
        if self.is_own_format:
            return entry.minutes == cell.given
        return entry.is_as_imported and entry.minutes >= cell.given

    def lacking(self) -> Lacking | None:
        if self._extent is None:
            return None
        aside = rows_left_out(self.left_out, self.source, sets_cells=self.is_own_format)
        return lacking_hours(self._extent, self.source, self.found | aside)

    def removal_units(self, rows: Sequence[ImportedRow]) -> Sequence[ImportedCell]:
        return cells_without(rows)

    def _compared(self, cell: ImportedCell, entry: TimeEntry | None) -> PlannedChange:
        minutes = cell.minutes
        if minutes == 0 and not cell.given and not cell.notes:
            self.context.remarks.note("under_a_minute", cell.line)
            return PlannedChange(cell, "same", entry)
        if entry is None:
            return PlannedChange(cell, "create", now={"minutes": minutes, "note": cell.note})
        note = entry.note
        if self.is_own_format:
            note = note if as_in_files(cell.note) in ("", as_in_files(note)) else cell.note
        else:
            minutes += entry.minutes - cell.given
            note = self._corrected_note(cell, note)
        if (minutes, note) == (entry.minutes, entry.note) and not cell.replaced:
            return PlannedChange(cell, "same", entry)
        if minutes != entry.minutes and not cell.given:
            self.context.remarks.note("cell_replaced" if self.is_own_format else "cell_held", cell.line)
        was = {"minutes": entry.minutes, "note": entry.note}
        return PlannedChange(cell, "update", entry, {"minutes": minutes, "note": note}, was)

    def _corrected_note(self, cell: ImportedCell, note: str) -> str:
        """The note of a cell with what the file corrects of it; what somebody changed here since is kept, and said."""
        key_of, others = self._keys.of_note, cell.notes_of_others
        corrected, made = with_corrections(note, cell.note, cell.notes, key_of, said_by_others=others)
        for correction in cell.notes:
            if correction not in made:
                self.context.remarks.note("note_kept", correction.line)
        self.context.totals["notes"] += len(made)
        cell.notes = made
        return corrected

    def questions(self) -> list[dict[str, Any]]:
        return self._submitted.questions()

    def submitted_weeks(self) -> list[dict[str, Any]]:
        return self._submitted.as_json()

    # -- doing it -----------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        keys = ["identity", "natural_key", "fingerprint"]
        ImportedRow.objects.bulk_update(self._adopted, keys, batch_size=UPDATED_AT_ONCE)
        self._adopted.clear()
        return Writing(self.source, self.user, sets_cells=self.is_own_format).write(real(changes))

    def prepare(self, units: Sequence[ImportedCell]) -> None:
        """Hold the members of a batch, in order, while it is compared and written."""
        lock_members({cell.key[0] for cell in units} | owners_by_identity(units))

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        return take_back(rows)


def _name_in(cells: RowCells) -> str:
    """What a row calls its person, besides the e-mail address."""
    return cells["name"] or f"{cells['first_name']} {cells['last_name']}".strip() or cells["user"]
