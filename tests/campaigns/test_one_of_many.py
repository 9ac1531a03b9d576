"""Fields that offer platforms, clients, campaigns, people and measures: a list of few, a text for many."""

import html
import re
from datetime import date

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Spend, Touch
from core import lookups
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    EntryFactory,
    LeadFactory,
    MemberFactory,
    OutcomeFactory,
    PlatformFactory,
    SpendFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db
FIELD = r'<input type="text" name="{name}_named".*?</datalist>'
SPEND = {"amount_cents": "700", "starts_on": "2026-11-16", "ends_on": "2026-11-22"}


@pytest.fixture
def many(monkeypatch):
    """Five campaigns of two clients, where more than three are many; platforms stay few."""
    monkeypatch.setattr(lookups, "MOST_LISTED", 3)
    acme, zoo = ClientFactory(name="Acme"), ClientFactory(name="Zoo")
    names = [("Spring", acme), ("Spring", zoo), ("Été", acme), ("2026", acme)]
    return {f"{name} · {client}": CampaignFactory(name=name, client=client) for name, client in names}


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def read(client, name, *args, **query):
    return html.unescape(client.get(reverse(name, args=args), query).content.decode())


def field(page, name):
    found = re.search(FIELD.format(name=name), page, re.DOTALL)
    return found[0] if found else ""


def offered(page, name):
    return re.findall(r'<option value="([^"]*)"', field(page, name))


def typed(page, name):
    return re.search(r'\bvalue="([^"]*)"', field(page, name))[1]


# -- forms ------------------------------------------------------------------------------------------------------------


def test_few_stay_a_list(signed_in):
    CampaignFactory(name="Spring")
    page = read(signed_in, "campaigns:spend_add")
    assert '<select name="campaign"' in page
    assert "<datalist" not in page


def test_many_are_a_text_that_offers_what_was_used_lately_then_open_ones_before_ended_ones(signed_in, many):
    ended = CampaignFactory(name="Ended", ends_on=date(2026, 1, 31), client__name="Old")
    SpendFactory(campaign=many["2026 · Acme"])
    page = read(signed_in, "campaigns:spend_add")
    assert '<select name="campaign"' not in page
    assert '<select name="platform"' in page
    names = offered(page, "campaign")
    assert names[0] == "2026 · Acme"
    assert names[-1] == f"{ended} · Old"
    assert set(names) == {*many, "Ended · Old"}


def test_the_week_offers_open_ones_before_ended_ones_too(signed_in, many):
    CampaignFactory(name="Alpha ended", ends_on=date(2026, 1, 31), client__name="Old")
    names = offered(read(signed_in, "timesheets:week", "2026-W47"), "campaign")
    assert names[-1] == "Alpha ended · Old"
    assert set(names) == {*many, "Alpha ended · Old"}


def test_a_name_that_is_typed_is_the_campaign_and_no_number(signed_in, many):
    platform = PlatformFactory()
    CampaignFactory(pk=2026, name="Another")  # whose number is the name of one
    sent = SPEND | {"platform": platform.pk, "campaign_named": "2026"}
    assert signed_in.post(reverse("campaigns:spend_add"), sent).status_code == 302
    assert Spend.objects.get().campaign == many["2026 · Acme"]
    kept = read(signed_in, "campaigns:spend_edit", Spend.objects.get().pk)
    assert typed(kept, "campaign") == "2026 · Acme"


