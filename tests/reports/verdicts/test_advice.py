"""How many hours pay: read off the curve 2 x the square root of the hours, 150 a lead, 40 an hour, by hand."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from core import money
from reports.figures.totals import Figures
from reports.pages.next_action import advice_path, next_action, recommendation
from reports.pages.platform_rows import PlatformRow
from reports.statistics.results import Range
from reports.statistics.states import VerdictState
from reports.verdicts.advice import hours_advice
from reports.verdicts.case import brief
from reports.verdicts.records import StoredVerdict
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import case
from tests.reports.verdicts.test_weekly_changes import FOUND, LAST

KNOWN = Range(1.37, 1.36, 1.38)


def advised(returned=KNOWN, **changes):
    now = replace(assessments.weighed(), returned=returned)
    return hours_advice(assessments.earning(now=now, line=assessments.line(**changes)))


def test_fewer_hours_save_what_they_cost_less_the_margin_given_up():
    advice = advised()
    # 30 h down to the first whole hour above 14.06: 15 x 40 saved, 300 x (sqrt 30 - sqrt 15) given up.
    assert (advice.hours_now, advice.hours_then, advice.is_fewer, advice.hours_changed) == (30, 15, True, 15)
    assert advice.gain_cents.value == pytest.approx(60_000 - 30_000 * (math.sqrt(30) - math.sqrt(15)))
    assert advice.leads.value == pytest.approx(2 * (math.sqrt(30) - math.sqrt(15)))
    assert advice.gain_cents.low < advice.gain_cents.value < advice.gain_cents.high


def test_more_hours_bring_the_margin_less_what_they_cost():
    advice = advised(hours_now=8.0)
    assert (advice.hours_now, advice.hours_then, advice.is_fewer) == (8, 14, False)
    assert advice.gain_cents.value == pytest.approx(30_000 * (math.sqrt(14) - math.sqrt(8)) - 6 * 4_000)


def test_what_is_not_known_of_the_return_widens_the_range():
    sure, unsure = advised(), advised(returned=Range(1.37, 0.7, 2.04))
    assert unsure.gain_cents.value == sure.gain_cents.value
    assert unsure.gain_cents.high > sure.gain_cents.high
    assert 0.5 < unsure.chance < sure.chance
    assert not unsure.is_sure


@pytest.mark.parametrize(
    "changes",
    [
        {"break_even_hours": None},
        {"break_even_hours": 30.4},
        {"break_even_hours": 29.6},
        {"hour_cents": None},
        {"value_of_lead_cents": None},
        {"log_a": None},
    ],
    ids=str,
)
def test_without_a_point_there_is_no_advice(changes):
    assert advised(**changes) is None


def test_a_refused_line_or_platform_carries_no_advice():
    assert hours_advice(assessments.earning(line=assessments.refused_line())) is None
    assert hours_advice(replace(assessments.too_early(), line=assessments.line(), now=None)) is None


def test_the_stored_verdict_keeps_what_the_advice_needs():
    assessment = assessments.earning(line=assessments.line())
    kept = brief(assessment)
    assert kept.line.points == ()
    assert hours_advice(kept) == hours_advice(assessment)


# -- what to do, in a few words ---------------------------------------------------------------------------------------


def row(found, *, key=7, label="Facebook", **changes):
    spoken = case(found=found, **changes)
    verdict = StoredVerdict(key, LAST, str(spoken.state), spoken)
    return PlatformRow(key, label, Figures(), Figures(), 13, Fraction(1), verdict=verdict)


def surely(line):
    return assessments.earning(now=replace(assessments.weighed(), returned=KNOWN), line=line)


@pytest.fixture(autouse=True)
def _english():
    with money.localised(language="en", country="GB", currency="EUR"):
        yield


def test_the_most_pressing_thing_is_named_first():
    fewer = surely(assessments.line())
    assert next_action(row(fewer)).words == "−15 h: saves €119 a week"
    assert next_action(row(fewer)).path.endswith("/platforms/7/figures/?fewer=15#next-hour")
    above = row(fewer, weekly_limit_minutes=60, last_week_minutes=180)
    assert next_action(above).words == "Last week 2 h above its limit"
    assert next_action(row(assessments.earning(line=assessments.refused_line()))).words == "Keep"
    losing = replace(FOUND[VerdictState.LOSING], line=assessments.refused_line())
    assert next_action(row(losing)).words == "Fewer hours; how few is not known yet"
    assert next_action(row(FOUND[VerdictState.NO_SALES])).words == "Record its sales"
    assert next_action(row(FOUND[VerdictState.TOO_EARLY])).words.startswith("Keep")
    assert next_action(replace(row(fewer), verdict=None)).words == ""


def test_the_best_of_the_sure_ones_is_recommended():
    much, less = row(surely(assessments.line())), row(surely(assessments.line(hours_now=20.0)), key=8)
    unsure = row(assessments.earning(line=assessments.line(hours_now=40.0)), key=9)
    assert not unsure.advice.is_sure
    assert recommendation([unsure, less, much]).row is much
    assert recommendation([unsure]) is None
    assert recommendation([less]) is None
    assert recommendation([much]).limit_path == "/platforms/7/edit/?limit=15"


def test_the_limit_leaves_room_for_the_hours_that_keep_and_serve():
    alone = row(surely(assessments.line()))
    beside = recommendation([replace(alone, beside=Figures(minutes=13 * 605))])
    assert (beside.limit, beside.limit_path) == ("26 h", "/platforms/7/edit/?limit=26")
    assert beside.limit_sum == "26 h (15+11)"
    assert recommendation([alone]).limit_sum == "15 h"
    assert "26 h, with 11 h that keep and serve customers." in beside.reasons[1]
    assert "from 30 to 15 h a week" in beside.as_text


def test_the_path_of_the_advice_asks_what_fewer_hours_would_do():
    less = row(surely(assessments.line(hours_now=20.0)), key=8)
    assert advice_path(less).endswith("?fewer=5#next-hour")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (VerdictState.LOSING, " in 100 that it loses"),
        (VerdictState.EARNING, " in 100 that it earns"),
        (VerdictState.TOO_EARLY, "the records say too little yet"),
        (VerdictState.NO_SALES, "no sale recorded"),
    ],
)
def test_a_clause_says_how_sure_it_is(state, said):
    assert row(FOUND[state]).verdict.clause.endswith(said)
