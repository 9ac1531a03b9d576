"""Open CSV and XLSX files that people bring as a stream of rows of text. Pure: no Django, no clock.

Memory stays bounded whatever the size of the file: nothing here holds more than one row and one block.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import openpyxl

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_EXPANSION = 100
MAX_XLSX_ROWS = 1_048_576
MAX_COLUMNS = 500

FileCode = Literal[
    "empty",
    "not_text",
    "old_excel",
    "not_a_workbook",
    "damaged_workbook",
    "unpacks_too_big",
    "expands_too_much",
    "no_rows",
    "broken_quotes",
    "cell_too_long",
    "line_too_long",
    "too_many_columns",
]

_BLOCK = 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_DELIMITERS = ",;\t"
_ZIP_MAGIC = b"PK\x03\x04"
_PDF_MAGIC = b"%PDF-"
_OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What no table holds; a text may have strayed ones, but bytes of no known encoding that do are no text.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
# What Excel writes, and honours, as a first line of its own.
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\s*", re.IGNORECASE)


class FileError(Exception):
    """A file that cannot be read at all; ``code`` says why, ``line`` where when it is known."""

    def __init__(self, code: FileCode, line: int | None = None) -> None:
        super().__init__(code)
        self.code: FileCode = code
        self.line = line


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its first line in the file (its row number in a workbook) and one text per column.

    ``surplus`` counts filled cells beyond the last column: a sign of a separator within a value.
    """

    line: int
    cells: tuple[str, ...]
    surplus: int = 0


@dataclass(frozen=True)
class FileTable:
    """A file with a header: ask ``rows()`` as often as needed, each time it is read anew.

    Cells are stripped. Rows without any filled cell are skipped, short ones are padded.
    """

    path: Path
    header: tuple[str, ...]
    header_line: int
    delimiter: str | None = field(default=None)
    encoding: str | None = field(default=None)

    @property
    def is_workbook(self) -> bool:
        return self.delimiter is None

    def rows(self) -> Iterator[FileRow]:
        """Yield the rows under the header; raise FileError where the file turns out to be broken."""
        for line, cells in _records(self.path, self.encoding, self.delimiter):
            if line > self.header_line:
                yield _fitted(line, cells, len(self.header))


def open_table(path: Path) -> FileTable:
    """Find out how the file is written and read its header; raise FileError when it is no table."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_OLD_EXCEL_MAGIC):
        raise FileError("old_excel")
    if start.startswith(_PDF_MAGIC):
        raise FileError("not_text")
    if start.startswith(_ZIP_MAGIC):
        _refuse_bombs(path)
        return _with_header(path, encoding=None, delimiter=None)
    encoding = _encoding(path)
    return _with_header(path, encoding=encoding, delimiter=_delimiter(path, encoding))


def _with_header(path: Path, *, encoding: str | None, delimiter: str | None) -> FileTable:
    first = next(_records(path, encoding, delimiter), None)
    if first is None:
        raise FileError("empty")
    line, cells = first
    header = tuple(cells[: _filled_width(cells)])
    if len(header) > MAX_COLUMNS:
        raise FileError("too_many_columns", line)
    return FileTable(path, header, line, delimiter, encoding)


def _records(path: Path, encoding: str | None, delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield line and stripped cells of each row that has a filled cell."""
    records = _workbook_records(path) if delimiter is None else _text_records(path, encoding or "utf-8", delimiter)
    for line, cells in records:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield line, stripped


def _fitted(line: int, cells: list[str], width: int) -> FileRow:
    missing = width - len(cells)
    if missing >= 0:
        return FileRow(line, (*cells, *[""] * missing))
    return FileRow(line, tuple(cells[:width]), surplus=sum(1 for cell in cells[width:] if cell))


def _filled_width(cells: list[str]) -> int:
    empty_at_the_end = sum(1 for _ in takewhile(lambda cell: not cell, reversed(cells)))
    return len(cells) - empty_at_the_end


# Text


def _encoding(path: Path) -> str:
    """UTF-8 or UTF-16 by their mark, else UTF-8 when the whole file is, else cp1252, which Excel writes."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return encoding
        file.seek(0)
        for encoding in ("utf-8", "cp1252"):
            if _decodes(file, encoding):
                return encoding
    raise FileError("not_text")


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            if b"\x00" in block or (encoding == "cp1252" and _CONTROLS.search(block)):
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that stands most often in the header, outside quotes."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            header = _header_record(file)
    except UnicodeError as error:
        raise FileError("not_text") from error
    declared = _SEPARATOR_LINE.fullmatch(header)
    if declared is not None:
        return declared[1]
    outside_quotes = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=outside_quotes.count)


def _header_record(file: IO[str]) -> str:
    """Return the first line with text in it, and those after it while a quote is open."""
    record = ""
    while len(record) < _LONGEST_LINE and (line := file.readline(_LONGEST_LINE)):
        record += line
        if not record.strip():
            record = ""
        elif record.count('"') % 2 == 0:
            break
    return record


def _text_records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=encoding, newline="") as file:
        # Strict, or a quote that is never closed would swallow the rest of the file as one cell.
        reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if not (line == 1 and _declares_separator(cells, delimiter)):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            too_long = "field limit" in str(error)
            raise FileError("cell_too_long" if too_long else "broken_quotes", line) from error
        except UnicodeError as error:
            raise FileError("not_text", line) from error


def _lines(file: IO[str]) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), start=1):
        if len(line) == _LONGEST_LINE:
            raise FileError("line_too_long", number)
        if "\x00" in line:  # UTF-16 may hold them, a database may not
            raise FileError("not_text", number)
        yield line


def _declares_separator(cells: list[str], delimiter: str) -> bool:
    return _SEPARATOR_LINE.fullmatch(delimiter.join(cells)) is not None


# Workbooks


def _refuse_bombs(path: Path) -> None:
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


def _workbook_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # with the first workbook: most processes read none, and it takes long to load

    row = None
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for row, values in enumerate(_values(book), start=1):
                yield row, [_as_text(value) for value in values]
    except FileError:
        raise
    # A workbook is a tree of XML parts, and each library underneath has its own way to say that one is wrong.
    except Exception as error:
        raise FileError("damaged_workbook", row) from error


def _values(book: "openpyxl.Workbook") -> Iterator[tuple[object, ...]]:
    sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), book.worksheets[0])
    # Some programs write a wrong extent into the sheet, behind which openpyxl would hide rows.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        # openpyxl fills gaps with empty rows, so one forged row number could keep it busy for years.
        if number > MAX_XLSX_ROWS:
            raise FileError("damaged_workbook", number)
        yield values


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
