"""How often the evidence rule is right: platforms whose true return is known, judged as the application judges.

Time goes in periods of four weeks, 13 a year; each period's work is a cohort that costs 1. The number of sales that
come of it is negative binomial with mean r x (sales to break even) and variance 1.3 x mean, each is worth a lognormal
amount with a standard deviation as large as its mean, and comes a gamma-distributed time later, or at once. The same
functions judge as in the application: ``chain_ladder.shares`` and ``mack``, ``posterior.p_below`` and ``next_states``.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from reports.statistics import chain_ladder, posterior
from reports.statistics.arrays import BoolArray, FloatArray, IntArray, floats, ratio
from reports.statistics.chain_ladder import PERIODS_A_YEAR
from reports.statistics.states import VerdictState

YEARS = 2
# The plain rule looks at 13 weeks, the nearest whole number of periods.
PLAIN_PERIODS = 3
TARGET = 1.0
RUNS = 4_000
# Sales a month of the agency's other platforms, where the delay is estimated from all of them.
OTHERS = 10.0
VALUE_CV = 1.0
SALES_TO_BREAK_EVEN = (1.5, 5.0, 15.0)
TRUE_RETURNS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)

Generator: TypeAlias = np.random.Generator


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a sale takes after the work, in months: a gamma distribution of that mean and standard deviation."""

    mean: float = 8.0
    deviation: float = 4.0

    def periods(self, size: int, generator: Generator) -> FloatArray:
        shape = (self.mean / self.deviation) ** 2
        return generator.gamma(shape, self.mean / shape, size) * PERIODS_A_YEAR / 12

    def shares(self, ages: int) -> FloatArray:
        """The part that is in, on average over the work of a period, by the end of each period: p(age)."""
        return chain_ladder.guessed_shares(ages, mean=self.mean, deviation=self.deviation)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One kind of platform: ``sales`` a month would pay for its cost, and it truly brings back ``true_return`` per 1.

    Without a delay sales come at once, and that is known. ``others`` are sales a month of the agency's other platforms,
    from which the delay is estimated too.
    """

    sales: float
    true_return: float
    delay: Delay | None = None
    others: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What became of the runs: parts of them flagged within 12 and 24 months, and changes of the flag a year.

    The naive rule flags a period whose revenue is below its cost; the plain rule one whose last 13 weeks' revenue is,
    twice in a row. ``too_early`` is the part of runs without a verdict after 24 months.
    """

    flagged_12: float
    flagged_24: float
    flips: float
    earning_24: float
    too_early: float
    naive_12: float
    plain_12: float
    plain_24: float
    plain_flips: float


@dataclass(frozen=True, slots=True)
class _Sales:
    """Money, squared money and number of sales by run, cohort and age, each of shape (runs, periods, periods)."""

    money: FloatArray
    squares: FloatArray
    number: FloatArray

    def until(self, now: int) -> "_Sales":
        """What is known at the end of a period: the cells with cohort + age up to it, the rest 0."""
        known = known_at(now)
        cells = (each[:, : now + 1, : now + 1] * known for each in (self.money, self.squares, self.number))
        return _Sales(*cells)

    def __add__(self, other: "_Sales") -> "_Sales":
        return _Sales(self.money + other.money, self.squares + other.squares, self.number + other.number)


def known_at(now: int) -> BoolArray:
    """Which cells (cohort, age) are known at the end of period ``now``: the upper left triangle."""
    periods = np.arange(now + 1)
    return np.less_equal(np.add.outer(periods, periods), now)


def rates(world: World, *, runs: int, generator: Generator) -> Rates:
    """Simulate that many platforms for two years and return how they were judged."""
    sales = _sold(world, world.sales * world.true_return, runs, generator)
    others = _sold(world, world.others, runs, generator)
    states = _states(world, sales, others)
    flagged = _judged(states) == VerdictState.LOSING.code
    cash = _cash(sales.money)
    plain = _plain(cash)
    return Rates(
        flagged_12=_ever(flagged[:, :PERIODS_A_YEAR]),
        flagged_24=_ever(flagged),
        flips=_flips(flagged),
        earning_24=float((states[:, -1] == VerdictState.EARNING.code).mean()),
        too_early=float((states[:, -1] == VerdictState.TOO_EARLY.code).mean()),
        naive_12=_ever(cash[:, :PERIODS_A_YEAR] < TARGET),
        plain_12=_ever(plain[:, :PERIODS_A_YEAR]),
        plain_24=_ever(plain),
        plain_flips=_flips(plain),
    )


