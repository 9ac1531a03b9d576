"""What changed in a week, told from stored verdicts and flags."""

from datetime import UTC, date, datetime

import pytest

from campaigns.weeks import Week
from reports import evaluation, rollup, words
from reports.changes import What, changes
from reports.verdict import State
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 4, tzinfo=UTC)
LAST = Week(date(2026, 11, 9))


@pytest.fixture
def facebook():
    """An hour a week at 100.00 for 30 weeks, until 2026-W46."""
    rate = factories.RateFactory(hourly_cents=10_000)
    platform = factories.PlatformFactory(name="Facebook")
    campaign = factories.CampaignFactory()
    for back in range(30):
        day = LAST.plus(-back).monday
        factories.EntryFactory(member=rate.member, platform=platform, campaign=campaign, day=day, minutes=60)
    return platform


def sell(platform, cents, week=LAST):
    return factories.SaleFactory(platform=platform, sold_on=week.monday, amount_cents=cents)


def evaluate(*weeks):
    rollup.drain()
    for week in weeks:
        evaluation.evaluate(week, at=NOW)


def test_nothing_changed_when_nothing_was_evaluated(facebook):
    assert changes(LAST) == []


def test_a_raised_flag_is_told_once_with_its_shortfall(facebook):
    sell(facebook, 130_000, LAST.plus(-14))
    evaluate(LAST.plus(-2), LAST.previous, LAST)
    assert [change.what for change in changes(LAST.previous)] == [What.TURNED]
    (raised,) = changes(LAST)
    assert raised.what is What.RAISED
    assert raised.flag is not None
    assert raised.sentence == f"Facebook was confirmed as losing: {words.cash(130_000)} below its target."
    evaluate(LAST.next)
    assert changes(LAST.next) == []


def test_a_platform_that_falls_below_its_target_is_told(facebook):
    sell(facebook, 130_000, LAST.plus(-13))
    evaluate(LAST.previous, LAST)
    (turned,) = changes(LAST)
    assert (turned.before, turned.after) == (State.EARNING, State.WATCH)
    assert turned.sentence == f"Facebook fell below its target by {words.cash(130_000)}."


def test_a_week_without_evaluation_hides_no_change(facebook):
    sell(facebook, 130_000, LAST.plus(-14))
    evaluate(LAST.plus(-2), LAST)
    assert [change.what for change in changes(LAST)] == [What.RAISED]


def test_a_cleared_flag_is_told(facebook):
    evaluate(LAST.plus(-2))
    sell(facebook, 130_000, LAST.previous)
    evaluate(LAST.previous, LAST)
    assert [change.sentence for change in changes(LAST)] == ["Facebook is no longer losing."]
    assert [change.what for change in changes(LAST.previous)] == [What.TURNED]


def test_hours_above_the_limit_are_told_each_week(facebook):
    sell(facebook, 10_000_000, LAST.previous)
    facebook.weekly_limit_minutes = 30
    facebook.save()
    evaluate(LAST.previous, LAST)
    for week in (LAST.previous, LAST):
        (over,) = changes(week)
        assert (over.what, over.flag.kind) == (What.OVER_LIMIT, "over_limit")
        assert over.sentence == "Facebook took 1 h, above its limit of 0.5 h a week."


def test_the_number_of_queries_does_not_grow(facebook, django_assert_num_queries):
    for number in range(5):
        factories.PlatformFactory(name=f"Other {number}", weekly_limit_minutes=1)
    evaluate(LAST)
    with django_assert_num_queries(2):
        changes(LAST)
