"""Few rows among many are found first and then sorted; what is shown is the same as where all are looked at."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Sale
from campaigns.views import leads
from campaigns.views.leads import LEADS
from campaigns.views.outcomes import OUTCOMES
from campaigns.views.sales import SALES
from campaigns.views.spend import SPEND
from core import lists
from tests import factories
from tests.reports.world import NOW

pytestmark = pytest.mark.django_db
LISTS = {"leads": LEADS, "sales": SALES, "spend": SPEND, "outcomes": OUTCOMES}


@pytest.fixture
def web(client, director):
    client.force_login(director)
    return client


def met(campaign, name, days_ago):
    lead = factories.LeadFactory(name=name, received_at=NOW - timedelta(days=days_ago))
    factories.TouchFactory(lead=lead, campaign=campaign)
    return lead


def names(rows):
    return [lead.name for lead in rows]


@pytest.mark.parametrize("lately", [2, 500], ids=["others came since", "among the last ones"])
def test_the_newest_leads_of_a_campaign_are_found_however_old_they_are(monkeypatch, lately):
    monkeypatch.setattr(leads, "LATELY", lately)
    campaign, other = factories.CampaignFactory.create_batch(2)
    for days_ago in (300, 100, 200):
        met(campaign, f"{days_ago} days ago", days_ago)
    for days_ago in range(5):
        met(other, "Of another", days_ago)
    met(campaign, "Voided", 1).void(at=NOW)
    assert names(leads.newest_met("campaign", campaign.pk, 2)) == ["100 days ago", "200 days ago"]
    assert names(leads.newest_met("campaign", campaign.pk, 9)) == ["100 days ago", "200 days ago", "300 days ago"]


def test_the_page_of_a_campaign_shows_its_old_leads(web, monkeypatch):
    monkeypatch.setattr(leads, "LATELY", 1)
    campaign = factories.CampaignFactory()
    met(campaign, "Long ago", 900)
    met(factories.CampaignFactory(), "Of another", 1)
    html = web.get(campaign.get_absolute_url()).content.decode()
    assert "Long ago" in html
    assert "Of another" not in html


@pytest.mark.parametrize("sort", ["name", "-name", "received"])
def test_a_list_that_is_narrowed_shows_the_same_whether_its_rows_are_few_or_many(web, monkeypatch, sort):
    campaign = factories.CampaignFactory()
    for number in range(60):
        met(campaign if number % 2 else factories.CampaignFactory(), f"Lead {number * 7 % 60:02}", number)
    address = reverse("campaigns:leads") + f"?campaign={campaign.pk}&q=Lead&sort={sort}"
    few = web.get(address).context["listed"]
    monkeypatch.setattr(lists, "FEW", 0)
    many = web.get(address).context["listed"]
    assert names(few.page) == names(many.page)
    assert few.count == many.count == 30


@pytest.mark.parametrize("page_number", [1, 2, 99])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_many_rows_shows_the_same_page_with_its_keys_sorted_first(web, monkeypatch, name, page_number):
    for number in range(52):
        lead = met(factories.CampaignFactory(), f"Lead {number * 7 % 60:02}", number)
        factories.SaleFactory(lead=lead, amount_cents=number * 7 % 30, platform=None)
        factories.SpendFactory(
            amount_cents=1 + number * 7 % 30, campaign=None if number % 3 else lead.touches.get().campaign
        )
        factories.OutcomeFactory(count=number * 7 % 30)
    factories.SaleFactory(lead=None)
    sorts = LISTS[name].sorts
    for sort in (*sorts, *(f"-{sort}" for sort in sorts)):
        address = f"{reverse(f'campaigns:{name}')}?sort={sort}&page={page_number}"
        monkeypatch.setattr(lists, "FEW", 1_000)
        rows = list(web.get(address).context["listed"].page)
        monkeypatch.setattr(lists, "FEW", 0)
        assert list(web.get(address).context["listed"].page) == rows
        assert rows


@pytest.mark.parametrize("text", ["an", "anna", "ANNA", "gmbh", "anna@example.com", "S-7", "relaunch", "nobody"])
def test_sales_are_found_by_their_own_texts_and_by_their_leads(web, text):
    lead = factories.LeadFactory(name="Anna", company="Alpha GmbH", email="anna@example.com")
    by_lead, own = factories.SaleFactory(lead=lead), factories.SaleFactory(description="Relaunch", external_id="S-7")
    factories.SaleFactory(lead=factories.LeadFactory(name="Bo", company="", email="", external_id="anna"))
    found = set(web.get(reverse("campaigns:sales"), {"q": text}).context["listed"].page)
    assert found == {"S-7": {own}, "relaunch": {own}, "nobody": set()}.get(text, {by_lead})


def test_a_sale_that_has_no_version_of_its_own_opens(web):
    """One that was loaded in bulk, past the models."""
    sale = factories.SaleFactory()
    Sale.history.all().delete()
    assert web.get(reverse("campaigns:sale", args=[sale.pk])).status_code == 200
    assert web.get(reverse("campaigns:sale_edit", args=[sale.pk])).status_code == 200
