"""What each month of work has brought and is expected to bring: the cohorts of an `Assessment`.

With a platform's own sales behind p(age), by the chain ladder with Mack's errors (`chain_ladder.project`). With the
p(age) of all platforms, or a guess, a platform's own months say too little about each of them, and all of them together
tell the return: given S of matured cost C*, the return R per 1 is Gamma(1 + S/phi, 1 + C*/phi), as in `posterior`. What
cost x (1 - p) still brings has mean u E[R] and variance u^2 Var(R) + phi u E[R]: the error of the return, and chance in
what is to come (the negative binomial of Gelman et al., *Bayesian Data Analysis*, 2.7, in units of phi).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from reports.statistics import chain_ladder, posterior
from reports.statistics.arrays import FloatArray, floats
from reports.statistics.chain_ladder import LEVEL, MAX_CV, YOUNG_SHARE, Triangle
from reports.statistics.results import Cohort, Range

# What comes after this share is not worth drawing.
ALL_IN = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is still to come, in cents: one value per cohort, oldest first, and for all of them.

    ``share`` is p(age); ``error`` and ``total_error`` are standard errors; ``phi`` is what one sale weighs.
    """

    share: FloatArray
    returned: FloatArray
    reserve: FloatArray
    error: FloatArray
    total_error: float
    phi: float

    def total(self) -> Range | None:
        """What all cohorts will have brought; None when it is too uncertain to say."""
        returned, reserve = float(self.returned.sum()), float(self.reserve.sum())
        if not _is_clear(returned + reserve, self.total_error):
            return None
        low, high = bounds(floats([reserve]), floats([self.total_error]), phi=self.phi)
        return _range(returned + reserve, returned + low[0], returned + high[0])


def by_triangle(triangle: Triangle, cost: FloatArray, *, phi: float) -> Outlook:
    """Return the chain ladder's outlook for a triangle, and for older months that brought nothing.

    ``cost`` has one value per month, oldest first, and may reach further back than the triangle: nothing is to come of
    months older than any that brought something. The total's error is Mack's for the cohorts that are not young. The
    errors of the young ones, which rest on one ratio, are added as if all of them erred the same way.
    """
    older = len(cost) - len(triangle.cumulative)
    projections = chain_ladder.project(triangle, cost[older:])
    expected = floats([projection.expected for projection in projections])
    # Where nothing came and nothing is to come, there is nothing to be wrong about.
    error = floats(
        [projection.cv * projection.expected if projection.expected > 0 else 0.0 for projection in projections]
    )
    is_young = np.array([projection.method is chain_ladder.Method.BORNHUETTER_FERGUSON for projection in projections])
    _, _, grown = chain_ladder.mack(triangle.cumulative, least_share=YOUNG_SHARE)
    return Outlook(
        share=np.pad(chain_ladder.shares(triangle.cumulative), (0, older), constant_values=1.0),
        returned=np.pad(triangle.latest, (older, 0)),
        reserve=np.pad(expected - triangle.latest, (older, 0)),
        error=np.pad(error, (older, 0)),
        total_error=math.hypot(math.sqrt(float(grown)), float(error[is_young].sum())),
        phi=phi,
    )


def by_share(share: FloatArray, returned: FloatArray, cost: FloatArray, *, phi: float) -> Outlook:
    """Return the outlook of cohorts that all return alike, when p(age) is known from elsewhere.

    ``returned`` and ``cost`` have one value per cohort, oldest first; the newest has age 0.
    """
    come_in = np.flip(share[: len(cost)])
    shape, rate = posterior.posterior(returned.sum(), (cost * come_in).sum(), phi)
    mean, variance = float(shape / rate), float(shape / rate**2)
    waiting = cost * (1 - come_in)
    return Outlook(
        share=share,
        returned=returned,
        reserve=mean * waiting,
        error=_predicted(waiting, mean, variance, phi),
        total_error=float(_predicted(waiting.sum(), mean, variance, phi)),
        phi=phi,
    )


def cohorts(
    weeks: Sequence[tuple[str, str]], course: FloatArray, cost: FloatArray, outlook: Outlook | None, *, target: float
) -> tuple[Cohort, ...]:
    """Return the cohorts, oldest first; months without any cost or return are left out.

    ``course`` holds the cumulative cents by age, NaN where it lies in the future. No outlook: only what came so far.
    """
    rows = [row for row in range(len(cost)) if cost[row] or np.nan_to_num(course[row]).any()]
    return tuple(_cohort(row, weeks[row], course, cost, outlook, target) for row in rows)


