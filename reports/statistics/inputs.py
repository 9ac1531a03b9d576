"""What one evaluation is computed from: the rows of the database as arrays, oldest first.

P platforms, W weeks, M months of four weeks, M = W / 4. Amounts are in cents; money is margin, that is revenue credited
x gross margin. Only work of campaigns that reach new customers is in it, and only what was known at the end of the
evaluated week.
"""

from dataclasses import dataclass, replace

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, IntArray, floats
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.delay import Delays

WEEKS_A_MONTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Single weeks, oldest first, each array of shape (P, weeks).

    ``cost`` and ``labour`` are in cents, ``rated_hours`` those of the hours that have a rate, ``leads`` credited by the
    week of the work under the agency's attribution model.
    """

    hours: FloatArray
    rated_hours: FloatArray
    labour: FloatArray
    cost: FloatArray
    leads: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """Sales and refunds, one value per row: which sale it is or undoes, the week it is dated in, its margin.

    A week before the oldest has a number below 0.
    """

    sale: IntArray
    week: IntArray
    cents: FloatArray

    def until(self, week: int) -> "Sold":
        known = self.week <= week
        return Sold(sale=self.sale[known], week=self.week[known], cents=self.cents[known])

    def net(self) -> tuple[FloatArray, IntArray]:
        """Return what each sale is worth less its refunds, where that is more than nothing, and its week."""
        sales = int(self.sale.max()) + 1 if len(self.sale) else 0
        worth = floats(np.bincount(self.sale, self.cents, sales))
        week = np.full(sales, np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(week, self.sale, self.week)
        return worth[worth > 0], week[worth > 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationInputs:
    """All of it. ``weeks`` names the first and the last week of each month, ``platforms`` the rows.

    ``cost`` has shape (P, W). ``returned`` holds for each attribution model what came in each week: shape (P, W), only
    for work from a platform's first cost on, so that what came of work before anybody logged hours does not make it
    look good. ``course`` is the same under the agency's model (``model``), by month of the work and age: shape
    (P, M, M). ``delays`` are those of all credited sales, older work included: how long returns take does not depend on
    hours. ``recorded`` are the weeks in which all sales were recorded, as half-open ranges; none while nobody said so
    and no sale is known.
    """

    platforms: tuple[int, ...]
    weeks: tuple[tuple[str, str], ...]
    model: str
    cost: FloatArray
    returned: dict[str, FloatArray]
    course: FloatArray
    delays: Delays
    recorded: tuple[tuple[int, int], ...]
    sold: Sold
    weekly: Weekly
    paths: tuple[ChannelPath, ...]

    @property
    def months(self) -> int:
        return len(self.weeks)

    @property
    def now(self) -> int:
        """The number of the evaluated week."""
        return WEEKS_A_MONTH * self.months - 1

    def month_ago(self) -> "EvaluationInputs":
        """What was known four weeks earlier of cost, money and sales: those are all that a state looks back on."""
        left, until = self.months - 1, self.now - WEEKS_A_MONTH
        return replace(
            self,
            weeks=self.weeks[:left],
            cost=self.cost[:, : until + 1],
            returned={model: came[:, : until + 1] for model, came in self.returned.items()},
            course=_known(self.course, left),
            sold=self.sold.until(until),
        )

    def by_month(self, weekly: FloatArray) -> FloatArray:
        """Sum the last axis over the weeks of each month."""
        result: FloatArray = weekly.reshape(*weekly.shape[:-1], -1, WEEKS_A_MONTH).sum(axis=-1)
        return result


def known_cells(months: int) -> BoolArray:
    """Which cells (cohort, age) lie in the past: the upper left triangle."""
    numbers = np.arange(months)
    return np.less(np.add.outer(numbers, numbers), months)


def _known(cells: FloatArray, months: int) -> FloatArray:
    return np.where(known_cells(months), cells[..., :months, :months], 0.0)
