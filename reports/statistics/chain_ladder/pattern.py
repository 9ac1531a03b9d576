"""How returns come in with age: the development factors, and p(age), the part of the whole that has come in.

The last age is taken as the end: nothing is expected to come after it.

Source: Mack, "Distribution-free calculation of the standard error of chain ladder reserve estimates", ASTIN Bulletin
23 (1993).
"""

import math

import numpy as np

from reports.statistics.arrays import FloatArray, ratio
from reports.statistics.chain_ladder.triangle import steps


def development_factors(cumulative: FloatArray) -> FloatArray:
    """Return f_k = sum C(i,k+1) / sum C(i,k) over the cohorts that know both, volume-weighted (Mack 1993).

    ``cumulative`` has shape (..., cohorts, ages), the result (..., ages - 1). Infinite when something follows nothing,
    NaN when nothing follows nothing.
    """
    before, after = steps(cumulative)
    return ratio(after.sum(axis=-2), before.sum(axis=-2))


def shares(cumulative: FloatArray) -> FloatArray:
    """Return p(age), the part of the whole that has come in by each age: shape (..., ages), the last one 1.

    p(a) = 1 / (f_a x f_(a+1) x ...). Before the first money of any cohort it is 0. NaN before a step from nothing to
    nothing that is not at the start: nobody can say what comes there.
    """
    before, after = (cells.sum(axis=-2) for cells in steps(cumulative))
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
