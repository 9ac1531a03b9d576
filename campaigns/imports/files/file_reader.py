"""Open CSV and XLSX files that people bring as a stream of rows of text. Pure: no Django, no clock.

Memory stays bounded whatever the size of the file: nothing here holds more than one row and one block.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from pathlib import Path
from typing import IO

from campaigns.imports.files.file_errors import FileCode as FileCode
from campaigns.imports.files.file_errors import FileError
from campaigns.imports.files.record_spool import RecordSpool
from campaigns.imports.files.workbook_reader import (
    SHEET_STEP,
    Sheet,
    refuse_bombs,
    workbook_records,
    workbook_sheets,
)

MAX_COLUMNS = 500
# What Excel writes where it does not write UTF-8.
FALLBACK_ENCODING = "cp1252"

_LINES_LOOKED_AT = 60
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


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its first line in the file (its row number in a workbook) and one text per column.

    ``surplus`` counts filled cells beyond the last column: a sign of a separator within a value.
    """

    line: int
    cells: tuple[str, ...]
    surplus: int = 0


def line_label(line: int) -> str:
    """A line as people call it; of a second sheet of a workbook `2:15`."""
    sheet, row = divmod(line, SHEET_STEP)
    return f"{sheet + 1}:{row}" if sheet else str(row)


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
    sheets: tuple[Sheet, ...] = ()
    read_sheets: tuple[str, ...] = ()
    spool: RecordSpool = field(default_factory=RecordSpool, compare=False, repr=False)

    @property
    def is_workbook(self) -> bool:
        return self.delimiter is None

    def rows(self) -> Iterator[FileRow]:
        """Yield the rows under the header; raise FileError where the file turns out to be broken."""
        sheet, is_under_header = 0, True
        for line, cells in self._records():
            if line // SHEET_STEP != sheet:
                # Each further sheet begins with the same header, wherever it stands.
                sheet, is_under_header = line // SHEET_STEP, False
            if sheet and not is_under_header:
                is_under_header = _is_same(cells, self.header)
            elif line > self.header_line:
                yield _fitted(line, cells, len(self.header))

    def first_records(self, most: int) -> list[tuple[int, list[str]]]:
        """The line and cells of the first records that have any."""
        return list(islice(self._first_of_workbook() or self._records(), most))

    def lines(self) -> Iterator[str]:
        """The lines of a text, as they were decoded."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            yield from iter(lambda: file.readline(_LONGEST_LINE), "")

    def with_header(self, line: int) -> "FileTable":
        """The same file with its columns named in another line."""
        known = self._first_of_workbook()
        records = known if known and known[-1][0] >= line else self._records()
        found = next(((number, cells) for number, cells in records if number >= line), None)
        if found is None:
            raise FileError("empty")
        header = tuple(found[1][: _filled_width(found[1])])
        if len(header) > MAX_COLUMNS:
            raise FileError("too_many_columns", found[0])
        return replace(self, header=header, header_line=found[0])

    def with_sheets(self, names: Sequence[str]) -> "FileTable":
        """The same workbook with these of its sheets read."""
        return replace(self, read_sheets=tuple(names))

    def _first_of_workbook(self) -> Sequence[tuple[int, list[str]]]:
        """The first records of the first sheet that is read; none of a text."""
        return next((sheet.records for sheet in self.sheets if sheet.name in self.read_sheets), ())

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        def read() -> Iterator[tuple[int, list[str]]]:
            return _records(self.path, self.encoding, self.delimiter, self.read_sheets)

        return self.spool.records(self.read_sheets, read) if self.is_workbook else read()


def open_table(path: Path) -> FileTable:
    """Find out how the file is written and read its header; raise FileError when it is no table."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_OLD_EXCEL_MAGIC):
        raise FileError("old_excel")
    if start.startswith(_PDF_MAGIC):
        raise FileError("not_text")
    if start.startswith(_ZIP_MAGIC):
        refuse_bombs(path)
        return _with_header(path, encoding=None, delimiter=None)
    encoding = _encoding(path)
    return _with_header(path, encoding=encoding, delimiter=_delimiter(path, encoding))


def _with_header(path: Path, *, encoding: str | None, delimiter: str | None) -> FileTable:
    sheets = workbook_sheets(path) if delimiter is None else ()
    first_visible = next((sheet.name for sheet in sheets if sheet.is_visible), "")
    table = FileTable(path, (), 0, delimiter, encoding, sheets, (first_visible,) if first_visible else ())
    return table.with_header(0)


def _is_same(cells: Sequence[str], header: Sequence[str]) -> bool:
    return [cell.casefold() for cell in cells[: len(header)]] == [text.casefold() for text in header]


def _records(
    path: Path, encoding: str | None, delimiter: str | None, sheets: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield line and stripped cells of each row that has a filled cell."""
    is_workbook = delimiter is None
    records = (
        workbook_records(path, sheets) if is_workbook else _text_records(path, encoding or "utf-8", delimiter or ",")
    )
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
        for encoding in ("utf-8", FALLBACK_ENCODING):
            if _decodes(file, encoding):
                return encoding
    raise FileError("not_text")


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            if b"\x00" in block or (encoding == FALLBACK_ENCODING and _CONTROLS.search(block)):
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that stands most often in the first line, outside quotes; below a title, the one of most lines."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = _header_record(file)
            others = list(_lines_below(file))
    except UnicodeError as error:
        raise FileError("not_text") from error
    declared = _SEPARATOR_LINE.fullmatch(first)
    if declared is not None:
        return declared[1]
    counts = [{mark: _outside_quotes(line).count(mark) for mark in _DELIMITERS} for line in (first, *others)]
    usual = max(_DELIMITERS, key=counts[0].__getitem__)
    if not others or _usual_count(counts[1:], usual) == counts[0][usual] > 0:
        return usual
    return max(_DELIMITERS, key=lambda mark: _evidence(counts, mark))


def _lines_below(file: IO[str]) -> Iterator[str]:
    """The next lines with text in them, as far as they can be decoded: who reads the file says which line cannot."""
    for _number in range(_LINES_LOOKED_AT):
        try:
            line = file.readline(_LONGEST_LINE)
        except UnicodeError:
            return
        if line.strip():
            yield line


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _usual_count(counts: Sequence[Mapping[str, int]], mark: str) -> int:
    return Counter(count[mark] for count in counts).most_common(1)[0][0]


def _evidence(counts: Sequence[Mapping[str, int]], mark: str) -> int:
    """How many separators this mark would make in lines that all have the same number of them."""
    found = Counter(count[mark] for count in counts if count[mark])
    return max((number * lines for number, lines in found.items()), default=0)


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
