"""Each address as each role."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.factories import (
    CampaignFactory,
    ClientFactory,
    LeadFactory,
    OutcomeFactory,
    PlatformFactory,
    SaleFactory,
    SpendFactory,
    TouchFactory,
)

LISTS = ["campaigns", "clients", "platforms", "leads", "sales", "spend", "outcomes", "lead_options"]
ADDS = ["campaign_add", "client_add", "platform_add", "lead_add", "sale_add", "spend_add", "outcome_add"]
ROWS = {
    "campaign": CampaignFactory,
    "campaign_edit": CampaignFactory,
    "client": ClientFactory,
    "client_edit": ClientFactory,
    "platform": PlatformFactory,
    "platform_edit": PlatformFactory,
    "lead": LeadFactory,
    "lead_edit": LeadFactory,
    "lead_void": LeadFactory,
    "sale": SaleFactory,
    "sale_edit": SaleFactory,
    "sale_void": SaleFactory,
    "refund_add": SaleFactory,
    "spend_edit": SpendFactory,
    "spend_void": SpendFactory,
    "outcome_edit": OutcomeFactory,
    "outcome_void": OutcomeFactory,
}
POSTS = {
    "lead_status": LeadFactory,
    "lead_restore": LeadFactory,
    "touch_add": LeadFactory,
    "touch_void": TouchFactory,
    "touch_restore": TouchFactory,
    "sale_restore": SaleFactory,
    "spend_restore": SpendFactory,
    "outcome_restore": OutcomeFactory,
}


def address(name: str) -> str:
    made = {**ROWS, **POSTS}.get(name)
    return reverse(f"campaigns:{name}", args=[made().pk] if made else [])


@pytest.mark.parametrize("name", [*LISTS, *ADDS, *ROWS])
def test_a_manager_and_a_director_see_the_page(client, manager, director, name):
    url = address(name)
    for person in (manager, director):
        client.force_login(person)
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("name", [*LISTS, *ADDS, *ROWS, "settings"])
def test_a_member_is_refused(client, member, name):
    client.force_login(member)
    assert client.get(address(name)).status_code == 403


@pytest.mark.parametrize("name", [*ADDS, *ROWS, *POSTS, "settings"])
def test_a_member_cannot_post(client, member, name):
    client.force_login(member)
    assert client.post(address(name)).status_code in (403, 405)


@pytest.mark.parametrize("name", [*LISTS, *ADDS, *ROWS, "settings"])
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client, db, name):
    url = address(name)
    response = client.get(url)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=")


@pytest.mark.parametrize("name", ["lead_data", "lead_erase"])
def test_taking_out_and_erasing_are_for_the_director_only(client, manager, director, name):
    url = reverse(f"campaigns:{name}", args=[LeadFactory().pk])
    client.force_login(manager)
    assert client.get(url).status_code == 403
    client.force_login(director)
    assert client.get(url).status_code == 200


def test_settings_are_for_the_director_only(client, manager, director):
    client.force_login(manager)
    assert client.get(reverse("campaigns:settings")).status_code == 403
    client.force_login(director)
    assert client.get(reverse("campaigns:settings")).status_code == 200


@pytest.mark.parametrize("name", list(POSTS))
def test_what_changes_something_is_never_done_by_a_link(client, manager, name):
    client.force_login(manager)
    assert client.get(address(name)).status_code == 405


@pytest.mark.parametrize("name", [*ROWS, *POSTS])
@pytest.mark.parametrize("pk", [999_999, 10**30], ids=["unknown", "larger than any number of a row"])
def test_what_does_not_exist_is_not_found(client, manager, name, pk):
    client.force_login(manager)
    method = client.post if name in POSTS else client.get
    assert method(reverse(f"campaigns:{name}", args=[pk]), {"status-status": "new"}).status_code == 404


def test_a_page_of_a_lead_shows_all_that_happened(client, manager):
    lead = LeadFactory(name="Maison Dupré")
    TouchFactory(lead=lead, platform=PlatformFactory(name="LinkedIn"), at=datetime(2026, 11, 3, 9, tzinfo=UTC))
    SaleFactory(lead=lead, description="A site")
    client.force_login(manager)
    text = client.get(lead.get_absolute_url()).content.decode()
    assert text.index("LinkedIn</a>") < text.index("14 days later") < text.index("Asked") < text.index("A site")
