"""Entries over midnight and longer than anybody works, and days that have more than 24 hours. Asks no database."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from core.weeks import Week
from timesheets.imports.cells import CellKey, ImportedCell, Logged, joined

SECONDS_IN_A_DAY = 24 * 60 * 60
# A night shift is worked; a timer that ran longer was forgotten.
LONGEST_UNASKED = 16 * 60 * 60
WORKING_DAYS, DAYS = 5, 7

LineOfDay = tuple[Logged, ImportedCell]


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
    """A day of one person with more than 24 hours in the file: its first line, its seconds, and those taken off."""

    line: int
    seconds: int
    seconds_off: int = 0

    @property
    def seconds_concerned(self) -> int:
        return self.seconds_off or self.seconds


def settle_long_days(cells: dict[CellKey, ImportedCell], said: str) -> list[LongDay]:
    """Do with days of more than 24 hours what a person said: cut, spread, leave_out, or nothing; return those days."""
    by_day: dict[tuple[int, date], list[ImportedCell]] = defaultdict(list)
    for cell in cells.values():
        by_day[cell.key[:2]].append(cell)
    sums = {day: sum(logged.seconds for cell in of_day for logged in cell.logged) for day, of_day in by_day.items()}
    long = {day: seconds for day, seconds in sums.items() if seconds > SECONDS_IN_A_DAY}
    if not said:
        return [LongDay(min(cell.line for cell in by_day[day]), seconds) for day, seconds in long.items()]
    # All are taken out before any is put back: what is spread may fall on another long day.
    taken = [(_taken_out(cells, by_day[day]), seconds) for day, seconds in long.items()]
    return [_settled(cells, in_order, seconds, said) for in_order, seconds in taken]


def _settled(cells: dict[CellKey, ImportedCell], in_order: Sequence[LineOfDay], seconds: int, said: str) -> LongDay:
    line = in_order[0][0].line
    if said == "spread":
        _spread(cells, in_order, seconds)
        return LongDay(line, seconds)
    room = SECONDS_IN_A_DAY if said == "cut" else 0
    for logged, cell, _number in _filled(in_order, [room]):
        _put(cells, cell, cell.key[1], logged)
    return LongDay(line, seconds, seconds - room)


def _taken_out(cells: dict[CellKey, ImportedCell], of_day: Sequence[ImportedCell]) -> list[LineOfDay]:
    """What one person logged on one day, line by line, out of its cells."""
    in_order = sorted(((logged, cell) for cell in of_day for logged in cell.logged), key=lambda pair: pair[0].line)
    for cell in of_day:
        cell.logged.clear()
        del cells[cell.key]
    return in_order


def _spread(cells: dict[CellKey, ImportedCell], in_order: Sequence[LineOfDay], seconds: int) -> None:
    """Put the lines of a day on the working days of its week, as much on each; the week's figures stay as they are.

    What is too much for five days goes over all seven; what is too much for a week stays too much for each day.
    """
    week = Week.containing(in_order[0][1].key[1])
    number = WORKING_DAYS if seconds <= WORKING_DAYS * SECONDS_IN_A_DAY else DAYS
    days = [week.monday + timedelta(days=day) for day in range(number)]
    # Whole minutes, or rounding each day would add some.
    marks = [seconds * day // number // 60 * 60 for day in range(number)] + [seconds]
    rooms = [end - start for start, end in pairwise(marks)]
    for logged, cell, place in _filled(in_order, rooms):
        _put(cells, cell, days[place], logged)


def _filled(in_order: Sequence[LineOfDay], rooms: Sequence[int]) -> Iterator[tuple[Logged, ImportedCell, int]]:
    """The lines as they fill rooms of these seconds one after another, with the room's number; the rest is dropped.

    A line that several rooms share has a part in each, with keys of its own from the second on.
    """
    place, left = 0, rooms[0]
    for logged, cell in in_order:
        waiting, part = logged.seconds, 0
        while waiting:
            while not left and place + 1 < len(rooms):
                place, left = place + 1, rooms[place + 1]
            if not left:
                return
            seconds = min(waiting, left)
            yield replace(logged, seconds=seconds, keys=logged.keys_of_part(part)), cell, place
            waiting, left, part = waiting - seconds, left - seconds, part + 1


def _put(cells: dict[CellKey, ImportedCell], cell: ImportedCell, day: date, logged: Logged) -> None:
    person, _day, platform, campaign = cell.key
    key = person, day, platform, campaign
    place = cells.setdefault(key, cell if cell.key == key else ImportedCell(key, cell.who))
    if place is not cell:
        place.note = joined(place.note, cell.note)
    place.logged.append(logged)
