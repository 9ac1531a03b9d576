"""`manage.py simulate`: how often the verdicts are right, with any seed, and through the application itself."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Agency, Platform, Sale
from operations.simulation import product, rows, scratch
from reports.models import Verdict
from reports.statistics.simulation.judging import MOST_UNJUDGED, judged_weeks
from reports.statistics.simulation.worlds import BASE, GAP, LATE, WORLDS, World, draw
from reports.statistics.states import VerdictState
from reports.verdicts.flag_rules import WEEKS_UNJUDGED

SEED = 20260101
# From too early to judged: to losing, in some worlds.
WEEKS = (15, 43, 47, 51)
SMALL = replace(BASE, sales=1.5, delay=3)


def simulate(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


def test_the_same_seed_prints_the_same_figures_and_another_does_not() -> None:
    few = ("--runs=1", "--world=sales-1.5-delay-3")
    assert simulate(*few, "--seed=3") == simulate(*few, "--seed=3")
    assert simulate(*few, "--seed=3").splitlines()[1:] != simulate(*few, "--seed=4").splitlines()[1:]


def test_each_world_is_a_table_of_its_own() -> None:
    printed = simulate("--runs=1", "--world=sales-1.5-delay-3", "--world=sales-1.5-delay-5")
    assert printed.count("ever flagged in 24 months") == 2


def test_the_worlds_are_listed() -> None:
    assert simulate("--list").split() == [world.name for world in WORLDS]


@pytest.mark.parametrize("argument", ["--runs=0", "--seed=-1", "--jobs=0"])
def test_what_cannot_be_simulated_is_refused_in_a_sentence(argument: str) -> None:
    with pytest.raises(CommandError, match="at least"):
        simulate(argument)


def test_a_world_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(CommandError, match="no world mars. There are: base, setting-half"):
        simulate("--world=mars")


# -- through the application ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "world",
    [
        pytest.param(SMALL, id="one touchpoint"),
        pytest.param(replace(SMALL, has_many_touchpoints=True, lookback_days=365), id="one to three, short lookback"),
        pytest.param(replace(SMALL, lost=GAP), id="a gap that is told"),
        pytest.param(replace(SMALL, lost=LATE, is_told=False), id="late records that are not told"),
    ],
)
def test_the_application_says_the_same_as_the_simulation_without_it(world: World) -> None:
    agency = draw(world, np.random.default_rng(SEED))
    found = product.judge(agency, weeks=WEEKS)
    judged = list(judged_weeks(agency, weeks=WEEKS))
    states = [[VerdictState.from_code(code) for code in week] for week in found.states]
    assert states == [list(week.states) for week in judged]
    assert found.flagged.tolist() == [list(week.is_flagged) for week in judged]
    assert len({state for week in states for state in week}) > 1


def test_both_forget_a_judgement_after_as_many_weeks() -> None:
    assert MOST_UNJUDGED == WEEKS_UNJUDGED


@pytest.mark.django_db
def test_nothing_of_a_simulated_agency_is_left() -> None:
    product.judge(draw(SMALL, np.random.default_rng(SEED)), weeks=[60])
    assert not any(model.objects.exists() for model in (Platform, Sale, Verdict))
    assert Agency.current().typical_sale_cents is None


@pytest.mark.django_db
def test_the_settings_say_what_the_world_does() -> None:
    rows.write(draw(replace(SMALL, lost=LATE, setting=2.0), np.random.default_rng(SEED)))
    agency = Agency.current()
    assert (agency.usual_delay_months, agency.usual_delay_spread_months) == (6, 3)
    assert agency.typical_sale_cents == round(SMALL.usual_sale)
    assert str(agency.sales_complete_since) == "2024-04-29"


@pytest.mark.django_db
def test_intervals_that_are_shown_are_held_against_what_came() -> None:
    """Two years of it, looked at once; the platform that brings nothing has no part in it."""
    found = product.judge(draw(replace(SMALL, sales=15), np.random.default_rng(SEED)), weeks=[103])
    assert {place.what for place in found.places} == {"month", "total", "return", "quarter"}
    assert {place.at for place in found.places} <= {0.0, 0.5, 1.0}
    inside = [place.at == 0.5 for place in found.places if place.row > 0]
    assert 0.5 < np.mean(inside) < 1


def test_the_installation_s_own_data_is_never_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(scratch, "run_again", asked.append)
    monkeypatch.setattr(product, "measure", None)
    simulate("--product", "--runs=1", "--world=base", "--seed=5")
    assert asked == [["simulate", "--product", "--runs=1", "--seed=5", "--world=base"]]


def test_a_simulation_of_the_product_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, str]] = []
    monkeypatch.setattr(
        scratch.subprocess, "run", lambda command, *, env, **_: ran.append((command[3], env["DATABASE_URL"]))
    )
    scratch.run_again(["simulate", "--product"])
    assert [name for name, _ in ran] == ["migrate", "simulate"]
    assert ran[0][1] == ran[1][1]
    assert f"/{scratch.PREFIX}" in ran[0][1]


@pytest.mark.soak
@pytest.mark.django_db
def test_the_product_says_week_by_week_what_the_simulation_does() -> None:
    agency = draw(BASE, np.random.default_rng(SEED))
    found = product.judge(agency)
    assert found.states.tolist() == [[state.code for state in week.states] for week in judged_weeks(agency)]
