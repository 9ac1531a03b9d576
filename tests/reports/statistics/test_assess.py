"""From rows to assessments, on agencies whose figures can be followed by hand."""

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from campaigns.attribution import MODELS, PATH_MODELS
from reports.statistics import assess, chain_ladder
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.results import Assessment, from_json, to_json
from reports.statistics.states import VerdictState
from tests.reports.statistics.agency import LAST, RULES, Sale, agency

MONTHS = 10
# One sale a month of 1,000, at once, on the second platform: phi is 1,000 x (1 + 0.3).
PHI = 130_000
STEADY: list[Sale] = [(1, month, 0, 100_000.0) for month in range(MONTHS) for _ in range(4)]


def judged(rows, *, rules=RULES, previous=None, shares=None) -> dict[int, Assessment]:
    names = [model.name for model in MODELS]
    return assess.assess(
        rows,
        rules,
        shares or assess.shares_of(rows.paths),
        previous=previous or {},
        plain={platform: dict.fromkeys(names, "watch") for platform in rows.platforms},
        inputs_until="2026-11-15",
    )


def first_of(cost, sales=STEADY, **changes) -> Assessment:
    """The first platform of an agency whose second brings four sales of 1,000 each month at once."""
    months = len(cost)
    return judged(agency([cost, [100_000] * months], sales), **changes)[1]


def test_hours_that_bring_nothing_are_losing_once_they_should_have_paid():
    """Six months at 1,000 mature to 6,000 = 4.6 sales; nothing came: P(R < 1) = 1 - e^-(1 + E)."""
    found = first_of([100_000] * MONTHS)
    assert (found.state, found.judged, found.rule) == ("losing", "losing", "evidence")
    assert found.now is not None
    assert found.before is not None
    assert (found.now.months, found.now.matured_cents, found.now.returned_cents) == (6, 600_000, 0)
    assert found.now.phi_cents == PHI
    assert found.now.amount == pytest.approx(600_000 / PHI)
    assert found.now.p_below == pytest.approx(1 - math.exp(-(1 + 600_000 / PHI)))
    assert found.delay is not None
    assert (found.delay.source, found.delay.sales) == ("agency", 40)
    assert [refusal.reason for refusal in found.delay.refusals] == ["few_sales"]


@pytest.mark.parametrize(
    ("returned", "state"),
    [
        pytest.param(0, "losing", id="nothing"),
        pytest.param(50_000, "watch", id="half of what it cost: not sure enough"),
        pytest.param(100_000, "watch", id="as much as it cost"),
        pytest.param(300_000, "earning", id="three times as much"),
    ],
)
def test_the_state_follows_what_came_back(returned, state):
    sales = STEADY + [(0, month, 0, float(returned)) for month in range(MONTHS) if returned]
    assert first_of([100_000] * MONTHS, sales).state == state


def test_the_window_widens_while_too_little_has_matured():
    """Three sales weigh 3,900: at 250 a month a year has 3,250, and twenty months have 5,000."""
    sales: list[Sale] = [(1, month, 0, 100_000.0) for month in range(20) for _ in range(4)]
    rows = agency([[25_000] * 20, [100_000] * 20], sales)
    found = judged(rows)[1]
    assert found.now is not None
    assert (found.now.months, found.now.cost_cents) == (24, 500_000)
    thin = judged(agency([[15_000] * 20, [100_000] * 20], sales))[1]
    assert thin.now is not None
    assert (thin.state, thin.now.months) == ("insufficient", 24)
    assert thin.now.amount == pytest.approx(300_000 / PHI)


# -- twice, and not back at once ---------------------------------------------------------------------------------------


def test_losing_needs_the_same_four_weeks_before():
    """E was 1.15 a month ago: P = 1 - e^-2.15 = .88. Now it is 4.6."""
    cost = [0] * (MONTHS - 2) + [150_000, 450_000]
    found = first_of(cost)
    assert found.now is not None
    assert found.before is not None
    assert (found.state, round(found.before.p_below, 2), found.now.p_below > 0.95) == ("watch", 0.88, True)


