"""Periods as files write them in one cell or line: ``2 - 8 March`` is none, ``2026-03-02 to 2026-03-08`` is. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from core.dates import DateError, DayOrder, parse_date

# What stands between two days; a hyphen with space around it, or between days without separators.
_BETWEEN = re.compile(
    r" +(?:to|until|through|till|au|bis|al|a|até|tot|t/m) +| *[–—~] *| +- +|(?<=[0-9]{8})-(?=[0-9]{8})", re.IGNORECASE
)


class DaySpan(NamedTuple):
    first: date
    last: date


def parse_period(text: str, order: DayOrder | None = None) -> DaySpan | None:
    """The period that a text names by two days; None when it names none, or one that can be read in two ways."""
    for match in _BETWEEN.finditer(text):
        days = list(_days((text[: match.start()], text[match.end() :]), order))
        if len(days) == 2 and days[0] <= days[1]:
            return DaySpan(*days)
    return None


def _days(texts: tuple[str, str], order: DayOrder | None) -> Iterator[date]:
    for text in texts:
        try:
            yield parse_date(text.strip(), order)
        except DateError:
            return
