"""How big the demo agency is, when it is, and its dice."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from core.weeks import Week
from operations.demo.french import FRENCH

ZONE = ZoneInfo("Europe/Paris")
FULL_STAFF = 25
FEWEST_STAFF = 5
MOST_STAFF = 500
FEWEST_WEEKS = 20
MOST_WEEKS = 520
WINDOW_WEEKS = 13
PINTEREST_WEEKS = 9
FIRST_SALE_WEEKS = 5
# The agency tries out more and fewer hours on this platform, some weeks each, so that their worth can be told.
TRIED_OUT, TRIAL_WEEKS, TRIAL = "Facebook", 5, 0.4


@dataclass(frozen=True)
class Plan:
    """The size of the demo, in weeks and people, and its last complete week; the same plan gives the same rows.

    `today` bounds the hours of the week that follows `until`. In another `language` only the texts are others.
    """

    weeks: int
    staff: int
    seed: int
    until: Week
    today: date
    language: str = "en"

    @property
    def first(self) -> Week:
        return self.ago(self.weeks - 1)

    @property
    def size(self) -> float:
        """How big the agency is beside the one that the tables describe."""
        return self.staff / FULL_STAFF

    @property
    def judged_weeks(self) -> int:
        """How many weeks, before the last, have a window of their own with time for sales to begin."""
        return min(12, self.weeks - WINDOW_WEEKS - FIRST_SALE_WEEKS)

    def text(self, english: str) -> str:
        """A text of the tables in the language of the demo."""
        return FRENCH[english] if english and self.language == "fr" else english

    def ago(self, weeks: int) -> Week:
        """The week so many weeks before the last complete one."""
        return self.until.plus(-weeks)

    def along(self, part: float) -> Week:
        """The week at this part of the period: 0 for its first, 1 for its last."""
        return self.first.plus(round(part * (self.weeks - 1)))

    def starts_on(self, platform: str | None) -> date:
        """The first day on which the agency was on a platform."""
        return (self.ago(PINTEREST_WEEKS - 1) if platform == "Pinterest" else self.first).monday

    def effort(self, platform: str | None, week: Week) -> float:
        """Hours on the platform this week, in parts of the usual ones."""
        if platform != TRIED_OUT:
            return 1.0
        is_more = week.weeks_until(self.until) // TRIAL_WEEKS % 2
        return 1 + TRIAL if is_more else 1 - TRIAL

    def dice(self, topic: str) -> random.Random:
        """Dice of their own for each topic, so that a change of one kind of row leaves the others as they were."""
        return random.Random(f"{self.seed}/{topic}")  # noqa: S311 (an invented agency, not a secret)


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """An instant of the agency's day."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)