@pytest.mark.parametrize(("previous", "state"), [(VerdictState.WATCH, "watch"), (VerdictState.LOSING, "losing")])
def test_a_flag_stays_while_it_is_near_the_line(previous, state):
    """3,000 back of 6,000: shape 3.31, rate 5.62, P(R < 1) = .89: not enough to raise, enough to stay."""
    sales = [*STEADY, *((0, month, 0, 100_000.0) for month in range(MONTHS - 3, MONTHS))]
    found = first_of([100_000] * MONTHS, sales, previous={1: previous})
    assert found.now is not None
    assert found.now.p_below == pytest.approx(0.89, abs=0.01)
    assert (found.state, found.judged) == (state, state)


def test_a_refusal_judges_nothing():
    found = judged(agency([[100_000] * 5], [(0, 0, 0, 100_000.0)] * 40), previous={1: VerdictState.LOSING})[1]
    assert (found.state, found.judged, found.now, found.delay) == ("too_early", "losing", None, None)
    assert found.spent_cents == 500_000


# -- refusals ----------------------------------------------------------------------------------------------------------


def every_month(months: int, number: int, age: int = 0) -> list[Sale]:
    return [(0, month, age, 100_000.0) for month in range(months) for _ in range(number)]


@pytest.mark.parametrize(
    ("months", "sales", "reason"),
    [
        pytest.param(5, every_month(5, 8), "few_cohorts", id="five months of work"),
        pytest.param(10, every_month(10, 2), "few_sales", id="twenty sales"),
        pytest.param(
            10,
            [*every_month(10, 4)[4:], *[(0, 0, 0, 100_000.0)] * 4, *[(0, 0, 1, -100_000.0)] * 4],
            "empty_column",
            id="all of the oldest month refunded",
        ),
        pytest.param(
            8,
            [*every_month(8, 4), (0, 1, 4, 6_000_000.0)],
            "wide_error",
            id="one huge sale, late",
        ),
        pytest.param(
            10,
            [(0, month, age, 100_000.0) for month in range(10) for age in range(10)],
            "open_end",
            id="as much at every age",
        ),
        pytest.param(
            12,
            [sale for sale in every_month(12, 4) if sale[1] not in (4, 5)],
            "calendar_break",
            id="two silent months in the middle",
        ),
    ],
)
def test_each_refusal_makes_it_too_early_and_says_why(months, sales, reason):
    found = judged(agency([[100_000] * months], sales))[1]
    assert found.state == "too_early"
    for source in ("own", "agency"):
        assert reason in {refusal.reason for refusal in found.refusals if refusal.source == source}
    assert found.total is None
    assert found.cohorts
    assert all(one.is_refused and one.expected is None and not one.fan for one in found.cohorts)


def test_too_few_sales_say_when_there_will_be_enough():
    """Twenty sales in ten months: the ten that are missing take five months more."""
    found = judged(agency([[100_000] * 10], every_month(10, 2)))[1]
    assert [(one.reason, one.weeks_more) for one in found.refusals] == [("few_sales", 20)] * 2


def test_a_platform_without_any_credit_is_read_with_the_guess_while_sales_are_few():
    """Else hours that bring nothing were too early for ever: here the other platform has 10 sales in two years."""
    few: list[Sale] = [(1, month, 0, 100_000.0) for month in range(0, 20, 2)]
    found = judged(agency([[200_000] * 20, [50_000] * 20], few))
    assert found[2].state == "too_early"
    assert found[1].state == "losing"
    delay = found[1].delay
    assert delay is not None
    assert (delay.source, delay.sales) == ("guess", 0)
    assert delay.share == pytest.approx(chain_ladder.guessed_shares(20, mean=8, deviation=4), abs=1e-6)
    assert "few_sales" in {refusal.reason for refusal in delay.refusals}


# -- no sale at all ----------------------------------------------------------------------------------------------------


def test_without_any_sale_the_typical_one_stands_in():
    """Twelve months at 10,000, a share of each matured as guessed; one sale weighs 5,000."""
    rules = replace(RULES, typical_sale=500_000.0, complete_since=date(2025, 1, 1))
    found = judged(agency([[1_000_000] * 12], []), rules=rules)[1]
    share = chain_ladder.guessed_shares(12, mean=8, deviation=4)
    assert found.now is not None
    assert found.delay is not None
    assert (found.state, found.rule, found.delay.source) == ("losing", "typical_sale", "guess")
    assert found.now.phi_cents == 500_000
    assert found.now.matured_cents == pytest.approx(1_000_000 * share.sum(), abs=0.01)


