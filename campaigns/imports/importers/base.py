"""What every kind of file answers: how a row is read, what it would change, how that is written and undone."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar, Literal

from campaigns.imports.errors import RowError
from campaigns.imports.files.file_reader import FileRow
from campaigns.imports.ledger.earlier_rows import earlier_rows
from campaigns.imports.ledger.lacking import Lacking
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.columns import Field, Layout, RowCells
from campaigns.imports.mapping.currencies import Currencies
from campaigns.imports.mapping.name_resolution import AMBIGUOUS, LEFT_OUT, Campaigns, Directory, Platforms
from campaigns.imports.rows_aside import RowKinds
from campaigns.imports.warnings import Remarks
from campaigns.models import Agency, Campaign, ImportedRow, ImportRun
from campaigns.models.erasures import imprint

Action = Literal["create", "update", "same"]
SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+[0-9]+")
as_json = json.JSONEncoder(default=str).encode  # made once: a file has many rows
DIRECT = frozenset({"direct", "(direct)", "direct_traffic", "direct traffic", "none", "(none)"})


@dataclass
class ImportContext:
    """What the rows of one file are read with, and what reading them found. `only_for` is a person's key."""

    layout: Layout
    mapping: ColumnMapping
    agency: Agency
    at: datetime
    creating: bool = False
    run: ImportRun | None = None
    only_for: int | None = None
    # The lines that a person left out of this file.
    left_out: Collection[int] = ()
    # Options that a person may choose, though nothing waits for them.
    offered: set[str] = field(default_factory=set)
    errors: list[RowError] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)
    totals: Counter[str] = field(default_factory=Counter)
    # What stands in the file and no field holds, by kind (columns, tags, sheets), in its order.
    unread: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    # What somebody changed here since a file brought it, and this one has otherwise: kept, and listed.
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.at.astimezone(self.agency.zone).date()


@dataclass
class Record:
    """One row, read. ``rows`` is how many rows of the file it stands for, the hashes are what it is found again by."""

    line: int
    rows: int = 1
    fingerprint: str | None = None
    natural_key: str | None = None
    identity: str | None = None
    day: date | None = None


@dataclass
class PlannedChange:
    """What a record does to the data: make something, change ``found``, or nothing. ``replaces`` is an earlier row."""

    record: Any
    action: Action
    found: Any = None
    now: dict[str, Any] = field(default_factory=dict)
    was: dict[str, Any] | None = None
    replaces: ImportedRow | None = None


