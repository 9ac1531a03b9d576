"""How much of each thing a size holds."""

from dataclasses import dataclass
from datetime import date, timedelta

UNITS = {"k": 1_000, "m": 1_000_000}
ENTRIES_A_PERSON = 5_000  # about: four rows on five days of 260 weeks, less the weeks away


@dataclass(frozen=True)
class Proportions:
    """Of 10 million hours: 2,000 people, 300,000 leads, 900,000 touchpoints, 56,000 sales; of others as much less.

    Platforms, campaigns and weeks are the same for every size, so that what grows is what a cell holds.
    """

    size: str
    people: int
    platforms: int = 12
    campaigns: int = 200
    weeks: int = 260

    @classmethod
    def of(cls, size: str) -> "Proportions":
        """Read a size such as 100k or 10m; ValueError when it is none."""
        number, unit = size[:-1], size[-1:].lower()
        if unit not in UNITS or not number.isdecimal() or not int(number):
            raise ValueError(f"{size!r} is no size. Write 100k, 1m or 10m.")
        return cls(size.lower(), people=max(1, int(number) * UNITS[unit] // ENTRIES_A_PERSON))

    @property
    def leads(self) -> int:
        return self.people * 150

    @property
    def sales(self) -> int:
        return self.people * 28

    @property
    def spends(self) -> int:
        return self.platforms * (self.weeks // 5)

    @property
    def imported_weeks(self) -> int:
        """How many weeks before the first an import brings: a tenth of all hours, a million of ten."""
        return self.weeks // 10


@dataclass(frozen=True)
class Calendar:
    """The weeks of a size: `last` is the Monday of the last one."""

    last: date
    weeks: int

    def monday(self, number: int) -> date:
        """Of the week with this number, 0 for the first; those of an import have numbers below 0."""
        return self.last - timedelta(weeks=self.weeks - 1 - number)

    @property
    def first(self) -> date:
        return self.monday(0)
