"""From rows to assessments, on agencies whose figures can be followed by hand."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from campaigns.attribution import MODELS, PATH_MODELS
from reports.statistics import assess
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.results import Assessment, from_json, to_json
from reports.statistics.states import VerdictState
from tests.reports.statistics.agency import LAST, RULES, Sale, agency

MONTHS = 20
# Four sales a month of 1,000, at once, on the second platform: so the delay is known to be short.
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


def first_of(cost, sales=STEADY, *, recorded=None, **changes) -> Assessment:
    """The first platform of an agency whose second brings four sales of 1,000 each month at once."""
    months = len(cost)
    return judged(agency([cost, [100_000] * months], sales, recorded=recorded), **changes)[1]


def test_hours_that_bring_nothing_are_losing_once_they_should_have_paid():
    found = first_of([100_000] * MONTHS)
    assert (found.state, found.judged, found.rule) == ("losing", "losing", "evidence")
    assert found.now is not None
    assert found.before is not None
    assert found.delay is not None
    assert (found.now.months, found.now.cost_cents, found.now.returned_cents) == (12, 1_300_000, 0)
    assert found.now.matured_cents == pytest.approx(1_300_000, rel=0.05)
    assert (found.now.first_week, found.now.last_week) == (str(LAST.plus(-51)), str(LAST))
    assert found.now.usual_sale_cents == pytest.approx(100_000)
    # The 20 months count as sum w squared over sum w squared: 14.5 of them that are new.
    weeks = 0.5 ** (np.arange(80) / 39)
    assert found.now.amount == pytest.approx(weeks.sum() ** 2 / (weeks**2).sum() / 4, rel=0.1)
    assert found.now.p_below > 0.99
    assert (found.delay.source, found.delay.sales) == ("agency", 80)
    assert found.recorded_since == str(LAST.plus(-79).monday)


@pytest.mark.parametrize(
    ("returned", "state"),
    [
        pytest.param(0, "losing", id="nothing"),
        pytest.param(70_000, "watch", id="seven tenths of what it cost: not sure enough"),
        pytest.param(100_000, "watch", id="as much as it cost"),
        pytest.param(300_000, "earning", id="three times as much"),
    ],
)
def test_the_state_follows_what_came_back(returned, state):
    sales = STEADY + [(0, month, 0, float(returned)) for month in range(MONTHS) if returned]
    assert first_of([100_000] * MONTHS, sales).state == state


def test_little_work_is_insufficient_and_young_work_is_early():
    """A usual sale is 1,000: 80 a month make 1,600 in all. 5,000 of last month are worth five sales, but are young."""
    little = first_of([8_000] * MONTHS)
    young = first_of(
        [0] * (MONTHS - 1) + [500_000], [(1, month, 8, 100_000.0) for month in range(12) for _ in range(9)]
    )
    assert little.now is not None
    assert young.now is not None
    assert (little.state, little.now.amount < 3) == ("insufficient", True)
    assert (young.state, young.now.amount < 0.5) == ("too_early", True)


def test_what_fell_due_months_ago_counts_less_than_what_fell_due_now():
    """Ten good months and then ten silent ones, or the other way round."""
    good = [(0, month, 0, 200_000.0) for month in range(MONTHS)]
    fading, rising = (first_of([100_000] * MONTHS, STEADY + part) for part in (good[:10], good[10:]))
    assert fading.now is not None
    assert rising.now is not None
    assert fading.now.returned.value < 0.8 < 1.2 < rising.now.returned.value


def test_the_months_of_the_evidence_add_up_to_the_window():
    found = first_of([100_000] * MONTHS, STEADY + [(0, month, 0, 40_000.0) for month in range(MONTHS)])
    assert found.now is not None
    window = found.months[-13:]
    assert sum(month.due_cents for month in window) == pytest.approx(found.now.matured_cents, abs=1)
    assert sum(month.returned_cents for month in window) == found.now.returned_cents
    assert sum(month.cost_cents for month in window) == found.now.cost_cents
    assert [month.weight for month in found.months] == sorted(month.weight for month in found.months)
    assert len(found.months) == MONTHS


# -- twice, and not back at once ---------------------------------------------------------------------------------------


def test_losing_needs_the_same_four_weeks_before():
    cost = [0] * (MONTHS - 2) + [200_000, 500_000]
    found = first_of(cost)
    assert found.now is not None
    assert found.before is not None
    assert (found.state, found.before.p_below < 0.95 < found.now.p_below) == ("watch", True)


@pytest.mark.parametrize(("previous", "state"), [(VerdictState.WATCH, "watch"), (VerdictState.LOSING, "losing")])
def test_a_flag_stays_while_it_is_near_the_line(previous, state):
    sales = [*STEADY, *((0, month, 0, 70_000.0) for month in range(MONTHS))]
    found = first_of([100_000] * MONTHS, sales, previous={1: previous})
    assert found.now is not None
    assert 0.8 < found.now.p_below < 0.95
    assert (found.state, found.judged) == (state, state)


# -- what is recorded --------------------------------------------------------------------------------------------------


def test_nothing_is_judged_until_it_is_known_that_sales_would_be_recorded():
    """220 hours a week bring nothing as far as anybody wrote down; a usual sale alone is no record either."""
    rows = agency([[4 * 220 * 4_000] * 12], [], recorded=())
    for usual in (None, 500_000.0):
        found = judged(rows, rules=replace(RULES, usual_sale=usual), previous={1: VerdictState.LOSING})[1]
        assert (found.state, found.judged, found.now, found.delay) == ("no_sales", "losing", None, None)
        assert (found.refusals, found.quarters, found.total, found.recorded_since) == ((), (), None, None)
        assert {model.state for model in found.models.values()} == {"no_sales"}
        assert [one.expected for one in found.cohorts] == [None] * 12


def test_complete_records_make_silence_evidence():
    """A year at 10,000 a month, nothing came; by the settings a part of it is due, and a usual sale brings 1,000."""
    found = judged(agency([[1_000_000] * 12], []), rules=replace(RULES, usual_sale=100_000.0))[1]
    assert found.now is not None
    assert found.delay is not None
    assert (found.state, found.rule, found.delay.source) == ("losing", "typical_sale", "guess")
    assert found.now.phi_cents == pytest.approx(2.3 * 100_000)
    assert found.delay.half_months is not None
    assert found.delay.half_months.low < 7.3 < found.delay.half_months.high


def test_complete_records_without_a_usual_sale_say_that_it_is_missing():
    found = judged(agency([[1_000_000] * 12], []), rules=replace(RULES, usual_sale=None))[1]
    assert (found.state, found.now) == ("insufficient", None)
    assert [(one.reason, one.found, one.needed) for one in found.refusals] == [("usual_sale_unknown", 0, 5)]


@pytest.mark.parametrize("only", [20_000.0, 500_000.0])
@pytest.mark.parametrize("usual", [None, 200_000.0])
def test_one_sale_in_the_agency_accuses_nobody(only, usual):
    """Three platforms at 1,500 a week for 19 weeks; one sale, small or large, in the eleventh."""
    cost = [[0.0] * 3 + [600_000.0] * 5] * 3
    rows = agency(cost, [(2, 4, 1, only)], recorded=((23, 32),))
    found = judged(rows, rules=replace(RULES, usual_sale=usual))
    assert {one.state for one in found.values()} <= {"insufficient", "too_early", "watch"}


def test_the_smaller_the_only_sale_the_less_sure_is_nobody():
    """What one sale brings says next to nothing of what the next one would."""
    cost = [[600_000.0] * 12, [600_000.0] * 12]
    belows = []
    for only in (20_000.0, 500_000.0):
        found = judged(agency(cost, [(1, 2, 4, only)]), rules=replace(RULES, usual_sale=200_000.0))[1]
        assert found.now is not None
        belows.append(found.now.p_below)
    assert belows[0] == pytest.approx(belows[1], abs=0.02)


@pytest.mark.parametrize("months", [14, 26, 60])
def test_two_silent_months_cost_those_months_and_nothing_more(months):
    """Told in the settings: the weeks are left out. Not told: they count as silence, which time outweighs."""
    sales = [(0, month, 0, 100_000.0) for month in range(months) for _ in range(3) if month not in (4, 5)]
    told = judged(agency([[100_000] * months], sales, recorded=((0, 16), (24, 4 * months))))[1]
    untold = judged(agency([[100_000] * months], sales))[1]
    assert (told.state, untold.state) == ("earning", "earning")
    unrecorded = [month for month in told.months if not month.is_recorded]
    assert len(unrecorded) == (2 if months < 40 else 0)
    assert all((month.due_cents, month.returned_cents, month.weight) == (0, 0, 0) for month in unrecorded)


def test_weeks_without_any_sale_are_named_where_many_were_due():
    """Nine sales a month, and two months of the last year without any."""
    sales = [(0, month, 0, 100_000.0) for month in range(26) for _ in range(9) if month not in (20, 21)]
    found = judged(agency([[100_000] * 26, [100_000] * 26], sales))
    for one in found.values():
        assert one.silence is not None
        assert one.silence.due == pytest.approx(25, rel=0.2)
        # The sales of a month are made in its last week, so that eleven are without any.
        assert (one.silence.first_week, one.silence.last_week) == (str(LAST.plus(-23)), str(LAST.plus(-13)))
    told = judged(agency([[100_000] * 26, [100_000] * 26], sales, recorded=((0, 80), (88, 104))))
    steady = [(0, month, 0, 100_000.0) for month in range(26) for _ in range(9)]
    assert told[1].silence is None
    assert judged(agency([[100_000] * 26], steady))[1].silence is None


@pytest.mark.parametrize("months", [14, 26, 60, 100])
def test_sales_that_are_recorded_from_a_later_month_on_are_judged_from_there(months):
    sales = [(0, month, 2, 100_000.0) for month in range(3, months) for _ in range(3)]
    found = judged(agency([[100_000] * months], sales, recorded=((20, 4 * months),)))[1]
    assert found.now is not None
    assert found.state == "earning"
    assert found.recorded_since == str(LAST.plus(20 - 4 * months + 1).monday)


# -- what each month will have brought ---------------------------------------------------------------------------------


def waves(number: int = 6, months: int = 14) -> list[Sale]:
    """Of each month's work, half comes in the third month after it and half in the sixth."""
    return [(0, month, age, 100_000.0) for month in range(months) for age in (3, 6) for _ in range(number)]


