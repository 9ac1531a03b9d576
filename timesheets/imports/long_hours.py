"""Entries over midnight and longer than anybody works, and days that have more than 24 hours. Asks no database."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

from timesheets.imports.cells import CellKey, ImportedCell

SECONDS_IN_A_DAY = 24 * 60 * 60
# A night shift is worked; a timer that ran longer was forgotten.
LONGEST_UNASKED = 16 * 60 * 60


@dataclass(frozen=True)
class DayPart:
    """What of an entry falls on one day; ``start`` in seconds of the day."""

    day: date
    start: int
    seconds: int


def split_at_midnight(day: date, start: int, seconds: int) -> list[DayPart]:
    """The parts of an entry, day by day."""
    parts = []
    while seconds > 0:
        of_day = min(seconds, SECONDS_IN_A_DAY - max(start, 0))
        parts.append(DayPart(day, start, of_day))
        day, start, seconds = day + timedelta(days=1), 0, seconds - of_day
    return parts


def is_too_long(start: int, seconds: int) -> bool:
    """Whether an entry must be asked about: it has a clock, or is longer than a day."""
    return seconds > (LONGEST_UNASKED if start >= 0 else SECONDS_IN_A_DAY)


@dataclass(frozen=True)
class LongDay:
    """A day of one person with more than 24 hours in the file: its first line, and the seconds that were taken off."""

    line: int
    seconds_off: int = 0


def shorten_long_days(cells: dict[CellKey, ImportedCell], said: str) -> list[LongDay]:
    """Do with days of more than 24 hours what a person said: cut, leave_out, or nothing; return those days."""
    by_day: dict[tuple[int, date], list[ImportedCell]] = defaultdict(list)
    for cell in cells.values():
        by_day[cell.key[:2]].append(cell)
    sums = {day: sum(logged.seconds for cell in of_day for logged in cell.logged) for day, of_day in by_day.items()}
    return [
        _shortened(cells, by_day[day], seconds, said) for day, seconds in sums.items() if seconds > SECONDS_IN_A_DAY
    ]


def _shortened(cells: dict[CellKey, ImportedCell], of_day: list[ImportedCell], seconds: int, said: str) -> LongDay:
    line = min(logged.line for cell in of_day for logged in cell.logged)
    if not said:
        return LongDay(line)
    _cut(of_day, SECONDS_IN_A_DAY if said == "cut" else 0)
    for cell in of_day:
        if not cell.logged:
            del cells[cell.key]
    return LongDay(line, seconds - (SECONDS_IN_A_DAY if said == "cut" else 0))


def _cut(of_day: list[ImportedCell], room: int) -> None:
    """Shorten what one person logged on one day, from its last line upwards."""
    in_order = sorted(((logged, cell) for cell in of_day for logged in cell.logged), key=lambda pair: pair[0].line)
    for cell in of_day:
        cell.logged.clear()
    for logged, cell in in_order:
        seconds = min(logged.seconds, room)
        room -= seconds
        if seconds:
            cell.logged.append(replace(logged, seconds=seconds))
