"""The curve of weekly results against weekly hours, and what follows from it. Needs neither numpy nor scipy.

Expected results of a week = a x hours^b. `line.fit` fits it, in jobs; pages build it again from what was stored and ask
it what fewer hours would save and give up.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

from reports.statistics.results import ResponseLine

# The bound of b that must stay below 1, and the intervals of what-if.
BOUND_LEVEL, LEVEL = 0.95, 0.8

Covariance: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


def student_quantile(level: float, freedom: int) -> float:
    """Return how many standard errors hold the truth with that probability, at 11 degrees of freedom or more.

    The upper (1 + level) / 2 point of Student's t by the expansion around the normal one (Abramowitz and Stegun,
    *Handbook of Mathematical Functions*, 26.7.5): right to five decimals up to a level of 95 %.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The fitted curve of weekly results against weekly hours.

    ``log_a`` and ``b`` are its parameters, ``covariance`` theirs; ``dispersion`` is at least 1. ``weeks`` is
    how many weeks with hours stand behind it, ``left_out`` how many without hours do not. Hours are those observed.
    """

    log_a: float
    b: float
    covariance: Covariance
    dispersion: float
    weeks: int
    left_out: int
    least_hours: float
    most_hours: float
    spread: float

    @property
    def b_error(self) -> float:
        """The standard error of b."""
        return math.sqrt(self.covariance[1][1])

    def b_interval(self, *, level: float = BOUND_LEVEL) -> tuple[float, float]:
        margin = self.quantile(level) * self.b_error
        return self.b - margin, self.b + margin

    def expected(self, hours: float) -> float:
        """Results expected in a week of that many hours."""
        return math.exp(self.log_a) * hours**self.b if hours > 0 else 0.0

    def bounds(self, hours: float, *, level: float = LEVEL) -> tuple[float, float, float]:
        """The lower bound, the middle and the upper bound of the results expected at that many hours, above 0."""
        log_hours = math.log(hours)
        (of_a, of_both), (_, of_b) = self.covariance
        error = math.sqrt(max(of_a + 2 * log_hours * of_both + log_hours**2 * of_b, 0.0))
        factor = math.exp(self.quantile(level) * error)
        middle = self.expected(hours)
        return middle / factor, middle, middle * factor

    def marginal(self, hours: float) -> float:
        """Results that the next hour brings: b x the average of the hours so far."""
        return self.b * self.expected(hours) / hours

    def quantile(self, level: float) -> float:
        return student_quantile(level, self.weeks - 2)


def from_line(line: ResponseLine) -> Curve | None:
    """Return the curve behind a stored line; None when none could be fitted."""
    if line.log_a is None or line.b is None or not line.covariance:
        return None
    (of_a, between), (_, of_b) = line.covariance
    return Curve(
        log_a=line.log_a,
        b=line.b,
        covariance=((of_a, between), (between, of_b)),
        dispersion=line.dispersion or 1.0,
        weeks=line.weeks,
        left_out=line.left_out,
        least_hours=line.least_hours,
        most_hours=line.most_hours,
        spread=line.spread,
    )


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
    (of_a, of_both), (_, of_b) = curve.covariance
    variance = lost**2 * of_a + 2 * lost * slope_b * of_both + slope_b**2 * of_b
    margin = curve.quantile(LEVEL) * math.sqrt(max(variance, 0.0))
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