def test_the_sales_tell_the_delay_and_what_is_to_come():
    found = judged(agency([[600_000] * 26], waves(months=26)))[1]
    assert found.delay is not None
    assert found.delay.half_months is not None
    assert found.delay.half_months.value == pytest.approx(4, abs=1)
    young, old = found.cohorts[-1], found.cohorts[0]
    assert young.expected is not None
    assert old.expected is not None
    assert young.expected.value == pytest.approx(1_200_000, rel=0.15)
    assert young.expected.low < young.expected.value < young.expected.high
    assert (old.returned_cents, old.fan, old.breaks_even_at) == (1_200_000, (), 3)
    assert old.expected.value == pytest.approx(1_200_000, rel=0.01)
    assert found.total is not None
    assert found.total.value == pytest.approx(26 * 1_200_000, rel=0.03)
    assert found.total_cost_cents == 26 * 600_000


def test_what_is_in_the_pipe_comes_by_calendar_quarter():
    found = judged(agency([[600_000] * 26], waves(months=26)))[1]
    assert [(quarter.first_day, quarter.last_day) for quarter in found.quarters] == [
        ("2026-11-16", "2026-12-31"),
        ("2027-01-01", "2027-03-31"),
        ("2027-04-01", "2027-06-30"),
        ("2027-07-01", "2027-09-30"),
    ]
    means = [quarter.expected.value for quarter in found.quarters]
    assert found.total is not None
    came = 12 * 100_000 * 20 + 6 * 100_000 * 3  # all of the work until six months ago, half of the next three
    assert sum(means) == pytest.approx(found.total.value - came, rel=0.1)
    assert means[1] > means[3]
    assert all(quarter.expected.low <= quarter.expected.value <= quarter.expected.high for quarter in found.quarters)


