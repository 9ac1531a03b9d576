"""What the rows of a drawn agency hold, as of any week: the arrays that the method works on.

As in the application, a sale of a week is made on its Friday, and a touchpoint on the Monday of its week.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

import numpy as np

from campaigns.attribution import DEFAULT_MODEL, MILLION, PATH_MODELS, Journey, JourneyTouch, eligible, share
from core.weeks import Week
from reports.statistics.arrays import BoolArray, FloatArray, IntArray, floats
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.delay import Delays
from reports.statistics.inputs import WEEKS_A_MONTH, EvaluationInputs, Sold, Weekly
from reports.statistics.simulation.worlds import COST_CENTS, RETURNS, DrawnAgency

FIRST = Week.parse("2024-W01")
FRIDAY = 4
PLATFORMS = len(RETURNS)
# The half-life of a touchpoint is this part of the lookback, where the settings name none.
HALF_LIFE_PART = 4
_DEFAULT = [model.name for model in PATH_MODELS].index(DEFAULT_MODEL)
START = datetime.combine(FIRST.monday, time(9), tzinfo=UTC)
_SOLD_AFTER = timedelta(days=FRIDAY, hours=10)


def touched_at(week: int) -> datetime:
    """When the touchpoints of this week are made."""
    return START + timedelta(weeks=week)


def sold_at(week: int) -> datetime:
    """When the sales of this week are made."""
    return touched_at(week) + _SOLD_AFTER


@dataclass(frozen=True)
class Credits:
    """One value for each touchpoint that is credited with a sale: ``share`` of it by model, shape (models, credits)."""

    sale: IntArray
    platform: IntArray
    worked: IntArray
    paid: IntArray
    share: FloatArray

    @property
    def default_share(self) -> FloatArray:
        """By the attribution model of the settings."""
        share: FloatArray = self.share[_DEFAULT]
        return share

    def until(self, week: int) -> "Credits":
        known = self.paid <= week
        return Credits(
            self.sale[known], self.platform[known], self.worked[known], self.paid[known], self.share[:, known]
        )


@dataclass(frozen=True)
class Records:
    """The rows of an agency; ``with_lost``: the sales that nobody recorded too."""

    agency: DrawnAgency
    with_lost: bool = False

    @property
    def _is_recorded(self) -> BoolArray:
        return self.agency.is_recorded | self.with_lost

    @cached_property
    def credits(self) -> Credits:
        """Those of all sales that were recorded, and that the lookback reaches from."""
        rows = [row for sale in np.flatnonzero(self._is_recorded) for row in self._credits_of(int(sale))]
        touch, *shares = np.array(rows, dtype=np.int64).reshape(-1, 1 + len(PATH_MODELS)).T
        agency, sale = self.agency, self.agency.sale[touch]
        return Credits(sale, agency.platform[touch], agency.worked[touch], agency.sold[sale], floats(shares) / MILLION)

    def _credits_of(self, sale: int) -> Iterator[tuple[int, ...]]:
        """Which touchpoint, and how many millionths of the sale it has by each model."""
        journey = self._journeys[sale]
        if journey:
            weighed = Journey(journey, journey[0].at, self.agency.world.lookback_days / HALF_LIFE_PART)
            shares = [share(MILLION, model.weights(weighed)) for model in PATH_MODELS]
            yield from ((touch.id, *parts) for touch, *parts in zip(journey, *shares, strict=True))

    @cached_property
    def _touches(self) -> list[list[JourneyTouch]]:
        """Those of each sale's lead, in order of time."""
        by_sale: list[list[JourneyTouch]] = [[] for _ in self.agency.sold]
        rows = zip(self.agency.sale, self.agency.platform, self.agency.worked, strict=True)
        for number, (sale, platform, week) in enumerate(rows):
            by_sale[sale].append(JourneyTouch(at=touched_at(int(week)), id=number, platform=int(platform)))
        return by_sale

    @cached_property
    def _journeys(self) -> list[list[JourneyTouch]]:
        """The touchpoints that count for each sale."""
        lookback = self.agency.world.lookback_days
        return [
            eligible(touches, conversion_at=sold_at(int(week)), lookback_days=lookback)
            for touches, week in zip(self._touches, self.agency.sold, strict=True)
        ]

    # -- as of a week -------------------------------------------------------------------------------------------------

    def until(self, week: int) -> EvaluationInputs:
        """What was known at the end of a week; the months are counted back from it."""
        months = max(2, week // WEEKS_A_MONTH + 1)
        weeks = WEEKS_A_MONTH * months
        start = weeks - 1 - week
        known, seen = self._known(week), self.credits.until(week)
        nothing = np.zeros((PLATFORMS, weeks))
        cost = nothing.copy()
        cost[:, start:] = COST_CENTS
        return EvaluationInputs(
            platforms=tuple(range(PLATFORMS)),
            weeks=_months(week, months),
            model=DEFAULT_MODEL,
            cost=cost,
            returned=self._returned(seen, start, weeks),
            course=self._course(seen, start, months),
            delays=Delays(seen.worked + start, seen.paid + start, seen.default_share),
            recorded=self._recorded(known, start, weeks),
            sold=Sold(
                sale=np.arange(int(known.sum())),
                week=self.agency.sold[known] + start,
                cents=floats(self.agency.cents[known]),
            ),
            weekly=Weekly(hours=nothing, rated_hours=nothing, labour=nothing, cost=nothing, leads=nothing),
            paths=self._paths(week),
        )

    def _known(self, week: int) -> BoolArray:
        known: BoolArray = self._is_recorded & (self.agency.sold <= week)
        return known

    def _returned(self, seen: Credits, start: int, weeks: int) -> dict[str, FloatArray]:
        cell, cents = seen.platform * weeks + seen.paid + start, self.agency.cents[seen.sale]
        return {
            model.name: floats(np.bincount(cell, cents * part, PLATFORMS * weeks)).reshape(PLATFORMS, weeks)
            for model, part in zip(PATH_MODELS, seen.share, strict=True)
        }

    def _course(self, seen: Credits, start: int, months: int) -> FloatArray:
        worked, paid = ((weeks + start) // WEEKS_A_MONTH for weeks in (seen.worked, seen.paid))
        course = np.zeros((PLATFORMS, months, months))
        np.add.at(course, (seen.platform, worked, paid - worked), self.agency.cents[seen.sale] * seen.default_share)
        return course

    def _recorded(self, known: BoolArray, start: int, weeks: int) -> tuple[tuple[int, int], ...]:
        first = int(self.agency.sold[known].min()) if known.any() else None
        told = [(begin + start, min(end + start, weeks)) for begin, end in self.agency.world.recorded(first)]
        return tuple((begin, end) for begin, end in told if begin < end)

    def _paths(self, week: int) -> tuple[ChannelPath, ...]:
        """The paths of all leads so far, won and not."""
        conversions: Counter[tuple[str, ...]] = Counter()
        nulls: Counter[tuple[str, ...]] = Counter()
        values: defaultdict[tuple[str, ...], int] = defaultdict(int)
        won = self._known(week)
        for sale in np.flatnonzero(self._first_touched <= week):
            steps = self._won_steps[sale] if won[sale] else self._steps_until(int(sale), week)
            if steps:
                (conversions if won[sale] else nulls)[steps] += 1
                values[steps] += int(self.agency.cents[sale]) if won[sale] else 0
        return tuple(
            ChannelPath(steps, conversions=conversions[steps], value=float(values[steps]), nulls=nulls[steps])
            for steps in sorted(values)
        )

    @cached_property
    def _first_touched(self) -> IntArray:
        return self.agency.worked[np.searchsorted(self.agency.sale, np.arange(len(self.agency.sold)))]

    @cached_property
    def _steps(self) -> list[tuple[str, ...]]:
        return [tuple(str(touch.platform) for touch in touches) for touches in self._touches]

    @cached_property
    def _won_steps(self) -> list[tuple[str, ...]]:
        return [tuple(str(touch.platform) for touch in journey) for journey in self._journeys]

    def _steps_until(self, sale: int, week: int) -> tuple[str, ...]:
        end = sold_at(week)
        if self._touches[sale][-1].at <= end:
            return self._steps[sale]
        return tuple(str(touch.platform) for touch in self._touches[sale] if touch.at <= end)


def _months(week: int, months: int) -> tuple[tuple[str, str], ...]:
    lasts = (FIRST.plus(week + WEEKS_A_MONTH * (month + 1 - months)) for month in range(months))
    return tuple((str(last.plus(1 - WEEKS_A_MONTH)), str(last)) for last in lasts)
