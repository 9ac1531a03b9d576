"""Triangles, paths and series as CSV text. Pure; what is wrong is said with its line."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.statistics.chain_ladder import Triangle
from reports.statistics.data_driven_attribution import ChannelPath, split_path

PATH_COLUMNS = ("path", "conversions", "value", "nulls")
SERIES_COLUMNS = ("period", "count", "during", "control")
LONG_COLUMNS = (("cohort", "age", "value"), ("origin", "development", "value"), ("origin", "development", "values"))


@dataclass(frozen=True, slots=True)
class CountSeries:
    """One row per period, in order of time: its name, what came, whether the action ran, and the control if any."""

    periods: tuple[str, ...]
    counts: tuple[float, ...]
    during: tuple[bool, ...]
    control: tuple[float, ...] | None


class BadFile(ValueError):
    """What is wrong with a file, as a sentence that names the line."""

    @classmethod
    def at(cls, line: int, problem: str) -> "BadFile":
        return cls(f"Line {line}: {problem}")


def read_triangle(text: str, *, incremental: bool = False) -> Triangle:
    """Return the triangle in a CSV file; raise BadFile when there is none.

    Either one row per cohort, its name and then one cell per age under a header (``cohort,0,1,2``), cells not known
    yet left empty; or one row per cell under the header ``cohort,age,value``. Without a header and names it may be
    bare numbers. ``incremental`` when a cell holds what came at that age alone, not the sum so far.
    """
    lines = _lines(text)
    header = [cell.strip().lower() for cell in lines[0][1]]
    named, rows = _long(lines[1:]) if tuple(header) in LONG_COLUMNS else _wide(lines)
    build = Triangle.from_incremental if incremental else Triangle.from_cumulative
    if not rows:
        raise BadFile("The file has no cohort below its header.")
    try:
        return build(rows, named)
    except ValueError as error:
        raise BadFile(f"This is no triangle: {error}.") from error


def read_paths(text: str) -> list[ChannelPath]:
    """Return the paths in a CSV file with the columns path, conversions, value and nulls; raise BadFile otherwise.

    ``value`` and ``nulls`` may be left out or empty, and are 0 then. Other columns are not looked at.
    """
    lines = _lines(text)
    header = [cell.strip().lower() for cell in lines[0][1]]
    _must_have(lines[0][0], header, PATH_COLUMNS[:2], PATH_COLUMNS)
    if len(lines) == 1:
        raise BadFile("The file has no path below its header.")
    return [_path(line, _named(line, header, cells)) for line, cells in lines[1:]]


def read_series(text: str) -> CountSeries:
    """Return the series in a CSV file with the columns period, count, during and control; raise BadFile otherwise.

    ``during`` is 1 in the periods of the action and 0 in those without it. ``control`` may be left out, but not in
    single rows. Other columns are not looked at.
    """
    lines = _lines(text)
    header = [cell.strip().lower() for cell in lines[0][1]]
    _must_have(lines[0][0], header, SERIES_COLUMNS[:3], SERIES_COLUMNS)
    if len(lines) == 1:
        raise BadFile("The file has no period below its header.")
    rows = [(line, _named(line, header, cells)) for line, cells in lines[1:]]
    return CountSeries(
        periods=tuple(cells["period"].strip() for _, cells in rows),
        counts=tuple(_not_negative(line, "count", cells) for line, cells in rows),
        during=tuple(_yes_or_no(line, cells["during"]) for line, cells in rows),
        control=tuple(_positive(line, "control", cells) for line, cells in rows) if "control" in header else None,
    )


def _must_have(line: int, header: Sequence[str], needed: Sequence[str], offered: Sequence[str]) -> None:
    missing = next((name for name in needed if name not in header), None)
    if missing:
        raise BadFile.at(line, f"the header has no column {missing}; it needs {','.join(offered)}.")


def _named(line: int, header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(header) < len(cells):
        raise BadFile.at(line, "it has more cells than the header has columns.")
    return dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True))


def _not_negative(line: int, name: str, cells: dict[str, str]) -> float:
    number = _number(line, cells[name], f"{name} is")
    if number is None or number < 0:
        raise BadFile.at(line, f"{name} is {cells[name].strip()!r}, and should be 0 or more.")
    return number


def _positive(line: int, name: str, cells: dict[str, str]) -> float:
    number = _number(line, cells[name], f"{name} is")
    if number is None or number <= 0:
        raise BadFile.at(line, f"{name} is {cells[name].strip()!r}, and should be more than 0 in every period.")
    return number


def _yes_or_no(line: int, text: str) -> bool:
    if text.strip() not in ("0", "1"):
        raise BadFile.at(line, f"during is {text.strip()!r}, and should be 1 while the action ran and 0 before.")
    return text.strip() == "1"


def _path(line: int, cells: dict[str, str]) -> ChannelPath:
    conversions, value, nulls = (_amount(line, name, cells.get(name, "")) for name in PATH_COLUMNS[1:])
    try:
        return ChannelPath(split_path(cells.get("path", "")), conversions, value, nulls)
    except ValueError as error:
        raise BadFile.at(line, f"{error}.") from error


def _amount(line: int, name: str, text: str) -> float:
    return _number(line, text, f"{name} is") or 0.0


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, with the lines they start on."""
    lines = list(_numbered(text))
    if not lines:
        raise BadFile("The file is empty.")
    return lines


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first and "," not in first else ",")
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile.at(line, f"it is no CSV: {error}.") from error