def table(rows: list[tuple[World, Rates]]) -> str:
    """Write the rates as a table, one line per world, percentages of runs."""
    lines = [
        f"{'sales/month':>11} {'return':>6} {'delay':>9} {'others':>6} | {'12 m':>6} {'24 m':>6} {'flips':>5}"
        f" {'earn':>6} {'early':>6} | naive: {'12 m':>6} | plain: {'12 m':>6} {'24 m':>6} {'flips':>5}"
    ]
    for world, found in rows:
        delay = "none" if world.delay is None else f"{world.delay.mean:g}+-{world.delay.deviation:g} m"
        lines.append(
            f"{world.sales:>11g} {world.true_return:>6g} {delay:>9} {world.others:>6g} |"
            f" {found.flagged_12:>6.1%} {found.flagged_24:>6.1%} {found.flips:>5.2f}"
            f" {found.earning_24:>6.1%} {found.too_early:>6.1%} | {'':>6} {found.naive_12:>6.1%} |"
            f" {'':>6} {found.plain_12:>6.1%} {found.plain_24:>6.1%} {found.plain_flips:>5.2f}"
        )
    return "\n".join(lines)


def _sold(world: World, sales_a_month: float, runs: int, generator: Generator) -> _Sales:
    """Draw all sales of all runs and put them into their cells; those after the end are never seen."""
    periods = PERIODS_A_YEAR * YEARS
    mean = sales_a_month * 12 / PERIODS_A_YEAR
    counts = _counts(mean, (runs, periods), generator)
    place = np.repeat(np.arange(runs * periods), counts.ravel())
    cohort = place % periods
    age = _ages(world.delay, len(place), generator)
    seen = cohort + age < periods
    worth = _worth(world, len(place), generator)[seen]
    cell = place[seen] * periods + age[seen]
    shape, size = (runs, periods, periods), runs * periods * periods
    weights = (worth, worth**2, np.ones_like(worth))
    return _Sales(*(floats(np.bincount(cell, each, size)).reshape(shape) for each in weights))


def _counts(mean: float, shape: tuple[int, int], generator: Generator) -> IntArray:
    """Negative binomial numbers with variance 1.3 x mean, as a Poisson with a gamma mean."""
    if mean == 0:
        return np.zeros(shape, dtype=np.int64)
    scale = posterior.USUAL_DISPERSION - 1
    return generator.poisson(generator.gamma(mean / scale, scale, shape))


def _ages(delay: Delay | None, size: int, generator: Generator) -> IntArray:
    if delay is None:
        return np.zeros(size, dtype=np.int64)
    return (generator.random(size) + delay.periods(size, generator)).astype(np.int64)


def _worth(world: World, size: int, generator: Generator) -> FloatArray:
    """Lognormal sale values, so scaled that ``sales`` of them a month pay for the cost of 1 a period."""
    variance = np.log1p(VALUE_CV**2)
    mean = PERIODS_A_YEAR / 12 / world.sales
    return mean * generator.lognormal(-variance / 2, np.sqrt(variance), size)


def _states(world: World, sales: _Sales, others: _Sales) -> IntArray:
    """Judge every run at the end of every period: shape (runs, periods)."""
    runs, periods = sales.money.shape[:2]
    states = np.zeros((runs, periods), dtype=np.int64)
    previous, below_before = np.full(runs, VerdictState.WATCH.code, dtype=np.int64), np.full(runs, np.nan)
    for now in range(periods):
        below, enough = _evidence(world, sales.until(now), (sales + others).until(now))
        states[:, now] = posterior.next_states(previous, below, below_before, enough)
        previous, below_before = posterior.last_judged(previous, states[:, now]), below
    return states


def _judged(states: IntArray) -> IntArray:
    """The states with those that were too early replaced by the last judgement: shape (runs, periods)."""
    judged = states.copy()
    for now in range(1, states.shape[1]):
        judged[:, now] = posterior.last_judged(judged[:, now - 1], states[:, now])
    return judged


