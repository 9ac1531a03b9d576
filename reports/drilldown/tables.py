"""A table behind a figure, for a page and for a spreadsheet alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from campaigns.attribution import MILLION
from core import money
from reports.drilldown.figures import FormulaTerm
from reports.figures.formatting import credited_count


@dataclass(frozen=True)
class DrilldownCell:
    """One cell: words for the eye, a plain value for a spreadsheet, and where it leads."""

    text: str
    value: Any
    url: str = ""


@dataclass(frozen=True)
class DrilldownColumn:
    """`name` heads it in a file, `label` on a page."""

    name: str
    label: str
    is_number: bool = False


DrilldownRow = Sequence[DrilldownCell]


class DrilldownRows(Protocol):
    """The rows of a table, which may be many: they are counted and cut before they are read."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice) -> Sequence[DrilldownRow]: ...

    def __iter__(self) -> Iterator[DrilldownRow]: ...


@dataclass(frozen=True)
class DrilldownTable:
    """A figure, how it is computed, and its rows with their sums (one cell for each column, empty where none)."""

    title: str
    value: str
    columns: Sequence[DrilldownColumn]
    rows: DrilldownRows
    sums: Sequence[str] = ()
    terms: Sequence[FormulaTerm] = ()
    remarks: Sequence[str] = field(default=())

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def plain_rows(self) -> Iterator[list[Any]]:
        for row in self.rows:
            yield [cell.value for cell in row]


def text_cell(text: str, url: str = "") -> DrilldownCell:
    return DrilldownCell(text, text, url)


def number_cell(value: int) -> DrilldownCell:
    return DrilldownCell(money.format_number(value), value)


def hours_cell(minutes: int) -> DrilldownCell:
    return DrilldownCell(money.format_hours(minutes), minutes)


def money_cell(cents: int | None) -> DrilldownCell:
    value = None if cents is None else money.to_decimal(Fraction(cents, 100), 2)
    return DrilldownCell(money.format_money(cents), value)


def share_cell(millionths: int) -> DrilldownCell:
    return DrilldownCell(credited_count(millionths), money.to_decimal(Fraction(millionths, MILLION), 6))
