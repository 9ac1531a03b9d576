"""An agency made of round numbers, as the arrays that the method reads; amounts in cents."""

from collections.abc import Sequence

import numpy as np

from campaigns.attribution import PATH_MODELS
from core.weeks import Week
from reports.statistics.assess import AssessmentRules
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.inputs import EvaluationInputs, Sold, Weekly

LAST = Week.parse("2026-W46")
MODELS = tuple(model.name for model in PATH_MODELS)
RULES = AssessmentRules(target=1.0, typical_sale=None, usual_delay=8.0, delay_spread=4.0)

# Platform, month of the work, age at which it came, cents.
Sale = tuple[int, int, int, float]


def agency(
    cost: Sequence[Sequence[float]],
    sales: Sequence[Sale],
    *,
    paths: Sequence[ChannelPath] = (),
    hours: Sequence[float] | None = None,
    leads: Sequence[float] | None = None,
) -> EvaluationInputs:
    """Rows with the cost of each platform by month, oldest first, and these sales, the same under every model.

    Each month's cost is spread over its four weeks. Hours and leads, of the newest weeks, are the first platform's.
    """
    costs = np.array(cost, dtype=np.float64)
    platforms, months = costs.shape
    money, number = (np.zeros((platforms, months, months)) for _ in range(2))
    known = [sale for sale in sales if sale[1] + sale[2] < months]
    for platform, month, age, cents in known:
        money[platform, month, age] += cents
        number[platform, month, age] += cents > 0
    weeks = [LAST.plus(4 * (month + 1 - months)) for month in range(months)]
    return EvaluationInputs(
        platforms=tuple(range(1, platforms + 1)),
        weeks=tuple((str(last.plus(-3)), str(last)) for last in weeks),
        model="linear",
        cost=costs,
        money=dict.fromkeys(MODELS, money),
        history=money,
        sales=number,
        sold=Sold(
            sale=np.arange(len(known)),
            month=np.array([month + age for _, month, age, _ in known], dtype=np.int64),
            cents=np.array([float(cents) for *_, cents in known]),
        ),
        weekly=_weekly(costs, hours, leads),
        paths=tuple(paths),
    )


def _weekly(costs: np.ndarray, hours: Sequence[float] | None, leads: Sequence[float] | None) -> Weekly:
    width = 108
    by_week = np.repeat(costs / 4, 4, axis=1)[:, -width:]
    cost = np.pad(by_week, ((0, 0), (width - by_week.shape[1], 0)))
    worked, came = np.zeros_like(cost), np.zeros_like(cost)
    for values, into in ((hours, worked), (leads, came)):
        if values is not None:
            into[0, -len(values) :] = values
    return Weekly(hours=worked, rated_hours=worked, labour=cost, cost=cost, leads=came)
