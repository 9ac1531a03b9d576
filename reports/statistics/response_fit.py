"""Where to draw the line: what the next hour on a platform brings, against what the average hour brings.

Expected leads (or margin) of a week = a x hours^b: b = 1 when twice the hours bring twice the leads, less than 1 when
each further hour brings less. Fitted as a Poisson regression with log link and quasi standard errors (McCullagh and
Nelder, *Generalized Linear Models*, 2nd ed., 6.2 and 9.2; Wooldridge, *Econometric Analysis*, 18.2: right for any
non-negative outcome whose mean is right). Hours may follow leads as well as bring them: answering takes hours.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from reports.statistics.arrays import FloatArray, Numbers, floats
from reports.statistics.response_curve import (
    BOUND_LEVEL,
    Curve,
    Estimate,
    WhatIf,
    break_even_hours,
    marginal_cost,
    marginal_return,
    what_if,
)

__all__ = [
    "Curve",
    "CurveReason",
    "CurveRefusal",
    "Estimate",
    "WhatIf",
    "break_even_hours",
    "fit",
    "marginal_cost",
    "marginal_return",
    "refusal_of",
    "what_if",
]

MIN_WEEKS = 13
MAX_ERROR = 0.25


class CurveReason(StrEnum):
    FEW_WEEKS = "few_weeks"
    NO_RETURN = "no_return"
    SAME_HOURS = "same_hours"
    WIDE_ERROR = "wide_error"
    NOT_BELOW_ONE = "not_below_one"


@dataclass(frozen=True, slots=True)
class CurveRefusal:
    """Why no line is drawn: what was found, what would be needed.

    ``weeks_more`` is how many more weeks like these would be enough, ``variation`` how far the weekly hours would have
    to vary instead, as the standard deviation of their logarithm (0.2 is about a fifth up and down); None when neither
    would help.
    """

    reason: CurveReason
    found: float
    needed: float
    weeks_more: int | None = None
    variation: float | None = None


def fit(hours: Numbers, results: Numbers) -> Curve | CurveRefusal:
    """Fit results = a x hours^b to weeks; return why not when they cannot tell.

    ``hours`` and ``results`` hold one value per week, results not negative: leads (fractions are welcome) or margin.
    Weeks without hours are left out: they say what comes by itself, not what an hour brings.
    """
    worked, came = floats(hours), floats(results)
    if worked.shape != came.shape or worked.ndim != 1:
        raise ValueError("hours and results must have one value per week each")
    if (worked < 0).any() or (came < 0).any():
        raise ValueError("hours and results of a week cannot be negative")
    used = worked > 0
    refusal = _cannot_fit(worked[used], came[used])
    return refusal or _fitted(worked[used], came[used], left_out=int((~used).sum()))


def refusal_of(curve: Curve) -> CurveRefusal | None:
    """Return why no line may be drawn from a curve, and how many more weeks or how much variation would be enough.

    Refused when the standard error of b is above 0.25, or when its upper 95 % bound reaches 1: then the next hour may
    bring as much as the average one. The error shrinks with weeks x variance of log hours.
    """
    bound = curve.b_interval()[1]
    if curve.b_error > MAX_ERROR:
        # A b of 1 or more may be chance still: first see b clearly.
        goal = min(MAX_ERROR, _error_below_one(curve)) if curve.b < 1 else MAX_ERROR
        return _refusal_with_remedy(CurveRefusal(CurveReason.WIDE_ERROR, curve.b_error, MAX_ERROR), curve, goal)
    if bound < 1:
        return None
    refusal = CurveRefusal(CurveReason.NOT_BELOW_ONE, bound, 1.0)
    # A b that is clearly 1 or more is an answer: no number of weeks will show that the next hour brings less.
    return _refusal_with_remedy(refusal, curve, _error_below_one(curve)) if curve.b < 1 else refusal


def _error_below_one(curve: Curve) -> float:
    """The standard error at which the upper bound of b would stay below 1."""
    return (1 - curve.b) / curve.quantile(BOUND_LEVEL)


def _refusal_with_remedy(refusal: CurveRefusal, curve: Curve, goal: float) -> CurveRefusal:
    """Add what would bring the error of b down to the goal."""
    shrink = curve.b_error / goal
    # At least one week: at the very bound the quotient can be 1.
    weeks_more = max(1, math.ceil(curve.weeks * (shrink**2 - 1)))
    return replace(refusal, weeks_more=weeks_more, variation=curve.spread * shrink)


def _cannot_fit(hours: FloatArray, results: FloatArray) -> CurveRefusal | None:
    if len(hours) < MIN_WEEKS:
        return CurveRefusal(CurveReason.FEW_WEEKS, len(hours), MIN_WEEKS, weeks_more=MIN_WEEKS - len(hours))
    if not results.any():
        return CurveRefusal(CurveReason.NO_RETURN, 0, 1)
    # A hundredth: hours that differ by rounding only say nothing.
    spread = float(np.log(hours).std())
    return CurveRefusal(CurveReason.SAME_HOURS, spread, 0.01, variation=0.2) if spread < 0.01 else None


def _fitted(hours: FloatArray, results: FloatArray, *, left_out: int) -> Curve:
    import statsmodels.api as sm  # slow to load, and only jobs fit

    logs = np.log(hours)
    model = sm.GLM(results, sm.add_constant(logs, has_constant="add"), family=sm.families.Poisson())
    fitted = model.fit()
    dispersion = max(1.0, float(fitted.pearson_chi2 / fitted.df_resid))
    (variance_a, between), (_, variance_b) = (floats(fitted.normalized_cov_params) * dispersion).tolist()
    return Curve(
        log_a=float(fitted.params[0]),
        b=float(fitted.params[1]),
        covariance=((variance_a, between), (between, variance_b)),
        dispersion=dispersion,
        weeks=len(hours),
        left_out=left_out,
        least_hours=float(hours.min()),
        most_hours=float(hours.max()),
        spread=float(logs.std()),
    )