def test_without_any_sale_nothing_is_judged_until_it_is_known_that_sales_would_be_recorded():
    """220 hours a week bring nothing as far as anybody wrote down; a typical sale alone is no record either."""
    rows = agency([[4 * 220 * 4_000] * 12], [])
    for typical in (None, 500_000.0):
        rules = replace(RULES, typical_sale=typical)
        found = judged(rows, rules=rules, previous={1: VerdictState.LOSING})[1]
        assert (found.state, found.judged, found.now, found.delay, found.refusals) == (
            "no_sales",
            "losing",
            None,
            None,
            (),
        )
        assert {model.state for model in found.models.values()} == {"no_sales"}


def test_complete_records_without_a_usual_sale_say_that_it_is_missing():
    rules = replace(RULES, complete_since=date(2025, 1, 1))
    found = judged(agency([[1_000_000] * 12], []), rules=rules)[1]
    assert (found.state, found.rule, found.now) == ("insufficient", "plain", None)
    assert [(one.reason, one.found, one.needed) for one in found.refusals] == [("usual_sale_unknown", 0, 5)]


# -- what each month will have brought ---------------------------------------------------------------------------------


def waves(number: int = 6, months: int = 14) -> list[Sale]:
    """Of each month's work, half comes in the third month after it and half in the sixth."""
    return [(0, month, age, 100_000.0) for month in range(months) for age in (3, 6) for _ in range(number)]


def test_a_platforms_own_sales_tell_its_delay_and_what_is_to_come():
    rows = agency([[600_000] * 14], waves())
    found = judged(rows)[1]
    assert found.delay is not None
    assert (found.delay.source, found.delay.refusals) == ("own", ())
    assert found.delay.share == (0, 0, 0, 0.5, 0.5, 0.5, *[1] * 8)
    half = next(one for one in found.cohorts if one.age == 4)
    assert (half.returned_cents, half.course[-1], half.breaks_even_at) == (600_000, 600_000, 3)
    assert half.expected is not None
    assert half.expected.value == pytest.approx(1_200_000)
    assert half.expected.low < half.expected.value < half.expected.high
    assert [round(one.value) for one in half.fan] == [600_000, 1_200_000]  # ages 5 and 6, and then it is all in
    assert half.fan[-1] == half.expected
    assert found.total is not None
    assert found.total.value == pytest.approx(14 * 1_200_000, rel=0.01)
    assert found.total_cost_cents == 14 * 600_000


def test_returns_of_work_before_the_hours_tell_the_delay_and_nothing_else():
    """Hours were logged in the last seven months only."""
    rows = agency([[0] * 7 + [600_000] * 7], waves())
    masked = {model: np.where(np.arange(14)[:, None] < 7, 0.0, cells) for model, cells in rows.money.items()}
    found = judged(replace(rows, money=masked))[1]
    assert found.delay is not None
    assert found.now is not None
    assert found.delay.source == "own"
    assert [one.age for one in found.cohorts] == [6, 5, 4, 3, 2, 1, 0]
    # Of the six months that are looked at, three are three months old or more: half of their returns are in.
    assert (found.now.returned_cents, found.now.matured_cents) == (3 * 600_000, 3 * 300_000)


def test_months_without_cost_or_return_are_left_out():
    found = first_of([100_000, 0, 0, *[100_000] * 7])
    assert [one.age for one in found.cohorts] == [9, 6, 5, 4, 3, 2, 1, 0]


def test_the_fan_ends_at_the_whole_and_never_narrows_below_what_came():
    found = judged(agency([[600_000] * 14], waves()))[1]
    for one in found.cohorts:
        if one.is_refused:
            continue
        assert len(one.course) == one.age + 1
        assert all(range_.low <= range_.value <= range_.high for range_ in one.fan)
        assert [range_.value for range_ in one.fan] == sorted(range_.value for range_ in one.fan)


# -- models ------------------------------------------------------------------------------------------------------------


