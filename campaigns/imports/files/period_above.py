"""The period that the lines above a file's header name: that of the rows, where no column holds their days. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from core.dates import DateError, parse_date
from core.periods import Period, parse_period

_LABELLED = re.compile(
    r"(?:report |reporting )?(?P<end>start|begin|from|end|to|until)(?: date| time)? ?: ?(?P<day>.+)", re.IGNORECASE
)
_LAST = frozenset({"end", "to", "until"})


def period_above(lines: Sequence[Sequence[str]]) -> Period | None:
    """The one period that these lines name; None when they name none, or several.

    It is a line of its own (``March 1, 2026 - March 31, 2026``), or two that say which is which (``# Start date:``).
    """
    texts = [", ".join(cell for cell in cells if cell).lstrip("# ").rstrip(" ,;") for cells in lines]
    periods = {period for text in texts if (period := parse_period(_after_label(text)))}
    first, last = _labelled(texts, is_last=False), _labelled(texts, is_last=True)
    if len(first) == len(last) == 1 and min(first) <= min(last):
        periods.add(Period(first.pop(), last.pop()))
    return periods.pop() if len(periods) == 1 else None


def _after_label(text: str) -> str:
    """What stands behind `Date range:`."""
    label, colon, rest = text.partition(": ")
    return rest if colon and not any(map(str.isdigit, label)) else text


def _labelled(texts: Sequence[str], *, is_last: bool) -> set[date]:
    """The days that these lines call the first, or the last."""
    matches = [match for text in texts if (match := _LABELLED.fullmatch(text))]
    days = set()
    for match in matches:
        if (match["end"].casefold() in _LAST) is is_last:
            try:
                days.add(parse_date(match["day"].strip()))
            except DateError:
                continue
    return days