@pytest.mark.parametrize("text", ["", "  ", "General presence"])
def test_no_name_and_what_the_empty_choice_is_called_are_no_campaign(signed_in, many, text):
    sent = SPEND | {"platform": PlatformFactory().pk, "campaign_named": text}
    assert signed_in.post(reverse("campaigns:spend_add"), sent).status_code == 302
    assert Spend.objects.get().campaign is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Spring", "“Spring” can be any of several: Spring · Acme, Spring · Zoo. Write one of them in full."),
        ("spr zoo", "None is called “spr zoo”. The nearest: Spring · Zoo."),
        ("Sprign", "None is called “Sprign”. The nearest: Spring · "),
        ("Zzz", "None is called “Zzz”. Type a part of its name, and take one that is offered."),
    ],
)
def test_what_names_none_or_several_is_said_at_the_field_and_stays(signed_in, many, text, sentence):
    sent = SPEND | {"platform": PlatformFactory().pk, "campaign_named": text}
    answer = signed_in.post(reverse("campaigns:spend_add"), sent)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page
    assert typed(page, "campaign") == text
    assert "aria-invalid" in field(page, "campaign")
    assert not Spend.objects.exists()


def test_a_number_of_a_list_that_has_become_a_text_meanwhile_is_taken(signed_in, many):
    sent = SPEND | {"platform": PlatformFactory().pk, "campaign": many["Été · Acme"].pk}
    assert signed_in.post(reverse("campaigns:spend_add"), sent).status_code == 302
    assert Spend.objects.get().campaign == many["Été · Acme"]


def test_a_name_that_was_typed_stays_where_a_text_has_become_a_list_meanwhile(signed_in):
    sent = SPEND | {"platform": PlatformFactory().pk, "campaign_named": "Nobody's"}
    page = html.unescape(signed_in.post(reverse("campaigns:spend_add"), sent).content.decode())
    assert typed(page, "campaign") == "Nobody's"


def test_what_was_there_stays_though_it_is_out_of_use(signed_in, many):
    old = CampaignFactory(name="Old", is_active=False, client__name="Gone")
    spend = SpendFactory(campaign=old)
    assert typed(read(signed_in, "campaigns:spend_edit", spend.pk), "campaign") == "Old · Gone"
    sent = SPEND | {"platform": spend.platform_id, "campaign_named": "Old · Gone"}
    assert signed_in.post(reverse("campaigns:spend_edit", args=[spend.pk]), sent).status_code == 302
    assert Spend.objects.get().campaign == old
    assert signed_in.post(reverse("campaigns:spend_add"), sent).status_code == 422


def test_a_lead_a_contact_a_campaign_and_a_call_are_given_by_name_too(signed_in, many):
    at = {"received_at": "2026-01-10T10:00", "status": "new"}
    assert (
        signed_in.post(
            reverse("campaigns:lead_add"), at | {"name": "Ada", "campaign_named": "spring · zoo"}
        ).status_code
        == 302
    )
    lead = Touch.objects.get().lead
    contact = {"touch-at": "2026-01-11T10:00", "touch-campaign_named": "été"}
    assert signed_in.post(reverse("campaigns:touch_add", args=[lead.pk]), contact).status_code == 302
    call = {"platform": PlatformFactory().pk, "campaign_named": "Spring · Acme", "name": "Bea"}
    assert signed_in.post(reverse("campaigns:lead_quick"), call).status_code == 302
    assert [str(touch.campaign.name) for touch in Touch.objects.order_by("pk")] == ["Spring", "Été", "Spring"]
    for name in ("Three", "Four"):
        ClientFactory(name=name)
    assert (
        signed_in.post(
            reverse("campaigns:campaign_add"),
            {"name": "New", "client_named": "zoo", "purpose": "reach", "counted": "leads"},
        ).status_code
        == 302
    )
    assert Campaign.objects.get(name="New").client.name == "Zoo"


# -- the week ---------------------------------------------------------------------------------------------------------


def test_a_row_is_added_by_the_names_of_its_platform_and_campaign(client, member, many):
    client.force_login(member)
    platform = PlatformFactory(name="Facebook")
    for name in ("Two", "Three", "Four"):
        PlatformFactory(name=name)
    EntryFactory(member=member, platform=platform, campaign=many["2026 · Acme"], day=date(2026, 11, 10), minutes=60)
    week = reverse("timesheets:week", args=["2026-W47"])
    page = html.unescape(client.get(week).content.decode())
    assert offered(page, "platform")[0] == "Facebook"
    sent = {"platform_named": "facebook", "campaign_named": "Spring · Zoo"}
    client.post(f"{week}add-row", sent)
    row = many["Spring · Zoo"]
    assert f"r{platform.pk}-{row.pk}" in client.get(week).content.decode()


