"""Worlds of agencies whose true returns are known, and what one of them goes through.

An agency works on six platforms for two years, a week of each costs the same. The number of sales that a week of work
brings is negative binomial with variance 1.3 x mean; each is worth a lognormal amount with a standard deviation as
large as its mean, and comes some time later. So many sales a month, of the mean value, would pay for a platform.

Weeks are numbered from 0, the first week of work. Months are those of the calendar.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, IntArray
from reports.statistics.delay import WEEKS_A_MONTH

WEEKS = 104
RETURNS = (0.0, 0.5, 0.75, 1.0, 1.5, 2.0)
COST_CENTS = 100_000
SALES_TO_BREAK_EVEN = (1.5, 5.0, 15.0)
DELAYS = (3, 5, 8)
# Squared coefficient of variation of what sales bring, variance over mean of their number, variation of the delay.
VALUE_VARIATION, DISPERSION, DELAY_VARIATION = 1.0, 1.3, 0.5
# How many leads met one, two and three platforms; the others within so many weeks of the work that sells.
TOUCHPOINTS = (0.5, 0.25, 0.25)
FURTHER_WEEKS = 8
LONG_LOOKBACK = 3650

Draw = Callable[[float, int, np.random.Generator], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """``delay`` is the true mean in months, ``setting`` what the agency says of it, as a multiple of the truth.

    ``lost`` are the weeks of which no sale was recorded, a half-open range; ``is_told`` says whether the settings tell.
    """

    name: str
    sales: float = 5.0
    delay: int = 8
    shape: str = "gamma"
    setting: float = 1.0
    lost: tuple[int, int] = (0, 0)
    is_told: bool = True
    has_many_touchpoints: bool = False
    lookback_days: int = LONG_LOOKBACK

    @property
    def usual_sale(self) -> float:
        """What a sale brings on average, in cents."""
        return float(round(COST_CENTS * WEEKS_A_MONTH / self.sales))

    @property
    def usual_delay(self) -> tuple[int, int]:
        """Mean and spread of the delay as the settings say them, in whole months, halves rounded up."""
        mean = self.delay * self.setting
        return max(1, int(mean + 0.5)), max(1, int(mean * DELAY_VARIATION + 0.5))

    def recorded(self, first_sale: int | None) -> tuple[tuple[int, int], ...]:
        """The weeks that count as recorded: what is told, else from the first recorded sale on when that came late."""
        start, end = self.lost
        if start == end or (start > 0 and not self.is_told):
            return ((0, WEEKS),)
        if self.is_told:
            return tuple(part for part in ((0, start), (end, WEEKS)) if part[0] < part[1])
        return () if first_sale is None else ((first_sale, WEEKS),)

    def true_returns(self) -> tuple[float, ...]:
        """What linear credit gives each platform per 1 in expectation; that of its own work where leads met one."""
        if not self.has_many_touchpoints:
            own, others = 1.0, 0.0
        else:
            number = np.arange(1, len(TOUCHPOINTS) + 1)
            own, others = float(TOUCHPOINTS @ (1 / number)), float(TOUCHPOINTS @ ((number - 1) / number))
        whole, within = sum(RETURNS), _share_within(self.lookback_days, self.shape, self.delay)
        return tuple(within * (own * r + others * (whole - r) / (len(RETURNS) - 1)) for r in RETURNS)


@cache
def _share_within(days: int, shape: str, mean: float) -> float:
    """The part of sales that come before their touchpoint is too old to be credited."""
    if days >= LONG_LOOKBACK:
        return 1.0
    months = SHAPES[shape](mean, 200_000, np.random.default_rng(0))
    return float((months * WEEKS_A_MONTH * 7 <= days).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAgency:
    """Its sales, one value a sale: ``sold`` in that week, worth ``cents``; and its touchpoints, one value each.

    Touchpoints are in the order of their sales and of time. Sales go on after the last week of work.
    """

    world: World
    sold: IntArray
    cents: IntArray
    sale: IntArray
    platform: IntArray
    worked: IntArray

    @property
    def is_recorded(self) -> BoolArray:
        """Which sales were ever recorded."""
        start, end = self.world.lost
        return (self.sold < start) | (self.sold >= end)


def draw(world: World, generator: np.random.Generator) -> DrawnAgency:
    """Draw an agency: all sales that the work of its weeks will ever bring."""
    origin, worked = _work_that_sells(world, generator)
    months = SHAPES[world.shape](world.delay, len(worked), generator)
    sold = worked + (generator.random(len(worked)) + months * WEEKS_A_MONTH).astype(np.int64)
    sale, platform, week = _touchpoints(world, origin, worked, sold, generator)
    cents = np.maximum(np.rint(_worth(world, len(sold), generator)), 1).astype(np.int64)
    return DrawnAgency(world=world, sold=sold, cents=cents, sale=sale, platform=platform, worked=week)


def _work_that_sells(world: World, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    """The platform and the week of the work behind each sale."""
    mean = np.array(RETURNS)[:, None] * world.sales / WEEKS_A_MONTH * np.ones(WEEKS)
    extra = DISPERSION - 1
    counts = generator.poisson(generator.gamma(mean / extra, extra))
    platform, week = np.indices(counts.shape)
    return np.repeat(platform.ravel(), counts.ravel()), np.repeat(week.ravel(), counts.ravel())


def _worth(world: World, size: int, generator: np.random.Generator) -> FloatArray:
    variance = np.log1p(VALUE_VARIATION)
    return world.usual_sale * generator.lognormal(-variance / 2, np.sqrt(variance), size)


def _touchpoints(
    world: World, origin: IntArray, worked: IntArray, sold: IntArray, generator: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Sale, platform and week of each touchpoint: the work that sells, and others at random, before and after it."""
    size, most = len(origin), len(TOUCHPOINTS)
    number = generator.choice(np.arange(1, most + 1), size, p=TOUCHPOINTS if world.has_many_touchpoints else (1, 0, 0))
    # Distinct platforms: the steps from one to the others, in an order of each sale's own.
    steps = generator.permuted(np.tile(np.arange(1, len(RETURNS)), (size, 1)), axis=1)[:, : most - 1]
    away = generator.integers(-FURTHER_WEEKS, FURTHER_WEEKS + 1, steps.shape)
    steps, away = (np.insert(each, 0, 0, axis=1) for each in (steps, away))
    week = np.clip(worked[:, None] + away, 0, np.minimum(sold, WEEKS - 1)[:, None])
    is_made = np.arange(most) < number[:, None]
    sale, _ = np.nonzero(is_made)
    order = np.lexsort((week[is_made], sale))
    return sale[order], ((origin[:, None] + steps) % len(RETURNS))[is_made][order], week[is_made][order]


