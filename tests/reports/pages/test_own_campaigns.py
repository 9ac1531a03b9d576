"""What came of the campaigns somebody worked on: whole leads, by campaign, without money."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.reports.world import NOW

pytestmark = pytest.mark.django_db

PAGE = "reports:own_campaigns"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna():
    return factories.RateFactory(hourly_cents=7_319_377, member__name="Anna").member


@pytest.fixture
def shop():
    return factories.CampaignFactory(name="Shop")


def lead(*campaigns, at=datetime(2026, 11, 3, 9, tzinfo=UTC), status="", **fields):
    made = factories.LeadFactory(received_at=at, **fields)
    for campaign in campaigns:
        for _again in range(2):  # a second touchpoint with the same campaign is no second lead
            factories.TouchFactory(lead=made, campaign=campaign, at=at)
    for step in ("qualified", status) if status == "won" else (status,):
        if step:
            made.move_to(step, at=at)
    return made


def work(member, campaign, day=date(2026, 11, 3)):
    factories.EntryFactory(member=member, campaign=campaign, day=day)


def shown(client, member, **query):
    client.force_login(member)
    answer = client.get(reverse(PAGE), query)
    assert answer.status_code == 200
    return {str(row.campaign): (row.leads, row.qualified, row.won) for row in answer.context["rows"]}


def test_whole_leads_of_the_campaigns_with_hours_of_ones_own(client, anna, shop):
    other = factories.CampaignFactory(name="Elsewhere")
    work(anna, shop)
    work(factories.MemberFactory(), other)
    lead(shop)
    lead(shop, status="qualified")
    lead(shop, other, status="won")
    lead(other)
    assert shown(client, anna) == {"Shop": (3, 2, 1)}


def test_a_lead_that_met_two_campaigns_counts_whole_with_both_and_the_page_says_so(client, anna, shop):
    fair = factories.CampaignFactory(name="Fair")
    work(anna, shop)
    work(anna, fair)
    lead(shop, fair)
    assert shown(client, anna) == {"Fair": (1, 0, 0), "Shop": (1, 0, 0)}
    said = " ".join(client.get(reverse(PAGE)).content.decode().split())
    assert "Each counts whole with every campaign that it met, so the lines do not add up." in said


def test_what_is_voided_does_not_count(client, anna, shop):
    work(anna, shop)
    lead(shop, voided_at=NOW, void_reason="Twice")
    lead(shop).touches.update(voided_at=NOW)
    assert shown(client, anna) == {"Shop": (0, 0, 0)}


def test_the_last_thirteen_weeks_or_this_year(client, anna, shop):
    work(anna, shop)
    work(anna, factories.CampaignFactory(name="Spring"), day=date(2026, 3, 2))
    lead(shop, at=datetime(2026, 8, 23, 21, 59, tzinfo=UTC))  # one minute before Monday in Paris
    lead(shop, at=datetime(2026, 8, 23, 22, tzinfo=UTC))
    lead(shop, at=datetime(2025, 12, 31, 22, tzinfo=UTC))
    assert shown(client, anna) == {"Shop": (1, 0, 0)}
    assert shown(client, anna, period="year") == {"Shop": (2, 0, 0), "Spring": (0, 0, 0)}


def test_a_period_that_there_is_not_is_said(client, anna, shop):
    work(anna, shop)
    client.force_login(anna)
    assert "century" in client.get(reverse(PAGE), {"period": "century"}).content.decode()


def test_there_is_no_money_in_it_whoever_looks(client, anna, shop):
    work(anna, shop)
    sold = lead(shop, status="won")
    factories.SaleFactory(lead=sold, amount_cents=9_876_543)
    for role in (factories.ManagerFactory(), factories.DirectorFactory(), anna):
        work(role, shop)
        assert shown(client, role) == {"Shop": (1, 1, 1)}
        page = client.get(reverse(PAGE)).content.decode()
        assert "€" not in page
        assert "98,765" not in page
        assert "73,193" not in page


def test_without_hours_it_says_what_will_stand_there(client, anna):
    client.force_login(anna)
    assert "Once you have logged hours on a campaign" in client.get(reverse(PAGE)).content.decode()


def test_my_week_leads_there(client, anna):
    client.force_login(anna)
    assert reverse(PAGE) in client.get(reverse("timesheets:this_week"), follow=True).content.decode()


def test_it_takes_as_many_statements_for_many_campaigns(client, anna, shop):
    work(anna, shop)
    shown(client, anna)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(PAGE))
        counts.append(len(queries))
        campaign = factories.CampaignFactory(name=f"More {number}")
        work(anna, campaign)
        lead(campaign)
    assert counts[0] == counts[1] <= 6
