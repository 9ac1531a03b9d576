"""How long returns take: what cohorts of work have brought so far, and what is still to come.

A triangle has one row per cohort (the month of the work), oldest first, and one column per age (0 is the month
itself, 1 the month after). Cells are money, in any one unit; a cell that lies in the future is not a number (NaN).
The last age is taken as the end: nothing is expected to come after it.

Sources: Mack, "Distribution-free calculation of the standard error of chain ladder reserve estimates", ASTIN
Bulletin 23 (1993), and "The standard error of chain ladder reserve estimates: recursive calculation and inclusion
of a tail factor", ASTIN Bulletin 29 (1999); Bornhuetter and Ferguson, "The actuary and IBNR", PCAS 59 (1972);
the Cape Cod ratio of Stanard and Bühlmann; Mack, "The prediction error of Bornhuetter/Ferguson", ASTIN Bulletin 38
(2008).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np
from scipy import stats

from reports.statistics.arrays import BoolArray, FloatArray, IntArray, Numbers, floats, ratio

MIN_COHORTS = 6
MIN_SALES = 30
MAX_CV = 0.5
# A cohort of which less than this has come in says too little about itself: Bornhuetter-Ferguson.
YOUNG_SHARE = 0.2
LEVEL = 0.8
# What the last quarter of the ages may still bring: with more, the end of the data is not the end of the returns, p
# is too high, and work that is still to pay is condemned. Simulated: the part of platforms that return 1.50 and are
# flagged falls from 4 % to 1 %.
MAX_LATE_SHARE = 0.2
# So many sales should have come in a stretch of months that shows none: chance alone does it 7 times in 1,000.
SILENT_SALES = 5.0
# One silent month may be a holiday.
SILENT_MONTHS = 2
# Months of four weeks in a year; a guess of the delay is told in those of the calendar.
PERIODS_A_YEAR = 13
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Triangle:
    """Money by cohort and age: ``cumulative`` has shape (cohorts, ages), NaN where nothing is known yet.

    Rows may have any length, and hold their known cells first. ``cohorts`` names the rows, oldest first.
    """

    cumulative: FloatArray
    cohorts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.cumulative.ndim != 2 or min(self.cumulative.shape) < 1:
            raise ValueError("a triangle has at least one cohort and one age")
        if np.isinf(self.cumulative).any():
            raise ValueError("the cells of a triangle are finite numbers or empty")
        if np.isnan(self.cumulative).all(axis=1).any():
            raise ValueError("every cohort of a triangle has at least one figure")
        if self.cohorts and len(self.cohorts) != len(self.cumulative):
            raise ValueError("a triangle names all of its cohorts or none")

    @classmethod
    def from_cumulative(cls, rows: Sequence[Sequence[float | None]], cohorts: Sequence[str] = ()) -> Self:
        """Build from rows in which each cell is the sum so far; None or a short row is what is not known yet."""
        return cls(_rectangle(rows), tuple(cohorts))

    @classmethod
    def from_incremental(cls, rows: Sequence[Sequence[float | None]], cohorts: Sequence[str] = ()) -> Self:
        """Build from rows in which each cell is what came at that age alone."""
        cells = _rectangle(rows)
        return cls(np.where(np.isnan(cells), np.nan, np.nancumsum(cells, axis=1)), tuple(cohorts))

    @property
    def known(self) -> BoolArray:
        return ~np.isnan(self.cumulative)

    @property
    def ages(self) -> int:
        return int(self.cumulative.shape[1])

    @property
    def incremental(self) -> FloatArray:
        """What came at each age alone, NaN where nothing is known yet."""
        return np.diff(np.where(self.known, self.cumulative, np.nan), axis=1, prepend=0.0)

    @property
    def latest_age(self) -> IntArray:
        """The age of each cohort's newest cell."""
        return latest_ages(self.cumulative)

    @property
    def latest(self) -> FloatArray:
        """What each cohort has brought so far."""
        return latest_of(self.cumulative)