def _evidence(world: World, own: _Sales, agency: _Sales) -> tuple[FloatArray, BoolArray]:
    """P(R < 1) of each run, NaN when it is too early, and whether there is evidence enough."""
    share = _share(world, agency)
    phi = _phi(world, agency)
    returned, matured = own.money.sum(axis=2), np.flip(share, axis=1)
    below, enough = np.full(len(phi), np.nan), np.zeros(len(phi), dtype=bool)
    # Widest first, so that the narrowest window with evidence enough has the last word.
    for months in reversed(posterior.WINDOW_MONTHS):
        window = slice(-posterior.periods_of(months), None)
        money, cost = returned[:, window].sum(axis=1), matured[:, window].sum(axis=1)
        takes = (cost / phi >= posterior.ENOUGH) | (months == max(posterior.WINDOW_MONTHS))
        below = np.where(takes, posterior.p_below(money, cost, phi, TARGET), below)
        enough = np.where(takes, cost / phi >= posterior.ENOUGH, enough)
    return below, enough


def _share(world: World, agency: _Sales) -> FloatArray:
    """p(age) as far as it is known: shape (runs, ages), NaN in the runs in which it is refused.

    Where the agency has no sale at all there is nothing to estimate from; its own guess of the delay stands in.
    """
    runs, ages = agency.money.shape[:2]
    if world.delay is None:
        return np.ones((runs, ages))
    cumulative = np.where(known_at(ages - 1), np.cumsum(agency.money, axis=2), np.nan)
    share = np.where(_is_refused(cumulative, agency)[:, None], np.nan, chain_ladder.shares(cumulative))
    has_sales = agency.number.sum(axis=(1, 2), keepdims=True)[:, :, 0] > 0
    return np.where(has_sales, share, world.delay.shares(ages))


def _is_refused(cumulative: FloatArray, agency: _Sales) -> BoolArray:
    """The refusals of ``chain_ladder.refusals``, for all runs at once."""
    if cumulative.shape[1] < chain_ladder.MIN_COHORTS:
        return np.ones(len(cumulative), dtype=bool)
    has_too_few = np.less(agency.number.sum(axis=(1, 2)), chain_ladder.MIN_SALES)
    is_too_wide = np.greater(chain_ladder.grown_cv(cumulative), chain_ladder.MAX_CV)
    share = chain_ladder.shares(cumulative)
    is_open = np.greater(chain_ladder.late_shares(share), chain_ladder.MAX_LATE_SHARE)
    # One share that nobody can know makes the sum no number.
    refused: BoolArray = has_too_few | is_too_wide | is_open | np.isnan(share.sum(axis=1))
    return refused


def _phi(world: World, agency: _Sales) -> FloatArray:
    """phi of each run from the sales so far; the typical sale value where there is none."""
    money, squares, number = (each.sum(axis=(1, 2)) for each in (agency.money, agency.squares, agency.number))
    typical = PERIODS_A_YEAR / 12 / world.sales
    phi = ratio(squares, money) + (posterior.USUAL_DISPERSION - 1) * ratio(money, number)
    return np.where(number > 0, phi, typical)


def _cash(money: FloatArray) -> FloatArray:
    """Revenue by the period it came in: shape (runs, periods)."""
    periods = money.shape[1]
    paid = np.zeros(money.shape[:2])
    for cohort in range(periods):
        paid[:, cohort:] += money[:, cohort, : periods - cohort]
    return paid


def _plain(cash: FloatArray) -> BoolArray:
    """Where the last 13 weeks cost more than they brought, now and four weeks before: shape (runs, periods)."""
    sums = np.cumsum(np.pad(cash, ((0, 0), (1, 0))), axis=1)
    is_below = np.zeros(cash.shape, dtype=np.bool_)
    is_below[:, PLAIN_PERIODS - 1 :] = sums[:, PLAIN_PERIODS:] - sums[:, :-PLAIN_PERIODS] < TARGET * PLAIN_PERIODS
    flagged = np.zeros_like(is_below)
    flagged[:, 1:] = is_below[:, 1:] & is_below[:, :-1]
    return flagged


def _ever(flagged: BoolArray) -> float:
    return float(flagged.any(axis=1).mean())


def _flips(flagged: BoolArray) -> float:
    """How often a year the flag was raised or cleared."""
    return float((flagged[:, 1:] != flagged[:, :-1]).sum(axis=1).mean() / YEARS)
