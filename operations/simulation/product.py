"""Judge simulated agencies as the application does: from rows in the database, evaluated week after week."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from django.db import transaction

from campaigns.models import Platform
from core.weeks import Week
from operations.simulation import rows
from reports.models import Flag, FlagKind
from reports.statistics.results import Assessment, Range
from reports.statistics.simulation.measures import LOOKS, Figures, JudgedAgency, Place, Truth, together
from reports.statistics.simulation.records import FIRST, FRIDAY, START
from reports.statistics.simulation.worlds import WEEKS, DrawnAgency, World, draw
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation

# Sums of fewer sales have steps, so that no bounds hold them with just 80 %.
LEAST_SALES = 8.0
# What is in the pipe for the first whole quarter.
WHOLE_QUARTER = 1


def measure(world: World, *, seed: int, runs: int) -> Figures:
    """Draw and judge that many agencies; the draws are those of the simulation without a database."""
    return together(world, [judge(draw(world, np.random.default_rng([seed, run]))) for run in range(runs)])


def judge(agency: DrawnAgency, *, weeks: Sequence[int] = range(WEEKS)) -> JudgedAgency:
    """Write one agency, evaluate at the end of these weeks, and take back all that was written."""
    truth, places = Truth(agency), list[Place]()
    states, flagged = [], []
    with transaction.atomic():
        platforms = rows.write(agency)
        for week in weeks:
            cases = evaluation.evaluate(FIRST.plus(week), at=START + timedelta(weeks=week + 1))
            found = [cases[platform].assessment for platform in platforms]
            states.append([VerdictState(cases[platform].state).code for platform in platforms])
            flagged.append(_flags(platforms))
            if week in LOOKS:
                places += [place for row, each in enumerate(found) if each for place in _places(week, row, each, truth)]
        transaction.set_rollback(True)
    return JudgedAgency(np.array(states), np.array(flagged), tuple(places))


def _flags(platforms: Sequence[Platform]) -> list[bool]:
    raised = set(Flag.objects.open().filter(kind=FlagKind.LOSING).values_list("platform", flat=True))
    return [platform.pk in raised for platform in platforms]


# -- intervals --------------------------------------------------------------------------------------------------------


def _places(week: int, row: int, found: Assessment, truth: Truth) -> Iterator[Place]:
    """Whether what came lies below the interval that is shown (0), in it, or above it (1)."""
    for what, interval, came in _shown(week, row, found, truth):
        yield Place(what, week, row, float(came > interval.high) / 2 + 0.5 - float(came < interval.low) / 2)


def _shown(week: int, row: int, found: Assessment, truth: Truth) -> Iterator[tuple[str, Range, float]]:
    if found.now is None:
        return
    value, later = found.now.usual_sale_cents or 0.0, week + 1
    yield "return", found.now.returned, truth.returns[row]
    if found.total:
        yield "total", found.total, truth.to_come(row, (0, later), (0, None))
    if len(found.quarters) > WHOLE_QUARTER:
        quarter = found.quarters[WHOLE_QUARTER]
        paid = (_fridays_before(quarter.first_day), _fridays_before(quarter.last_day, is_included=True))
        yield "quarter", quarter.expected, truth.to_come(row, (0, later), paid)
    for cohort in found.cohorts:
        first, last = (Week.parse(name) for name in (cohort.first_week, cohort.last_week))
        worked = (FIRST.weeks_until(first), FIRST.weeks_until(last) + 1)
        if cohort.expected and cohort.expected.value - cohort.returned_cents >= LEAST_SALES * value:
            yield "month", cohort.expected, truth.to_come(row, worked, (0, None))


def _fridays_before(day: str, *, is_included: bool = False) -> int:
    """How many weeks had their Friday, on which sales are made, before this day."""
    passed = date.fromisoformat(day) - FIRST.days[FRIDAY]
    return -(-(passed.days + is_included) // 7)
