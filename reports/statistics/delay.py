"""How long a sale takes after the work: what the agency's own sales say, and the settings where they say little.

Each sale that was credited to work shows one delay. It is seen only if it fell into recorded weeks, so that work of
which all sales lie in a gap, or in the future, says nothing: the likelihood of an age is its density over the part of
the delay that falls into recorded weeks (right and left truncation: Klein and Moeschberger, *Survival Analysis*, 2nd
ed., 3.5 and 9.4). The delay is a gamma or a lognormal distribution on one grid of means and coefficients of variation.
The prior is centred on the settings; a mean wrong by a factor of two is one standard deviation away.

Time is in weeks, numbered from 0, the oldest; recorded time is a sequence of half-open ranges of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import special

from reports.statistics.arrays import BoolArray, FloatArray, IntArray

WEEKS_A_MONTH = 365.25 / 12 / 7
# A wrong setting: its logarithm's standard deviation.
MEAN_ERROR = float(np.log(2))
VARIATION_ERROR = float(np.log(1.5))
# The grid: standard deviations of the mean away from the setting, and coefficients of variation.
STEPS = np.linspace(-2.5, 2.5, 51)
VARIATIONS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4)
FAMILIES = ("gamma", "lognormal")
# Ages are worked out for so many weeks at a time, so that the next week finds its grid made.
GRID_WEEKS = 104
# Weeks after which evidence counts half.
HALF_LIFE = 39.0

Recorded = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays that were seen: the week of the work, the week of the sale, and how much of the sale it is."""

    worked: IntArray
    paid: IntArray
    share: FloatArray

    def within(self, recorded: Recorded, until: int) -> "Delays":
        """Those whose sale fell into recorded weeks, up to this week."""
        seen = is_recorded(self.paid, recorded) & (self.paid <= until)
        return Delays(self.worked[seen], self.paid[seen], self.share[seen])


@dataclass(frozen=True)
class DelayGrid:
    """Delays with their prior: arrays over the grid (G), and by week of age (A).

    ``log_density`` is log P(age), an age being whole weeks from the week of the work. ``arrived`` holds, for evidence
    that counts alike, by its weight and by its weight squared, what came in before each age, weighed as if the work
    were done now: shape (3, G, A + 1).
    """

    log_prior: FloatArray
    mean: FloatArray
    log_density: FloatArray
    arrived: FloatArray

    @cached_property
    def log_mean_variance(self) -> float:
        """How uncertain the settings are, as the variance of the logarithm of the mean."""
        return _variance(np.log(self.mean), np.exp(self.log_prior))


@dataclass(frozen=True)
class DelayPosterior:
    """The grid with its weights after the sales (G)."""

    grid: DelayGrid
    weight: FloatArray
    sales: float

    @property
    def taught(self) -> float:
        """How much of the doubt about the mean the sales took away, from 0 to 1."""
        left = _variance(np.log(self.grid.mean), self.weight)
        return max(0.0, 1.0 - left / self.grid.log_mean_variance)

    def share_by_age(self) -> FloatArray:
        """Return p, the expected part of what work brings that is in by the end of each week of age."""
        result: FloatArray = self.weight @ self.grid.arrived[0, :, 1:]
        return result


