"""What one evaluation is computed from: the rows of the database as arrays, in months of four weeks, oldest first.

P platforms, M months. Amounts are in cents; money is margin, that is revenue credited x gross margin. Only work of
campaigns that reach new customers is in it, and only what was known at the end of the evaluated week.
"""

from dataclasses import dataclass, replace

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, IntArray, floats
from reports.statistics.chain_ladder import Triangle
from reports.statistics.data_driven_attribution import ChannelPath


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
    """Sales and refunds, one value per row: which sale it is or undoes, the month it is dated in, its margin."""

    sale: IntArray
    month: IntArray
    cents: FloatArray

    def until(self, months: int) -> "Sold":
        known = self.month < months
        return Sold(sale=self.sale[known], month=self.month[known], cents=self.cents[known])

    def net(self) -> tuple[FloatArray, IntArray]:
        """Return what each sale is worth less its refunds, where that is more than nothing, and its month."""
        sales = int(self.sale.max()) + 1 if len(self.sale) else 0
        worth = floats(np.bincount(self.sale, self.cents, sales))
        month = np.full(sales, np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(month, self.sale, self.month)
        return worth[worth > 0], month[worth > 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationInputs:
    """All of it. ``weeks`` names the first and the last week of each month, ``platforms`` the rows.

    ``cost`` has shape (P, M). ``money`` holds for each attribution model what came at each age of each cohort: shape
    (P, M, M), only work from a platform's first cost on, so that what came of work before anybody logged hours does not
    make it look good. ``history`` is the same under the agency's model (``model``) with that older work: how long
    returns take does not depend on hours. ``sales`` are the sales in ``history``, fractions of them credited.
    """

    platforms: tuple[int, ...]
    weeks: tuple[tuple[str, str], ...]
    model: str
    cost: FloatArray
    money: dict[str, FloatArray]
    history: FloatArray
    sales: FloatArray
    sold: Sold
    weekly: Weekly
    paths: tuple[ChannelPath, ...]

    @property
    def months(self) -> int:
        return len(self.weeks)

    def month_ago(self) -> "EvaluationInputs":
        """What was known four weeks earlier of cost, money and sales: those are all that a state looks back on."""
        left = self.months - 1
        return replace(
            self,
            weeks=self.weeks[:left],
            cost=self.cost[:, :left],
            money={model: _known(cells, left) for model, cells in self.money.items()},
            history=_known(self.history, left),
            sales=_known(self.sales, left),
            sold=self.sold.until(left),
        )

    def triangle(self, platform: int | None = None) -> Triangle:
        """The returns of the platform in this row, None for all together, from the first work that brought any.

        Older months that brought nothing say nothing of the pace of returns: no factor changes without them, and with
        them there is none for the last ages, which nobody else has reached.
        """
        history = self.history.sum(axis=0) if platform is None else self.history[platform]
        start = first_of(history)
        cells = history[start:, : self.months - start]
        known = known_cells(len(cells))
        names = tuple(first for first, _ in self.weeks[start:])
        return Triangle(np.where(known, np.cumsum(cells, axis=1), np.nan), names)

    def counted(self, platform: int | None = None) -> float:
        """How many sales stand behind that triangle."""
        return float((self.sales if platform is None else self.sales[platform]).sum())


def first_of(money: FloatArray) -> int:
    """The first month whose work brought anything; the last month when none did."""
    brought_any = (money != 0).any(axis=1)
    return int(np.argmax(brought_any)) if brought_any.any() else len(brought_any) - 1


def known_cells(months: int) -> BoolArray:
    """Which cells (cohort, age) lie in the past: the upper left triangle."""
    numbers = np.arange(months)
    return np.less(np.add.outer(numbers, numbers), months)


def _known(cells: FloatArray, months: int) -> FloatArray:
    return np.where(known_cells(months), cells[..., :months, :months], 0.0)
