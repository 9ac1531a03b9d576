"""Tables on their way out, as CSV and XLSX, safe to open in a spreadsheet and exact to import again."""

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.lists import InvalidQuery

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
# Control characters that a workbook, which is XML, cannot hold.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


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


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a CSV, the first with a byte order mark, by which Excel knows that it is UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([_as_csv(cell) for cell in header])
    for row in rows:
        yield writer.writerow([_as_csv(cell) for cell in row])


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """A CSV that is sent row by row, so that its length does not matter; `name` is the file's."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_safe_name(name)}"'
    return response


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """A workbook of one sheet, written to disk row by row and sent from there."""
    import openpyxl  # with the first workbook: campaigns/imports/files/file_reader.py says why

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([_as_xlsx(cell) for cell in header])
    for row in rows:
        sheet.append([_as_xlsx(cell) for cell in row])
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


def _as_csv(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return escape_cell(cell) if isinstance(cell, str) else str(cell)


def _as_xlsx(cell: object) -> object:
    if isinstance(cell, datetime):
        # A workbook has no time zones: the instant is written with its own.
        return cell.isoformat(sep=" ", timespec="seconds") if cell.tzinfo else cell
    if isinstance(cell, str):
        return escape_cell(_NOT_XML.sub("", cell))
    return cell if cell is None or isinstance(cell, int | float | Decimal | date) else str(cell)


def _safe_name(name: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", name)
