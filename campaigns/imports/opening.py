"""A file opened for one kind of rows: the line that names its columns, and the sheets of a workbook that are read."""

import hashlib
from functools import cache
from pathlib import Path

from campaigns.imports.files.file_reader import FileTable, open_table
from campaigns.imports.files.header_search import LINES_LOOKED_AT, find_header
from campaigns.imports.files.headers import header_key
from campaigns.imports.files.workbook_reader import Sheet
from campaigns.imports.formats.known_formats import FILE_FORMATS
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.mapping.column_mapping import ALL_SHEETS, ColumnMapping

SHORTEST_CHECKSUM = 8


def open_for(path: Path, kind: str, mapping: ColumnMapping) -> FileTable:
    """Open a file as a person said, or else as its first lines show."""
    known = known_headers(kind) | {header_key(text) for text in mapping.columns.values() if text}
    table = open_table(path)
    if table.sheets:
        table = table.with_sheets(_sheets_to_read(table.sheets, known, mapping.options.get("sheets", "")))
    records = table.first_records(LINES_LOOKED_AT)
    if said := mapping.options.get("header_line"):
        return table.with_header(int(said))
    return table.with_header(records[find_header([cells for _line, cells in records], known)][0])


@cache
def known_headers(kind: str) -> frozenset[str]:
    """The keys of all headers that files of this kind may have."""
    texts = (
        text for known in FILE_FORMATS if known.kind == kind for headers in known.columns.values() for text in headers
    )
    return frozenset({header_key(text) for text in texts} | set(IMPORTERS[kind].fields))


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
    return tuple(header_key(cell) for cell in records[find_header(records, known)] if cell)


def checksum(path: Path) -> str:
    """The SHA-256 of a file: what was said of its lines is for this file alone."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