def delay_grid(mean: float, deviation: float, weeks: int, *, longest: float = math.inf) -> DelayGrid:
    """Return the grid for settings in months, with ages up to so many weeks or some more.

    Nothing is credited after the ``longest`` delay, in weeks: the lookback. The families end there.
    """
    return _delay_grid(mean, deviation, -(-weeks // GRID_WEEKS) * GRID_WEEKS, longest)


@lru_cache(maxsize=8)
def _delay_grid(mean: float, deviation: float, weeks: int, longest: float) -> DelayGrid:
    points = [(step, variation) for step in STEPS for variation in VARIATIONS]
    step, variation = np.tile(np.array(points).T, len(FAMILIES))
    means = mean * np.exp(step * MEAN_ERROR)
    log_prior = -(step**2) / 2 - (np.log(variation * mean / deviation) / VARIATION_ERROR) ** 2 / 2
    by_family = zip(np.split(means, len(FAMILIES)), np.split(variation, len(FAMILIES)), FAMILIES, strict=True)
    arrived = np.concatenate([_arrived(*each, weeks, longest) for each in by_family])
    density = np.diff(arrived, axis=1, prepend=0.0)
    return DelayGrid(
        log_prior=log_prior - special.logsumexp(log_prior),
        mean=means,
        log_density=np.log(np.maximum(density, 1e-300)),
        arrived=np.stack([_before_each_age(density * faded(-np.arange(weeks), power)) for power in (0, 1, 2)]),
    )


def learn(grid: DelayGrid, delays: Delays, recorded: Recorded, now: int) -> DelayPosterior:
    """Return the posterior after the delays that were seen in recorded weeks up to ``now``."""
    seen = delays.within(recorded, now)
    log_weight = grid.log_prior
    if len(seen.worked):
        visible = np.log(np.maximum(due(grid, recorded, now), 1e-12))
        log_weight = log_weight + (grid.log_density[:, seen.paid - seen.worked] - visible[:, seen.worked]) @ seen.share
    return DelayPosterior(grid, np.exp(log_weight - special.logsumexp(log_weight)), float(seen.share.sum()))


def due(grid: DelayGrid, recorded: Recorded, now: int, *, power: int = 0) -> FloatArray:
    """Return the part of what each week's work brings that fell due in recorded weeks: shape (G, now + 1).

    With ``power`` 1 or 2 each due week counts with its weight, or the weight squared: half for every `HALF_LIFE`.
    """
    work = np.arange(now + 1)
    table, due_so_far = grid.arrived[power], np.zeros((len(grid.mean), now + 1))
    for start, end in recorded:
        first, last = (np.clip(min(edge, now + 1) - work, 0, None) for edge in (start, end))
        due_so_far += table[:, last] - table[:, first]
    return due_so_far * faded(now - work, power)


def is_recorded(weeks: IntArray, recorded: Recorded) -> BoolArray:
    """Which of these weeks lie in recorded time."""
    inside = np.zeros(len(weeks), dtype=bool)
    for start, end in recorded:
        inside |= (weeks >= start) & (weeks < end)
    return inside


def faded(age: FloatArray | IntArray, power: int = 1) -> FloatArray:
    """Return how much evidence counts that is so many weeks old, half for every `HALF_LIFE`, to this power."""
    result: FloatArray = np.exp2(-power * np.asarray(age) / HALF_LIFE)
    return result


def _arrived(means: FloatArray, variation: FloatArray, family: str, weeks: int, longest: float) -> FloatArray:
    """P(in by the end of each week of age), the work being spread over its week: by five points of Gauss."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    ages = np.minimum(np.arange(weeks)[:, None] + (nodes + 1) / 2, longest)
    mean, spread = (values[:, None, None] for values in (means * WEEKS_A_MONTH, variation))
    below = _below(ages, mean, spread, family) / _below(np.array([[longest]]), mean, spread, family)
    result: FloatArray = below @ (weights / 2)
    return result


def _below(ages: FloatArray, mean: FloatArray, spread: FloatArray, family: str) -> FloatArray:
    """P(a delay is shorter than each of these ages)."""
    if family == "gamma":
        shorter: FloatArray = special.gammainc(1 / spread**2, ages / (mean * spread**2))
    else:
        deviation = np.sqrt(np.log1p(spread**2))
        shorter = special.ndtr(np.log(ages / mean) / deviation + deviation / 2)
    return shorter


def _before_each_age(values: FloatArray) -> FloatArray:
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))


def _variance(values: FloatArray, weights: FloatArray) -> float:
    mean = float(values @ weights)
    return float((values - mean) ** 2 @ weights)
