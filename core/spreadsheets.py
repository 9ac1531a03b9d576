"""Tables on their way out, as CSV and XLSX, safe to open in a spreadsheet and exact to import again.

Both are written for programs, neutral, or for a reader: in the words and with the numbers of their language.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import wraps
from itertools import chain, islice
from typing import Any

from babel.numbers import get_decimal_symbol
from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.list_words import no_choice
from core.lists import InvalidQuery
from core.money import current_locale

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
# Control characters that a workbook, which is XML, cannot hold.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# A workbook has one end of a line.
_LINE_END = re.compile(r"\r\n?")
# Excel opens no sheet with more.
ROWS_A_SHEET = 1_048_576
LINES_A_PART = 500


class TableFormat(StrEnum):
    """How a table is taken out: the file, and whether in the convention of the reader's language."""

    CSV = "csv"
    XLSX = "xlsx"
    READER_CSV = "reader-csv"
    READER_XLSX = "reader-xlsx"

    @classmethod
    def of(cls, query: QueryDict) -> "TableFormat":
        """The format that an address asks for; InvalidQuery for one that there is not."""
        wanted = query.get("format", cls.CSV)
        if wanted not in set(cls):
            raise InvalidQuery([no_choice(_("Format"), wanted)])
        return cls(wanted)

    @property
    def is_workbook(self) -> bool:
        return self in (self.XLSX, self.READER_XLSX)

    @property
    def is_for_readers(self) -> bool:
        return self in (self.READER_CSV, self.READER_XLSX)


@dataclass(frozen=True)
class CsvConvention:
    """What stands between the cells of a CSV, and the decimal sign of its numbers."""

    delimiter: str = ","
    decimal_sign: str = "."


NEUTRAL = CsvConvention()


def convention_of_reader() -> CsvConvention:
    """That of spreadsheets in the reader's language: beside a decimal comma, semicolons separate."""
    return CsvConvention(";", ",") if get_decimal_symbol(current_locale()) == "," else NEUTRAL


def escape_cell(value: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; a number stays as it is.

    Texts that already start like an escaped one get one more, so that `unescape_cell` is exact.
    """
    if _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def unescape_cell(value: str) -> str:
    """Take back the apostrophe of `escape_cell`."""
    return value[1:] if _ESCAPED.match(value) else value


def table_response(
    table_format: TableFormat, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """A table as a file in this format; `name` is the file's, without its ending."""
    if table_format.is_workbook:
        return xlsx_response(f"{name}.xlsx", header, rows)
    convention = convention_of_reader() if table_format.is_for_readers else NEUTRAL
    return csv_response(f"{name}.csv", header, rows, convention)


def csv_parts(
    header: Sequence[str], rows: Iterable[Sequence[object]], convention: CsvConvention = NEUTRAL
) -> Iterator[str]:
    """Yield a CSV, some hundred lines at a time. Excel knows by the byte order mark at its start that it is UTF-8.

    A part is what the server sends at once: line by line, a million of them would be as many packets.
    """
    part = io.StringIO()
    writer = csv.writer(part, delimiter=convention.delimiter)
    part.write("\ufeff")
    waiting = iter(rows)
    lines: list[Sequence[object]] = [header]
    while lines:
        writer.writerows([[_as_csv(cell, convention) for cell in line] for line in lines])
        yield part.getvalue()
        part.seek(0)
        part.truncate()
        lines = list(islice(waiting, LINES_A_PART))


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], convention: CsvConvention = NEUTRAL
) -> HttpResponseBase:
    """A CSV that is sent part by part, so that its length does not matter; `name` is the file's."""
    response = StreamingHttpResponse(csv_parts(header, rows, convention), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_safe_name(name)}"'
    return response


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """A workbook, written to disk row by row and sent from there; it has a further sheet where one is full."""
    import openpyxl  # with the first workbook: campaigns/imports/files/file_reader.py says why

    book = openpyxl.Workbook(write_only=True)
    waiting = iter(rows)
    first: list[Sequence[object]] = []
    while first or not book.worksheets:
        sheet = book.create_sheet()
        for row in chain([header], first, islice(waiting, ROWS_A_SHEET - 1 - len(first))):
            sheet.append([_as_xlsx(cell) for cell in row])
        first = list(islice(waiting, 1))
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_safe_name(name), content_type=XLSX_TYPE)


def or_the_page(name: str, *kept: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view of a file that leads to the page `name` when its address asks for what there cannot be.

    A file has no room for a sentence, so it is never of something else than was asked; the page shows the usual and
    says so. `kept` are the arguments of the address that are the page's too.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            try:
                return view(request, **arguments)
            except InvalidQuery:
                page = reverse(name, kwargs={argument: arguments[argument] for argument in kept})
                return redirect(f"{page}?{request.GET.urlencode()}")

        return answer

    return decorate


def _as_csv(cell: object, convention: CsvConvention) -> str:
    if isinstance(cell, str):  # most are
        return escape_cell(cell)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal | float):
        return str(cell).replace(".", convention.decimal_sign)
    return str(cell)


def _as_xlsx(cell: object) -> object:
    if isinstance(cell, datetime):
        # A workbook has no time zones: the instant is written with its own.
        return cell.isoformat(sep=" ", timespec="seconds") if cell.tzinfo else cell
    if isinstance(cell, str):
        # An empty cell is left out, which takes no time; in the file of leads most are.
        return escape_cell(_NOT_XML.sub("", _LINE_END.sub("\n", cell))) or None
    return cell if cell is None or isinstance(cell, int | float | Decimal | date) else str(cell)


def _safe_name(name: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", name)
