"""What each cohort will have brought in the end, and how far off that may be.

Sources: Mack, "Distribution-free calculation of the standard error of chain ladder reserve estimates", ASTIN
Bulletin 23 (1993), and "The standard error of chain ladder reserve estimates: recursive calculation and inclusion
of a tail factor", ASTIN Bulletin 29 (1999).
"""

from dataclasses import dataclass

import numpy as np

from reports.statistics.arrays import FloatArray, ratio
from reports.statistics.chain_ladder.pattern import development_factors, shares
from reports.statistics.chain_ladder.triangle import Triangle, latest_ages, latest_of, steps

# A cohort of which less than this has come in says too little about itself: Bornhuetter-Ferguson.
YOUNG_SHARE = 0.2


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
    shared = _still_to_make(relative, steps(cumulative)[0].sum(axis=-2))
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


def variances(cumulative: FloatArray) -> FloatArray:
    """Return sigma2_k = 1/(n-k-1) sum C(i,k) (C(i,k+1)/C(i,k) - f_k)^2, shape (..., ages - 1).

    A step that fewer than two cohorts have made takes Mack's rule, min(s_{k-1}^2/s_{k-2}, s_{k-2}, s_{k-1}). Cohorts
    that had nothing before the step carry no weight in f_k and are left out.
    """
    before, after = steps(cumulative)
    expected = before * np.nan_to_num(development_factors(cumulative), posinf=0.0)[..., None, :]
    carries = before > 0
    squares = np.where(carries, ratio((after - expected) ** 2, np.where(carries, before, 1.0)), 0.0).sum(axis=-2)
    freedom = carries.sum(axis=-2) - 1
    return continued(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))


def continued(values: FloatArray) -> FloatArray:
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
