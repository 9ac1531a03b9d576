"""Campaigns, clients and platforms."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.models import Agency, Campaign, Client, Platform
from core.money import format_money
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


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def platform(**fields: object) -> dict[str, object]:
    return {"name": "Mastodon", "kind": "social", "colour": "3", "is_active": "on", **fields}


def test_a_platform_has_other_names_and_a_limit_in_hours(signed_in):
    sent = platform(aliases="Masto\nmastodon.social", weekly_limit_minutes="7,5")
    assert signed_in.post(reverse("campaigns:platform_add"), sent).status_code == 302
    made = Platform.objects.get()
    assert made.weekly_limit_minutes == 450
    assert Platform.objects.named("MASTO ") == made
    url = reverse("campaigns:platform_edit", args=[made.pk])
    signed_in.post(url, platform(aliases="mastodon.social\ntoot"))
    assert [str(alias) for alias in made.aliases.all()] == ["mastodon.social", "toot"]


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"name": "FACEBOOK"}, "name", "exists already"),
        ({"name": "fb"}, "name", "another name of Facebook"),
        ({"aliases": "fb"}, "aliases", "already means Facebook"),
        ({"aliases": "facebook"}, "aliases", "already means Facebook"),
        ({"colour": "13"}, "colour", "Choose one from the list"),
        ({"colour": "red"}, "colour", "Choose one from the list"),
        ({"weekly_limit_minutes": "0"}, "weekly_limit_minutes", "from 0.25 to"),
        ({"weekly_limit_minutes": "much"}, "weekly_limit_minutes", "like 7.5"),
        ({"kind": "antisocial"}, "kind", "Choose one from the list"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_platform_is_said_at_its_field(signed_in, sent, field, words):
    PlatformFactory(name="Facebook").aliases.create(text="fb")
    response = signed_in.post(reverse("campaigns:platform_add"), platform(**sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert words in " ".join(response.context["form"].errors[field])


def test_a_new_platform_is_offered_a_colour_that_is_free(signed_in):
    PlatformFactory(colour=1)
    PlatformFactory(colour=2)
    form = signed_in.get(reverse("campaigns:platform_add")).context["form"]
    assert form["colour"].value() == 3


def test_a_platform_is_made_inactive_and_active_again(signed_in):
    made = PlatformFactory(name="Mastodon")
    url = reverse("campaigns:platform_edit", args=[made.pk])
    signed_in.post(url, platform(is_active=""))
    made.refresh_from_db()
    assert not made.is_active
    signed_in.post(url, platform())
    made.refresh_from_db()
    assert made.is_active


def campaign(**fields: object) -> dict[str, object]:
    return {
        "name": "Spring",
        "client": ClientFactory().pk,
        "purpose": "reach",
        "counted": "leads",
        "is_active": "on",
        **fields,
    }


def test_a_campaign_says_its_chain_and_what_it_lacks(signed_in):
    sent = campaign(goal="Sell more sites", baseline_starts_on="2026-01-05", baseline_ends_on="2026-03-29")
    signed_in.post(reverse("campaigns:campaign_add"), sent)
    made = Campaign.objects.get()
    text = signed_in.get(made.get_absolute_url()).content.decode()
    assert "Sell more sites" in text
    assert "5 Jan 2026 – 29 Mar 2026" in text
    assert text.count("Not said yet") == 4


def test_a_sentence_of_the_chain_has_room_and_stays_one_line(signed_in):
    page = signed_in.get(reverse("campaigns:campaign_add")).content.decode()
    assert page.count('rows="2"') == 5
    signed_in.post(reverse("campaigns:campaign_add"), campaign(action="Two posts\r\n  a week"))
    assert Campaign.objects.get().action == "Two posts a week"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"client": ""}, "client"),
        ({"purpose": "fun"}, "purpose"),
        ({"starts_on": "2026-05-01", "ends_on": "2026-04-30"}, "ends_on"),
        ({"baseline_starts_on": "2026-05-01"}, "baseline_ends_on"),
        ({"aliases": "taken"}, "aliases"),
        ({"goal": "x" * 201}, "goal"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_campaign_is_said_at_its_field(signed_in, sent, field):
    CampaignFactory().aliases.create(text="taken")
    response = signed_in.post(reverse("campaigns:campaign_add"), campaign(**sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_two_campaigns_of_a_client_have_two_names(signed_in):
    sent = campaign()
    signed_in.post(reverse("campaigns:campaign_add"), sent)
    assert signed_in.post(reverse("campaigns:campaign_add"), sent).status_code == 422
    assert signed_in.post(reverse("campaigns:campaign_add"), campaign()).status_code == 302


def test_general_presence_comes_first_by_name_whatever_a_reader_calls_it(signed_in):
    CampaignFactory(name="Aperitifs")
    general = Campaign.objects.general()
    listed = signed_in.get(reverse("campaigns:campaigns")).context["page"].object_list
    assert listed[0] == general


def test_general_presence_keeps_its_name_and_stays_active(signed_in):
    general = Campaign.objects.general()
    url = reverse("campaigns:campaign_edit", args=[general.pk])
    assert signed_in.post(url, {"name": "Other", "purpose": "keep", "counted": "sales"}).status_code == 302
    general.refresh_from_db()
    assert (general.name, general.is_active, general.purpose) == ("General presence", True, "keep")


@pytest.mark.parametrize("count", [1, 9])
def test_the_page_of_a_campaign_asks_as_much_for_many_rows_as_for_one(signed_in, django_assert_num_queries, count):
    Agency.current()
    made = CampaignFactory()
    for _ in range(count):
        lead = TouchFactory(campaign=made).lead
        SaleFactory(lead=lead)
        SpendFactory(campaign=made)
        OutcomeFactory(campaign=made, week=date(2026, 11, 16))
    with django_assert_num_queries(9):  # the newest leads among the last ones, then among its own
        text = signed_in.get(made.get_absolute_url()).content.decode()
    assert text.count(format_money(100_000)) == count


def test_a_campaign_shows_only_its_own(signed_in):
    made, other = CampaignFactory(), CampaignFactory()
    TouchFactory(campaign=made, lead=LeadFactory(name="Mine"))
    TouchFactory(campaign=other, lead=LeadFactory(name="Theirs"))
    SaleFactory(campaign=other, description="Their sale")
    text = signed_in.get(made.get_absolute_url()).content.decode()
    assert "Mine" in text
    assert "Theirs" not in text
    assert "Their sale" not in text


def test_a_client_is_added_renamed_and_made_inactive(signed_in):
    signed_in.post(reverse("campaigns:client_add"), {"name": " Maison   Dupré ", "is_active": "on"})
    made = Client.objects.get()
    assert made.name == "Maison Dupré"
    assert signed_in.post(reverse("campaigns:client_add"), {"name": "maison dupré"}).status_code == 422
    signed_in.post(reverse("campaigns:client_edit", args=[made.pk]), {"name": "Dupré"})
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("Dupré", False)


def test_a_campaign_of_an_inactive_client_can_still_be_edited(signed_in):
    made = CampaignFactory(client=ClientFactory(is_active=False))
    url = reverse("campaigns:campaign_edit", args=[made.pk])
    assert signed_in.post(url, campaign(client=made.client_id)).status_code == 302


def test_a_client_s_page_leads_a_director_to_what_came_back(signed_in, director):
    known = ClientFactory()
    link = f'href="/?client={known.pk}"'
    assert link not in signed_in.get(f"/clients/{known.pk}/").content.decode()
    signed_in.force_login(director)
    assert link in signed_in.get(f"/clients/{known.pk}/").content.decode()
