"""How one file is laid out: which column holds which field, and how its dates and numbers are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from campaigns.imports.errors import RowError
from campaigns.imports.file_reader import FileRow, FileTable
from campaigns.imports.formats import FileFormat
from campaigns.imports.headers import header_key, speaks_of_money
from campaigns.imports.mapping import DECIMAL_SIGNS, ColumnMapping
from core.dates import DateColumn, DateError, DayOrder, parse_date, parse_moment, serial_day
from core.numbers import DecimalSign, NumberColumn, NumberError, parse_cents
from core.spreadsheets import unescape_cell

# Texts that managers read beside what they belong to.
NOTES = ("note", "description")
TOTALS = frozenset({"total", "totaux", "gesamt", "summe", "grand total"})

ValueType = Literal["text", "name", "day", "moment", "amount", "duration", "time"]


@dataclass(frozen=True)
class Field:
    """One thing a row can say. ``label`` is its translated name, ``one_of`` a group of which one must be there."""

    label: str | Promise
    value_type: ValueType = "text"
    one_of: str = ""
    most: int = 200


@dataclass(frozen=True)
class Layout:
    """``places`` are column indices by field, ``constants`` fill fields that the file leaves empty."""

    file_format: FileFormat
    header: tuple[str, ...]
    fields: Mapping[str, Field]
    places: Mapping[str, int]
    constants: Mapping[str, str]
    orders: Mapping[str, DayOrder | None] = field(default_factory=dict)
    signs: Mapping[str, DecimalSign | None] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    # Columns that speak of money and were named as the note, by field: managers read notes, so they are not taken.
    refused: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, table: FileTable, file_format: FileFormat, mapping: ColumnMapping, fields: Mapping[str, Field]
    ) -> "Layout":
        """Lay out a file as its format says, or as a person mapped it; ``absent`` are columns it does not have."""
        places = {name: index for name, index in file_format.locate(table.header).items() if name in fields}
        by_key = {header_key(text): index for index, text in reversed(list(enumerate(table.header)))}
        absent = []
        for name, text in mapping.columns.items():
            if not text:
                places.pop(name, None)
            elif (index := by_key.get(header_key(text))) is not None:
                places[name] = index
            else:
                absent.append(text)
        constants = {**file_format.assumed, **mapping.constants}
        refused = _money_taken_for_notes(table.header, places)
        places = {name: index for name, index in places.items() if name not in refused}
        return cls(file_format, table.header, fields, places, constants, absent=tuple(absent), refused=refused)

    def has(self, name: str) -> bool:
        return name in self.places or bool(self.constants.get(name))

    def missing(self) -> list[str]:
        """The fields, or groups of which one is needed, that are neither in the file nor given."""
        groups: dict[str, list[str]] = {}
        for name, declared in self.fields.items():
            if declared.one_of:
                groups.setdefault(declared.one_of, []).append(name)
        return [names[0] for names in groups.values() if not any(self.has(name) for name in names)]

    def column(self, name: str) -> str:
        """The header that holds a field, as the file writes it; else the field's own name."""
        return self.header[self.places[name]] if name in self.places else name

    def texts(self, row: FileRow) -> dict[str, str]:
        texts = {name: unescape_cell(row.cells[index]) for name, index in self.places.items()}
        for name, text in self.constants.items():
            if not texts.get(name):
                texts[name] = text
        return texts

    def is_total(self, texts: Mapping[str, str]) -> bool:
        """Whether the row sums up others: it names nothing in particular, or calls itself so."""
        blanks = self.file_format.blank_in_totals
        if not blanks:
            return False
        words = {texts.get(name, "").casefold().rstrip("s :") for name in (*blanks, "starts_on")}
        return "" in words or bool(words & TOTALS)

    def is_wanted(self, texts: Mapping[str, str]) -> bool:
        """Whether the row is of those this format is read for: deals that are won, for instance."""
        return all(
            name not in self.places or texts[name].casefold() in wanted
            for name, wanted in self.file_format.only_when.items()
        )


