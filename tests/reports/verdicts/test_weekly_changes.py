"""What changed in a week, told from stored verdicts and flags."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core import money
from reports.models import FlagKind, Verdict
from reports.statistics.states import VerdictState
from reports.verdicts.weekly_changes import ChangeKind, changes
from tests import factories
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import flag, speak
from tests.reports.verdicts.test_wording import GOOD, TWO_YEARS, YEAR
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db

WHY = "In that time about €25,200 should have come back, of this work and of older work; €4,100 did."
FOUND = {
    VerdictState.LOSING: assessments.earning(state="losing", judged="losing", now=YEAR),
    VerdictState.WATCH: assessments.earning(state="watch", now=GOOD),
    VerdictState.EARNING: assessments.earning(now=GOOD),
    VerdictState.INSUFFICIENT: assessments.earning(
        state="insufficient", now=replace(TWO_YEARS, usual_sale_cents=150_000)
    ),
    VerdictState.TOO_EARLY: assessments.too_early(),
    VerdictState.NO_SALES: assessments.too_early(state="no_sales", rule="plain", refusals=()),
}


@pytest.fixture(autouse=True)
def _english():
    with money.localised(language="en", country="GB", currency="EUR"):
        yield


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook")


def told(week=LAST):
    return [(change.kind, change.sentence) for change in changes(week)]


def test_nothing_changed_when_nothing_was_evaluated(facebook):
    assert changes(LAST) == []


def test_a_first_verdict_is_no_change(facebook):
    speak(facebook, FOUND[VerdictState.EARNING])
    assert changes(LAST) == []


def test_a_raised_flag_is_told_once_with_its_reason(facebook):
    speak(facebook, FOUND[VerdictState.WATCH], week=LAST.previous)
    for week in (LAST, LAST.next):
        speak(facebook, FOUND[VerdictState.LOSING], week=week)
    flag(facebook, FOUND[VerdictState.LOSING])
    assert told() == [(ChangeKind.RAISED, f"Facebook: losing, was watch. {WHY}")]
    assert told(LAST.next) == []


def test_a_flag_raised_on_the_first_verdict_says_no_state_before(facebook):
    speak(facebook, FOUND[VerdictState.LOSING])
    flag(facebook, FOUND[VerdictState.LOSING])
    assert told() == [
        (
            ChangeKind.RAISED,
            f"Facebook: losing. {WHY}",
        ),
    ]


RANGE = "All in all, that makes €1.40 to €2.10 for each euro."
TURNED = [
    (VerdictState.WATCH, VerdictState.EARNING, f"Facebook: earning, was watch. {RANGE}"),
    (VerdictState.EARNING, VerdictState.WATCH, f"Facebook: watch, was earning. {RANGE}"),
    (
        VerdictState.WATCH,
        VerdictState.INSUFFICIENT,
        "Facebook: too little to tell, was watch. Of it about €1,935 should have come back by now: worth 1.2 "
        "usual sales of €1,500, and it takes 3 to tell a trend from luck.",
    ),
    (
        VerdictState.LOSING,
        VerdictState.TOO_EARLY,
        "Facebook: too early, was losing. How long returns take cannot be seen yet: it takes 30 sales (12 so far) and "
        "6 months of work (4 so far).",
    ),
]


@pytest.mark.parametrize(("before", "after", "said"), TURNED)
def test_a_state_that_turned_is_told_with_its_reason(facebook, before, after, said):
    speak(facebook, FOUND[before], week=LAST.previous)
    speak(facebook, FOUND[after])
    assert told() == [(ChangeKind.TURNED, said)]
    (change,) = changes(LAST)
    assert (change.before, change.after) == (before, after)


def test_a_platform_that_was_given_up_is_told(facebook):
    speak(facebook, FOUND[VerdictState.EARNING], week=LAST.previous)
    speak(facebook, FOUND[VerdictState.EARNING], cost=0, revenue=0)
    assert told() == [(ChangeKind.TURNED, "Facebook: no data, was earning. No hours and no spend in 13 weeks.")]


def test_verdicts_of_the_plain_rule_are_still_told(facebook):
    speak(facebook, None, week=LAST.previous, revenue=1_300_000)
    speak(facebook, None)
    ((what, said),) = told()
    assert what is ChangeKind.TURNED
    assert said.startswith("Facebook: losing, was earning. Cost €4,200 more than it brought.")
    assert "evidence" not in said


def test_a_state_that_turned_because_the_rule_did_says_so(facebook):
    speak(facebook, None, week=LAST.previous)
    speak(facebook, FOUND[VerdictState.EARNING])
    assert told() == [(ChangeKind.TURNED, f"Facebook: earning, was losing. {RANGE}")]  # it had no work to judge before
    Verdict.objects.filter(week=LAST.previous.monday).update(plain_state="")
    said = (
        f"Facebook: earning, was losing. {RANGE} It is judged by its evidence now, no longer by the plain rule alone."
    )
    assert told() == [(ChangeKind.TURNED, said)]


def test_a_week_without_evaluation_hides_no_change(facebook):
    speak(facebook, FOUND[VerdictState.WATCH], week=LAST.plus(-3))
    speak(facebook, FOUND[VerdictState.EARNING])
    assert [what for what, _said in told()] == [ChangeKind.TURNED]


def test_a_flag_that_is_over_is_told_once(facebook):
    one = flag(facebook, FOUND[VerdictState.LOSING], week=LAST.plus(-5))
    one.cleared_on = LAST.monday
    one.save()
    assert told() == [(ChangeKind.CLEARED, "Facebook is no longer losing.")]
    speak(facebook, FOUND[VerdictState.LOSING], week=LAST.previous)
    speak(facebook, FOUND[VerdictState.WATCH])
    assert told() == [(ChangeKind.TURNED, f"Facebook: watch, was losing. {RANGE}")]


# -- hours over their limit -------------------------------------------------------------------------------------------


@pytest.fixture
def over(facebook):
    for week in (LAST.previous, LAST):
        speak(facebook, FOUND[VerdictState.EARNING], week=week, last_week_minutes=60, weekly_limit_minutes=30)
    return flag(facebook, None, week=LAST.previous, kind=FlagKind.OVER_LIMIT, last_week_minutes=60)


def test_hours_above_the_limit_are_told_each_week(over):
    for week in (LAST.previous, LAST):
        (change,) = changes(week)
        assert (change.kind, change.flag) == (ChangeKind.OVER_LIMIT, over)
        assert change.sentence == "Facebook took 1 h, above its limit of 0.5 h a week."


def test_hours_above_the_limit_are_told_until_somebody_takes_note(over, director):
    over.acknowledge(at=NOW, by=director, note="")
    assert changes(LAST) == []
    assert [change.kind for change in changes(LAST.previous)] == [ChangeKind.OVER_LIMIT]
    over.take_back()
    assert [change.kind for change in changes(LAST)] == [ChangeKind.OVER_LIMIT]


def test_hours_above_the_limit_are_not_told_while_put_off(over):
    over.snoozed_until = LAST.sunday + timedelta(days=1)
    over.save()
    assert changes(LAST) == []
    over.snoozed_until = LAST.sunday
    over.save()
    assert [change.kind for change in changes(LAST)] == [ChangeKind.OVER_LIMIT]


def test_the_number_of_queries_does_not_grow(facebook, django_assert_num_queries):
    for number in range(5):
        other = factories.PlatformFactory(name=f"Other {number}")
        for week, state in ((LAST.previous, VerdictState.WATCH), (LAST, VerdictState.EARNING)):
            speak(other, FOUND[state], week=week, last_week_minutes=60, weekly_limit_minutes=1)
        flag(other, None, kind=FlagKind.OVER_LIMIT)
    with django_assert_num_queries(2):
        assert len(changes(LAST)) == 10
