"""What tests of reports can ask for."""

import copy

import pytest
import time_machine

from tests.reports.world import NOW, World, build


@pytest.fixture(scope="module")
def built_once(rows_of_the_module: None) -> World:
    with time_machine.travel(NOW, tick=False):
        return build()


@pytest.fixture
def world(built_once: World, db: None) -> World:
    """The agency of world.py: its rows are stored once for all tests of a module."""
    return copy.deepcopy(built_once)


@pytest.fixture
def plain_rule_alone(monkeypatch):
    """Verdicts by the plain rule, as for a platform of which the method knows nothing: short worlds, simple states."""
    monkeypatch.setattr("reports.statistics.assess.assess", lambda *_args, **_kwargs: {})
