"""Assessments to draw and to read, made of round numbers that can be followed by hand."""

import math
from dataclasses import replace

from campaigns import attribution
from core.weeks import Week
from reports.statistics.results import (
    Assessment,
    Cohort,
    Range,
    Refusal,
    ResponseLine,
    ReturnLag,
    UnderModel,
    WindowEstimate,
)
from tests.reports.world import LAST

COST = 400_000.0
MODELS = tuple(model.name for model in attribution.MODELS)
TOO_FEW = (Refusal("few_sales", found=12, needed=30), Refusal("few_cohorts", found=4, needed=6))


def pace(ages: int = 14) -> tuple[float, ...]:
    """Slow, then faster, then slow: 0 in the month of the work, 0.43 after six months, 1 at the end."""
    risen = [1 - math.exp(-((age / 7) ** 2)) for age in range(ages)]
    return tuple(one / risen[-1] for one in risen)


def cohorts(number: int, *, back: float, last: Week = LAST, ages: int = 14) -> tuple[Cohort, ...]:
    """Months of work of 4,000 each that bring `back` per 1 in the end, some a little more and some less."""
    share = pace(ages)
    made = []
    for months_ago in reversed(range(number)):
        first = last.plus(-4 * months_ago - 3)
        whole = COST * back * (1 + 0.25 * math.sin(3 * months_ago))
        age = min(months_ago, ages - 1)
        so_far = tuple(whole * one for one in share[: age + 1])
        spread = 0.45 * (1 - share[age])
        fan = tuple(
            Range(whole * one, so_far[-1] + (whole * one - so_far[-1]) * (1 - spread), whole * one * (1 + spread))
            for one in share[age + 1 :]
        )
        reached = next((at for at, one in enumerate(share) if whole * one >= COST), None)
        made.append(
            Cohort(
                first_week=str(first), last_week=str(first.plus(3)), age=age, cost_cents=COST,
                returned_cents=so_far[-1],
                expected=Range(whole, whole * (1 - spread), whole * (1 + spread)), is_refused=False,
                breaks_even_at=reached, course=so_far, fan=fan,
            )
        )  # fmt: skip
    return tuple(made)


def line(**changes: object) -> ResponseLine:
    """2 x the square root of the hours, at 30 hours a week; an hour costs 40.00, a lead brings 150.00."""
    points = tuple(
        (float(hours), round(2 * math.sqrt(hours)) + extra)
        for extra in (-1, 0, 2)
        for hours in (5, 8, 12, 16, 20, 24, 28, 30, 32, 36, 40)
    )
    drawn = ResponseLine(
        points=points, log_a=math.log(2), b=0.5, covariance=((0.04, -0.012), (-0.012, 0.004)), b_error=0.063,
        b_low=0.37, b_high=0.63, dispersion=1.1, weeks=33, left_out=2, least_hours=5.0, most_hours=40.0, spread=0.6,
        hours_now=30.0, hour_cents=4_000.0, lead_cents=10_954.0, value_of_lead_cents=15_000.0,
        marginal_lead_cents=Range(21_908.0, 18_800.0, 26_100.0), marginal_return=Range(0.68, 0.57, 0.8),
        break_even_hours=14.06,
    )  # fmt: skip
    return replace(drawn, **changes)


def refused_line() -> ResponseLine:
    return line(
        refusal=Refusal("wide_error", found=0.4, needed=0.25, weeks_more=51, variation=0.96),
        marginal_lead_cents=None,
        marginal_return=None,
        break_even_hours=None,
    )


def weighed(back: float = 1.4, **changes: object) -> WindowEstimate:
    """Half a year of work for 28,000, of which 10,000 should be back."""
    returned = 1_000_000 * back
    standard = WindowEstimate(
        months=7, cost_cents=2_800_000, matured_cents=1_000_000, returned_cents=returned, phi_cents=120_000,
        amount=8.3, p_below=0.04, p_above=0.96, returned=Range(back, back * 0.7, back * 1.4),
    )  # fmt: skip
    return replace(standard, **changes)


def earning(months: int = 20, *, back: float = 1.6, last: Week = LAST, **changes: object) -> Assessment:
    """An assessment with everything in it."""
    made = cohorts(months, back=back, last=last)
    whole = sum(one.expected.value for one in made)
    standard = Assessment(
        week=str(last), inputs_until=last.sunday.isoformat(), target=1.0, state="earning", rule="evidence",
        judged="earning", plain_state="losing", spent_cents=COST * months, now=weighed(back), before=weighed(back),
        refusals=(),
        delay=ReturnLag(source="own", share=pace(), sales=84), cohorts=made,
        total=Range(whole, whole * 0.88, whole * 1.15), total_cost_cents=COST * months, line=line(),
        models={
            model: UnderModel(
                state="watch" if model in ("last", "markov") else "earning",
                plain_state="earning" if model == "first" else "losing",
                returned_cents=1_400_000, p_below=0.15 if model in ("last", "markov") else 0.04,
            )
            for model in MODELS if model != "shapley"
        },
        models_refused={"shapley": Refusal("too_many_channels", found=14, needed=12)},
    )  # fmt: skip
    return replace(standard, **changes)


def too_early(**changes: object) -> Assessment:
    """Four months of work, twelve sales: nothing can be expected of them yet."""
    young = tuple(
        replace(one, expected=None, fan=(), breaks_even_at=None, course=one.course) for one in cohorts(4, back=0.8)
    )
    standard = replace(
        earning(), state="too_early", judged="watch", now=None, before=None, refusals=TOO_FEW, delay=None,
        cohorts=young, total=None, total_cost_cents=4 * COST, spent_cents=4 * COST,
        line=ResponseLine(refusal=Refusal("few_weeks", found=9, needed=13, weeks_more=4), hours_now=12.0),
        models={model: UnderModel(state="too_early", plain_state="watch", returned_cents=90_000) for model in MODELS},
        models_refused={},
    )  # fmt: skip
    return replace(standard, **changes)
