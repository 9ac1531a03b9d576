"""Simulated agencies of which the later part is withheld: is what truly came inside the intervals that are shown?"""

from collections.abc import Iterator

import numpy as np
import pytest

from campaigns.attribution import MODELS
from reports.statistics import assess
from reports.statistics.assess import shares_of
from reports.statistics.simulation import shown
from reports.statistics.simulation.judging import rules_of
from reports.statistics.simulation.measures import Place, Truth, WorldRates
from reports.statistics.simulation.records import Records
from reports.statistics.simulation.worlds import BASE, RETURNS, draw
from reports.statistics.states import VerdictState

SEED = 20260101
WEEK = 77


@pytest.fixture(scope="module")
def held() -> WorldRates:
    """What is shown of eight agencies after a year and a half, against what came."""
    return WorldRates(BASE, np.zeros((8, 1, 1)), np.zeros((8, 1, 1)), tuple(places(range(8))))


def places(seeds: range) -> Iterator[Place]:
    for seed in seeds:
        agency = draw(BASE, np.random.default_rng([SEED, seed]))
        rows, truth = Records(agency).until(WEEK), Truth(agency)
        found = assess.assess(
            rows,
            rules_of(BASE),
            shares_of(rows.paths),
            previous={},
            plain=dict.fromkeys(
                rows.platforms, dict.fromkeys((model.name for model in MODELS), VerdictState.WATCH.value)
            ),
            inputs_until="2025-06-29",
        )
        for row in range(len(RETURNS)):
            yield from shown.places(WEEK, row, found[row], truth)


@pytest.mark.parametrize("what", ["month", "total", "return", "quarter"])
def test_the_truth_is_inside_the_intervals_about_as_often_as_they_say(held: WorldRates, what: str) -> None:
    """They say 80 %; the platforms of an agency share its delay, so eight agencies are few."""
    found = held.coverage(what)
    assert 0.65 <= found.inside <= 0.93
    assert min(found.below, found.above) > 0.01
