"""Judge simulated agencies as the application does: from rows in the database, evaluated week after week."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.db import transaction

from campaigns.models import Platform
from operations.simulation import rows
from reports.models import Flag, FlagKind
from reports.statistics.simulation import shown
from reports.statistics.simulation.measures import LOOKS, JudgedAgency, Place, Truth, WorldRates, together
from reports.statistics.simulation.records import FIRST, START
from reports.statistics.simulation.worlds import WEEKS, DrawnAgency, World, draw
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation


def measure(world: World, *, seed: int, runs: int) -> WorldRates:
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
                places += [
                    place for row, each in enumerate(found) if each for place in shown.places(week, row, each, truth)
                ]
        transaction.set_rollback(True)
    return JudgedAgency(np.array(states), np.array(flagged), tuple(places))


def _flags(platforms: Sequence[Platform]) -> list[bool]:
    raised = set(Flag.objects.open().filter(kind=FlagKind.LOSING).values_list("platform", flat=True))
    return [platform.pk in raised for platform in platforms]