@dataclass(frozen=True, slots=True)
class ChainLadder:
    """What the chain ladder finds, in the triangle's unit.

    ``factors`` and ``sigma2`` have one value per step from an age to the next, ``share`` one per age: the part of the
    whole that has come in by then. The others have one value per cohort; ``reserve`` is what is still to come.
    """

    factors: FloatArray
    sigma2: FloatArray
    share: FloatArray
    ultimate: FloatArray
    reserve: FloatArray
    standard_error: FloatArray
    total_reserve: float
    total_standard_error: float

    @property
    def cv(self) -> FloatArray:
        """The standard error of each ultimate in parts of it; infinite where nothing is expected."""
        return np.where(self.ultimate > 0, ratio(self.standard_error, self.ultimate), np.inf)


@dataclass(frozen=True, slots=True)
class Bornhuetter:
    """What is still to come by Bornhuetter-Ferguson, one value per cohort, in the triangle's unit.

    ``ratio`` is the Cape Cod ratio, what one unit of exposure brings in the end; None with a prior that was given.
    """

    prior: FloatArray
    reserve: FloatArray
    ultimate: FloatArray
    standard_error: FloatArray
    ratio: float | None = None

    @property
    def total_reserve(self) -> float:
        return float(self.reserve.sum())


class Reason(StrEnum):
    FEW_COHORTS = "few_cohorts"
    FEW_SALES = "few_sales"
    EMPTY_COLUMN = "empty_column"
    WIDE_ERROR = "wide_error"
    OPEN_END = "open_end"
    CALENDAR_BREAK = "calendar_break"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the method will not answer: what it found, what it would need, and where (ages or cohorts)."""

    reason: Reason
    found: float
    needed: float
    where: tuple[str, ...] = ()


class Method(StrEnum):
    CHAIN_LADDER = "chain_ladder"
    BORNHUETTER_FERGUSON = "bornhuetter_ferguson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What one cohort has brought and will bring, in money of the triangle's unit.

    ``low`` and ``high`` bound the ultimate with 80 %. ``breaks_even_at`` is the age at which the target is expected to
    be reached, None when it is not. ``cv`` is the standard error of the ultimate in parts of it.
    """

    cohort: str
    age: int
    share: float
    cost: float
    returned: float
    expected: float
    low: float
    high: float
    cv: float
    method: Method
    breaks_even_at: int | None

    @property
    def is_refused(self) -> bool:
        return not self.cv <= MAX_CV

    def per_unit(self, amount: float) -> float | None:
        """Return an amount per 1 of cost; None when nothing was spent."""
        return amount / self.cost if self.cost > 0 else None


def development_factors(cumulative: FloatArray) -> FloatArray:
    """Return f_k = sum C(i,k+1) / sum C(i,k) over the cohorts that know both, volume-weighted (Mack 1993).

    ``cumulative`` has shape (..., cohorts, ages), the result (..., ages - 1). Infinite when something follows nothing,
    NaN when nothing follows nothing.
    """
    before, after = _steps(cumulative)
    return ratio(after.sum(axis=-2), before.sum(axis=-2))


def shares(cumulative: FloatArray) -> FloatArray:
    """Return p(age), the part of the whole that has come in by each age: shape (..., ages), the last one 1.

    p(a) = 1 / (f_a x f_(a+1) x ...). Before the first money of any cohort it is 0. NaN before a step from nothing to
    nothing that is not at the start: nobody can say what comes there.
    """
    before, after = (cells.sum(axis=-2) for cells in _steps(cumulative))
    inverse = ratio(before, after)
    has_begun = np.logical_or.accumulate(before != 0, axis=-1)
    inverse = np.where(~has_begun & (after == 0), 0.0, inverse)
    share = np.flip(np.cumprod(np.flip(inverse, axis=-1), axis=-1), axis=-1)
    return np.concatenate([share, np.ones((*share.shape[:-1], 1))], axis=-1)


def late_shares(share: FloatArray) -> FloatArray:
    """Return the part of the whole that comes in the last quarter of the ages, from p(age): shape (...).

    At least the last step is looked at; 1 when there is a single age, since nothing is seen to end.
    """
    steps = share.shape[-1] - 1
    return np.asarray(1 - share[..., steps - math.ceil(steps / 4)] if steps else np.ones(share.shape[:-1]))