class Importer:
    """One kind of file, while one file of it is checked or written."""

    key: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]
    directory_types: ClassVar[Mapping[str, type[Directory]]] = {"platform": Platforms, "campaign": Campaigns}

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self.platforms = Platforms.load(context.mapping, creating=context.creating)
        self.campaigns = Campaigns.load(context.mapping, creating=context.creating)
        self.campaigns.names_clients = context.layout.file_format.key == "generic"
        self._row_kinds = RowKinds.of(context.layout)
        self._seen: Counter[bytes] = Counter()
        self._general: int | None = None
        self.is_written = False
        self.found: set[int] = set()  # the earlier rows that the file has
        self.left_out: list[Any] = []  # what the lines would be that a person left out
        self._lines: dict[str, tuple[int, int]] = {}

    @property
    def user(self) -> Any:
        """Who asked for the import; nobody on the command line."""
        return self.context.run.requested_by if self.context.run else None

    @property
    def source(self) -> str:
        return self.context.layout.file_format.key

    @property
    def own_run(self) -> int | None:
        """The run that is written, whose rows are no earlier ones; none once it is read again to see what it lacks."""
        return self.context.run.pk if self.context.run and not self.is_written else None

    @cached_property
    def currencies(self) -> Currencies:
        return Currencies.of(self.context.agency)

    @property
    def directories(self) -> list[Directory]:
        return [self.platforms, self.campaigns]

    @classmethod
    def fields_for(cls, only_for: int | None) -> Mapping[str, Field]:
        """What a row can say in a file that may only bring what is this person's; None for any file."""
        return cls.fields

    @classmethod
    def arrange(cls, layout: Layout, rows: Iterable[FileRow], mapping: ColumnMapping) -> dict[str, str]:
        """Columns, by field, that only the data and the names in them tell; kept with what was said."""
        return {}

    # -- reading ------------------------------------------------------------------------------------------------------

    def take(self, row: FileRow) -> Any:
        """Read a row of the file; None for one that is set aside, each of which is said."""
        layout = self.context.layout
        reason = "left_out_line" if row.line in self.context.left_out else self._row_kinds.no_row(row)
        if reason is None:
            return self.accept(row.line, layout.texts(row), row.surplus)
        self.context.remarks.set_aside(reason, row.line, self._leave_out(row) if reason == "left_out_line" else {})
        return None

    def _leave_out(self, row: FileRow) -> dict[str, int]:
        """Keep what a line would be that a person left out; return what it adds up to."""
        layout = self.context.layout
        cells = RowCells(row.line, layout.texts(row), layout, [])
        self.left_out += self.keys_of(cells)
        return self.sums_of(cells)

    def keys_of(self, cells: RowCells) -> Sequence[Any]:
        """What earlier files' rows of a line are found by, as far as it can be read; it asks nothing."""
        return ()

    def rows_left_out(self) -> set[int]:
        """The earlier rows that the lines would be which a person left out: the file does not lack them."""
        return {row.pk for row in earlier_rows(self.key, self.left_out, run_id=None)} if self.left_out else set()

    def sums_of(self, cells: RowCells) -> dict[str, int]:
        """What a row adds up to, in cents or seconds, as far as it can be read."""
        cents = None if cells.says_nothing("amount") else cells.cents("amount")
        return {"cents": cents} if cents else {}

    def accept(self, line: int, texts: Mapping[str, str], surplus: int) -> Any:
        """Read one row; None when it says nothing, or something that cannot be read, which is then noted."""
        layout, remarks = self.context.layout, self.context.remarks
        if layout.is_total(texts):
            remarks.set_aside("total_row", line, {})
            return None
        errors: list[RowError] = []
        cells = RowCells(line, texts, layout, errors)
        if surplus:
            cells.wrong("", "surplus_cells")
        record = self.read(cells)
        self.context.errors += errors
        for oddity in cells.oddities:
            remarks.note(oddity, line)
        return None if errors else record

    def read(self, cells: RowCells) -> Any:
        raise NotImplementedError

    def units(self, records: Iterable[Any]) -> Iterator[Any]:
        """The records in the order in which they are written; a kind may put several together."""
        yield from records

    def batches(self, units: Iterator[Any], size: int) -> Iterator[list[Any]]:
        """Cut units into what one transaction writes."""
        batch: list[Any] = []
        for unit in units:
            batch.append(unit)
            if len(batch) >= size:
                yield batch
                batch = []
        if batch:
            yield batch

    def in_groups(self, records: Iterable[Any]) -> Iterator[Any]:
        """Rows of one natural key one after another: they are paired with earlier ones in their order."""
        groups: dict[str | None, list[Any]] = {}
        for record in records:
            groups.setdefault(record.natural_key, []).append(record)
        for group in groups.values():
            yield from group

    def batches_of_groups(self, units: Iterator[Any], size: int) -> Iterator[list[Any]]:
        batch: list[Any] = []
        for _key, group in groupby(units, key=lambda unit: unit.natural_key):
            batch += group
            if len(batch) >= size:
                yield batch
                batch = []
        if batch:
            yield batch

    def finish(self) -> None:
        """Say what only the whole file shows."""

    def questions(self) -> list[dict[str, Any]]:
        """What must be asked about the whole file, once it is planned."""
        return []

    def submitted_weeks(self) -> list[dict[str, Any]]:
        """The weeks that are closed to the file."""
        return []

    def lacking(self) -> Lacking | None:
        """What earlier files brought and this one lacks, once it is planned; None for what never goes by absence."""
        return None

    def removals(self, size: int) -> Iterator[list[Any]]:
        """What the file lacks, as units in batches, where somebody said that it holds everything."""
        found = self.lacking() if self.context.mapping.options.get("complete") == "yes" else None
        return (
            self.batches(iter(self.removal_units([lacking.row for lacking in found.rows])), size) if found else iter(())
        )

    def removal_units(self, rows: Sequence[ImportedRow]) -> Sequence[Any]:
        """Units that take these earlier rows back."""
        return ()

    # -- what it would do ---------------------------------------------------------------------------------------------

    def prepare(self, units: Sequence[Any]) -> None:
        """Lock what a batch is about to change."""

    def plan(self, units: Sequence[Any]) -> list[PlannedChange]:
        """Compare units with the data and with what was imported before; errors and remarks are noted."""
        raise NotImplementedError

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        """Write changes; return what each did, so that it can be undone. Runs in the caller's transaction."""
        raise NotImplementedError

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        """Take back what these rows did; return how many had to be kept. Runs in the caller's transaction."""
        raise NotImplementedError

    # -- shared by kinds ----------------------------------------------------------------------------------------------

    def imprint(self, *values: object) -> str:
        """A fingerprint of all that a row says; equal rows of one file are told apart by their number."""
        digest = hashlib.sha256(as_json([self.key, *values]).encode()).digest()
        self._seen[digest[:16]] += 1
        plain = hashlib.sha256(digest + str(self._seen[digest[:16]]).encode()).hexdigest()
        return imprint(plain, self.context.agency.mark)

    def keyed(self, *values: object) -> str:
        """A keyed hash of these values, by which a row is found again and from which nobody can read them."""
        return imprint(as_json(values), self.context.agency.mark)

    def imported(
        self, units: Sequence[Any], of: Callable[[Any], str | None] = lambda unit: unit.fingerprint
    ) -> dict[str, int | None]:
        """The fingerprints among these that an import left behind, with the object each made.

        Of kinds with natural keys, those from before these were kept.
        """
        prints = [text for unit in units if (text := of(unit))]
        found = ImportedRow.objects.standing().filter(kind=self.key, natural_key=None, fingerprint__in=prints)
        return {str(text): object_id for text, object_id in found.values_list("fingerprint", "object_id")}

    def is_repeated(self, cells: RowCells, external_id: str, *content: object) -> bool:
        """Whether the same row stood there before; the same id with other values is an error."""
        line, earlier = self._lines.setdefault(external_id, (cells.line, hash(content)))
        if line == cells.line:
            return False
        if earlier == hash(content):
            self.context.remarks.note("repeated", cells.line)
        else:
            cells.wrong("external_id", "repeated_id", other_line=str(line))
        return True

    def usable_id(self, cells: RowCells) -> str | None:
        """The external id of a row; one that a spreadsheet rounded is none, which is said."""
        text = cells.text("external_id")
        if text and not is_usable_id(text):
            self.context.remarks.note("rounded_id", cells.line)
        return text if is_usable_id(text) else None

    def note_conflict(self, line: int, what: str, *, here: int, in_file: int) -> None:
        """List an amount, in cents, that somebody changed since a file brought it: it is kept."""
        self.context.conflicts.append({"line": line, "what": what, "cents_here": here, "cents_in_file": in_file})

    def note_future(self, line: int, day: date | None) -> None:
        if day and day > self.context.today:
            self.context.remarks.note("in_future", line)

    def origin(self, text: str, line: int) -> tuple[bool, int | None]:
        """Whether there was a contact, and on which platform: none for a direct one."""
        if not text:
            return False, None
        if self.platforms.knows(text) is None and not self.context.mapping.target("platform", text) and is_direct(text):
            return True, None
        found = self.platforms.find(text, line=line)
        if found == LEFT_OUT:
            self.context.remarks.note("no_platform", line)
            return False, None
        return True, found

    def campaign(self, text: str, line: int) -> int | None:
        """The campaign that a text names; None without one."""
        found = self.campaigns.find(text, line=line) if text else None
        if found == LEFT_OUT:
            return self.general if self.campaigns.is_general(text) else None
        return found

    @property
    def general(self) -> int:
        """General presence, made when the first row needs it. A check writes nothing, so it does not make it."""
        if self._general is None:
            found = Campaign.objects.filter(is_general=True).values_list("pk", flat=True).first()
            self._general = found or (Campaign.objects.general().pk if self.context.run else AMBIGUOUS)
        return self._general

    def campaign_if_known(self, text: str, line: int) -> int | None:
        """The same for texts that programs write by themselves: an unknown one is remarked, not asked."""
        found = self.campaigns.knows(text) if text else None
        if text and found is None:
            self.context.remarks.note("campaign_unknown", line)
        return found


def is_usable_id(text: str) -> bool:
    """Whether a text can be an id: a spreadsheet turns a long one into 1.20253E+17, which others become as well."""
    return bool(text) and not SCIENTIFIC.fullmatch(text)


def is_direct(text: str) -> bool:
    return text.strip().casefold() in DIRECT
