"""Which backups are kept: the newest of each of the last days, weeks and months that have one. Pure.

Counted by backups and not by the calendar: where none is taken any more, or the clock is wrong, none goes.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime

DAYS, WEEKS, MONTHS = 7, 4, 12

PeriodOf = Callable[[datetime], Hashable]


def kept(taken: Iterable[datetime]) -> set[datetime]:
    newest_first = sorted(taken, reverse=True)
    return (
        _newest_of_each(_day, DAYS, newest_first)
        | _newest_of_each(_week, WEEKS, newest_first)
        | _newest_of_each(_month, MONTHS, newest_first)
    )


def _newest_of_each(period: PeriodOf, most: int, newest_first: Iterable[datetime]) -> set[datetime]:
    newest: dict[Hashable, datetime] = {}
    for at in newest_first:
        newest.setdefault(period(at), at)
    return set(list(newest.values())[:most])


def _day(at: datetime) -> Hashable:
    return at.astimezone(UTC).date()


def _week(at: datetime) -> Hashable:
    return at.astimezone(UTC).isocalendar()[:2]


def _month(at: datetime) -> Hashable:
    return at.astimezone(UTC).strftime("%Y-%m")
