"""How many hours a week pay on a platform, and what that saves or brings: read off the stored response curve. Pure.

Only inside the hours that were tried, and only where the curve does not refuse (`reports/statistics/response_fit.py`).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from reports.statistics.response_curve import LEVEL, Curve, Estimate, from_line, what_if
from reports.statistics.results import Assessment, Range, ResponseLine

# A change of fewer hours a week is no advice.
LEAST_HOURS = 1
# How many standard errors lie between a figure and the bounds that hold it with 80 %.
_ERRORS = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class HoursAdvice:
    """From so many hours a week to so many, both whole; amounts are a week, in cents.

    ``gain_cents`` is what fewer hours save less the margin that they give up, or what more hours bring less what they
    cost. ``leads`` are those given up or brought. ``chance`` is that of any gain at all. ``next_hour`` is what the next
    1 spent brings back at the hours of now, ``least_hours`` the fewest that were tried.
    """

    hours_now: int
    hours_then: int
    gain_cents: Range
    leads: Range
    chance: float
    next_hour: Range | None
    least_hours: float

    @property
    def is_fewer(self) -> bool:
        return self.hours_then < self.hours_now

    @property
    def hours_changed(self) -> int:
        return abs(self.hours_now - self.hours_then)

    @property
    def is_sure(self) -> bool:
        """Whether even the lower bound is a gain."""
        return self.gain_cents.low > 0


def hours_advice(assessment: Assessment) -> HoursAdvice | None:
    """Return the hours that pay; None where the curve refuses, an hour costs nothing known, or nothing is to be gained.

    The error of the gain joins that of the curve and that of what 1 brings back, which the value of a lead rests on.
    """
    line, now = assessment.line, assessment.now
    curve = from_line(line) if line.refusal is None else None
    if curve is None or now is None or line.break_even_hours is None:
        return None
    if line.hour_cents is None or line.value_of_lead_cents is None or now.returned.value <= 0:
        return None
    hours_now, hours_then = round(line.hours_now), _whole_hours(line)
    if abs(hours_now - hours_then) < LEAST_HOURS:
        return None
    relative_error = (now.returned.high - now.returned.low) / 2 / now.returned.value
    advice = _between(curve, line, hours_now, hours_then, relative_error)
    return advice if advice.gain_cents.value > 0 else None


def _whole_hours(line: ResponseLine) -> int:
    """The hours at which the next one stops paying, rounded towards those of now: never beyond what was tried."""
    assert line.break_even_hours is not None
    if line.break_even_hours < line.hours_now:
        return math.ceil(line.break_even_hours - 1e-9)
    return math.floor(line.break_even_hours + 1e-9)


def _between(curve: Curve, line: ResponseLine, now: int, then: int, relative_error: float) -> HoursAdvice:
    many, few = max(now, then), min(now, then)
    hour, value = line.hour_cents or 0.0, line.value_of_lead_cents or 0.0
    effect = what_if(curve, hours=many, fewer=many - few, cost_of_hour=hour, value_of_lead=value)
    revenue = effect.revenue
    middle = effect.saved - revenue.value if then < now else revenue.value - effect.saved
    margin = math.hypot((revenue.high - revenue.low) / 2, revenue.value * relative_error)
    return HoursAdvice(
        hours_now=now,
        hours_then=then,
        gain_cents=Range(middle, middle - margin, middle + margin),
        leads=_no_less_than_none(effect.leads),
        chance=NormalDist().cdf(_ERRORS * middle / margin) if margin > 0 else 1.0,
        next_hour=line.marginal_return,
        least_hours=line.least_hours,
    )


def _no_less_than_none(leads: Estimate) -> Range:
    return Range(*(max(bound, 0.0) for bound in (leads.value, leads.low, leads.high)))
