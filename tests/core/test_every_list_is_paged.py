"""No page shows all rows there are: each list shows a page of them, and the way to the next."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from core.lists import ROWS_A_PAGE
from tests import factories
from tests.reports.world import NOW
from timesheets import api_tokens

pytestmark = pytest.mark.django_db
MANY = ROWS_A_PAGE + 7
MARK = "Zanzibar"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def names():
    return [f"{MARK} {number:03}" for number in range(MANY)]


def leads():
    for name in names():
        factories.LeadFactory(name=name)
    return reverse("campaigns:leads")


def sales():
    for name in names():
        factories.SaleFactory(description=name)
    return reverse("campaigns:sales")


def spend():
    platform = factories.PlatformFactory()
    for name in names():
        factories.SpendFactory(description=name, platform=platform)
    return reverse("campaigns:spend")


def campaigns():
    client = factories.ClientFactory()
    for name in names():
        factories.CampaignFactory(name=name, client=client)
    return reverse("campaigns:campaigns")


def campaigns_of_a_client():
    client = factories.ClientFactory()
    for name in names():
        factories.CampaignFactory(name=name, client=client)
    return reverse("campaigns:client", args=[client.pk])


def clients():
    for name in names():
        factories.ClientFactory(name=name)
    return reverse("campaigns:clients")


def platforms():
    for name in names():
        factories.PlatformFactory(name=name)
    return reverse("campaigns:platforms")


def links():
    campaign, platform = factories.CampaignFactory(), factories.PlatformFactory()
    for number in range(MANY):
        factories.TrackingLinkFactory(
            campaign=campaign, platform=platform, slug=f"s-{number}", target=f"https://{MARK}.example.com/"
        )
    return reverse("campaigns:links", args=[campaign.pk])


def people():
    for name in names():
        factories.UserFactory(name=name, password=None)
    return reverse("timesheets:people")


def rates():
    for name in names():
        factories.UserFactory(name=name, password=None)
    return reverse("timesheets:all_rates")


def tokens():
    person = factories.UserFactory(password=None)
    for name in names():
        api_tokens.ApiToken.objects.create(
            name=name, person=person, role=person.role, token_hash=name, last_letters="abcd", made_at=NOW
        )
    return reverse("timesheets:all_tokens")


def decisions():
    for name in names():
        factories.DecisionFactory(sentence=name)
    return reverse("reports:decisions")


def trials():
    platform = factories.PlatformFactory(name=MARK)
    for number in range(MANY):
        first = datetime(2020, 1, 6, tzinfo=UTC).date().replace(year=2020 - number)
        first = first.fromisocalendar(2020 - number, 2, 1)
        factories.LimitTrialFactory(platform=platform, first_week=first)
    return reverse("reports:limit_trials")


LISTS = [
    *(leads, sales, spend, campaigns, campaigns_of_a_client, clients, platforms, links),
    *(people, rates, tokens, decisions, trials),
]


@pytest.mark.parametrize("make", LISTS)
def test_a_list_shows_a_page_of_its_rows(director, make):
    address = make()
    web = Browser()
    web.force_login(director)
    first, second = (web.get(address, {"page": page}) for page in ("1", "2"))
    assert (first.status_code, second.status_code) == (200, 200)
    shown = [len(rows_in(page.content.decode())) for page in (first, second)]
    assert 0 < shown[0] <= ROWS_A_PAGE
    assert 0 < shown[1] < ROWS_A_PAGE
    assert 'rel="next"' in first.content.decode()


def rows_in(html):
    """The rows of the page, each of which has the mark; choices of a form have it too, and are no rows."""
    body = html[html.index("<main") :]
    parts = body.split("<article" if 'class="decision"' in body else "<li>" if "<tbody" not in body else "<tr")
    return [part for part in parts if MARK in part.partition("</form>")[0] and "<option" not in part]