def test_returns_of_work_before_the_hours_tell_the_delay_and_nothing_else():
    """Hours were logged in the last seven months only."""
    rows = agency([[0] * 7 + [600_000] * 7], waves())
    masked = {model: np.where(np.arange(56) < 28 + 12, 0.0, came) for model, came in rows.returned.items()}
    found = judged(replace(rows, returned=masked))[1]
    assert found.delay is not None
    assert found.now is not None
    assert found.delay.sales == 14 * 12 - 6 * (3 + 6)
    assert found.now.returned_cents == 4 * 1_200_000


def test_months_without_cost_or_return_are_left_out():
    found = first_of([100_000, 0, 0, *[100_000] * 7], [])
    assert [one.age for one in found.cohorts] == [9, 6, 5, 4, 3, 2, 1, 0]


def test_the_fan_ends_at_the_whole_and_never_falls():
    found = judged(agency([[600_000] * 14], waves()))[1]
    for one in found.cohorts:
        assert one.expected is not None
        assert len(one.course) == one.age + 1
        assert all(range_.low <= range_.value <= range_.high for range_ in one.fan)
        assert [range_.value for range_ in one.fan] == sorted(range_.value for range_ in one.fan)
        if one.fan:
            assert one.fan[-1].value == pytest.approx(one.expected.value, rel=0.1)


