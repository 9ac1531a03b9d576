"""Days and instants as files write them: ISO, ``26.01.2015``, ``dd/mm/yyyy``, ``mm/dd/yyyy``, on either clock. Pure.

``02/03/2026`` is never guessed: a value above 12 elsewhere in the column decides which number is the day, and when
there is none the column stays ambiguous and the person is asked.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

DayOrder = Literal["dmy", "mdy"]
Order = Literal["ymd", "dmy", "mdy", "ambiguous", "conflict"]
DateCode = Literal[
    "not_a_date",
    "not_a_time",
    "two_digit_year",
    "year_out_of_range",
    "no_such_day",
    "ambiguous_date",
    "not_in_order",
]

_YEARS = range(1900, 2200)
_LONGEST = 40
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_DATE = r"(?P<first>[0-9]{1,4})(?P<mark>[-/.])(?P<second>[0-9]{1,2})(?P=mark)(?P<third>[0-9]{1,4})"
_MOMENT = re.compile(rf"{_DATE}(?:(?:,? +|T)(?P<time>.+))?", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
    r"(?: ?(?P<half>[ap])\.? ?m\.?)?"
    r"(?: ?(?P<offset>Z|UTC|[-+][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)


class DateError(ValueError):
    """A text that is no day or instant, or one that may be read in two ways."""

    def __init__(self, code: DateCode) -> None:
        super().__init__(code)
        self.code: DateCode = code


class DateColumn:
    """Collects what the values of one column say about the order of day and month."""

    def __init__(self) -> None:
        self._evidence: set[DayOrder] = set()
        self._has_open = False
        self._has_dotted = False

    def add(self, text: str) -> None:
        """Take one value into account, with or without a time; what is no date says nothing."""
        match = _MOMENT.fullmatch(_tidied(text))
        if match is None or len(match["first"]) > 2:
            return
        first, second = int(match["first"]), int(match["second"])
        if match["mark"] == ".":
            self._has_dotted = True
        elif first > 12 >= second:
            self._evidence.add("dmy")
        elif second > 12 >= first:
            self._evidence.add("mdy")
        # The third of March is the same either way.
        elif first != second:
            self._has_open = True

    @property
    def order(self) -> Order:
        """``ymd`` when no value depends on the order, ``conflict`` when some are day first and others month first."""
        if len(self._evidence) == 2:
            return "conflict"
        if self._evidence:
            return next(iter(self._evidence))
        if self._has_open:
            return "ambiguous"
        return "dmy" if self._has_dotted else "ymd"

    @property
    def day_order(self) -> DayOrder | None:
        """What to give to ``parse_date``; None when it must be asked or does not matter."""
        order = self.order
        return order if order in ("dmy", "mdy") else None

    @property
    def must_ask(self) -> bool:
        return self.order in ("ambiguous", "conflict")


def parse_date(text: str, order: DayOrder | None = None) -> date:
    """Return the day of a date, or of an instant, as written; raise DateError when it is none.

    ``order`` reads ``02/03/2026``; ISO dates and dotted ones (day first) do not need it.
    """
    return _date(_matched(text), order)


def parse_moment(text: str, order: DayOrder | None = None) -> datetime:
    """Return an instant, without a zone unless the text has one; a day alone is its midnight."""
    match = _matched(text)
    day = _date(match, order)
    return datetime.combine(day, parse_time(match["time"]) if match["time"] else time(0))


def parse_time(text: str) -> time:
    """Return a time of day, on a 12 or 24 hour clock; fractions of a second are dropped."""
    match = _TIME.fullmatch(_tidied(text))
    if match is None or (match["minute"] is None and match["half"] is None):
        raise DateError("not_a_time")
    try:
        return time(_hour(match), int(match["minute"] or 0), int(match["second"] or 0), tzinfo=_zone(match["offset"]))
    except ValueError as error:
        raise DateError("not_a_time") from error


def serial_day(text: str) -> date | None:
    """The day that a spreadsheet means by a bare number, 1954 to 2119; None for any other text."""
    match = re.fullmatch(r"([2-7][0-9]{4})(?:\.[0-9]+)?", text.strip())
    return date(1899, 12, 30) + timedelta(days=int(match[1])) if match else None


def _tidied(text: str) -> str:
    written = text.strip()
    return written.translate(_SPACES) if len(written) <= _LONGEST else ""


def _matched(text: str) -> re.Match[str]:
    match = _MOMENT.fullmatch(_tidied(text))
    if match is None:
        raise DateError("not_a_date")
    return match


def _date(match: re.Match[str], order: DayOrder | None) -> date:
    first, second, third = (match[name] for name in ("first", "second", "third"))
    if len(first) == 4 and len(third) <= 2:
        return _checked(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        raise DateError("not_a_date")
    if len(third) == 2:
        raise DateError("two_digit_year")
    day, month = _day_and_month(int(first), int(second), "dmy" if match["mark"] == "." else order)
    return _checked(int(third), month, day)


def _day_and_month(first: int, second: int, order: DayOrder | None) -> tuple[int, int]:
    if order is None and first != second and max(first, second) <= 12:
        raise DateError("ambiguous_date")
    day, month = (second, first) if order == "mdy" or (order is None and second > 12) else (first, second)
    # The two are swapped in this one value: the day would exist the other way round.
    if month > 12 >= day:
        raise DateError("not_in_order")
    return day, month


def _checked(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise DateError("year_out_of_range")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise DateError("no_such_day") from error


def _hour(match: re.Match[str]) -> int:
    hour, half = int(match["hour"]), match["half"]
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise DateError("not_a_time")
    return hour % 12 + (12 if half in "pP" else 0)


def _zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59:
        raise DateError("not_a_time")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)