def guessed_shares(ages: int, *, mean: float, deviation: float) -> FloatArray:
    """Return p(age) from a guess: a gamma-distributed delay of that mean and standard deviation, in calendar months.

    Shape (ages,), on average over the work of a month of four weeks, by the end of each.
    """
    shape = (mean / deviation) ** 2
    # Work spreads over its month: the middle stands for it.
    months = (np.arange(ages) + 0.5) * 12 / PERIODS_A_YEAR
    result: FloatArray = stats.gamma.cdf(months, shape, scale=mean / shape)
    return result


def variances(cumulative: FloatArray) -> FloatArray:
    """Return sigma2_k = 1/(n-k-1) sum C(i,k) (C(i,k+1)/C(i,k) - f_k)^2, shape (..., ages - 1).

    A step that fewer than two cohorts have made takes Mack's rule, min(s_{k-1}^2/s_{k-2}, s_{k-2}, s_{k-1}). Cohorts
    that had nothing before the step carry no weight in f_k and are left out.
    """
    before, after = _steps(cumulative)
    expected = before * np.nan_to_num(development_factors(cumulative), posinf=0.0)[..., None, :]
    carries = before > 0
    squares = np.where(carries, ratio((after - expected) ** 2, np.where(carries, before, 1.0)), 0.0).sum(axis=-2)
    freedom = carries.sum(axis=-2) - 1
    return _continued(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))


def chain_ladder(triangle: Triangle) -> ChainLadder:
    """Return the chain ladder of a triangle with Mack's standard errors."""
    cumulative = triangle.cumulative
    share = shares(cumulative)
    ultimate, mse, total_mse = mack(cumulative)
    reserve = ultimate - triangle.latest
    return ChainLadder(
        factors=development_factors(cumulative),
        sigma2=variances(cumulative),
        share=share,
        ultimate=ultimate,
        reserve=reserve,
        standard_error=np.sqrt(mse),
        total_reserve=float(reserve.sum()),
        total_standard_error=float(np.sqrt(total_mse)),
    )