def test_names_of_a_row_that_are_not_understood_stay_on_the_page(client, member, many):
    client.force_login(member)
    PlatformFactory(name="Facebook")
    platform = PlatformFactory()
    sent = {"platform": platform.pk, "campaign_named": "Spring"}
    answer = client.post(reverse("timesheets:add_row", args=["2026-W47"]), sent, follow=True)
    page = html.unescape(answer.content.decode())
    assert "can be any of several: Spring · Acme, Spring · Zoo" in page
    assert typed(page, "campaign") == "Spring"
    assert f'<option value="{platform.pk}" selected>' in page
    assert re.search(r'id="addrow"\s+open', page)


def test_an_empty_text_says_that_a_name_is_typed_and_what_it_means_without_one(signed_in, client, member, many):
    for name in ("One", "Two", "Three", "Four"):
        PlatformFactory(name=name)
    form = read(signed_in, "campaigns:spend_add")
    assert re.search(r'id="id_platform"[^>]*placeholder="A part of its name"', form)
    assert re.search(r'id="id_campaign"[^>]*placeholder="[^"]+, or a name"', form)
    LeadFactory()
    assert 'placeholder="All, or a name"' in read(signed_in, "campaigns:leads")


# -- filters of lists -------------------------------------------------------------------------------------------------


def test_a_list_is_narrowed_by_a_name_and_its_links_hold_the_number(signed_in, many):
    shown, hidden = SpendFactory(campaign=many["Spring · Zoo"]), SpendFactory(campaign=many["Spring · Acme"])
    page = read(signed_in, "campaigns:spend", campaign_named="spr zoo")
    assert typed(page, "campaign") == "Spring · Zoo"
    assert f"campaign={shown.campaign_id}" in page
    assert reverse("campaigns:spend_edit", args=[shown.pk]) in page
    assert reverse("campaigns:spend_edit", args=[hidden.pk]) not in page
    by_number = read(signed_in, "campaigns:spend", campaign=shown.campaign_id)
    assert typed(by_number, "campaign") == "Spring · Zoo"


def test_a_name_that_no_filter_knows_is_said_and_stays(signed_in, many):
    LeadFactory()
    page = read(signed_in, "campaigns:leads", campaign_named="Spring")
    assert "Campaign: “Spring” can be any of several: Spring · Acme, Spring · Zoo." in page
    assert "Until then all are shown." in page
    assert typed(page, "campaign") == "Spring"


def test_leads_without_a_platform_are_asked_for_in_words(signed_in, many):
    for name in ("One", "Two", "Three"):
        PlatformFactory(name=name)
    with_one = TouchFactory(lead=LeadFactory(name="Ada")).lead
    LeadFactory(name="Bea")
    page = read(signed_in, "campaigns:leads", platform_named="Not known")
    assert "Bea" in page
    assert with_one.name not in page.partition("<tbody")[2]


def test_people_of_the_same_name_are_told_apart(client, director, many):
    client.force_login(director)
    for number in (1, 2, 3):
        MemberFactory(name="Ada", email=f"ada{number}@example.com")
    page = read(client, "operations:security", person_named="ada")
    assert "can be any of several: Ada · ada1@example.com, Ada · ada2@example.com" in page
    assert typed(read(client, "operations:security", person_named="ada2"), "person") == "Ada · ada2@example.com"


def test_figures_are_narrowed_by_a_name(client, director, many):
    client.force_login(director)
    page = read(client, "reports:beyond", campaign_named="spring · zoo")
    assert typed(page, "campaign") == "Spring · Zoo"
    assert f"campaign={many['Spring · Zoo'].pk}" in page
    page = read(client, "reports:beyond", campaign_named="Spring")
    assert "Campaign: “Spring” can be any of several" in page


