"""Verdicts and flags from rows, week by week: what the jobs make of them, and the plain rule beside the method."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency, Campaign, JobRun, UnrecordedPeriod
from campaigns.models.catalogue import Purpose
from core import money
from core.weeks import Week
from operations import jobs
from reports.attribution import rollups
from reports.models import Flag, Verdict
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation, wording
from reports.verdicts.plain_rule_cases import plain_rule_cases
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


def state(week=LAST):
    rollups.drain()
    (case,) = evaluation.evaluate(week, at=NOW).values()
    return case.judgement.state


@pytest.mark.parametrize(
    ("cents", "week", "says"),
    [
        pytest.param(129_999, LAST, VerdictState.LOSING, id="a cent below"),
        pytest.param(130_000, LAST.previous, VerdictState.EARNING, id="exactly at the target"),
        # In the window that ended a week earlier, not in this one.
        pytest.param(130_000, LAST.plus(-13), VerdictState.WATCH, id="below this week only"),
    ],
)
def test_the_plain_rule_stands_beside_the_verdict(facebook, cents, week, says):
    sell(facebook, cents, week)
    assert state() is says
    verdict = Verdict.objects.get()
    assert (verdict.plain_state, verdict.state) == (says, VerdictState.INSUFFICIENT)


def test_a_young_platform_is_too_early(facebook):
    assert state(LAST.plus(-18)) is VerdictState.TOO_EARLY
    assert state(LAST.plus(-17)) is VerdictState.LOSING


@pytest.mark.usefixtures("plain_rule_alone")
def test_where_nothing_is_known_a_flag_clears_after_two_weeks_at_the_target(facebook):
    state(LAST.previous)
    sell(facebook, 130_000, LAST)
    assert state() is VerdictState.EARNING
    assert Flag.objects.get().cleared_on is None
    assert state(LAST.next) is VerdictState.EARNING
    assert Flag.objects.get().cleared_on == LAST.next.monday


def test_hours_above_the_limit_raise_their_own_flag(facebook):
    facebook.weekly_limit_minutes = 59
    facebook.save()
    sell(facebook, 1_000_000)
    state()
    assert Flag.objects.get().kind == "over_limit"


def test_the_sentence_carries_its_figures_and_the_way_out(facebook):
    sell(facebook, 65_000)
    rollups.drain()
    case = plain_rule_cases(LAST)[facebook]
    assert "650" in wording.sentence(case)
    assert case.judgement.revenue_needed_cents_per_week == 5000
    assert case.judgement.minutes_less_per_week == 30


def test_the_way_out_is_rounded_up_so_that_it_suffices(facebook):
    sell(facebook, 116_870)  # short of 131.30 over 13 weeks: 10.10 a week, at 100.00 an hour 6.06 minutes
    rollups.drain()
    case = plain_rule_cases(LAST)[facebook]
    assert (case.judgement.revenue_needed_cents_per_week, case.judgement.minutes_less_per_week) == (1010, 7)
    with money.localised(language="en", country="FR", currency="EUR"):
        assert "11\xa0€ a week more, or 1 h a week less" in wording.sentence(case)


def test_changed_settings_reach_the_verdict_with_the_next_sweep(facebook):
    sell(facebook, 130_000, LAST.previous)
    jobs.drain(at=NOW)
    assert Verdict.objects.get().plain_state == VerdictState.EARNING
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        agency = Agency.current()
        agency.target_return = "1.5"
        agency.save()
    jobs.drain(at=NOW + timedelta(minutes=2))
    assert Verdict.objects.get().plain_state == VerdictState.LOSING


def test_a_period_without_records_is_judged_with_the_next_sweep(facebook):
    Agency.current()
    Agency.history.update(history_date=NOW - timedelta(days=1))
    jobs.drain(at=NOW)
    for later in (timedelta(hours=1), timedelta(hours=2)):
        with time_machine.travel(NOW + later, tick=False):
            period = UnrecordedPeriod.objects.first()
            period.delete() if period else factories.UnrecordedPeriodFactory()
        jobs.drain(at=NOW + later + timedelta(minutes=2))
        assert Verdict.objects.get().evaluated_at == NOW + later + timedelta(minutes=2)


def test_a_campaign_that_is_for_something_else_now_is_judged_anew(facebook):
    Agency.current()
    Agency.history.update(history_date=NOW - timedelta(days=1))
    jobs.drain(at=NOW)
    assert Verdict.objects.get().plain_state == VerdictState.LOSING
    jobs.drain(at=NOW + timedelta(days=1))
    assert Verdict.objects.get().evaluated_at == NOW
    Campaign.objects.filter(is_general=False).update(purpose=Purpose.KEEP)
    jobs.drain(at=NOW + timedelta(days=2))
    assert Verdict.objects.get().plain_state == VerdictState.NO_DATA


def test_what_comes_in_within_a_minute_is_judged_once_and_nothing_is_forgotten(facebook):
    with time_machine.travel(NOW, tick=False):
        jobs.drain(at=NOW)
        sell(facebook, 130_000, LAST.plus(-60))  # no window of the plain rule holds it, but the method looks back
        jobs.drain(at=NOW)
        assert Verdict.objects.get().evaluated_at == NOW
        assert JobRun.objects.get(name="evaluate").next_due == NOW
    later = NOW + timedelta(minutes=1)
    jobs.drain(at=later)
    assert Verdict.objects.get().evaluated_at == later
    jobs.drain(at=later + timedelta(minutes=1))
    assert Verdict.objects.get().evaluated_at == later
    assert JobRun.objects.get(name="evaluate").next_due is None


def test_hours_of_the_week_under_way_are_no_reason_to_judge(facebook):
    Agency.current()
    Agency.history.update(history_date=NOW - timedelta(days=1))
    jobs.drain(at=NOW)
    factories.EntryFactory(platform=facebook, day=LAST.next.monday)
    jobs.drain(at=NOW + timedelta(hours=1))
    assert Verdict.objects.get().evaluated_at == NOW


def test_what_could_not_be_judged_stays_due(facebook, monkeypatch):
    def fail(*_args):
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(evaluation, "compute", fail)
        jobs.drain(at=NOW)
    assert not Verdict.objects.exists()
    jobs.drain(at=NOW + timedelta(minutes=2))
    assert Verdict.objects.get().evaluated_at == NOW + timedelta(minutes=2)


@pytest.mark.parametrize(
    "command", [["figures"], ["rebuild"], ["evaluate", "--week", "2026-W40"], ["summary", "--week", "2026-W40"]]
)
def test_a_command_that_counts_what_waits_has_it_judged_too(facebook, command):
    with time_machine.travel(NOW, tick=False):
        jobs.drain(at=NOW)
        sell(facebook, 130_000, LAST.previous)
        call_command(*command, stdout=StringIO())
    jobs.sweep(at=NOW + timedelta(minutes=1))
    assert Verdict.objects.get(week=LAST.monday).plain_state == VerdictState.EARNING


def test_a_night_whose_rebuild_fails_is_judged_all_the_same(facebook, monkeypatch):
    def fail():
        raise DatabaseError("a lead went while its credits were written")

    jobs.nightly(at=NOW - timedelta(days=1))  # the first call ever only sets the time
    rollups.drain()
    monkeypatch.setattr(rollups, "rebuild", fail)
    jobs.nightly(at=NOW)
    jobs.sweep(at=NOW)
    assert Verdict.objects.get(week=LAST.monday).plain_state == VerdictState.LOSING
    assert "DatabaseError" in JobRun.objects.get(name="sweep").detail


def test_an_evaluation_reads_nothing_before_it_is_its_turn(facebook):
    rollups.drain()
    with CaptureQueriesContext(connection) as queries:
        evaluation.evaluate(LAST, at=NOW)
    said = [query["sql"] for query in queries]
    turn = max(index for index, sql in enumerate(said) if "campaigns_jobrun" in sql and sql.startswith("SELECT"))
    assert turn < min(index for index, sql in enumerate(said) if 'FROM "reports_' in sql)


def test_one_sale_that_carries_the_verdict_is_named(facebook):
    sell(facebook, 5_000_000_000)
    rollups.drain()
    case = plain_rule_cases(LAST)[facebook]
    assert case.judgement.state is VerdictState.EARNING
    assert "One sale" in wording.sentence(case)


def test_hours_without_a_rate_are_never_costed_at_nothing(facebook):
    factories.EntryFactory(platform=facebook, day=LAST.monday + timedelta(days=1), minutes=120)
    rollups.drain()
    assert "no rate" in wording.sentence(evaluation.compute(LAST)[facebook])


def test_the_settings_move_the_rule(facebook):
    sell(facebook, 130_000)
    agency = Agency.current()
    agency.gross_margin = "0.5"
    agency.save()
    assert state() is VerdictState.LOSING


def test_one_sale_is_counted_over_all_its_touches_and_less_its_refund(facebook):
    lead = factories.LeadFactory(received_at=NOW)
    for days in (40, 50):
        factories.TouchFactory(lead=lead, platform=facebook, at=NOW - timedelta(days=days))
    sale = factories.SaleFactory(lead=lead, sold_on=LAST.monday, amount_cents=140_000)
    sell(facebook, 30_000)
    rollups.drain()
    assert evaluation.compute(LAST)[facebook].evidence.biggest_sale_cents == 140_000
    factories.SaleFactory(refund_of=sale, sold_on=LAST.monday, amount_cents=-20_000)
    rollups.drain()
    assert evaluation.compute(LAST)[facebook].evidence.biggest_sale_cents == 120_000