# -- how long sales take: months, of that mean ------------------------------------------------------------------------


def _gamma(mean: float, size: int, generator: np.random.Generator) -> FloatArray:
    return generator.gamma(1 / DELAY_VARIATION**2, mean * DELAY_VARIATION**2, size)


def _lognormal(mean: float, size: int, generator: np.random.Generator) -> FloatArray:
    variance = np.log1p(DELAY_VARIATION**2)
    return mean * generator.lognormal(-variance / 2, np.sqrt(variance), size)


def _two_humps(mean: float, size: int, generator: np.random.Generator) -> FloatArray:
    """Half of the sales soon, half late."""
    hump = np.where(generator.random(size) < 0.5, 0.4, 1.6)
    return mean * hump * generator.gamma(9.0, 1 / 9, size)


def _long_tail(mean: float, size: int, generator: np.random.Generator) -> FloatArray:
    """A fifth takes ten times as long: for two years of work it never ends."""
    return _gamma(mean, size, generator) * np.where(generator.random(size) < 0.2, 10.0, 1.0)


SHAPES: dict[str, Draw] = {
    "gamma": _gamma,
    "lognormal": _lognormal,
    "two humps": _two_humps,
    "long tail": _long_tail,
}

# -- the worlds that are printed --------------------------------------------------------------------------------------

BASE = World(name="base")
GAP, LATE = (39, 48), (0, 17)


def _cross() -> tuple[World, ...]:
    return tuple(
        World(name=f"sales-{sales:g}-delay-{delay}", sales=sales, delay=delay)
        for sales in SALES_TO_BREAK_EVEN
        for delay in DELAYS
        if (sales, delay) != (BASE.sales, BASE.delay)
    )


WORLDS = (
    BASE,
    replace(BASE, name="setting-half", setting=0.5),
    replace(BASE, name="setting-double", setting=2.0),
    *_cross(),
    replace(BASE, name="lognormal", shape="lognormal"),
    replace(BASE, name="two-humps", shape="two humps"),
    replace(BASE, name="long-tail", shape="long tail"),
    replace(BASE, name="gap-told", lost=GAP),
    replace(BASE, name="gap-not-told", lost=GAP, is_told=False),
    replace(BASE, name="late-told", lost=LATE),
    replace(BASE, name="late-not-told", lost=LATE, is_told=False),
    replace(BASE, name="touchpoints", has_many_touchpoints=True),
    replace(BASE, name="lookback-365", lookback_days=365),
)
