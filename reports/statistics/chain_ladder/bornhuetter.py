"""What is still to come of cohorts too young to say so themselves: Bornhuetter-Ferguson and Cape Cod.

Sources: Bornhuetter and Ferguson, "The actuary and IBNR", PCAS 59 (1972); the Cape Cod ratio of Stanard and Bühlmann;
Mack, "The prediction error of Bornhuetter/Ferguson", ASTIN Bulletin 38 (2008).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from reports.statistics.arrays import FloatArray, Numbers, floats, ratio
from reports.statistics.chain_ladder.pattern import shares
from reports.statistics.chain_ladder.standard_errors import continued
from reports.statistics.chain_ladder.triangle import Triangle


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


def _age_variances(triangle: Triangle, expected: FloatArray) -> FloatArray:
    """s2 of each age: the mean of (what came - expected x its part)^2 / expected, per unit of expected (Mack 2008)."""
    parts = np.diff(shares(triangle.cumulative), prepend=0.0)
    usable = triangle.known & (expected > 0)[:, None]
    weights = np.where(usable, expected[:, None], 1.0)
    squares = np.where(usable, (triangle.incremental - expected[:, None] * parts) ** 2 / weights, 0.0).sum(axis=0)
    freedom = usable.sum(axis=0) - 1
    return continued(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))


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
