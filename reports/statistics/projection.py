"""What work is still to bring: by month of the work, in all, and by calendar quarter.

All of it is what the posterior of the return predicts (Gelman et al., *Bayesian Data Analysis*, 3rd ed., 1.3): a delay
and a return are drawn from it, then the number of sales (negative binomial) and what they bring (a gamma sum). So what
is expected and what is judged can never disagree. The draws are the same each time: the same rows give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from reports.statistics.arrays import FloatArray, IntArray
from reports.statistics.delay import DelayGrid
from reports.statistics.inputs import WEEKS_A_MONTH
from reports.statistics.posterior import ReturnPosterior
from reports.statistics.results import Cohort, Quarter, Range
from reports.statistics.sale_value import SaleValue

# The bounds hold the truth with this probability.
LEVEL = 0.8
DRAWS = 1000
SEED = 20260101
# What comes after this share is not worth drawing, nor what lies further ahead than three years.
ALL_IN = 0.995
MOST_AHEAD = 39
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Prediction:
    """One platform's draws: places on the grid of delays and returns per 1; ``cost`` by week, up to now."""

    grid: DelayGrid
    value: SaleValue
    delay: IntArray
    returns: FloatArray
    cost: FloatArray
    share: FloatArray
    generator: np.random.Generator

    @classmethod
    def of(
        cls, posterior: ReturnPosterior, grid: DelayGrid, value: SaleValue, cost: FloatArray, share: FloatArray
    ) -> "Prediction":
        """``share`` is the expected p by week of age."""
        generator = np.random.Generator(np.random.PCG64(SEED))
        steps = (np.arange(DRAWS) + 0.5) / DRAWS
        component = np.minimum(np.searchsorted(np.cumsum(posterior.weight), steps), len(posterior.weight) - 1)
        returns = generator.gamma(posterior.shape[component]) / posterior.rate[component]
        return cls(grid, value, posterior.delay[component], returns, cost, share, generator)

    def to_come(self, weeks: slice, start: int, end: int | None) -> FloatArray:
        """Draw what the work of these weeks brings from ``start`` weeks after now to ``end``, None for ever after."""
        return self._sales(self.returns * self._part(weeks, start, end))

    def ahead(self, weeks: slice, months: int) -> FloatArray:
        """Draw what the work of these weeks brings in each of the coming months: shape (draws, months)."""
        edges = [WEEKS_A_MONTH * month for month in range(months + 1)]
        parts = [self._part(weeks, start, end) for start, end in pairwise(edges)]
        return self._sales(self.returns[:, None] * np.stack(parts, axis=1))

    def _part(self, weeks: slice, start: int, end: int | None) -> FloatArray:
        """The cost of which the returns fall due in that time, in each draw."""
        now = len(self.cost) - 1
        worked = np.arange(len(self.cost))[weeks]
        before = self._arrived(now - worked + start)
        after = 1.0 if end is None else self._arrived(now - worked + end)
        by_delay: FloatArray = (after - before) @ self.cost[weeks]
        part: FloatArray = by_delay[self.delay]
        return part

    def _arrived(self, age: IntArray) -> FloatArray:
        """P(in by the end of that week of age) for each delay of the grid."""
        table = self.grid.arrived[0]
        arrived: FloatArray = table[:, np.minimum(age + 1, table.shape[1] - 1)]
        return arrived

    def _sales(self, mean: FloatArray) -> FloatArray:
        """Draw sums of sales with these means."""
        expected = np.maximum(mean, 0.0) / self.value.mean
        extra = max(self.value.dispersion - 1, 1e-6)
        number = self.generator.poisson(self.generator.gamma(np.maximum(expected / extra, 1e-12)) * extra)
        shape = number / self.value.variation
        worth = self.generator.gamma(np.maximum(shape, 1e-12)) * self.value.mean * self.value.variation
        return np.where(number > 0, worth, 0.0)