def _number(line: int, text: str, what: str) -> float | None:
    """The number in a cell, None when it is empty."""
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadFile.at(line, f"{what} {text.strip()!r}, and should be a number such as 1234.5.")
    return number


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _wide(lines: Sequence[tuple[int, list[str]]]) -> tuple[list[str], list[list[float | None]]]:
    body = lines[1:] if _is_header(lines[0][1]) else lines
    has_names = len(body) < len(lines) or not all(_is_number(cells[0]) for _, cells in body) or _counts_up(body)
    names = [cells[0].strip() for _, cells in body] if has_names else []
    return names, [_cells(line, cells[1:] if has_names else cells) for line, cells in body]


def _is_header(cells: Sequence[str]) -> bool:
    """A first row whose cells after the first are not all numbers, or are ages under a word: 1,2,3 or 12,24,36."""
    filled = [cell for cell in cells[1:] if cell.strip()]
    if not all(map(_is_number, filled)):
        return True
    ages = [float(cell) for cell in filled]
    steps = {after - before for before, after in pairwise(ages)}
    has_word = not any(map(str.isdigit, cells[0]))
    return has_word and len(ages) > 1 and len(steps) == 1 and ages[0] in (0.0, *steps)


def _counts_up(body: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first cells are years or numbers of cohorts: each one more than the one above."""
    first = [float(cells[0]) for _, cells in body]
    return len(first) > 1 and all(after - before == 1 for before, after in pairwise(first))


def _cells(line: int, cells: Sequence[str]) -> list[float | None]:
    values = [_number(line, cell, f"cell {place} is") for place, cell in enumerate(cells, start=1)]
    if all(value is None for value in values):
        raise BadFile.at(line, "this cohort has no figure.")
    return values


def _long(lines: Sequence[tuple[int, list[str]]]) -> tuple[list[str], list[list[float | None]]]:
    cohorts: dict[str, dict[int, float | None]] = {}
    for line, cells in lines:
        if len(cells) != 3:
            raise BadFile.at(line, f"it has {len(cells)} cells, and should have 3: cohort, age and value.")
        name, age = cells[0].strip(), _age(line, cells[1])
        ages = cohorts.setdefault(name, {})
        if age in ages:
            raise BadFile.at(line, f"age {age} of cohort {name} is there twice.")
        ages[age] = _number(line, cells[2], "the value is")
    # Ages may count from 0 or from 1, or by twelves: their order is what counts.
    order = sorted({age for ages in cohorts.values() for age in ages})
    names = sorted(cohorts, key=float if all(map(_is_number, cohorts)) else str)
    return names, [[cohorts[name].get(age) for age in order] for name in names]


def _age(line: int, text: str) -> int:
    age = _number(line, text, "the age is")
    if age is None or age < 0 or age != int(age):
        raise BadFile.at(line, f"the age is {text.strip()!r}, and should be a whole number of months such as 3.")
    return int(age)