def test_data_driven_models_share_out_what_all_platforms_brought():
    paths = (
        ChannelPath(("1",), conversions=1, value=300.0),
        ChannelPath(("1", "2"), conversions=1, value=100.0, nulls=3),
    )
    rows = agency([[100_000] * MONTHS, [100_000] * MONTHS], STEADY, paths=paths)
    found = judged(rows)[1].models
    # Shapley: 300 and half of 100, of 400. The window of six months brought 24 sales.
    assert found["shapley"].returned_cents == pytest.approx(24 * 100_000 * 350 / 400)
    assert (found["shapley"].state, found["linear"].state) == ("earning", "losing")
    assert found["linear"].returned_cents == 0
    assert judged(rows)[1].flips


def test_models_without_any_path_are_refused():
    found = first_of([100_000] * MONTHS)
    assert {name: one.reason for name, one in found.models_refused.items()} == {
        "markov": "no_paths",
        "shapley": "no_paths",
    }
    assert set(found.models) == {model.name for model in PATH_MODELS}


def test_shapley_is_refused_above_twelve_platforms():
    paths = [ChannelPath((str(number),), conversions=1, value=1.0) for number in range(1, 14)]
    refused = assess.shares_of(tuple(paths)).refused
    assert list(refused) == ["shapley"]
    assert (refused["shapley"].found, refused["shapley"].needed) == (13, 12)
    assert assess.shares_of(tuple(paths)).models["markov"][1] == pytest.approx(1 / 13)


# -- the line ----------------------------------------------------------------------------------------------------------


def drawn(hours, leads, sales=STEADY):
    return judged(agency([[100_000] * 26, [100_000] * 26], [*sales, *every_month(26, 2)], hours=hours, leads=leads))[1]


def test_the_line_is_drawn_where_the_next_hour_stops_paying():
    """Leads = 2 x the root of the hours: b = 0.5, so that the next lead costs twice the average one."""
    hours = [float(8 + 24 * (week % 2)) for week in range(104)]
    steady: list[Sale] = [(1, month, 0, 100_000.0) for month in range(26) for _ in range(4)]
    line = drawn(hours, [2 * math.sqrt(each) for each in hours], steady).line
    assert line.refusal is None
    assert line.lead_cents is not None
    assert line.marginal_lead_cents is not None
    assert line.b == pytest.approx(0.5, abs=1e-6)
    assert (line.weeks, line.left_out, line.least_hours, line.most_hours) == (100, 0, 8, 32)
    assert line.marginal_lead_cents.value == pytest.approx(2 * line.lead_cents, rel=1e-4)
    # Two sales of 1,000 for each 1,000 spent: the average 1 brings 2, the next one 1.
    assert line.marginal_return is not None
    assert line.break_even_hours is not None
    assert line.marginal_return.value == pytest.approx(1.0, rel=1e-4)
    assert line.break_even_hours == pytest.approx(line.hours_now, rel=1e-3)


@pytest.mark.parametrize(
    ("hours", "leads", "reason"),
    [
        pytest.param([10.0] * 12, [1.0] * 12, "few_weeks", id="eight weeks that are old enough"),
        pytest.param([10.0] * 60, [1.0] * 60, "same_hours", id="always the same hours"),
        pytest.param([10.0, 20.0] * 30, [0.0] * 60, "no_return", id="no lead"),
        pytest.param([10.0, 11.0] * 30, [1.0, 5.0, 2.0, 0.0] * 15, "wide_error", id="noise"),
        pytest.param([10.0, 20.0] * 30, [10.0, 20.0] * 30, "not_below_one", id="twice the hours, twice the leads"),
    ],
)
def test_no_line_is_drawn_without_enough_to_see_it(hours, leads, reason):
    line = drawn(hours, leads).line
    assert line.refusal is not None
    assert line.refusal.reason == reason
    assert line.break_even_hours is None


# -- what is stored ----------------------------------------------------------------------------------------------------


def test_an_assessment_survives_json_and_the_same_rows_give_the_same_bytes():
    def stored():
        found = judged(agency([[600_000] * 14], waves(), hours=[10.0, 20.0] * 50, leads=[3.0, 4.0] * 50))[1]
        return found, json.dumps(to_json(found), allow_nan=False)

    found, text = stored()
    assert stored()[1] == text
    assert to_json(from_json(json.loads(text))) == to_json(found)
    assert found.week == str(LAST)