def total(prediction: Prediction, returned: float) -> Range:
    """Return what all work so far will have brought in the end; ``returned`` is what it brought so far."""
    return _shifted(prediction.to_come(slice(None), 0, None), returned)


def quarters(prediction: Prediction, today: date) -> tuple[Quarter, ...]:
    """Return what is already in the pipe for the rest of this quarter and the next ones; ``today`` is a Sunday."""
    found, start, first = [], 0, today + timedelta(days=1)
    for _ in range(QUARTERS):
        last = _end_of_quarter(first)
        end = max(round((last - today).days / 7), start)
        amount = prediction.to_come(slice(None), start, end)
        found.append(Quarter(first_day=str(first), last_day=str(last), expected=_shifted(amount, 0.0)))
        start, first = end, last + timedelta(days=1)
    return tuple(found)


def _end_of_quarter(day: date) -> date:
    month = 3 * ((day.month - 1) // 3 + 1)
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def cohorts(
    weeks: Sequence[tuple[str, str]],
    course: FloatArray,
    cost: FloatArray,
    prediction: Prediction | None,
    *,
    target: float,
) -> tuple[Cohort, ...]:
    """Return the cohorts, oldest first; months without any cost or return are left out.

    ``course`` holds the cumulative cents by age, NaN where it lies in the future, ``cost`` the cents of each month. No
    prediction: only what came so far.
    """
    rows = [row for row in range(len(cost)) if cost[row] or np.nan_to_num(course[row]).any()]
    return tuple(_cohort(row, weeks[row], course, cost, prediction, target) for row in rows)


def _cohort(
    row: int,
    weeks: tuple[str, str],
    course: FloatArray,
    cost: FloatArray,
    prediction: Prediction | None,
    target: float,
) -> Cohort:
    age = len(cost) - 1 - row
    so_far = course[row, : age + 1]
    fan, expected = _ahead(age, float(so_far[-1]), prediction) if prediction else ((), None)
    means = [*so_far, *(each.value for each in fan)]
    return Cohort(
        first_week=weeks[0],
        last_week=weeks[1],
        age=age,
        cost_cents=round(float(cost[row]), 2),
        returned_cents=round(float(so_far[-1]), 2),
        expected=expected,
        is_refused=expected is None,
        breaks_even_at=_first_age(means, target * cost[row]) if cost[row] > 0 else None,
        course=tuple(round(float(cents), 2) for cents in so_far),
        fan=fan,
    )


def _ahead(age: int, returned: float, prediction: Prediction) -> tuple[tuple[Range, ...], Range]:
    """The fan, and the whole, of the month of work of that age."""
    end = len(prediction.cost) - WEEKS_A_MONTH * age
    weeks = slice(end - WEEKS_A_MONTH, end)
    months = min(max(_last_age(prediction.share) - age, 0), MOST_AHEAD)
    whole = _shifted(prediction.to_come(weeks, 0, None), returned)
    if not months:
        return (), whole
    return _ranges(np.cumsum(prediction.ahead(weeks, months), axis=1), returned), whole


def _last_age(share: FloatArray) -> int:
    """The first month of age at which all but nothing is in."""
    by_month = share[WEEKS_A_MONTH - 1 :: WEEKS_A_MONTH]
    return int(np.argmax(by_month >= ALL_IN)) if (by_month >= ALL_IN).any() else len(by_month) - 1


def _first_age(course: Sequence[float], needed: float) -> int | None:
    return next((age for age, cents in enumerate(course) if cents >= needed), None)


def _shifted(draws: FloatArray, returned: float) -> Range:
    [only] = _ranges(draws[:, None], returned)
    return only


def _ranges(draws: FloatArray, returned: float) -> tuple[Range, ...]:
    """The mean and the bounds of each column; where no sale is likely, they are widened to hold the mean."""
    means = draws.mean(axis=0)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    bounds = np.stack([means, np.minimum(means, low), np.maximum(means, high)], axis=1) + returned
    return tuple(Range(*(round(float(cents), 2) for cents in each)) for each in bounds)
