"""The dashboard's table as plain columns, for a spreadsheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.money import to_decimal
from reports.figures.columns import COLUMNS, cells
from reports.pages.platform_rows import PlatformRow, PlatformRows

HEADER = ("row", "name", "state", *COLUMNS, "change_of_return")


def table_rows(lines: PlatformRows) -> Iterator[Sequence[Any]]:
    """The lines as the page shows them; General presence is told as a part of the total, not added to it."""
    for line in lines.platforms:
        yield _row("platform", line, line.state)
    yield _row("unattributed", lines.unattributed)
    yield _row("total", lines.total, name="Total")
    yield _row("of which", lines.general, name="General presence")


def _row(kind: str, line: PlatformRow, state: str = "", name: str = "") -> Sequence[Any]:
    change = None if line.change is None else to_decimal(line.change, 4)
    return (kind, name or line.label, state, *cells(line.figures, line.margin).values(), change)
