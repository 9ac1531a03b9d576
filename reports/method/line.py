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
import statsmodels.api as sm
from scipy import stats

from reports.method.arrays import FloatArray, Numbers, floats

MIN_WEEKS = 13
MAX_ERROR = 0.25
# The bound of b that must stay below 1, and the intervals of what-if.
BOUND_LEVEL, LEVEL = 0.95, 0.8


class Reason(StrEnum):
    FEW_WEEKS = "few_weeks"
    NO_RETURN = "no_return"
    SAME_HOURS = "same_hours"
    WIDE_ERROR = "wide_error"
    NOT_BELOW_ONE = "not_below_one"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no line is drawn: what was found, what would be needed.

    ``weeks_more`` is how many more weeks like these would be enough, ``variation`` how far the weekly hours would have
    to vary instead, as the standard deviation of their logarithm (0.2 is about a fifth up and down); None when neither
    would help.
    """

    reason: Reason
    found: float
    needed: float
    weeks_more: int | None = None
    variation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The fitted curve of weekly results against weekly hours.

    ``log_a`` and ``b`` are its parameters, ``covariance`` theirs (2 x 2); ``dispersion`` is at least 1. ``weeks`` is
    how many weeks with hours stand behind it, ``left_out`` how many without hours do not. Hours are those observed.
    """

    log_a: float
    b: float
    covariance: FloatArray
    dispersion: float
    weeks: int
    left_out: int
    least_hours: float
    most_hours: float
    spread: float

    @property
    def b_error(self) -> float:
        """The standard error of b."""
        return math.sqrt(self.covariance[1, 1])

    def b_interval(self, *, level: float = BOUND_LEVEL) -> tuple[float, float]:
        margin = self.quantile(level) * self.b_error
        return self.b - margin, self.b + margin

    def expected(self, hours: float) -> float:
        """Results expected in a week of that many hours."""
        return math.exp(self.log_a) * hours**self.b if hours > 0 else 0.0

    def marginal(self, hours: float) -> float:
        """Results that the next hour brings: b x the average of the hours so far."""
        return self.b * self.expected(hours) / hours

    def quantile(self, level: float) -> float:
        return float(stats.t.ppf((1 + level) / 2, self.weeks - 2))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the bounds that hold it with 80 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What fewer hours a week would save and give up, per week; ``revenue`` is in the unit of the value of a lead.

    ``is_outside`` when the hours left were never observed, so that the curve is only a guess there.
    """

    hours: float
    saved: float
    leads: Estimate
    revenue: Estimate
    is_outside: bool


def fit(hours: Numbers, results: Numbers) -> Curve | Refusal:
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


def refusal_of(curve: Curve) -> Refusal | None:
    """Return why no line may be drawn from a curve, and how many more weeks or how much variation would be enough.

    Refused when the standard error of b is above 0.25, or when its upper 95 % bound reaches 1: then the next hour may
    bring as much as the average one. The error shrinks with weeks x variance of log hours.
    """
    bound = curve.b_interval()[1]
    if curve.b_error > MAX_ERROR:
        # A b of 1 or more may be chance still: first see b clearly.
        goal = min(MAX_ERROR, _error_below_one(curve)) if curve.b < 1 else MAX_ERROR
        return _refusal_with_remedy(Refusal(Reason.WIDE_ERROR, curve.b_error, MAX_ERROR), curve, goal)
    if bound < 1:
        return None
    refusal = Refusal(Reason.NOT_BELOW_ONE, bound, 1.0)
    # A b that is clearly 1 or more is an answer: no number of weeks will show that the next hour brings less.
    return _refusal_with_remedy(refusal, curve, _error_below_one(curve)) if curve.b < 1 else refusal


def _error_below_one(curve: Curve) -> float:
    """The standard error at which the upper bound of b would stay below 1."""
    return (1 - curve.b) / curve.quantile(BOUND_LEVEL)


def _refusal_with_remedy(refusal: Refusal, curve: Curve, goal: float) -> Refusal:
    """Add what would bring the error of b down to the goal."""
    shrink = curve.b_error / goal
    # At least one week: at the very bound the quotient can be 1.
    weeks_more = max(1, math.ceil(curve.weeks * (shrink**2 - 1)))
    return replace(refusal, weeks_more=weeks_more, variation=curve.spread * shrink)


def marginal_cost(curve: Curve, *, average_cost: float) -> Estimate:
    """Return what the next lead costs, in the unit of the average cost of one: average / b, with its 80 % bounds.

    The upper bound is infinite when b may be 0: then further hours may bring nothing.
    """
    low, high = curve.b_interval(level=LEVEL)
    return Estimate(_over(average_cost, curve.b), average_cost / high, _over(average_cost, low))


def marginal_return(curve: Curve, *, average_return: float) -> Estimate:
    """Return what the next 1 spent brings back, from what the average 1 does: b x R, with its 80 % bounds."""
    low, high = curve.b_interval(level=LEVEL)
    return Estimate(curve.b * average_return, low * average_return, high * average_return)


def break_even_hours(curve: Curve, *, hours: float, average_return: float) -> float | None:
    """Return the weekly hours at which the next hour stops paying: h* = h (b R)^(1/(1-b)), within those observed.

    ``average_return`` R is what 1 spent brings back at ``hours`` h a week (1 per 1 is the line; divide by another
    target before). Where b R (h/h*)^(1-b) = 1, marginal return is 1. None when b is 1 or more: there is no such line.
    """
    if curve.b >= 1 or hours <= 0:
        return None
    if curve.b <= 0 or average_return <= 0:
        return curve.least_hours
    # In logarithms: a b near 1 would overflow.
    log_hours = math.log(hours) + math.log(curve.b * average_return) / (1 - curve.b)
    return math.exp(min(max(log_hours, math.log(curve.least_hours)), math.log(curve.most_hours)))


def what_if(curve: Curve, *, hours: float, fewer: float, cost_of_hour: float, value_of_lead: float) -> WhatIf:
    """Return what ``fewer`` hours a week, out of ``hours``, would save and give up.

    Leads given up are a (h^b - h'^b), their error by the delta method. ``cost_of_hour`` and ``value_of_lead`` are money
    in one unit.
    """
    if not 0 <= fewer <= hours:
        raise ValueError("the hours to leave out are between none and all of them")
    left = hours - fewer
    lost = curve.expected(hours) - curve.expected(left)
    slope_b = _log_slope(curve, hours) - _log_slope(curve, left)
    gradient = np.array([lost, slope_b])
    margin = curve.quantile(LEVEL) * math.sqrt(max(float(gradient @ curve.covariance @ gradient), 0.0))
    return WhatIf(
        hours=left,
        saved=fewer * cost_of_hour,
        leads=Estimate(lost, lost - margin, lost + margin),
        revenue=Estimate(lost * value_of_lead, (lost - margin) * value_of_lead, (lost + margin) * value_of_lead),
        is_outside=left < curve.least_hours,
    )


def _over(upper: float, lower: float) -> float:
    return upper / lower if lower > 0 else math.inf


def _log_slope(curve: Curve, hours: float) -> float:
    """The derivative of a x hours^b by b; 0 at no hours, its limit."""
    return curve.expected(hours) * math.log(hours) if hours > 0 else 0.0


def _cannot_fit(hours: FloatArray, results: FloatArray) -> Refusal | None:
    if len(hours) < MIN_WEEKS:
        return Refusal(Reason.FEW_WEEKS, len(hours), MIN_WEEKS, weeks_more=MIN_WEEKS - len(hours))
    if not results.any():
        return Refusal(Reason.NO_RETURN, 0, 1)
    # A hundredth: hours that differ by rounding only say nothing.
    spread = float(np.log(hours).std())
    return Refusal(Reason.SAME_HOURS, spread, 0.01, variation=0.2) if spread < 0.01 else None


def _fitted(hours: FloatArray, results: FloatArray, *, left_out: int) -> Curve:
    logs = np.log(hours)
    model = sm.GLM(results, sm.add_constant(logs, has_constant="add"), family=sm.families.Poisson())
    fitted = model.fit()
    dispersion = max(1.0, float(fitted.pearson_chi2 / fitted.df_resid))
    return Curve(
        log_a=float(fitted.params[0]),
        b=float(fitted.params[1]),
        covariance=floats(fitted.normalized_cov_params) * dispersion,
        dispersion=dispersion,
        weeks=len(hours),
        left_out=left_out,
        least_hours=float(hours.min()),
        most_hours=float(hours.max()),
        spread=float(logs.std()),
    )
