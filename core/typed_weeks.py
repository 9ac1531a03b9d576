"""Weeks as people type them: ``2026-W47``, ``W47``, ``47``, ``S47``, ``semaine 47``, or any day of the week. Pure."""

import re
from datetime import date

from core.dates import DateError, parse_date
from core.weeks import Week

LONGEST = 40
_MARK = r"(?:w|s|kw|week|wk|semaine|sem\.?)"
_YEAR_FIRST = re.compile(rf"(?P<year>[0-9]{{4}})[- ]?(?:{_MARK}[- ]?)?(?P<number>[0-9]{{1,2}})", re.IGNORECASE)
_YEAR_LAST = re.compile(rf"{_MARK}[- ]?(?P<number>[0-9]{{1,2}})[-/, ]+(?P<year>[0-9]{{4}})", re.IGNORECASE)
_NO_YEAR = re.compile(rf"(?:{_MARK}[- ]?)?(?P<number>[0-9]{{1,2}})", re.IGNORECASE)


class NoWeek(ValueError):
    """A text that is no week and no day."""


class NoSuchWeek(NoWeek):
    """A week that its year does not have; `year` is None where none was typed."""

    def __init__(self, number: int, year: int | None) -> None:
        super().__init__(f"there is no week {number} in {year or 'any year'}")
        self.number, self.year = number, year


def read_week(text: str, *, near: date) -> Week:
    """Return the week that a text means; raise NoWeek, or DateError("ambiguous_date") for ``02/03/2026``.

    Without a year it is the one that is nearest to `near`: ``W52`` in the first days of January is over.
    """
    tidied = text.strip()[:LONGEST]
    if written := _YEAR_FIRST.fullmatch(tidied) or _YEAR_LAST.fullmatch(tidied):
        year, number = int(written["year"]), int(written["number"])
        return _found(year, number) or _refuse(number, year)
    if written := _NO_YEAR.fullmatch(tidied):
        number = int(written["number"])
        return _nearest(number, near) or _refuse(number, None)
    try:
        return Week.containing(parse_date(tidied))
    except DateError as error:
        if error.code == "ambiguous_date":
            raise
        raise NoWeek(f"{tidied!r} is no week") from error


def _refuse(number: int, year: int | None) -> Week:
    raise NoSuchWeek(number, year)


def _found(year: int, number: int) -> Week | None:
    try:
        return Week(date.fromisocalendar(year, number, 1))
    except ValueError:
        return None


def _nearest(number: int, near: date) -> Week | None:
    middle = near.isocalendar().year
    weeks = [week for year in (middle + 1, middle, middle - 1) if (week := _found(year, number))]
    return min(weeks, key=lambda week: abs((week.days[3] - near).days), default=None)
