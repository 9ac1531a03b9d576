"""Each way in which the flag of a losing platform falls, and what is said of it then."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from reports.models import Flag, FlagCleared, FlagKind, Verdict
from reports.statistics.states import UNJUDGED, VerdictState
from reports.verdicts import evaluation
from reports.verdicts.flag_rules import WEEKS_UNJUDGED, rule_of, why_cleared
from reports.verdicts.plain_rule import Window
from reports.verdicts.weekly_changes import ChangeKind, changes
from tests import factories
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import case, flag, speak
from tests.reports.verdicts.test_weekly_changes import FOUND
from tests.reports.world import LAST, NOW

LOSING, WATCH, EARNING = VerdictState.LOSING, VerdictState.WATCH, VerdictState.EARNING
TOO_EARLY, NO_SALES = VerdictState.TOO_EARLY, VerdictState.NO_SALES


def found(state, **changes):
    return replace(assessments.earning(), state=state.value, **changes)


@pytest.mark.parametrize(
    ("state", "rule", "weeks", "because"),
    [
        pytest.param(LOSING, "evidence", 0, None, id="still losing"),
        pytest.param(LOSING, "plain", 0, None, id="raised by the plain rule, losing by the evidence"),
        pytest.param(WATCH, "evidence", 0, FlagCleared.ABOVE_LINE, id="left by its own threshold"),
        pytest.param(EARNING, "typical_sale", 0, FlagCleared.ABOVE_LINE, id="evidence judges now: by that"),
        pytest.param(TOO_EARLY, "evidence", 7, None, id="seven weeks too early"),
        pytest.param(TOO_EARLY, "evidence", 8, FlagCleared.UNJUDGED, id="eight weeks too early"),
        pytest.param(VerdictState.INSUFFICIENT, "evidence", 8, FlagCleared.UNJUDGED, id="eight weeks too little"),
        pytest.param(NO_SALES, "evidence", 7, None, id="all sales taken back"),
        pytest.param(NO_SALES, "evidence", 8, FlagCleared.UNJUDGED, id="eight weeks without a sale"),
        pytest.param(NO_SALES, "plain", 0, FlagCleared.RULE_GONE, id="the plain rule accuses nobody any more"),
        pytest.param(TOO_EARLY, "plain", 0, FlagCleared.RULE_GONE, id="nor while it is too early"),
        pytest.param(NO_SALES, "typical_sale", 0, FlagCleared.RULE_GONE, id="silence says nothing any more"),
        pytest.param(TOO_EARLY, "typical_sale", 0, None, id="sales came, and do not tell the delay yet"),
    ],
)
def test_a_flag_falls_by_the_rule_that_raised_it(state, rule, weeks, because):
    assert why_cleared(case(found=found(state)), rule=rule, weeks_unjudged=weeks) is because


def test_a_platform_that_was_given_up_loses_its_flag_whatever_is_said_of_it():
    nothing = Window(case().evidence.now.cost * 0, 0)
    for state in (LOSING, NO_SALES):
        given_up = case(found=found(state), now=nothing, before=nothing, minutes=0)
        assert why_cleared(given_up, rule="evidence", weeks_unjudged=0) is FlagCleared.GIVEN_UP


def test_without_any_work_to_judge_the_plain_rule_clears_its_flag():
    assert why_cleared(case(), rule="plain", weeks_unjudged=20) is None
    assert why_cleared(case(revenue=2_000_000), rule="plain", weeks_unjudged=0) is FlagCleared.ABOVE_LINE


@pytest.mark.parametrize(
    ("figures", "rule"),
    [
        ({}, "plain"),
        ({"assessment": None}, "plain"),
        ({"assessment": {"version": 99, "rule": "evidence"}}, "evidence"),
        ({"assessment": {"version": 1, "rule": "typical_sale"}}, "typical_sale"),
    ],
    ids=str,
)
def test_a_flag_remembers_its_rule_whatever_version_stored_it(figures, rule):
    assert rule_of(figures) == rule


@given(st.lists(st.sampled_from([LOSING, WATCH, EARNING, *UNJUDGED]), max_size=40))
def test_no_flag_outlives_eight_weeks_without_a_judgement_and_each_says_why_it_fell(states):
    """Week by week: raised by the evidence, up while it is losing, and for less than eight weeks after that."""
    is_up, unjudged = False, 0
    for state in states:
        unjudged = 0 if state not in UNJUDGED else unjudged + 1
        if is_up:
            because = why_cleared(case(found=found(state)), rule="evidence", weeks_unjudged=unjudged)
            is_up = because is None
        elif state is LOSING:
            is_up, unjudged = True, 0
        assert not is_up or unjudged < WEEKS_UNJUDGED
        assert state not in (WATCH, EARNING) or not is_up
        assert state is not LOSING or is_up


# -- through the weeks, from the database -----------------------------------------------------------------------------


@pytest.fixture
def facebook(db):
    return factories.PlatformFactory(name="Facebook")


def judged_as(monkeypatch, platform, found, week):
    """One evaluation that finds this."""
    monkeypatch.setattr(evaluation, "compute", lambda _week: {platform: case(found=found)})
    evaluation.evaluate(week, at=NOW)


def said(week):
    with money.localised(language="en", country="GB", currency="EUR"):
        return [(change.kind, change.sentence) for change in changes(week)]


def test_eight_weeks_without_a_judgement_take_a_flag_down_visibly(facebook, monkeypatch, client, director):
    judged_as(monkeypatch, facebook, FOUND[LOSING], LAST.plus(-9))
    judged_as(monkeypatch, facebook, FOUND[LOSING], LAST.plus(-8))
    for back in range(7, 0, -1):
        judged_as(monkeypatch, facebook, FOUND[TOO_EARLY], LAST.plus(-back))
        assert Flag.objects.get().cleared_on is None
    judged_as(monkeypatch, facebook, FOUND[TOO_EARLY], LAST)
    fallen = Flag.objects.get()
    assert (fallen.cleared_on, fallen.cleared_because) == (LAST.monday, FlagCleared.UNJUDGED)
    assert said(LAST) == [
        (
            ChangeKind.CLEARED,
            "Facebook is no longer judged: eight weeks passed without a judgement, and its flag was taken down.",
        )
    ]
    client.force_login(director)
    assert "No longer judged: eight weeks passed without a judgement." in client.get("/flags/").content.decode()


def test_what_was_judged_eight_weeks_ago_holds_nothing_up(facebook):
    speak(facebook, FOUND[LOSING], week=LAST.plus(-8))
    assert evaluation._judged_before(LAST) == {}
    speak(facebook, FOUND[LOSING], week=LAST.plus(-7))
    speak(facebook, FOUND[TOO_EARLY], week=LAST.previous)
    assert evaluation._judged_before(LAST) == {facebook.pk: (LAST.plus(-7), LOSING)}


def test_what_the_plain_rule_said_holds_nothing_up(facebook):
    speak(facebook, replace(FOUND[LOSING], rule="plain"), week=LAST.previous)
    assert evaluation._judged_before(LAST) == {}


def test_a_flag_that_the_plain_rule_raised_falls_with_it(facebook, monkeypatch):
    flag(facebook, replace(FOUND[LOSING], rule="plain", now=None, before=None), week=LAST.plus(-3))
    speak(facebook, replace(FOUND[LOSING], rule="plain", now=None), week=LAST.previous)
    judged_as(monkeypatch, facebook, FOUND[NO_SALES], LAST)
    assert Flag.objects.get().cleared_because == FlagCleared.RULE_GONE
    kinds = [kind for kind, _sentence in said(LAST)]
    assert kinds == [ChangeKind.TURNED, ChangeKind.CLEARED]
    assert said(LAST)[1][1] == ("The flag of Facebook was taken down: the rule that raised it is no longer used.")


def test_a_flag_of_a_usual_sale_goes_by_the_evidence_once_there_is_some(facebook, monkeypatch):
    flag(facebook, replace(FOUND[LOSING], rule="typical_sale"), week=LAST.plus(-3))
    judged_as(monkeypatch, facebook, FOUND[LOSING], LAST.previous)
    assert Flag.objects.get().cleared_on is None
    judged_as(monkeypatch, facebook, FOUND[WATCH], LAST)
    assert Flag.objects.get().cleared_because == FlagCleared.ABOVE_LINE
    assert [kind for kind, _sentence in said(LAST)] == [ChangeKind.TURNED]


def test_hours_within_the_limit_say_so(facebook, monkeypatch):
    Flag.objects.create(platform=facebook, kind=FlagKind.OVER_LIMIT, raised_on=LAST.previous.monday)
    judged_as(monkeypatch, facebook, FOUND[EARNING], LAST)
    assert Flag.objects.get().cleared_because == FlagCleared.WITHIN_LIMIT
    assert said(LAST) == [(ChangeKind.CLEARED, "Facebook is within its hours again.")]


def test_a_flag_that_fell_before_reasons_were_kept_is_told_as_before(facebook):
    fallen = flag(facebook, FOUND[LOSING], week=LAST.plus(-3))
    Flag.objects.filter(pk=fallen.pk).update(cleared_on=LAST.monday)
    assert said(LAST) == [(ChangeKind.CLEARED, "Facebook is no longer losing.")]
    assert not Verdict.objects.exists()
