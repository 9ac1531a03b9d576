"""From rows to verdicts and flags, through the jobs: every state, twice before a flag, and nothing twice."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency, Campaign
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.attribution import rollups
from reports.models import Evaluation, Flag, Verdict
from reports.verdicts import evaluation
from reports.verdicts.records import assessment_of
from tests import factories
from tests.reports.verdicts.test_load_inputs import spend
from tests.reports.world import LAST

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 4, tzinfo=UTC)
WEEKS = 40


@pytest.fixture
def linkedin():
    """An agency that knows its sales: one of 1,000 each week, at once, on a platform that costs 500 a week."""
    platform = factories.PlatformFactory(name="LinkedIn")
    spend(platform, 50_400, WEEKS)
    sell(platform, range(WEEKS))
    return platform


@pytest.fixture
def facebook():
    """1,000 a week and nothing to show for it."""
    platform = factories.PlatformFactory(name="Facebook")
    spend(platform, 100_800, WEEKS)
    return platform


def sell(platform, weeks_ago, cents=100_000):
    for ago in weeks_ago:
        factories.SaleFactory(platform=platform, sold_on=LAST.plus(-ago).monday, amount_cents=cents)


def evaluate(week=LAST):
    rollups.drain()
    return {platform.name: case.state.value for platform, case in evaluation.evaluate(week, at=NOW).items()}


def test_a_loser_and_an_earner_are_told_apart_and_the_loser_is_flagged(linkedin, facebook):
    factories.PlatformFactory(name="TikTok")
    assert evaluate() == {"Facebook": "losing", "LinkedIn": "earning", "TikTok": "no_data"}
    flag = Flag.objects.get()
    assert (flag.platform, flag.raised_on) == (facebook, LAST.monday)
    assert flag.figures["assessment"]["now"]["returned_cents"] == 0
    verdict = Verdict.objects.get(platform=facebook)
    assert (verdict.state, verdict.plain_state) == ("losing", "losing")
    found = assessment_of(facebook.pk, until=LAST)
    assert found is not None
    assert len(found.cohorts) == 10
    assert verdict.figures["assessment"]["cohorts"] == []
    assert found.now is not None
    assert found.now.amount > 20
    assert found.now.usual_sale_cents == 100_000


def test_sales_that_take_months_do_not_condemn_the_work_that_waits_for_them():
    """Each sale comes 24 weeks after its work: the plain rule sees ten months of cost against five of sales."""
    platform = factories.PlatformFactory(name="Events")
    spend(platform, 100_800, 60)
    for ago in range(24, 60):
        at = datetime.combine(LAST.plus(-ago).monday, datetime.min.time(), UTC) + timedelta(hours=12)
        lead = factories.LeadFactory(received_at=at)
        factories.TouchFactory(lead=lead, platform=platform, at=at)
        factories.SaleFactory(lead=lead, sold_on=(at + timedelta(weeks=24)).date(), amount_cents=300_000)
    assert evaluate() == {"Events": "earning"}
    found = assessment_of(platform.pk, until=LAST)
    assert found is not None
    assert found.delay is not None
    assert found.delay.source == "agency"
    assert found.delay.share[3] < 0.1
    assert found.delay.share[8] > 0.9


def test_work_for_customers_one_has_is_not_judged(linkedin, facebook):
    """All of it was service, but for one campaign on LinkedIn, which brought nothing."""
    Campaign.objects.general()
    Campaign.objects.update(purpose=Purpose.SERVE)
    Agency.current()
    Agency.objects.update(usual_delay_months=2, usual_delay_spread_months=1)
    spend(linkedin, 100_800, WEEKS, campaign=factories.CampaignFactory())
    assert evaluate() == {"Facebook": "no_data", "LinkedIn": "losing"}
    found = assessment_of(linkedin.pk, until=LAST)
    assert found is not None
    assert (found.spent_cents, found.now and found.now.returned_cents) == (WEEKS * 100_800, 0)


def test_a_flag_stays_through_a_refusal_and_clears_with_the_next_judgement(linkedin, facebook):
    evaluate()
    # All sales were a mistake: nothing can be judged.
    sales = linkedin_sales()
    for sale in sales:
        sale.voided_at = NOW
        sale.save()
    assert evaluate(LAST.next)["Facebook"] == "no_sales"
    assert Flag.objects.get().cleared_on is None
    assert Verdict.objects.get(platform=facebook, week=LAST.next.monday).figures["assessment"]["judged"] == "losing"
    for sale in sales:
        sale.voided_at = None
        sale.save()
    sell(facebook, range(20), cents=200_000)
    assert evaluate(LAST.plus(2))["Facebook"] != "losing"
    assert Flag.objects.get().cleared_on == LAST.plus(2).monday


def linkedin_sales():
    return list(factories.Sale.objects.filter(platform__name="LinkedIn"))


def test_a_platform_that_was_given_up_is_no_longer_flagged(linkedin, facebook):
    evaluate()
    assert evaluate(LAST.plus(13))["Facebook"] == "no_data"  # its last week of cost left the window this week
    assert Flag.objects.get(platform=facebook).cleared_on is None
    assert evaluate(LAST.plus(14))["Facebook"] == "no_data"
    assert Flag.objects.get(platform=facebook).cleared_on == LAST.plus(14).monday


def test_evaluating_again_changes_no_byte(linkedin, facebook):
    def stored():
        evaluate()
        verdicts = list(Verdict.objects.values_list("platform", "week", "state", "plain_state", "figures"))
        evaluations = list(Evaluation.objects.values_list("platform", "week", "results"))
        flags = list(Flag.objects.values_list("pk", "platform", "raised_on", "figures", "cleared_on"))
        return json.dumps([verdicts, evaluations, flags], default=str)

    first = stored()
    assert stored() == first


def test_an_old_week_is_judged_on_what_was_known_and_flags_nobody_today(linkedin, facebook):
    evaluate()
    Flag.objects.all().delete()
    old = LAST.plus(-4)
    assert evaluate(old)["Facebook"] == "losing"
    found = assessment_of(facebook.pk, until=old)
    assert found is not None
    assert (found.week, found.inputs_until) == (str(old), old.sunday.isoformat())
    assert found.spent_cents == (WEEKS - 4) * 100_800
    assert not Flag.objects.exists()


def test_an_old_week_clears_no_flag_either(linkedin, facebook):
    evaluate()
    sell(facebook, range(5, WEEKS), cents=500_000)
    assert evaluate(LAST.plus(-4))["Facebook"] == "earning"
    assert Flag.objects.get().cleared_on is None


def test_long_findings_are_kept_for_sixty_weeks(linkedin):
    for back in (60, 59, 0):
        evaluate(LAST.plus(-back))
    assert set(Evaluation.objects.values_list("week", flat=True)) <= {LAST.plus(-59).monday, LAST.monday}
    assert Verdict.objects.count() == 3


def test_without_any_sale_not_even_220_hours_a_week_are_called_losing():
    rate = factories.RateFactory(hourly_cents=4_000)
    facebook, campaign = factories.PlatformFactory(name="Facebook"), factories.CampaignFactory()
    days = [day for week in (LAST.previous, LAST) for day in week.days]
    members = [rate.member, *(factories.RateFactory(hourly_cents=4_000).member for _ in range(3))]
    for day in days:
        for member in members:
            factories.EntryFactory(member=member, platform=facebook, campaign=campaign, day=day, minutes=472)
    assert evaluate(LAST.previous) == {"Facebook": "no_sales"}
    assert evaluate() == {"Facebook": "no_sales"}
    assert not Flag.objects.exists()


def test_a_typical_sale_alone_is_no_record_of_sales():
    Agency.current()
    Agency.objects.update(typical_sale_cents=100_000, usual_delay_months=1, usual_delay_spread_months=1)
    spend(factories.PlatformFactory(name="Facebook"), 100_800, WEEKS)
    assert evaluate() == {"Facebook": "no_sales"}


def test_a_usual_sale_stands_in_where_sales_are_known_to_be_complete():
    Agency.current()
    Agency.objects.update(typical_sale_cents=100_000, usual_delay_months=1, usual_delay_spread_months=1)
    Agency.objects.update(sales_complete_since=LAST.plus(-WEEKS).monday)
    spend(factories.PlatformFactory(name="Facebook"), 100_800, WEEKS)
    assert evaluate() == {"Facebook": "losing"}
    assert Verdict.objects.get().figures["assessment"]["rule"] == "typical_sale"


def test_an_evaluation_takes_as_many_queries_for_many_platforms_as_for_few(linkedin, facebook):
    def queries():
        rollups.drain()
        with CaptureQueriesContext(connection) as captured:
            evaluation.evaluate(LAST, at=NOW)
        return len(captured)

    evaluate()
    few = queries()
    for _ in range(5):
        spend(factories.PlatformFactory(), 700, 3)
    assert queries() <= few


def test_the_command_prints_all_that_was_found(linkedin, facebook):
    evaluate()
    out = StringIO()
    call_command("evaluate", "--week", str(LAST), "--format", "json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["week"] == "2026-W46"
    one = found["platforms"]["Facebook"]
    assert (one["state"], one["plain_rule"]["judgement"]["state"]) == ("losing", "losing")
    assert {"now", "before", "delay", "cohorts", "total", "line", "models", "refusals"} <= set(one["assessment"])
    assert one["assessment"]["line"]["refusal"]["reason"] == "few_weeks"
    table = StringIO()
    call_command("evaluate", "--week", str(LAST), stdout=table)
    assert [line.split()[:2] for line in table.getvalue().splitlines()[1:]] == [
        ["Facebook", "Losing"],
        ["LinkedIn", "Earning"],
    ]


def test_a_week_before_there_was_anything_is_no_error():
    factories.PlatformFactory(name="Facebook")
    assert evaluate(Week.parse("2019-W01")) == {"Facebook": "no_data"}
