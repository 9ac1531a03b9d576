"""A file opened for one kind of rows: the line that names its columns, and the sheets of a workbook that are read."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

from campaigns.imports.files.file_reader import FileTable, open_table
from campaigns.imports.files.header_search import LINES_LOOKED_AT, find_header
from campaigns.imports.files.headers import header_key, header_name
from campaigns.imports.files.period_above import period_above
from campaigns.imports.files.unfolded_table import LOG_WORK, CountsTable, WorklogTable
from campaigns.imports.files.workbook_reader import Sheet
from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.known_formats import FILE_FORMATS, find_format, recognise
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.mapping.column_mapping import ALL_SHEETS, ColumnMapping
from core.dates import DateError, DayOrder, parse_date
from core.periods import DaySpan
from core.weeks import Week

SHORTEST_CHECKSUM = 8


def open_for(path: Path, kind: str, mapping: ColumnMapping) -> FileTable:
    """Open a file as a person said, or else as its first lines show."""
    return _unfolded(_with_header(path, kind, mapping), kind, mapping)


def _with_header(path: Path, kind: str, mapping: ColumnMapping) -> FileTable:
    known = known_headers(kind) | {header_name(text) for text in mapping.columns.values() if text}
    table = open_table(path)
    if table.sheets:
        table = table.with_sheets(_sheets_to_read(table.sheets, known, mapping.options.get("sheets", "")))
    records = table.first_records(LINES_LOOKED_AT)
    if said := mapping.options.get("header_line"):
        return table.with_header(int(said))
    return table.with_header(records[find_header([cells for _line, cells in records], known)][0])


def format_of(table: FileTable, kind: str, source: str, mapping: ColumnMapping | None = None) -> FileFormat:
    """The format a person named, else the one the header shows, else Retour's own format, to be mapped by hand."""
    named = None if source == "auto" else find_format(source, kind)
    chosen = named or recognise(table.header, kind)
    if chosen is None or (chosen.is_guess and mapping and _is_mapped_by_hand(table, chosen, mapping)):
        chosen = find_format("generic", kind)
    assert chosen is not None  # every kind has a generic format
    if period := period_of_file(table, chosen):
        return chosen.assuming(fields_of(period, kind))
    period = period_of_rows(table, chosen)
    return chosen.assuming({"ends_on": str(period.last)}) if period else chosen


def _is_mapped_by_hand(table: FileTable, guess: FileFormat, mapping: ColumnMapping) -> bool:
    """Whether somebody named columns that would have been guessed: then nothing is guessed beside them.

    A list that was mapped before columns were guessed must not get an external id all of a sudden.
    """
    places = guess.locate(table.header)
    return any(
        name in places and header_key(text) == header_key(table.header[places[name]])
        for name, text in mapping.columns.items()
    )


def period_of_file(table: FileTable, file_format: FileFormat) -> DaySpan | None:
    """The period above the header, in a file that has it there and no column of days."""
    if not {"starts_on", "day", "week"}.isdisjoint(file_format.locate(table.header)):
        return None
    return _period_above(table, file_format)


def period_of_rows(table: FileTable, file_format: FileFormat) -> DaySpan | None:
    """The period above the header, where every row begins on its first day: they are not broken down by day."""
    places = file_format.locate(table.header)
    period = _period_above(table, file_format) if "starts_on" in places and "ends_on" not in places else None
    if period is None or period.first == period.last:
        return None
    return period if _all_begin(table, places["starts_on"], period) else None


def _all_begin(table: FileTable, place: int, period: DaySpan) -> bool:
    """Whether the only day that a column names is the first one of a period, in one order of day and month or other."""
    texts: set[str] = set()
    for row in table.rows():
        if any(map(str.isdigit, row.cells[place])):
            texts.add(row.cells[place])
        if len(texts) > 1:
            return False
    return any(_is_day(text, order, period.first) for text in texts for order in get_args(DayOrder))


def _is_day(text: str, order: DayOrder, day: date) -> bool:
    try:
        return parse_date(text, order) == day
    except DateError:
        return False


def _period_above(table: FileTable, file_format: FileFormat) -> DaySpan | None:
    if not file_format.has_period_above:
        return None
    first = table.first_records(LINES_LOOKED_AT)
    return period_above([cells for line, cells in first if line < table.header_line])


def fields_of(period: DaySpan, kind: str) -> Mapping[str, str]:
    """The fields that a period fills: what is counted by weeks takes one whole week."""
    if kind == "spend":
        return {"starts_on": str(period.first), "ends_on": str(period.last)}
    week = Week.containing(period.first)
    return {"week": str(week)} if (week.monday, week.sunday) == tuple(period) else {}


def _unfolded(table: FileTable, kind: str, mapping: ColumnMapping) -> FileTable:
    """The file with one entry or count in each row, where it holds several and no person named such a column."""
    said = {header_name(text) for text in mapping.columns.values()}
    if kind == "hours" and LOG_WORK not in said:
        return WorklogTable.of(table) or table
    for known in FILE_FORMATS:
        counts = {header_name(text) for headers in known.unfolds.values() for text in headers}
        if known.kind == kind and counts and said.isdisjoint(counts):
            unfolded = CountsTable.of(table, known.unfolds)
            if unfolded and known.fits(unfolded.header):
                return unfolded
    return table


@cache
def known_headers(kind: str) -> frozenset[str]:
    """The names of all headers that files of this kind may have; not those of a guess, which are words of cells too."""
    texts = (
        text
        for known in FILE_FORMATS
        if known.kind == kind and not known.is_guess
        for headers in (*known.columns.values(), *known.unfolds.values())
        for text in headers
    )
    return frozenset({header_name(text) for text in texts} | set(IMPORTERS[kind].fields))


def _sheets_to_read(sheets: tuple[Sheet, ...], known: frozenset[str], said: str) -> tuple[str, ...]:
    """The names of the sheets that are read: those with the columns of the first that is a table."""
    alike = sheets_alike(sheets, known)
    if said.casefold() == ALL_SHEETS:
        return alike
    named = tuple(sheet.name for sheet in sheets if said and sheet.name.casefold() == said.casefold())
    return named or alike[:1]


def sheets_alike(sheets: tuple[Sheet, ...], known: frozenset[str]) -> tuple[str, ...]:
    """The visible sheets that have the same columns as the first one that looks like a table of the kind."""
    headers = {sheet.name: _header_of(sheet, known) for sheet in sheets if sheet.is_visible and sheet.records}
    if not headers:
        return tuple(sheet.name for sheet in sheets[:1])
    scores = {name: len(set(header) & known) for name, header in headers.items()}
    first = next(
        (name for name, score in scores.items() if score >= 2), max(headers, key=lambda name: len(headers[name]) > 1)
    )
    return tuple(name for name, header in headers.items() if header == headers[first])


def _header_of(sheet: Sheet, known: frozenset[str]) -> tuple[str, ...]:
    records = [cells for _line, cells in sheet.records]
    return tuple(header_name(cell) for cell in records[find_header(records, known)] if cell)


def checksum(path: Path) -> str:
    """The SHA-256 of a file: what was said of its lines is for this file alone."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
