"""What the agency's settings say about credit: how far back it reaches, and when a day and a week end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.models import Agency, Campaign
from reports.attribution.integer_columns import as_day
from reports.attribution.journeys import EPOCH, MICROSECOND, MICROSECONDS_A_DAY, IntArray


@dataclass(frozen=True)
class CreditRules:
    """Read once per recomputation. Of many days and instants, numbers of `integer_columns` stand for them."""

    agency: Agency
    general_id: int

    @classmethod
    def current(cls) -> "CreditRules":
        return cls(agency=Agency.current(), general_id=Campaign.objects.general().pk)

    @property
    def lookback(self) -> int:
        """In microseconds."""
        return self.agency.lookback_days * MICROSECONDS_A_DAY

    def end_of(self, day: date) -> datetime:
        """The last instant of a day in the agency's zone: a touch on the day of the sale came before it."""
        midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=self.agency.zone)
        return midnight.astimezone(UTC) - MICROSECOND

    def ends_of(self, days: IntArray) -> IntArray:
        distinct, which = np.unique(days, return_inverse=True)
        ends = [(self.end_of(as_day(day)) - EPOCH) // MICROSECOND for day in distinct.tolist()]
        return np.array(ends, dtype=np.int64)[which]

    def campaigns_of(self, platforms: IntArray, campaigns: IntArray) -> IntArray:
        """Work on a platform that names no campaign is general presence; without a platform it stays unknown."""
        return np.where((campaigns == 0) & (platforms != 0), self.general_id, campaigns)

    def weeks_of(self, instants: IntArray) -> IntArray:
        """The Mondays of the weeks, in the agency's zone, that hold these instants.

        No clock is changed twice within a day: where it is the same at both ends of a day, it was so all day.
        """
        distinct, which = np.unique(instants // MICROSECONDS_A_DAY, return_inverse=True)
        starts = distinct * MICROSECONDS_A_DAY
        first, last = self._offsets(starts), self._offsets(starts + MICROSECONDS_A_DAY - 1)
        offsets = first[which]
        changing = np.flatnonzero((first != last)[which])
        offsets[changing] = self._offsets(instants[changing])
        return mondays((instants + offsets) // MICROSECONDS_A_DAY)

    def _offsets(self, instants: IntArray) -> IntArray:
        zone = self.agency.zone
        return np.array([_offset(zone, instant) for instant in instants.tolist()], dtype=np.int64)


@lru_cache(maxsize=50_000)  # both ends of each day of sixty years
def _offset(zone: ZoneInfo, instant: int) -> int:
    """How far a clock is ahead of UTC."""
    offset = (EPOCH + instant * MICROSECOND).astimezone(zone).utcoffset()
    return cast(timedelta, offset) // MICROSECOND


def mondays(days: IntArray) -> IntArray:
    """The Mondays of the weeks of these days; the first day of 1970 was a Thursday."""
    return days - (days + 3) % 7