def mack(cumulative: FloatArray, *, least_share: float = 0.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ultimates, their mean squared errors (..., cohorts) and that of their total (...), by Mack (1993).

    mse(R_i) = U_i^2 sum_k (sigma2_k / f_k^2)(1/C(i,k) + 1/S_k), S_k = sum C(i,k) over the cohorts behind f_k. Since
    C(i,k) = U_i p(k), it is U_i A + U_i^2 B with A = sum (sigma2_k/f_k^2)/p(k) and B = sum (sigma2_k/f_k^2)/S_k, over
    the steps k that cohort i has still to make. Two cohorts share the errors of the steps that both have to make.
    Cohorts of which nothing can have come in (p = 0) have no ultimate, NaN. They stay out of the total, and so do
    those of which less than ``least_share`` has.
    """
    share = shares(cumulative)
    relative = ratio(variances(cumulative), development_factors(cumulative) ** 2)
    own = _still_to_make(relative, share[..., :-1])
    shared = _still_to_make(relative, _steps(cumulative)[0].sum(axis=-2))
    age = latest_ages(cumulative)
    come_in = np.take_along_axis(share, age, axis=-1)
    ultimate = np.where(come_in == 0, np.nan, ratio(latest_of(cumulative), come_in))
    of_its_own = ultimate * np.take_along_axis(own, age, axis=-1)
    later = np.maximum(age[..., :, None], age[..., None, :])
    between = np.take_along_axis(shared, later.reshape(*age.shape[:-1], -1), axis=-1).reshape(later.shape)
    covariance = ultimate[..., :, None] * ultimate[..., None, :] * between
    mse = of_its_own + np.diagonal(covariance, axis1=-2, axis2=-1)
    # Refunds can make an ultimate negative; an error cannot be.
    counts = (come_in != 0) & ~(come_in < least_share)
    both = counts[..., :, None] & counts[..., None, :]
    of_total = np.where(counts, of_its_own, 0.0).sum(-1) + np.where(both, covariance, 0.0).sum((-2, -1))
    return ultimate, np.maximum(mse, 0.0), np.maximum(of_total, 0.0)


def grown_cv(cumulative: FloatArray) -> FloatArray:
    """Return the standard error of the total ultimate in parts of it, over the cohorts that are not young: shape (...).

    Young ones, of which less than a fifth has come in, are left to Bornhuetter-Ferguson: one early sale multiplied
    by a hundred would drown the rest. Infinite when nothing is expected.
    """
    ultimate, _, mse = mack(cumulative, least_share=YOUNG_SHARE)
    come_in = np.take_along_axis(shares(cumulative), latest_ages(cumulative), axis=-1)
    total = np.where(come_in < YOUNG_SHARE, 0.0, ultimate).sum(axis=-1)
    # The share is not known before an empty column, so that the total is NaN: no number is not a small error.
    return np.where(total > 0, ratio(np.sqrt(mse), total), np.inf)


def lognormal_interval(reserve: float, standard_error: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the bounds of what is still to come, from a lognormal of that mean and standard error (Mack 1993, 1999).

    sigma^2 = ln(1 + (se/R)^2), mu = ln R - sigma^2 / 2. A reserve that is not positive has no logarithm: normal.
    """
    z = float(stats.norm.ppf((1 + level) / 2))
    if not reserve > 0:
        return reserve - z * standard_error, reserve + z * standard_error
    variance = math.log1p((standard_error / reserve) ** 2)
    middle = math.log(reserve) - variance / 2
    return math.exp(middle - z * math.sqrt(variance)), math.exp(middle + z * math.sqrt(variance))


def counted_interval(reserve: float, standard_error: float, *, phi: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the bounds of what is still to come when it comes as a few sales, each weighing ``phi``.

    The lognormal never reaches 0, but where one sale is expected, none is likely: the number of sales still to come is
    negative binomial with that mean and standard error, at least Poisson. ``phi`` is that of ``evidence.phi_of``.
    """
    mean = reserve / phi
    if not (mean > 0 and math.isfinite(standard_error)):
        return lognormal_interval(reserve, standard_error, level=level)
    # A variance just above the mean is the Poisson's, to many digits.
    variance = max((standard_error / phi) ** 2, mean * (1 + 1e-6))
    number = stats.nbinom(mean**2 / (variance - mean), mean / variance)
    return float(number.ppf((1 - level) / 2)) * phi, float(number.ppf((1 + level) / 2)) * phi


def bornhuetter_ferguson(triangle: Triangle, prior: Numbers, *, prior_cv: float = 0.0) -> Bornhuetter:
    """Return what is still to come when each cohort is expected to bring ``prior`` in all: R_i = prior_i (1 - p).

    ``prior`` is one amount, or one per cohort. The standard error follows Mack (2008): chance in what is to come, plus
    the error of the pattern, plus ``prior_cv``, the error of the prior in parts of it.
    """
    expected = np.broadcast_to(floats(prior), triangle.latest.shape).copy()
    missing = 1 - shares(triangle.cumulative)[triangle.latest_age]
    reserve = expected * missing
    chance, pattern = _bornhuetter_errors(triangle, expected)
    mse = expected * chance + expected**2 * pattern + (expected * prior_cv * missing) ** 2
    return Bornhuetter(expected, reserve, triangle.latest + reserve, np.sqrt(np.maximum(mse, 0.0)))


def cape_cod(triangle: Triangle, exposure: Numbers) -> Bornhuetter:
    """Return Bornhuetter-Ferguson with the prior that the triangle itself implies: ratio x exposure.

    ratio = sum C / sum (exposure x p), all cohorts together. ``exposure`` is what each cohort cost, or one amount.
    """
    weights = np.broadcast_to(floats(exposure), triangle.latest.shape)
    matured = float((weights * shares(triangle.cumulative)[triangle.latest_age]).sum())
    if not matured > 0:
        raise ValueError("no cohort is old enough, or none cost anything: there is no Cape Cod ratio")
    per_unit = float(triangle.latest.sum()) / matured
    return replace(
        bornhuetter_ferguson(triangle, per_unit * weights, prior_cv=_ratio_cv(triangle, per_unit * weights)),
        ratio=per_unit,
    )


def pooled(triangles: Sequence[Triangle]) -> Triangle:
    """Return the sum of triangles of the same cohorts, cell by cell; a cell must be known in all or in none."""
    first = triangles[0]
    if any(other.cohorts != first.cohorts or not np.array_equal(other.known, first.known) for other in triangles):
        raise ValueError("only triangles of the same cohorts and ages can be pooled")
    return replace(first, cumulative=np.sum([each.cumulative for each in triangles], axis=0))


def from_first_return(triangle: Triangle) -> tuple[Triangle, int]:
    """Return the triangle without the first ages at which no cohort had anything yet, and how many they were.

    Returns that take months leave the first columns empty. That is no defect of the data: nothing is in by then, p is
    0 there. Cohorts that know no later age are left out.
    """
    some = np.where(triangle.known, triangle.cumulative, 0.0).any(axis=0)
    if not some.any():
        raise ValueError("nothing has come back in this triangle")
    # What only the newest cohort had by then, whose next age is not known, gives no factor: count it as nothing yet.
    begun = np.append(_steps(triangle.cumulative)[0].any(axis=0), False)
    some = begun if begun.any() else some
    empty = int(np.argmax(some))
    old_enough = triangle.latest_age >= empty
    names = tuple(name for name, keep in zip(triangle.cohorts, old_enough, strict=False) if keep)
    return Triangle(triangle.cumulative[old_enough, empty:], names), empty


def refusals(triangle: Triangle, *, sales: int | None = None) -> list[Refusal]:
    """Return why the triangle should not be relied on; nothing when it may be.

    ``sales`` is the number of sales in it; None when it does not hold sales. The thresholds are this module's.
    """
    found = [_few_cohorts(triangle), _few_sales(sales), _empty_column(triangle), _calendar_break(triangle, sales)]
    if all(refusal is None or refusal.reason is not Reason.EMPTY_COLUMN for refusal in found):
        found += [_wide_error(triangle), _open_end(triangle)]
    return [refusal for refusal in found if refusal is not None]


def project(triangle: Triangle, cost: Numbers, *, target: float = 1.0, phi: float | None = None) -> list[Projection]:
    """Return what each cohort has brought and will bring, oldest first.

    ``cost`` is what each cohort cost, in the triangle's unit; ``target`` the return per 1 that counts as breaking
    even. Cohorts of which less than a fifth has come in take Bornhuetter-Ferguson with the Cape Cod prior, and so do
    those without any sale yet. With ``phi``, what a sale weighs, the intervals allow for money that comes in lumps.
    """
    costs = np.broadcast_to(floats(cost), triangle.latest.shape)
    ladder, capes = chain_ladder(triangle), cape_cod(triangle, costs)
    return [_projection(triangle, row, float(costs[row]), target, phi, ladder, capes) for row in range(len(costs))]


def _projection(
    triangle: Triangle,
    row: int,
    cost: float,
    target: float,
    phi: float | None,
    ladder: ChainLadder,
    capes: Bornhuetter,
) -> Projection:
    age, returned = int(triangle.latest_age[row]), float(triangle.latest[row])
    # The chain ladder multiplies what has come: of nothing it would make nothing, and be sure of it.
    is_young = not (ladder.share[age] >= YOUNG_SHARE and returned > 0)
    source = capes if is_young else ladder
    reserve, error = float(source.reserve[row]), float(source.standard_error[row])
    low, high = _interval(reserve, error, phi)
    whole = capes.prior[row] if is_young else ladder.ultimate[row]
    course = returned + whole * (ladder.share - ladder.share[age])
    return Projection(
        cohort=triangle.cohorts[row] if triangle.cohorts else str(row + 1),
        age=age,
        share=float(ladder.share[age]),
        cost=cost,
        returned=returned,
        expected=returned + reserve,
        low=returned + low,
        high=returned + high,
        cv=error / (returned + reserve) if returned + reserve > 0 else math.inf,
        method=Method.BORNHUETTER_FERGUSON if is_young else Method.CHAIN_LADDER,
        breaks_even_at=_first_age(np.where(triangle.known[row], triangle.cumulative[row], course), target * cost),
    )


def _interval(reserve: float, error: float, phi: float | None) -> tuple[float, float]:
    """The lognormal interval, and where money comes in lumps the wider of that and the counted one."""
    low, high = lognormal_interval(reserve, error)
    if phi is None:
        return low, high
    fewest, most = counted_interval(reserve, error, phi=phi)
    return min(low, fewest), max(high, most)


def _first_age(course: FloatArray, needed: float) -> int | None:
    reached = np.flatnonzero(course >= needed)
    return int(reached[0]) if len(reached) else None


def latest_ages(cumulative: FloatArray) -> IntArray:
    """Return the age of the newest known cell of each cohort: shape (..., cohorts)."""
    ages = cumulative.shape[-1]
    result: IntArray = ages - 1 - np.argmax(np.flip(~np.isnan(cumulative), axis=-1), axis=-1)
    return result


def latest_of(cumulative: FloatArray) -> FloatArray:
    """Return the newest known cell of each cohort: shape (..., cohorts)."""
    return np.take_along_axis(cumulative, latest_ages(cumulative)[..., None], axis=-1)[..., 0]


def _rectangle(rows: Sequence[Sequence[float | None]]) -> FloatArray:
    width = max((len(row) for row in rows), default=0)
    return floats([[*row, *[None] * (width - len(row))] for row in rows]).reshape(len(rows), width)


def _steps(cumulative: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The cells before and after each step from an age to the next, 0 where a cohort has not made the step."""
    made = ~np.isnan(cumulative[..., 1:]) & ~np.isnan(cumulative[..., :-1])
    return np.where(made, cumulative[..., :-1], 0.0), np.where(made, cumulative[..., 1:], 0.0)


def _continued(values: FloatArray) -> FloatArray:
    """Fill what could not be estimated from the two steps before it, by Mack's rule for the last sigma."""
    filled = values.copy()
    for step in range(1, filled.shape[-1]):
        last = filled[..., step - 1]
        one_before = filled[..., step - 2] if step > 1 else last
        ruled = np.fmin(np.fmin(np.where(one_before > 0, ratio(last**2, one_before), 0.0), one_before), last)
        filled[..., step] = np.where(np.isnan(filled[..., step]), ruled, filled[..., step])
    return filled


def _still_to_make(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Sum upper / lower from each age to the end, shape (..., ages); 0 at the last age."""
    terms = np.where(upper == 0, 0.0, ratio(upper, lower))
    sums = np.flip(np.cumsum(np.flip(terms, axis=-1), axis=-1), axis=-1)
    return np.concatenate([sums, np.zeros((*sums.shape[:-1], 1))], axis=-1)


def _age_variances(triangle: Triangle, expected: FloatArray) -> FloatArray:
    """s2 of each age: the mean of (what came - expected x its part)^2 / expected, per unit of expected (Mack 2008)."""
    parts = np.diff(shares(triangle.cumulative), prepend=0.0)
    usable = triangle.known & (expected > 0)[:, None]
    weights = np.where(usable, expected[:, None], 1.0)
    squares = np.where(usable, (triangle.incremental - expected[:, None] * parts) ** 2 / weights, 0.0).sum(axis=0)
    freedom = usable.sum(axis=0) - 1
    return _continued(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))


def _bornhuetter_errors(triangle: Triangle, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Per cohort: the variance of what is to come per unit of prior, and the variance of 1 - p (Mack 2008)."""
    by_age = _age_variances(triangle, expected)
    volume = np.where(triangle.known, np.maximum(expected, 0.0)[:, None], 0.0).sum(axis=0)
    of_part = np.where(volume > 0, ratio(by_age, volume), 0.0)
    age = triangle.latest_age
    to_come = (by_age.sum() - np.cumsum(by_age))[age]
    # The parts sum to 1, so that the error of what is in and of what is missing is the same: the smaller is right.
    pattern = np.minimum(np.cumsum(of_part), of_part.sum() - np.cumsum(of_part))[age]
    return np.maximum(to_come, 0.0), np.maximum(pattern, 0.0)


def _ratio_cv(triangle: Triangle, expected: FloatArray) -> float:
    """The standard error of the Cape Cod ratio in parts of it: chance in what has come, over what was expected."""
    chance = np.cumsum(_age_variances(triangle, expected))[triangle.latest_age]
    matured = float((expected * shares(triangle.cumulative)[triangle.latest_age]).sum())
    return math.sqrt(max(float((expected * chance).sum()), 0.0)) / matured if matured > 0 else 0.0


def _few_cohorts(triangle: Triangle) -> Refusal | None:
    found = len(triangle.cumulative)
    return Refusal(Reason.FEW_COHORTS, found, MIN_COHORTS) if found < MIN_COHORTS else None


def _few_sales(sales: int | None) -> Refusal | None:
    return Refusal(Reason.FEW_SALES, sales, MIN_SALES) if sales is not None and sales < MIN_SALES else None


def _empty_column(triangle: Triangle) -> Refusal | None:
    before, _ = _steps(triangle.cumulative)
    empty = np.flatnonzero(before.sum(axis=0) <= 0)
    return Refusal(Reason.EMPTY_COLUMN, len(empty), 0, tuple(map(str, empty))) if len(empty) else None


def _wide_error(triangle: Triangle) -> Refusal | None:
    found = float(grown_cv(triangle.cumulative))
    return None if found <= MAX_CV else Refusal(Reason.WIDE_ERROR, found, MAX_CV)


def _open_end(triangle: Triangle) -> Refusal | None:
    found = float(late_shares(shares(triangle.cumulative)))
    return None if found <= MAX_LATE_SHARE else Refusal(Reason.OPEN_END, found, MAX_LATE_SHARE)


def _calendar_break(triangle: Triangle, sales: int | None) -> Refusal | None:
    """A cohort is missing, a row starts late, or months that should have brought sales brought none to anyone."""
    missing = _missing_cohorts(triangle.cohorts) + _late_starts(triangle)
    if missing:
        return Refusal(Reason.CALENDAR_BREAK, len(missing), 0, missing)
    silent = _silent_sales(triangle, sales)
    return None if silent < SILENT_SALES else Refusal(Reason.CALENDAR_BREAK, silent, SILENT_SALES)


def _missing_cohorts(cohorts: tuple[str, ...]) -> tuple[str, ...]:
    """The cohorts after a gap, when all are named by month, 2026-01."""
    months = [_MONTH.fullmatch(name) for name in cohorts]
    if not all(months):
        return ()
    numbers = [int(month[1]) * 12 + int(month[2]) for month in months if month]
    return tuple(cohorts[row] for row in range(1, len(cohorts)) if numbers[row] != numbers[row - 1] + 1)


def _late_starts(triangle: Triangle) -> tuple[str, ...]:
    """The cohorts with an unknown cell before a known one."""
    late = np.flatnonzero(triangle.known.sum(axis=1) <= triangle.latest_age)
    return tuple(triangle.cohorts[row] if triangle.cohorts else str(row + 1) for row in late)


def _silent_sales(triangle: Triangle, sales: int | None) -> float:
    """How many sales, at most, a stretch of silent months should have brought by what the other months did.

    A month is a diagonal: cohort + age. Without a number of sales nothing is said.
    """
    cells, total = triangle.incremental, float(triangle.latest.sum())
    if not sales or total <= 0:
        return 0.0
    month = np.add.outer(np.arange(len(cells)), np.arange(triangle.ages))
    heard = [bool(np.nan_to_num(cells[month == each]).any()) for each in range(int(month[triangle.known].max()) + 1)]
    loud = triangle.known & np.isin(month, np.flatnonzero(heard))
    usual = ratio(np.where(loud, cells, 0.0).sum(axis=0), loud.sum(axis=0).astype(np.float64))
    expected = np.where(triangle.known & ~loud, np.nan_to_num(usual), 0.0) * sales / total
    return max((float(expected[np.isin(month, run)].sum()) for run in _silent_runs(heard)), default=0.0)


def _silent_runs(heard: Sequence[bool]) -> list[list[int]]:
    """The stretches of silent months that are too long for a holiday."""
    runs: list[list[int]] = [[]]
    for month, is_heard in enumerate(heard):
        if is_heard:
            runs.append([])
        else:
            runs[-1].append(month)
    return [run for run in runs if len(run) >= SILENT_MONTHS]
