"""The line of an `Assessment`: weekly hours against the leads they brought, and where the next hour stops paying."""

from dataclasses import replace

import numpy as np

from reports.statistics import response_fit, results
from reports.statistics.arrays import FloatArray
from reports.statistics.inputs import EvaluationInputs
from reports.statistics.response_fit import Curve, Estimate
from reports.statistics.results import Range, ResponseLine

# Leads come within days, rarely weeks; the newest weeks are left out until theirs are there.
NEWEST_WEEKS = 4
MOST_WEEKS = 104
# What "hours a week now" means, in weeks: a season.
HOURS_NOW_WEEKS = 13


def line_of(rows: EvaluationInputs, row: int, *, average_return: float | None, target: float) -> ResponseLine:
    """Return the line of the platform in this row.

    ``average_return`` is what 1 spent brings back, None when that is not known: then there is a curve and no line.
    """
    weeks = slice(-MOST_WEEKS - NEWEST_WEEKS, -NEWEST_WEEKS)
    hours, leads = rows.weekly.hours[row, weeks], rows.weekly.leads[row, weeks]
    # From the first hours on: the weeks before them are not weeks off.
    begun = slice(int(np.argmax(hours > 0)) if hours.any() else len(hours), None)
    hours, leads = hours[begun], np.maximum(leads[begun], 0.0)
    worked = hours > 0
    drawn = ResponseLine(
        points=tuple(
            (round(float(h), 4), round(float(n), 6)) for h, n in zip(hours[worked], leads[worked], strict=True)
        ),
        weeks=int(worked.sum()),
        left_out=int((~worked).sum()),
        hours_now=float(rows.weekly.hours[row, -HOURS_NOW_WEEKS:].mean()),
        hour_cents=_over(rows.weekly.labour[row, weeks].sum(), rows.weekly.rated_hours[row, weeks].sum()),
    )
    curve = response_fit.fit(hours, leads)
    if isinstance(curve, response_fit.CurveRefusal):
        return replace(drawn, refusal=_refusal(curve))
    drawn = _with_curve(drawn, curve)
    if refusal := response_fit.refusal_of(curve):
        return replace(drawn, refusal=_refusal(refusal))
    cost_of_hour = _over(rows.weekly.cost[row, weeks].sum(), rows.weekly.hours[row, weeks].sum())
    return _with_line(drawn, curve, cost_of_hour, average_return, target)


def _with_curve(drawn: ResponseLine, curve: Curve) -> ResponseLine:
    low, high = curve.b_interval()
    return replace(
        drawn,
        log_a=curve.log_a,
        b=curve.b,
        covariance=tuple((float(left), float(right)) for left, right in curve.covariance),
        b_error=curve.b_error,
        b_low=low,
        b_high=high,
        dispersion=curve.dispersion,
        weeks=curve.weeks,
        left_out=curve.left_out,
        least_hours=curve.least_hours,
        most_hours=curve.most_hours,
        spread=curve.spread,
    )


def _with_line(
    drawn: ResponseLine, curve: Curve, cost_of_hour: float | None, average_return: float | None, target: float
) -> ResponseLine:
    """Add what a lead costs, and with the average return what the next hour brings.

    A lead costs what the hours now cost, spend included, over the leads the curve expects of them; its value is what 1
    spent brings back x that.
    """
    if not cost_of_hour or drawn.hours_now <= 0:
        return drawn
    lead_cents = cost_of_hour * drawn.hours_now / curve.expected(drawn.hours_now)
    drawn = replace(
        drawn,
        lead_cents=lead_cents,
        marginal_lead_cents=_range(response_fit.marginal_cost(curve, average_cost=lead_cents)),
    )
    if average_return is None:
        return drawn
    return replace(
        drawn,
        value_of_lead_cents=average_return * lead_cents,
        marginal_return=_range(response_fit.marginal_return(curve, average_return=average_return)),
        break_even_hours=response_fit.break_even_hours(
            curve, hours=drawn.hours_now, average_return=average_return / target
        ),
    )


def _refusal(refusal: response_fit.CurveRefusal) -> results.Refusal:
    return results.Refusal(
        refusal.reason.value,
        float(refusal.found),
        float(refusal.needed),
        weeks_more=refusal.weeks_more,
        variation=refusal.variation,
    )


def _range(estimate: Estimate) -> Range:
    return Range(estimate.value, estimate.low, estimate.high)


def _over(upper: float | FloatArray, lower: float | FloatArray) -> float | None:
    return float(upper / lower) if lower > 0 else None