# -- while one types --------------------------------------------------------------------------------------------------


def test_names_that_hold_what_is_typed_are_offered(signed_in, many):
    asked = read(signed_in, "campaigns:campaign_names_in_use", **{"touch-campaign_named": "spr"})
    assert re.findall('value="([^"]*)"', asked) == ["Spring · Acme", "Spring · Zoo"]
    assert read(signed_in, "campaigns:campaign_names_in_use").strip() == ""


def test_a_member_is_offered_what_is_in_use_alone(client, member, many):
    client.force_login(member)
    CampaignFactory(name="Spring of old", is_active=False)
    asked = read(client, "campaigns:campaign_names_in_use", campaign_named="spr")
    assert "Spring of old" not in asked
    assert client.get(reverse("campaigns:campaign_names"), {"campaign_named": "spr"}).status_code == 403
    assert client.get(reverse("timesheets:people_names"), {"person_named": "a"}).status_code == 403


def test_no_more_than_a_few_are_offered(signed_in, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 3)
    campaign = CampaignFactory()
    Campaign.objects.bulk_create(Campaign(name=f"Plenty {n}", client=campaign.client) for n in range(60))
    asked = read(signed_in, "campaigns:campaign_names_in_use", campaign_named="plenty")
    assert asked.count("<option") == lookups.MOST_OFFERED
    assert len(offered(read(signed_in, "campaigns:spend_add"), "campaign")) == lookups.MOST_OFFERED


# -- elsewhere --------------------------------------------------------------------------------------------------------


def test_a_decision_offers_some_of_many_platforms_and_the_one_whose_page_leads_to_it(client, director, monkeypatch):
    client.force_login(director)
    monkeypatch.setattr(lookups, "MOST_LISTED", 2)
    platforms = [PlatformFactory(name=f"Platform {n}") for n in range(5)]
    page = read(client, "reports:decision_add", about=f"platform:{platforms[4].pk}")
    shown = [f'value="platform:{platform.pk}"' in page for platform in platforms]
    assert shown == [True, True, False, False, True]
    assert "the page of each platform leads to it" in page
    sent = {"about": f"platform:{platforms[3].pk}", "sentence": "We go on."}
    assert client.post(reverse("reports:decision_add"), sent).status_code == 200


def test_leads_that_are_chosen_are_given_a_platform_by_its_name(signed_in, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 2)
    platforms = [PlatformFactory(name=f"Platform {n}") for n in range(3)]
    lead = LeadFactory()
    assert offered(read(signed_in, "campaigns:leads"), "platform")
    move = {"lead": f"{lead.pk}:{lead.status}", "platform": "", "page": "list"}
    sent = move | {"platform_named": "Plat"}
    answer = signed_in.post(reverse("campaigns:leads_move"), sent, follow=True)
    assert "The nearest: Platform 0, Platform 1, Platform 2. Nothing was changed." in html.unescape(
        answer.content.decode()
    )
    signed_in.post(reverse("campaigns:leads_move"), move | {"platform_named": "platform 2"})
    assert lead.touches.get().platform == platforms[2]


def test_many_measures_offer_those_counted_lately_and_a_new_one_may_be_typed(signed_in, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 2)
    monkeypatch.setattr(lookups, "MOST_OFFERED", 2)
    for name in ("Followers", "Comments", "Calls"):
        OutcomeFactory(measure=name)
    page = read(signed_in, "campaigns:outcome_add")
    (measures,) = re.findall('<datalist id="measures">.*?</datalist>', page, re.DOTALL)
    assert re.findall('value="([^"]*)"', measures) == ["Calls", "Comments"]
    assert reverse("campaigns:measure_names") in page
    assert "Followers" in read(signed_in, "campaigns:measure_names", measure="foll")
    listed = read(signed_in, "campaigns:outcomes", measure_named="followers")
    assert typed(listed, "measure") == "Followers"
