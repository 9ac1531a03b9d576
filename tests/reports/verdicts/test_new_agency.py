"""An agency in its first weeks: five won leads, no sale entered. Nobody is accused, and it is said what to do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Agency, Lead
from core import money
from reports.attribution import rollups
from reports.models import Flag, Verdict
from reports.verdicts import evaluation
from reports.verdicts.next_steps import NextStepKind, next_steps
from reports.verdicts.records import latest_verdicts
from reports.weekly_email import content
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db
WEEKS = 10
PLATFORMS = ("Facebook", "LinkedIn", "Instagram", "Events")
LEADS, WON = 85, 5


@pytest.fixture(autouse=True)
def _now():
    """The pages of the week after the last one that is judged."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def new_agency():
    """Thirty hours a week on each of four platforms at 45.00 for ten weeks."""
    Agency.current()
    Agency.objects.update(country="GB")
    member = factories.RateFactory(hourly_cents=4_500, member__logs_hours=False).member
    platforms = [factories.PlatformFactory(name=name) for name in PLATFORMS]
    campaign = factories.CampaignFactory()
    for platform in platforms:
        for back in range(WEEKS):
            for day in LAST.plus(-back).days[:5]:
                factories.EntryFactory(member=member, platform=platform, campaign=campaign, day=day, minutes=350)
    for number in range(LEADS):
        at = datetime.combine(LAST.plus(-(number % WEEKS)).monday, datetime.min.time(), UTC) + timedelta(hours=12)
        lead = factories.LeadFactory(received_at=at, status="won" if number < WON else "new")
        factories.TouchFactory(lead=lead, platform=platforms[number % len(platforms)], at=at)
    return platforms


def judge_weekly():
    rollups.drain()
    for back in reversed(range(WEEKS)):
        evaluation.evaluate(LAST.plus(-back), at=NOW)


def steps():
    return [step.kind for step in next_steps(latest_verdicts(LAST).values()).steps]


def test_nobody_is_called_losing_and_no_flag_goes_up(new_agency):
    judge_weekly()
    assert set(Verdict.objects.values_list("state", flat=True)) == {"no_sales"}
    assert Verdict.objects.filter(week=LAST.monday).count() == len(PLATFORMS)
    assert not Flag.objects.exists()


def test_the_monday_email_accuses_nobody_and_says_what_to_do(new_agency, settings):
    settings.SITE_URL = "https://retour.example.com"
    judge_weekly()
    letter = content.write(content.look_back(LAST), language="en")
    assert letter.subject == "Week 46: no sales recorded yet"
    for accusing in ("losing", "lost", "brought back nothing"):
        assert accusing not in letter.text.lower()
        assert accusing not in letter.html.replace("state-losing", "").replace(".lost", "").lower()
    assert "No sale is recorded yet, so no platform is judged. What to do:" in letter.text
    for step in (
        "- 5 won leads have no sale: enter them. https://retour.example.com/leads/?status=won&sale=none",
        "- Say since when your sales are all here. https://retour.example.com/settings/#id_sales_complete_since",
        "- Say what a usual sale brings. https://retour.example.com/settings/#id_typical_sale_cents",
    ):
        assert step in letter.text
    assert 'href="https://retour.example.com/leads/?status=won&amp;sale=none"' in letter.html
    french = content.write(content.look_back(LAST), language="fr")
    assert french.subject.endswith("aucune vente enregistrée")


def test_dashboard_and_platform_page_say_what_to_do_and_accuse_nobody(new_agency, client, director):
    judge_weekly()
    client.force_login(director)
    for address in (reverse("reports:dashboard"), reverse("reports:platform", args=[new_agency[0].pk])):
        page = client.get(address).content.decode()
        assert "No sales recorded yet" in page
        assert 'href="/leads/?status=won&amp;sale=none">5 won leads have no sale: enter them.</a>' in page
        assert 'href="/settings/#id_sales_complete_since">' in page
        assert 'href="/settings/#id_typical_sale_cents">' in page
        assert "state losing" not in page
    headline = client.get("/").context["dashboard"].headline.as_text
    assert headline.endswith("cost €52,500. No sale is recorded yet.")


def test_the_link_leads_to_the_won_leads_without_a_sale(new_agency, client, director):
    client.force_login(director)
    sold = Lead.objects.filter(status="won").first()
    sale = factories.SaleFactory(lead=sold, sold_on=LAST.monday)
    listed = client.get("/leads/?status=won&sale=none").context["listed"]
    assert listed.rows.count() == Lead.objects.won_without_sale().count() == WON - 1
    assert list(client.get("/leads/?status=won&sale=some").context["listed"].rows) == [sold]
    sale.void(at=NOW)
    assert Lead.objects.won_without_sale().count() == WON


def test_each_step_goes_once_it_is_done(new_agency):
    judge_weekly()
    assert steps() == [NextStepKind.ENTER_WON, NextStepKind.COMPLETE_SINCE, NextStepKind.USUAL_SALE]
    Agency.objects.update(typical_sale_cents=450_000)
    assert steps() == [NextStepKind.ENTER_WON, NextStepKind.COMPLETE_SINCE]
    Lead.objects.update(status="new")
    assert steps() == [NextStepKind.ENTER_FIRST, NextStepKind.COMPLETE_SINCE]
    Agency.objects.update(sales_complete_since=LAST.plus(-WEEKS).monday)
    judge_weekly()
    assert steps() == []


def test_where_sales_are_complete_it_is_asked_what_a_usual_one_brings(new_agency):
    Agency.objects.update(sales_complete_since=LAST.plus(-WEEKS).monday)
    Lead.objects.update(status="new")
    judge_weekly()
    assert set(Verdict.objects.values_list("state", flat=True)) == {"insufficient"}
    found = next_steps(latest_verdicts(LAST).values())
    assert [step.kind for step in found.steps] == [NextStepKind.USUAL_SALE]
    with money.localised(language="en", country="GB", currency="EUR"):
        assert found.reason == (
            "Nobody has said what a usual sale brings, so platforms cannot be judged yet. What to do:"
        )


def test_where_platforms_are_judged_nothing_is_asked(new_agency, django_assert_num_queries):
    for _ in range(5):
        factories.SaleFactory(platform=new_agency[0], sold_on=LAST.monday)
    judge_weekly()
    verdicts = list(latest_verdicts(LAST).values())
    with django_assert_num_queries(0):
        assert not next_steps(verdicts)
