"""The dashboard's table as plain columns, for a spreadsheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from reports.pages.dashboard_columns import FILE_COLUMNS, file_values
from reports.pages.platform_rows import PlatformRow, PlatformRows

HEADER = ("row", "name", "state", *(column.name for column in FILE_COLUMNS))


def table_rows(lines: PlatformRows) -> Iterator[Sequence[Any]]:
    """The lines as the page shows them; General presence is told as a part of the total, not added to it.

    A platform's line holds its work for new customers; the rest is in *Keeping and serving* (docs/adr/0025).
    """
    for line in lines.platforms:
        yield _row("platform", line, line.state)
    yield _row("unattributed", lines.unattributed)
    yield _row("keeping", lines.keeping)
    yield _row("total", lines.total, name="Total")
    yield _row("of which", lines.general, name="General presence")


def _row(kind: str, line: PlatformRow, state: str = "", name: str = "") -> Sequence[Any]:
    return (kind, name or line.label, state, *file_values(line).values())
