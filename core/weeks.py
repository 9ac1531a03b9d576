"""ISO weeks, Monday to Sunday, written ``2026-W47``. Pure: no Django, no clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_WRITTEN = re.compile(r"([0-9]{4})-W([0-9]{2})")
_SEVEN_DAYS = timedelta(days=7)


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """One ISO week, held by its Monday; weeks sort by time and can be dictionary keys."""

    monday: date

    def __post_init__(self) -> None:
        if self.monday.isoweekday() != 1:
            raise ValueError(f"{self.monday.isoformat()} is not a Monday")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-W47``; raise ValueError, with the reason, for anything else."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            # Cut and repr: the text may be huge or hold control characters and ends up in logs.
            raise ValueError(f"{text[:20]!r} is not a week like 2026-W47")
        year, number = int(written[1]), int(written[2])
        try:
            return cls(date.fromisocalendar(year, number, 1))
        except ValueError as error:
            raise ValueError(f"there is no week {number} in {year}") from error

    @classmethod
    def containing(cls, day: date) -> Self:
        """Return the week of ``day``. For a datetime, its own calendar date counts: localise it first."""
        year, number, _ = day.isocalendar()
        return cls(date.fromisocalendar(year, number, 1))

    @classmethod
    def range(cls, first: "Week", last: "Week") -> Iterator["Week"]:
        """Yield each week from ``first`` to ``last``, both included; nothing when they are reversed."""
        for step in range(first.weeks_until(last) + 1):
            yield first.plus(step)

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04d}-W{number:02d}"

    def plus(self, weeks: int) -> "Week":
        """Return the week ``weeks`` later (earlier when negative); OverflowError outside years 1 to 9999."""
        return Week(self.monday + weeks * _SEVEN_DAYS)

    def weeks_until(self, other: "Week") -> int:
        """Return how many weeks later ``other`` is: 0 for the same week, negative for an earlier one."""
        return (other.monday - self.monday).days // 7

    @property
    def next(self) -> "Week":
        return self.plus(1)

    @property
    def previous(self) -> "Week":
        return self.plus(-1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """The seven dates, Monday first."""
        return tuple(self.monday + timedelta(days=offset) for offset in range(7))
