"""What whole columns say that one cell does not: day or month first, comma or point, hours or minutes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, get_args
from zoneinfo import ZoneInfo

from campaigns.imports.files.file_reader import FileRow
from campaigns.imports.files.headers import Unit, header_unit, names_utc
from campaigns.imports.mapping.column_mapping import DECIMAL_SIGNS, ColumnMapping
from campaigns.imports.mapping.columns import Layout
from core.dates import DateColumn, DayOrder
from core.numbers import DecimalSign, NumberColumn

# Nobody who writes whole numbers of hours alone has longer ones: these are minutes as likely.
LONGEST_WHOLE_HOURS = 12


class ColumnListener(Protocol):
    def add(self, text: str) -> None: ...


class DurationColumn:
    """Collects the numbers without a unit of a column whose header names none."""

    _NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")

    def __init__(self, header: str) -> None:
        self.named = header_unit(header)
        self._largest = 0.0
        self._has_fractions = False
        self._are_parts_of_days = True
        self._has_long_decimals = False

    def add(self, text: str) -> None:
        if self._NUMBER.fullmatch(text) is None:
            return
        number = float(text.replace(",", "."))
        self._largest = max(self._largest, number)
        self._has_fractions |= number % 1 != 0
        self._has_long_decimals |= len(text.partition("." if "." in text else ",")[2]) > 4
        # Whole seconds of a day, as a spreadsheet counts time that is formatted as a number.
        self._are_parts_of_days &= number <= 1 and abs(number * 86_400 - round(number * 86_400)) < 0.01

    @property
    def may_hold_days(self) -> bool:
        return self._are_parts_of_days and self._has_long_decimals

    @property
    def must_ask(self) -> bool:
        """Whether its numbers may count something else than hours."""
        if self.named:
            return False
        too_long = self._largest > LONGEST_WHOLE_HOURS and not self._has_fractions
        return too_long or self._largest > 24 or self.may_hold_days


class FilledColumn:
    """Notes whether anything stands in a column."""

    def __init__(self) -> None:
        self.is_filled = False

    def add(self, text: str) -> None:
        self.is_filled = True


@dataclass
class Conventions:
    """Listens to whole columns, those that no field holds included."""

    layout: Layout
    mapping: ColumnMapping
    dates: dict[str, DateColumn] = field(init=False)
    numbers: dict[str, NumberColumn] = field(init=False)
    durations: dict[str, DurationColumn] = field(init=False)
    others: dict[int, FilledColumn] = field(init=False)
    rows: int = 0

    def __post_init__(self) -> None:
        value_types = {name: self.layout.fields[name].value_type for name in self.layout.places}
        self.dates = {name: DateColumn() for name, value_type in value_types.items() if value_type in ("day", "moment")}
        self.numbers = {name: NumberColumn() for name, value_type in value_types.items() if value_type == "amount"}
        self.durations = {
            name: DurationColumn(self.layout.column(name))
            for name, value_type in value_types.items()
            if value_type == "duration"
        }
        places = set(self.layout.places.values())
        self.others = {
            index: FilledColumn() for index, text in enumerate(self.layout.header) if text and index not in places
        }

    def listen(self, rows: Iterable[FileRow]) -> None:
        by_name: dict[str, ColumnListener] = {**self.dates, **self.numbers, **self.durations}
        columns: list[tuple[int, ColumnListener]] = [
            (self.layout.places[name], column) for name, column in by_name.items()
        ]
        waiting = dict(self.others)
        for row in rows:
            self.rows += 1
            for index, column in columns:
                if text := row.cells[index]:
                    column.add(text)
            for index in [index for index in waiting if row.cells[index]]:
                waiting.pop(index).is_filled = True

    @property
    def unread(self) -> list[str]:
        """The headers of columns that hold something and that no field looks at."""
        return [self.layout.header[index] for index, column in self.others.items() if column.is_filled]

    @property
    def half_swapped(self) -> list[str]:
        """The headers of columns in which a spreadsheet may have turned some days around."""
        return [self.layout.column(name) for name, column in self.dates.items() if column.looks_half_swapped]

    def questions(self) -> list[dict[str, Any]]:
        """What must be asked, as option and column: nothing is guessed."""
        asked: list[dict[str, Any]] = []
        for option, columns in (
            ("date_order", self.dates),
            ("decimal", self.numbers),
            ("duration_unit", self.durations),
        ):
            if option not in self.mapping.options:
                asked += [
                    {"ask": option, "column": self.layout.column(name), **_details(column)}
                    for name, column in columns.items()
                    if column.must_ask
                ]
        return asked

    def settled(self, zone: ZoneInfo | None = None) -> Layout:
        """The layout with what the columns, or else the person, said."""
        options = self.mapping.options
        answered_order: DayOrder | None = options.get("date_order")  # type: ignore[assignment]
        answered_sign: DecimalSign | None = DECIMAL_SIGNS.get(options.get("decimal", ""))  # type: ignore[assignment]
        orders = {name: answered_order if column.must_ask else column.day_order for name, column in self.dates.items()}
        signs = {
            name: answered_sign if column.must_ask else column.decimal_sign for name, column in self.numbers.items()
        }
        in_utc = [name for name in self.dates if names_utc(self.layout.column(name))]
        return replace(
            self.layout,
            orders=orders,
            signs=signs,
            unit=self._unit(),
            instants=[*(name for name, column in self.dates.items() if column.holds_instants), *in_utc],
            in_utc=in_utc,
            zone=zone,
            reads_short_years=answered_order is not None,
        )

    def _unit(self) -> Unit:
        """What numbers without a unit count: what the person said, else the header, else hours."""
        answered = self.mapping.options.get("duration_unit")
        if answered in get_args(Unit):
            return answered  # type: ignore[return-value]
        return next((column.named for column in self.durations.values() if column.named), "hours")


def _details(column: ColumnListener) -> dict[str, Any]:
    """What a question about a column says besides its name."""
    if isinstance(column, DateColumn) and column.has_short_years:
        return {"detail": "short_years"}
    return {}
