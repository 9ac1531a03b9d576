"""The period that the lines above a file's header name: that of the rows, where no column holds their days. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from core.dates import DateError, parse_date
from core.periods import DaySpan, parse_period

_FIRST = (
    "start|begin|from|date de début|début|startdatum|beginn|anfangsdatum|fecha de inicio|data di inizio|data de início"
    "|begindatum"
)
_LAST = (
    "end|to|until|date de fin|fin|enddatum|ende|fecha de finalización|fecha de fin|data di fine|data de término"
    "|data de fim|einddatum"
)
_LABELLED = re.compile(
    rf"(?:report(?:ing)? )?(?:(?P<first>{_FIRST})|(?P<last>{_LAST}))(?: date| time)?\s?: ?(?P<day>.+)", re.IGNORECASE
)
# Both may stand in one line.
_SECOND_LABEL = re.compile(rf",? +(?=(?:report(?:ing)? )?(?:{_LAST})(?: date)?\s?:)", re.IGNORECASE)


def period_above(lines: Sequence[Sequence[str]]) -> DaySpan | None:
    """The one period that these lines name; None when they name none, or several.

    It is a line of its own (``March 1, 2026 - March 31, 2026``), or two that say which is which (``# Start date:``).
    """
    written = (", ".join(cell for cell in cells if cell).lstrip("# ").rstrip(" ,;") for cells in lines)
    texts = [text for line in written for text in _SECOND_LABEL.split(line)]
    periods = {period for text in texts if (period := parse_period(_after_label(text)))}
    first, last = _labelled(texts, is_last=False), _labelled(texts, is_last=True)
    if len(first) == len(last) == 1 and min(first) <= min(last):
        periods.add(DaySpan(first.pop(), last.pop()))
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
        if bool(match["last"]) is is_last:
            try:
                days.add(parse_date(match["day"].strip()))
            except DateError:
                continue
    return days
