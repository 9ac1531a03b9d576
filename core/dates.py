"""Days and instants as files write them: ISO, ``26.01.2015``, ``dd/mm/yyyy``, ``2 mars 2026``, on either clock. Pure.

``02/03/2026`` is never guessed: a value above 12 elsewhere in the column decides which number is the day, and when
there is none the column stays ambiguous and the person is asked. So they are about ``02/03/26``.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from core.invisible import without_invisible
from core.month_names import as_iso

DayOrder = Literal["dmy", "mdy", "ymd"]
Order = Literal["ymd", "dmy", "mdy", "ambiguous", "conflict"]
DateCode = Literal[
    "not_a_date",
    "a_period",
    "not_a_time",
    "two_digit_year",
    "year_out_of_range",
    "no_such_day",
    "ambiguous_date",
    "not_in_order",
]

_YEARS = range(1900, 2200)
# A year of two digits from here on is of the last century.
_LAST_CENTURY = 70
_LONGEST = 80
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_DATE = r"(?P<first>[0-9]{1,4})(?P<mark>[-/.])(?P<second>[0-9]{1,2})(?P=mark)(?P<third>[0-9]{1,4})"
_MOMENT = re.compile(rf"{_DATE}(?:(?:,? +|T)(?P<time>.+))?", re.IGNORECASE)
# A second day after the first: 2026-03-02 to 2026-03-06.
_SECOND_DATE = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,4})?(?![0-9:])"
    r"|[0-9] [^\W\d_]{3,} [0-9]{4}|[^\W\d_]{3,}\.? [0-9]{1,2},? [0-9]{4}"
)
# Zones that RFC 2822 gives an offset to, in hours.
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:(?::| ?h ?)(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
    r"(?: ?(?P<half>[ap])\.? ?m\.?| Uhr)?"
    rf"(?: ?(?P<offset>Z|(?:UTC|GMT|UT)?[-+][0-9]{{2}}(?::?[0-9]{{2}})?|UTC|GMT|UT|{'|'.join(_ZONES)})"
    r"(?: ?\([^()]*\))?)?",
    re.IGNORECASE,
)


class DateError(ValueError):
    """A text that is no day or instant, or one that may be read in two ways."""

    def __init__(self, code: DateCode) -> None:
        super().__init__(code)
        self.code: DateCode = code


class DateColumn:
    """Collects what the values of one column say about the order of day and month, about years and about zones."""

    def __init__(self) -> None:
        self._evidence: set[DayOrder] = set()
        self._has_open = False
        self._has_dotted = False
        self._has_short_year = False
        self._has_zoned_time = False
        # What Excel leaves of a column whose order is not its own: it turns the days up to 12 around, into dates.
        self._swappable, self._as_written, self._others = 0, 0, 0

    def add(self, text: str) -> None:
        """Take one value into account, with or without a time; what is no date says nothing."""
        match = _match(text)
        if match is None:
            return
        self._note_zone(match["time"])
        if len(match["first"]) > 2:
            self._note_whole_date(match)
            return
        first, second = int(match["first"]), int(match["second"])
        if len(match["third"]) == 2:
            self._has_short_year = True
        elif match["mark"] == ".":
            self._has_dotted = True
        elif first > 12 >= second:
            self._evidence.add("dmy")
        elif second > 12 >= first:
            self._evidence.add("mdy")
        # The third of March is the same either way.
        elif first != second:
            self._has_open = True
        self._note_written(match, is_late=max(first, second) > 12)

    def _note_zone(self, written: str | None) -> None:
        if not self._has_zoned_time and written and (clock := _TIME.fullmatch(written)) and clock["offset"]:
            self._has_zoned_time = clock["half"] is not None or bool(
                re.search("[1-9]", written[: clock.start("offset")])
            )

    def _note_whole_date(self, match: re.Match[str]) -> None:
        if int(match["third"] or 0) > 12:
            self._others += 1
        else:
            self._swappable += 1

    def _note_written(self, match: re.Match[str], *, is_late: bool) -> None:
        if is_late and (match["second"].startswith("0") or match["first"].startswith("0")):
            self._as_written += 1
        elif is_late or "0" in (match["first"][0], match["second"][0]):
            self._others += 1
        else:
            self._swappable += 1

    @property
    def looks_half_swapped(self) -> bool:
        """Whether every day up to 12 is written in another way than those above, as Excel leaves them.

        It reads ``02/03/2026`` as its own order and ``26/03/2026`` as a text: some days are turned around, others not.
        """
        return bool(self._swappable and self._as_written) and not self._others

    @property
    def has_short_years(self) -> bool:
        return self._has_short_year

    @property
    def holds_instants(self) -> bool:
        """Whether a time with a zone stands in it that is not midnight: then its days depend on where one is."""
        return self._has_zoned_time

    @property
    def order(self) -> Order:
        """``ymd`` when no value depends on the order, ``conflict`` when some are day first and others month first."""
        if len(self._evidence) == 2:
            return "conflict"
        if self._has_short_year:
            return "ambiguous"
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


@lru_cache(maxsize=1000)  # rows of a file are of few days; what is no date is not kept
def parse_date(
    text: str, order: DayOrder | None = None, *, zone: ZoneInfo | None = None, short_years: bool = False
) -> date:
    """Return the day of a date, or of an instant, as written; raise DateError when it is none.

    ``order`` reads ``02/03/2026``; ISO dates and dotted ones (day first) do not need it. With ``zone`` an instant that
    names its own zone is of the day that it is there. ``short_years`` reads ``02/03/26``, as a person said.
    """
    match = _matched(text)
    day = _date(match, order, short_years=short_years)
    if not match["time"]:
        return day
    try:
        clock = parse_time(match["time"])
    except DateError as error:
        raise DateError(_not_one_day(match)) from error
    return datetime.combine(day, clock).astimezone(zone).date() if zone and clock.tzinfo else day


def parse_moment(text: str, order: DayOrder | None = None, *, short_years: bool = False) -> datetime:
    """Return an instant, without a zone unless the text has one; a day alone is its midnight."""
    match = _matched(text)
    day = _date(match, order, short_years=short_years)
    try:
        return datetime.combine(day, parse_time(match["time"]) if match["time"] else time(0))
    except DateError as error:
        raise DateError("a_period" if _not_one_day(match) == "a_period" else "not_a_time") from error


def _not_one_day(match: re.Match[str]) -> DateCode:
    """What is wrong with a day that something follows which is no time."""
    return "a_period" if _SECOND_DATE.search(match["time"]) else "not_a_date"


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
    written = without_invisible(text).strip()
    return written.translate(_SPACES) if len(written) <= _LONGEST else ""


def _match(text: str) -> re.Match[str] | None:
    """The parts of a date in numbers; names of months and dates without separators are put into numbers first."""
    written = _tidied(text)
    return _MOMENT.fullmatch(written) or _MOMENT.fullmatch(as_iso(written))


def _matched(text: str) -> re.Match[str]:
    match = _match(text)
    if match is None:
        raise DateError("not_a_date")
    return match


def _date(match: re.Match[str], order: DayOrder | None, *, short_years: bool) -> date:
    first, second, third = (match[name] for name in ("first", "second", "third"))
    if len(first) == 4 and len(third) <= 2:
        return _checked(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        raise DateError("not_a_date")
    if len(third) == 2:
        return _short_date(int(first), int(second), int(third), order if short_years else None)
    if order == "ymd":
        order = None
    day, month = _day_and_month(int(first), int(second), "dmy" if match["mark"] == "." else order)
    return _checked(int(third), month, day)


def _short_date(first: int, second: int, third: int, order: DayOrder | None) -> date:
    """A date with a year of two digits, in the order that a person said: it tells nothing by itself."""
    if order is None:
        raise DateError("two_digit_year")
    year, month, day = {
        "dmy": (third, second, first),
        "mdy": (third, first, second),
        "ymd": (first, second, third),
    }[order]
    if month > 12 >= day and order != "ymd":
        raise DateError("not_in_order")
    return _checked(year + (1900 if year >= _LAST_CENTURY else 2000), month, day)


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
    if offset.upper() in _ZONES:
        return timezone(timedelta(hours=_ZONES[offset.upper()]))
    offset = offset.lstrip("UTCGMutcgm")
    if not offset or offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if minutes > 59:
        raise DateError("not_a_time")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)