def _money_taken_for_notes(header: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """The columns of money that would be notes, by field."""
    notes = {name: header[places[name]] for name in NOTES if name in places}
    return {name: text for name, text in notes.items() if speaks_of_money(text)}


@dataclass
class Conventions:
    """Listens to whole columns: day or month first, comma or point."""

    layout: Layout
    mapping: ColumnMapping
    dates: dict[str, DateColumn] = field(init=False)
    numbers: dict[str, NumberColumn] = field(init=False)
    rows: int = 0

    def __post_init__(self) -> None:
        value_types = {name: self.layout.fields[name].value_type for name in self.layout.places}
        self.dates = {name: DateColumn() for name, value_type in value_types.items() if value_type in ("day", "moment")}
        self.numbers = {name: NumberColumn() for name, value_type in value_types.items() if value_type == "amount"}

    def listen(self, rows: Iterable[FileRow]) -> None:
        listeners: dict[str, DateColumn | NumberColumn] = {**self.dates, **self.numbers}
        columns = [(self.layout.places[name], column) for name, column in listeners.items()]
        for row in rows:
            self.rows += 1
            for index, column in columns:
                if text := row.cells[index]:
                    column.add(text)

    def questions(self) -> list[tuple[str, str]]:
        """What must be asked, as (option, column): nothing is guessed."""
        asked = []
        if "date_order" not in self.mapping.options:
            asked += [
                ("date_order", self.layout.column(name)) for name, column in self.dates.items() if column.must_ask
            ]
        if "decimal" not in self.mapping.options:
            asked += [("decimal", self.layout.column(name)) for name, column in self.numbers.items() if column.must_ask]
        return asked

    def settled(self) -> Layout:
        """The layout with what the columns, or else the person, said."""
        answered_order: DayOrder | None = self.mapping.options.get("date_order")  # type: ignore[assignment]
        answered_sign: DecimalSign | None = DECIMAL_SIGNS.get(self.mapping.options.get("decimal", ""))  # type: ignore[assignment]
        orders = {name: answered_order if column.must_ask else column.day_order for name, column in self.dates.items()}
        signs = {
            name: answered_sign if column.must_ask else column.decimal_sign for name, column in self.numbers.items()
        }
        return replace(self.layout, orders=orders, signs=signs)


@dataclass
class RowCells:
    """One row by field. What cannot be read is noted in ``errors`` and comes back as None."""

    line: int
    texts: Mapping[str, str]
    layout: Layout
    errors: list[RowError]

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    def wrong(self, name: str, code: str, *, right: str = "", **params: str) -> None:
        column = self.layout.column(name) if name else ""
        self.errors.append(RowError.of_value(self.line, column, self[name] or " ", code, right=right, **params))

    def required(self, name: str) -> str:
        if not self[name]:
            self.wrong(name, "missing_value")
        return self[name]

    def text(self, name: str) -> str:
        """The text of a field; one that is too long to keep is an error."""
        most = self.layout.fields[name].most
        if len(self[name]) > most:
            self.wrong(name, "too_long", most=str(most))
        return self[name]

    def day(self, name: str) -> date | None:
        text = self.required(name)
        try:
            return parse_date(text, self.layout.orders.get(name)) if text else None
        except DateError as error:
            self._no_date(name, error)
        return None

    def _no_date(self, name: str, error: DateError) -> None:
        """A number may be meant as a spreadsheet means it; it is offered, not taken."""
        meant = serial_day(self[name]) if error.code == "not_a_date" else None
        self.wrong(name, error.code, right=meant.isoformat() if meant else "")

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """An instant; one without an offset is read in the agency's time zone."""
        text = self.required(name)
        try:
            moment = parse_moment(text, self.layout.orders.get(name)) if text else None
        except DateError as error:
            self._no_date(name, error)
            return None
        return moment.replace(tzinfo=zone) if moment and moment.tzinfo is None else moment

    def cents(self, name: str) -> int | None:
        text = self.required(name)
        try:
            return parse_cents(text, self.layout.signs.get(name)) if text else None
        except NumberError as error:
            self.wrong(name, error.code)
        return None
