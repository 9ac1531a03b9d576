"""An agency made of round numbers, as the arrays that the method reads; amounts in cents."""

from collections.abc import Sequence

import numpy as np

from campaigns.attribution import PATH_MODELS
from core.weeks import Week
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.delay import Delays
from reports.statistics.evidence import AssessmentRules
from reports.statistics.inputs import WEEKS_A_MONTH, EvaluationInputs, Sold, Weekly

LAST = Week.parse("2026-W46")
MODELS = tuple(model.name for model in PATH_MODELS)
RULES = AssessmentRules(target=1.0, usual_sale=100_000.0, usual_delay=8.0, delay_spread=4.0)

# Platform, month of the work, age in months at which it came, cents.
Sale = tuple[int, int, int, float]


def agency(
    cost: Sequence[Sequence[float]],
    sales: Sequence[Sale],
    *,
    recorded: Sequence[tuple[int, int]] | None = None,
    paths: Sequence[ChannelPath] = (),
    hours: Sequence[float] | None = None,
    leads: Sequence[float] | None = None,
) -> EvaluationInputs:
    """Rows with the cost of each platform by month, oldest first, and these sales, the same under every model.

    Each month's cost is spread over its four weeks; its sales are made by the work of its last one, and come that many
    times four weeks later. Sales are recorded always, if not said otherwise. Hours and leads, of the newest weeks, are
    the first platform's.
    """
    costs = np.repeat(np.array(cost, dtype=np.float64) / WEEKS_A_MONTH, WEEKS_A_MONTH, axis=1)
    platforms, months = len(cost), len(cost[0])
    course, returned = np.zeros((platforms, months, months)), np.zeros_like(costs)
    known = [sale for sale in sales if sale[1] + sale[2] < months]
    for platform, month, age, cents in known:
        course[platform, month, age] += cents
        returned[platform, _last_week(month + age)] += cents
    weeks = [LAST.plus(WEEKS_A_MONTH * (month + 1 - months)) for month in range(months)]
    positive = [sale for sale in known if sale[3] > 0]
    return EvaluationInputs(
        platforms=tuple(range(1, platforms + 1)),
        weeks=tuple((str(last.plus(1 - WEEKS_A_MONTH)), str(last)) for last in weeks),
        model="linear",
        cost=costs,
        returned=dict.fromkeys(MODELS, returned),
        course=course,
        delays=Delays(
            worked=np.array([_last_week(month) for _, month, _, _ in positive], dtype=np.int64),
            paid=np.array([_last_week(month + age) for _, month, age, _ in positive], dtype=np.int64),
            share=np.ones(len(positive)),
        ),
        recorded=tuple(recorded) if recorded is not None else ((0, WEEKS_A_MONTH * months),),
        sold=Sold(
            sale=np.arange(len(known)),
            week=np.array([_last_week(month + age) for _, month, age, _ in known], dtype=np.int64),
            cents=np.array([float(cents) for *_, cents in known]),
        ),
        weekly=_weekly(costs, hours, leads),
        paths=tuple(paths),
    )


def _last_week(month: int) -> int:
    return WEEKS_A_MONTH * (month + 1) - 1


def _weekly(costs: np.ndarray, hours: Sequence[float] | None, leads: Sequence[float] | None) -> Weekly:
    width = 108
    by_week = costs[:, -width:]
    cost = np.pad(by_week, ((0, 0), (width - by_week.shape[1], 0)))
    worked, came = np.zeros_like(cost), np.zeros_like(cost)
    for values, into in ((hours, worked), (leads, came)):
        if values is not None:
            into[0, -len(values) :] = values
    return Weekly(hours=worked, rated_hours=worked, labour=cost, cost=cost, leads=came)
