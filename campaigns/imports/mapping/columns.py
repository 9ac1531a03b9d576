"""How one file is laid out, which column holds which field, and one row read by it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from campaigns.imports.errors import RowError
from campaigns.imports.files.file_reader import FileRow, FileTable
from campaigns.imports.files.headers import Unit, header_key, speaks_of_money
from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.mapping.column_mapping import ColumnMapping
from core.dates import DateError, DayOrder, parse_date, parse_moment, serial_day
from core.numbers import DecimalSign, NumberError, parse_cents, round_cents
from core.spreadsheets import unescape_cell

# What programs write into a cell that has no amount.
NOTHING = frozenset({"", "-", "--", "---", "–", "—", "n/a", "#n/a", "na", "null", "none", "nan", "(not set)"})
# Texts that managers read beside what they belong to.
NOTES = ("note", "description")
TOTALS = frozenset({"total", "totaux", "gesamt", "summe", "grand total"})

_CLOCK_AT_END = re.compile(r"[0-9]:[0-9]{2}(?: ?[ap]\.?m\.?)?$", re.IGNORECASE)

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
    unit: Unit = "hours"
    # Fields whose days stand as instants of some zone, and the zone in which their day is asked for.
    instants: Collection[str] = ()
    zone: ZoneInfo | None = None
    # Fields whose header says that its times are UTC: Created (UTC).
    in_utc: Collection[str] = ()
    # Whether a person said in which order the parts of 02/03/26 stand.
    reads_short_years: bool = False
    absent: tuple[str, ...] = ()
    # Columns that speak of money and were named as a note or a duration, by field: they are not taken.
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
        refused = _money_taken_for_else(table.header, places, fields)
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
        words = {texts[name].casefold().rstrip("s :") for name in (*blanks, "starts_on") if name in texts}
        return "" in words or bool(words & TOTALS)


def may_hold_money(name: str, field: Field) -> bool:
    """Whether a column of money may be this field: notes and hours are read by managers, who must see no rate."""
    return name not in NOTES and field.value_type != "duration"


def _money_taken_for_else(
    header: Sequence[str], places: Mapping[str, int], fields: Mapping[str, Field]
) -> dict[str, str]:
    """The columns of money that would be notes or durations, by field."""
    taken = {name: header[place] for name, place in places.items() if not may_hold_money(name, fields[name])}
    return {name: text for name, text in taken.items() if speaks_of_money(text)}


@dataclass
class RowCells:
    """One row by field. What cannot be read is noted in ``errors`` and comes back as None."""

    line: int
    texts: Mapping[str, str]
    layout: Layout
    errors: list[RowError]
    # What is odd but no error: codes of remarks.
    oddities: list[str] = field(default_factory=list)

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
            return self._parsed_day(name, text) if text else None
        except DateError as error:
            self._no_date(name, error)
        return None

    def _parsed_day(self, name: str, text: str) -> date:
        layout = self.layout
        if name in layout.in_utc and _CLOCK_AT_END.search(text):
            text = f"{text} UTC"
        zone = layout.zone if name in layout.instants else None
        return parse_date(text, layout.orders.get(name), zone=zone, short_years=layout.reads_short_years)

    def _no_date(self, name: str, error: DateError) -> None:
        """A number may be meant as a spreadsheet means it; it is offered, not taken."""
        meant = serial_day(self[name]) if error.code == "not_a_date" else None
        self.wrong(name, error.code, right=meant.isoformat() if meant else "")

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """An instant; one without an offset is read in the agency's time zone."""
        text = self.required(name)
        try:
            short_years = self.layout.reads_short_years
            moment = parse_moment(text, self.layout.orders.get(name), short_years=short_years) if text else None
        except DateError as error:
            self._no_date(name, error)
            return None
        return moment.replace(tzinfo=zone) if moment and moment.tzinfo is None else moment

    def cents(self, name: str) -> int | None:
        """An amount; decimals below the cent are rounded, and said."""
        text = self.required(name)
        sign = self.layout.signs.get(name)
        try:
            return parse_cents(text, sign) if text else None
        except NumberError as error:
            if error.code == "too_precise":
                self.oddities.append("rounded")
                return round_cents(text, sign)
            self.wrong(name, error.code)
        return None

    def says_nothing(self, name: str) -> bool:
        """Whether a cell is empty, or holds what programs write for nothing."""
        return self[name].casefold() in NOTHING