def bounds(reserve: FloatArray, error: FloatArray, *, phi: float) -> tuple[FloatArray, FloatArray]:
    """Return the 80 % bounds of what is still to come, element by element.

    The wider of the intervals of `chain_ladder`; where nothing is to come, a normal of that error.
    """
    z = float(stats.norm.ppf((1 + LEVEL) / 2))
    comes = reserve > 0
    mean = np.where(comes, reserve, 1.0)
    log_variance = np.log1p((error / mean) ** 2)
    middle, spread = np.log(mean) - log_variance / 2, z * np.sqrt(log_variance)
    number = mean / phi
    variance = np.maximum((error / phi) ** 2, number * (1 + 1e-6))
    lumps = stats.nbinom(number**2 / (variance - number), number / variance)
    low = np.minimum(np.exp(middle - spread), lumps.ppf((1 - LEVEL) / 2) * phi)
    high = np.maximum(np.exp(middle + spread), lumps.ppf((1 + LEVEL) / 2) * phi)
    return np.where(comes, low, reserve - z * error), np.where(comes, high, reserve + z * error)


def _predicted(waiting: FloatArray, mean: float, variance: float, phi: float) -> FloatArray:
    # Late refunds can have brought in more than the whole: then nothing is waited for, and no lump is due.
    lumps = np.maximum(phi * waiting * mean, 0.0)
    result: FloatArray = np.sqrt(waiting**2 * variance + lumps)
    return result


def _cohort(
    row: int, weeks: tuple[str, str], course: FloatArray, cost: FloatArray, outlook: Outlook | None, target: float
) -> Cohort:
    age = len(cost) - 1 - row
    so_far = course[row, : age + 1]
    fan, expected, breaks_even = _ahead(row, age, so_far, float(cost[row]), outlook, target)
    return Cohort(
        first_week=weeks[0],
        last_week=weeks[1],
        age=age,
        cost_cents=round(float(cost[row]), 2),
        returned_cents=round(float(so_far[-1]), 2),
        expected=expected,
        is_refused=expected is None,
        breaks_even_at=breaks_even,
        course=tuple(round(float(cents), 2) for cents in so_far),
        fan=fan,
    )


def _ahead(
    row: int, age: int, so_far: FloatArray, cost: float, outlook: Outlook | None, target: float
) -> tuple[tuple[Range, ...], Range | None, int | None]:
    """The fan, the whole and the age of breaking even; nothing of it when the whole is too uncertain.

    Of the money still to come, ages bring their part of the share that is missing; the error of a part is that of the
    whole x the root of the part, as for money that comes by chance alone, which is rather too wide than too narrow.
    """
    reached = _first_age(so_far, target * cost) if cost > 0 else None
    if outlook is None:
        return (), None, reached
    share = outlook.share
    is_all_in = share[age] >= ALL_IN
    if not is_all_in and not _is_clear(so_far[-1] + outlook.reserve[row], outlook.error[row]):
        return (), None, reached
    later = share[age + 1 : _last_age(share) + 1]
    missing = 1 - share[age]
    part = np.append((later - share[age]) / missing if missing > 0 else np.zeros(len(later)), 1.0)
    means = so_far[-1] + outlook.reserve[row] * part
    low, high = bounds(outlook.reserve[row] * part, outlook.error[row] * np.sqrt(part), phi=outlook.phi)
    ranges = [
        _range(mean, so_far[-1] + under, so_far[-1] + over) for mean, under, over in zip(means, low, high, strict=True)
    ]
    if cost > 0:
        reached = _first_age(np.append(so_far, means[:-1]), target * cost)
    return tuple(ranges[:-1]), ranges[-1], reached


def _last_age(share: FloatArray) -> int:
    """The first age at which all but nothing is in."""
    return int(np.argmax(share >= ALL_IN)) if (share >= ALL_IN).any() else len(share) - 1


def _is_clear(expected: float, error: float) -> bool:
    """Whether a figure is known well enough to be said: a standard error of half of it at most."""
    return bool(expected > 0 and error <= MAX_CV * expected)


def _first_age(course: FloatArray, needed: float) -> int | None:
    reached = np.flatnonzero(course >= needed)
    return int(reached[0]) if len(reached) else None


def _range(value: float, low: float, high: float) -> Range:
    return Range(round(float(value), 2), round(float(low), 2), round(float(high), 2))