def test_a_verdict_and_the_bounds_of_the_return_say_the_same():
    """All that is expected is drawn from what the verdict rests on."""
    for returned in (0.0, 70_000.0, 300_000.0):
        found = first_of([100_000] * MONTHS, STEADY + [(0, month, 0, returned) for month in range(MONTHS) if returned])
        assert found.now is not None
        if found.now.p_below > 0.9:
            assert found.now.returned.high < found.target
        if found.now.p_below < 0.1:
            assert found.now.returned.low > found.target


# -- models ------------------------------------------------------------------------------------------------------------


def test_data_driven_models_share_out_what_all_platforms_brought():
    paths = (
        ChannelPath(("1",), conversions=1, value=300.0),
        ChannelPath(("1", "2"), conversions=1, value=100.0, nulls=3),
    )
    rows = agency([[100_000] * MONTHS, [100_000] * MONTHS], STEADY, paths=paths)
    found = judged(rows)[1].models
    # Shapley: 300 and half of 100, of 400; there were 80 sales.
    assert found["shapley"].returned_cents == pytest.approx(80 * 100_000 * 350 / 400)
    assert (found["shapley"].state, found["linear"].state) == ("earning", "losing")
    assert found["linear"].returned_cents == 0


def test_the_verdict_is_as_sure_as_the_models_are_on_average():
    """Five ways of sharing out the credit give it nothing, Markov's gives it three of four sales: no verdict."""
    paths = (
        ChannelPath(("1",), conversions=1, value=300.0),
        ChannelPath(("1", "2"), conversions=1, value=100.0, nulls=3),
    )
    found = judged(agency([[100_000] * MONTHS, [100_000] * MONTHS], STEADY, paths=paths))[1]
    assert found.now is not None
    averaged = [model.p_below for name, model in found.models.items() if name != "shapley"]
    assert found.now.p_below == pytest.approx(sum(averaged) / 6)
    assert (found.state, found.depends_on_model) == ("watch", True)


def test_a_verdict_that_is_sure_on_average_depends_on_no_model():
    found = first_of([100_000] * MONTHS)
    unsure = {**found.models, "last": replace(found.models["linear"], state="watch")}
    assert not replace(found, models=unsure).depends_on_model
    assert replace(found, models=unsure, state="watch").depends_on_model
    assert replace(found, models=unsure, version=1).depends_on_model


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
    own: list[Sale] = [(0, month, 0, 100_000.0) for month in range(26) for _ in range(2)]
    return judged(agency([[100_000] * 26, [100_000] * 26], [*sales, *own], hours=hours, leads=leads))[1]


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
    assert line.marginal_return.value == pytest.approx(1.0, rel=0.05)
    assert line.break_even_hours == pytest.approx(line.hours_now, rel=0.1)


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
