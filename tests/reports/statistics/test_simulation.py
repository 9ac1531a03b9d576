"""The verdicts against platforms whose true returns are known: a reduced form here, all of it in `make soak`."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reports.statistics.delay import WEEKS_A_MONTH
from reports.statistics.posterior import ENOUGH
from reports.statistics.simulation import measures
from reports.statistics.simulation.aims import AIMED_AT, Aim, aims_of
from reports.statistics.simulation.judging import MOST_UNJUDGED, Standing, judged_weeks
from reports.statistics.simulation.measures import Place, WorldRates
from reports.statistics.simulation.records import Records
from reports.statistics.simulation.table import table
from reports.statistics.simulation.worlds import (
    BASE,
    COST_CENTS,
    GAP,
    LATE,
    RETURNS,
    SHAPES,
    WEEKS,
    WORLDS,
    World,
    draw,
)
from reports.statistics.states import UNJUDGED, VerdictState

SEED = 20260101
SOAK_RUNS = 300
FEW_RUNS = 8
TOUCHPOINTS = replace(BASE, has_many_touchpoints=True)


@pytest.fixture(scope="module")
def few() -> WorldRates:
    """Few agencies of the base line: the same for each test here."""
    return measures.measure(BASE, seed=SEED, runs=FEW_RUNS)


def drawn(world: World, *, seeds: int = 20) -> list[Records]:
    return [Records(draw(world, np.random.default_rng([SEED, seed])), with_lost=True) for seed in range(seeds)]


# -- the worlds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(BASE, id="one touchpoint"),
        pytest.param(TOUCHPOINTS, id="one to three"),
        pytest.param(replace(BASE, lookback_days=365), id="a lookback shorter than some delays"),
    ],
)
def test_platforms_are_credited_with_what_they_truly_return(world: World) -> None:
    """By the number of sales: what one brings varies too much."""
    credited = np.zeros(len(RETURNS))
    for records in drawn(world):
        credits = records.credits
        credited += np.bincount(credits.platform, credits.default_share, len(RETURNS)) * world.usual_sale
    assert credited / 20 / (COST_CENTS * WEEKS) == pytest.approx(world.true_returns(), abs=0.05)


def test_so_many_sales_a_month_pay_for_a_platform_and_vary_more_than_by_chance() -> None:
    counts = [
        np.bincount(records.agency.worked[records.agency.platform == RETURNS.index(1.0)], minlength=WEEKS)
        for records in drawn(BASE, seeds=40)
    ]
    assert np.mean(counts) * WEEKS_A_MONTH == pytest.approx(5, rel=0.03)
    assert np.var(counts) / np.mean(counts) == pytest.approx(1.3, rel=0.05)
    worth = np.concatenate([records.agency.cents for records in drawn(BASE)])
    assert worth.mean() * 5 == pytest.approx(COST_CENTS * WEEKS_A_MONTH, rel=0.05)


@pytest.mark.parametrize(("shape", "mean"), [("gamma", 8), ("lognormal", 8), ("two humps", 8), ("long tail", 22.4)])
def test_sales_take_as_long_as_they_should(shape: str, mean: float) -> None:
    months = SHAPES[shape](8, 100_000, np.random.default_rng(SEED))
    assert months.mean() == pytest.approx(mean, rel=0.02)


def test_a_lead_met_one_to_three_platforms_each_once_and_none_after_its_sale() -> None:
    agency = draw(TOUCHPOINTS, np.random.default_rng(SEED))
    met = np.bincount(agency.sale)
    assert np.bincount(met)[1:] / len(met) == pytest.approx([0.5, 0.25, 0.25], abs=0.05)
    assert len(set(zip(agency.sale, agency.platform, strict=True))) == len(agency.sale)
    assert (agency.worked <= agency.sold[agency.sale]).all()
    same_lead = np.diff(agency.sale) == 0
    assert (np.diff(agency.worked)[same_lead] >= 0).all()


# -- what is known when -----------------------------------------------------------------------------------------------


def test_only_the_past_is_known() -> None:
    agency = draw(BASE, np.random.default_rng(SEED))
    rows = Records(agency).until(50)
    known = agency.sold <= 50
    assert rows.returned["linear"].sum() == pytest.approx(agency.cents[known].sum())
    assert (len(rows.sold.cents), len(rows.delays.worked)) == (known.sum(), known.sum())
    assert rows.cost.sum() == len(RETURNS) * COST_CENTS * 51
    assert sum(path.conversions for path in rows.paths) == known.sum()
    assert sum(path.nulls for path in rows.paths) == (agency.worked <= 50).sum() - known.sum()


@pytest.mark.parametrize(
    ("world", "recorded"),
    [
        pytest.param(replace(BASE, lost=GAP), ((0, 39), (48, 52)), id="a gap that is told"),
        pytest.param(replace(BASE, lost=GAP, is_told=False), ((0, 52),), id="a gap that is not"),
        pytest.param(replace(BASE, lost=LATE), ((17, 52),), id="late records that are told"),
        pytest.param(replace(BASE, lost=LATE, is_told=False), ((17, 52),), id="late records that are not"),
    ],
)
def test_what_nobody_recorded_is_not_there_and_counts_as_told(
    world: World, recorded: tuple[tuple[int, int], ...]
) -> None:
    agency = draw(world, np.random.default_rng(SEED))
    rows = Records(agency).until(51)
    assert rows.recorded == recorded
    start, end = world.lost
    assert not rows.returned["linear"][:, start:end].any()
    assert rows.returned["linear"][:, end:].any()


def test_what_was_seen_four_weeks_before_is_what_was_known_then() -> None:
    agency = draw(replace(TOUCHPOINTS, lost=GAP), np.random.default_rng(SEED))
    each_week = list(judged_weeks(agency, weeks=range(40, 61)))
    alone = list(judged_weeks(agency, weeks=[60]))
    chances = [
        [reading.posteriors_before["linear"].p_below(1.0) for reading in judged.readings]
        for judged in (each_week[-1], alone[-1])
    ]
    assert chances[0] == pytest.approx(chances[1], rel=1e-9)


def test_a_flag_falls_after_eight_weeks_without_a_judgement_and_the_last_one_is_forgotten() -> None:
    standing = Standing()
    standing.take(VerdictState.LOSING, 20)
    for week in range(21, 20 + MOST_UNJUDGED):
        assert standing.previous(week) is VerdictState.LOSING
        standing.take(VerdictState.TOO_EARLY, week)
        assert standing.is_flagged
    assert standing.previous(28) is VerdictState.WATCH
    standing.take(VerdictState.INSUFFICIENT, 28)
    assert not standing.is_flagged


# -- what is counted --------------------------------------------------------------------------------------------------


def figures(states: str, flags: str = "", places: tuple[Place, ...] = ()) -> WorldRates:
    """One run in which every platform has these states, week by week, and these flags."""
    codes = {letter: state.code for letter, state in zip("IEWLG", _STATES, strict=True)}
    shown = np.array([[codes[letter]] * len(RETURNS) for letter in states])
    raised = np.array([[flag == "x"] * len(RETURNS) for flag in flags or "." * len(states)])
    return WorldRates(BASE, shown[None], raised[None], places)


_STATES = (
    VerdictState.INSUFFICIENT,
    VerdictState.TOO_EARLY,
    VerdictState.WATCH,
    VerdictState.LOSING,
    VerdictState.EARNING,
)


@pytest.mark.parametrize(
    ("states", "changes"),
    [
        pytest.param("IIEEWWWW", 0, id="the way out of what is no judgement"),
        pytest.param("IIEEWWLL", 1, id="the first change after it"),
        pytest.param("IIWEWWLL", 3, id="back to what is no judgement, and again"),
        pytest.param("WLWLWLWL", 7, id="to and fro"),
    ],
)
def test_changes_of_state_are_counted_from_the_first_judgement(states: str, changes: int) -> None:
    assert figures(states).changes_a_year(8)[0] == changes * 52 / 8


def test_flags_are_counted_once_raised_and_while_they_stand() -> None:
    found = figures("WWWW", "..x.")
    assert (found.ever_flagged(2)[0], found.ever_flagged(4)[0], found.flagged_at(4)[0]) == (0, 1, 0)
    assert (found.wrongly_flagged(2), found.wrongly_flagged(3)) == (0, 1)


def test_misses_are_told_apart_and_a_platform_without_any_return_has_none() -> None:
    at = {1: (0.05, 0.3, 0.5, 0.95), RETURNS.index(0.0): (0.0,)}
    places = tuple(Place("month", 51, row, where) for row, found in at.items() for where in found)
    found = figures("W", places=places).coverage("month")
    assert (found.inside, found.below, found.above, found.number) == (0.5, 0.25, 0.25, 4)


def test_the_figures_do_not_depend_on_how_the_work_is_shared() -> None:
    world = replace(BASE, sales=1.5, delay=3)
    alone, shared = (measures.measure(world, seed=SEED, runs=2, jobs=jobs) for jobs in (1, 2))
    assert np.array_equal(alone.states, shared.states)
    assert alone.places == shared.places


# -- how often it is right --------------------------------------------------------------------------------------------


def test_what_brings_nothing_is_found_within_a_year_and_what_pays_is_not_called_out(few: WorldRates) -> None:
    found = dict(zip(RETURNS, few.ever_flagged(52), strict=True))
    assert found[0.0] >= 7 / 8
    found = dict(zip(RETURNS, few.ever_flagged(WEEKS), strict=True))
    assert (found[0.0], found[1.5], found[2.0]) == (1, 0, 0)
    assert found[0.5] >= 7 / 8
    assert few.flagged_at(WEEKS)[RETURNS.index(0.5)] >= 7 / 8


def test_a_state_stands(few: WorldRates) -> None:
    assert (few.changes_a_year(WEEKS) <= 1.5).all()


def test_what_could_be_judged_last_week_can_be_judged_in_this_one() -> None:
    """The first sales make the delay look short, later ones long; less seems due then."""
    agency = draw(BASE, np.random.default_rng([SEED, 2]))
    weeks = list(judged_weeks(agency, weeks=range(14, 32)))
    learnt = [week.readings[0].now.amount(0) >= ENOUGH for week in weeks]
    assert not all(learnt[learnt.index(True) :])
    is_judged = [week.states[0] not in UNJUDGED for week in weeks]
    assert all(is_judged[is_judged.index(True) :])


@pytest.mark.parametrize("what", ["month", "total", "return", "quarter"])
def test_intervals_of_80_percent_hold_about_as_much_and_miss_on_both_sides(few: WorldRates, what: str) -> None:
    """The platforms of an agency share its delay, so eight agencies tell little; the long form asks for more."""
    found = few.coverage(what)
    assert 0.6 <= found.inside <= 0.95
    assert min(found.below, found.above) > 0.01


def test_the_table_has_the_figures_and_the_aims(few: WorldRates) -> None:
    text = table(few)
    for part in ("base", "ever flagged in 12 months", "ever flagged in 24 months", "quarter", "(aim: at least 95.0 %)"):
        assert part in text
    assert "aim" not in table(replace(few, world=replace(BASE, name="another")))


def test_what_misses_its_aim_is_said_to() -> None:
    assert Aim("a part", 0.97, 0.95, 1).is_reached
    assert not Aim("a part", 0.93, 0.95, 1).is_reached
    never = figures("W" * WEEKS)
    assert "MISSED   return 0 flagged within 12 months: 0.0 %" in table(never)


@pytest.mark.soak
@pytest.mark.parametrize("world", WORLDS, ids=[world.name for world in WORLDS])
def test_the_aims_are_reached_in_every_world_that_has_some(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    runs = SOAK_RUNS if world.name in AIMED_AT else SOAK_RUNS // 5
    found = measures.measure(world, seed=SEED, runs=runs)
    record_property("agencies simulated", found.runs)
    record_property("how often the verdicts are right", table(found))
    assert [aim.text for aim in aims_of(found) if not aim.is_reached] == []
