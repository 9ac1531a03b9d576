"""Workbooks as streams of rows of text, and how to refuse those that would unpack without end. Pure."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.imports.files.file_errors import FileError

if TYPE_CHECKING:
    import openpyxl

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_EXPANSION = 100
MAX_XLSX_ROWS = 1_048_576
# Lines of a later sheet are counted on from here: 2,097,152 * sheet + row.
SHEET_STEP = 2 * MAX_XLSX_ROWS
ROWS_LOOKED_AT = 60
_BLOCK = 1024 * 1024
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"")
_EMPTY_FORMULA = re.compile(
    rb"</?(?:\w+:)?f(?:\s[^>]*)?/?>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, with the line and the cells of its first rows that have any, and where it is packed.

    They are read once, with the names of the sheets: to open a workbook takes as long as to read it.
    """

    name: str
    is_visible: bool
    records: tuple[tuple[int, list[str]], ...] = ()
    part: str = ""


def refuse_bombs(path: Path) -> None:
    """Refuse by the archive's own directory, before anything is unpacked.

    Entries that unpack to more than they say do no harm: zipfile stops at the declared size and then
    finds the checksum wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileError("damaged_workbook") from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise FileError("not_a_workbook")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise FileError("unpacks_too_big")
    # The size of the file itself: the packed sizes in the directory may lie or overlap.
    if unpacked > MAX_EXPANSION * path.stat().st_size:
        raise FileError("expands_too_much")


def workbook_sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook, in its order."""
    with _opened(path) as book:
        return tuple(_sheet(sheet) for sheet in book.worksheets)


def _sheet(sheet: Any) -> Sheet:
    # Where a sheet stands in the archive, openpyxl keeps to itself.
    part = getattr(sheet, "_worksheet_path", "")
    return Sheet(sheet.title, sheet.sheet_state == "visible", tuple(_first_records(sheet)), part)


def _first_records(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for line, values in enumerate(islice(_values(sheet), ROWS_LOOKED_AT), start=1):
        cells = [_as_text(value).strip() for value in values]
        if any(cells):
            yield line, cells


def workbook_records(path: Path, sheets: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of the rows of these sheets; the lines of a second one are counted on from SHEET_STEP."""
    line = 0
    try:
        with _opened(path) as book:
            chosen = [sheet for sheet in book.worksheets if sheet.title in sheets] or book.worksheets[:1]
            for number, sheet in enumerate(chosen):
                for line, values in enumerate(_values(sheet), start=number * SHEET_STEP + 1):
                    yield line, [_as_text(value) for value in values]
    except FileError as error:
        raise FileError(error.code, error.line or line or None) from error


@contextmanager
def _opened(path: Path) -> Iterator["openpyxl.Workbook"]:
    import openpyxl  # with the first workbook: most processes read none, and it takes long to load

    try:
        with path.open("rb") as file:
            yield openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (FileError, GeneratorExit):
        raise
    # A workbook is a tree of XML parts, and each library underneath has its own way to say that one is wrong.
    except Exception as error:
        raise FileError("damaged_workbook") from error


def _values(sheet: Any) -> Iterator[tuple[object, ...]]:
    # Some programs write a wrong extent into the sheet, behind which openpyxl would hide rows.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        # openpyxl fills gaps with empty rows, so one forged row number could keep it busy for years.
        if number > MAX_XLSX_ROWS:
            raise FileError("damaged_workbook", number)
        yield values


@dataclass(frozen=True)
class Unseen:
    """What of the sheets that are read a person does not see, or we do not."""

    hidden_rows: int = 0
    empty_formulas: int = 0


def unseen_in(path: Path, sheets: Sequence[Sheet]) -> Unseen:
    """Count rows that a filter hides, and formulas whose value the program that wrote them did not store."""
    hidden = formulas = 0
    with zipfile.ZipFile(path) as archive:
        for part in filter(None, (sheet.part for sheet in sheets)):
            for block in _blocks(archive, part):
                hidden += len(_HIDDEN_ROW.findall(block))
                formulas += len(_EMPTY_FORMULA.findall(block))
    return Unseen(hidden, formulas)


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part of a workbook in blocks that end with a row."""
    rest = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            whole, end, rest = (rest + block).rpartition(b"</row>")
            yield whole + end
    yield rest


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_as_text(value)
    if isinstance(value, datetime):
        return _moment_as_text(value)
    if isinstance(value, timedelta):
        return _elapsed_as_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number_as_text(value: float) -> str:
    """Write the 15 digits a spreadsheet shows, with a decimal point and no exponent.

    Three decimals get a fourth: the cell held a number, so 1.125 must not be taken for a grouped 1,125.
    """
    text = format(Decimal(format(value, ".15g")), "f")
    if re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{3}", text):
        return f"{text}0"
    return text


def _moment_as_text(value: datetime) -> str:
    # A workbook keeps instants as fractions of a day: 09:14 comes back as 09:13:59.999997.
    rounded = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return rounded.date().isoformat() if rounded.time() == time(0) else rounded.isoformat(sep=" ")


def _elapsed_as_text(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
