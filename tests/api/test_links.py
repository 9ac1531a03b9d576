"""Tracking links are made, changed and switched off by programs under the agency's rules."""

from datetime import date

import pytest

from campaigns.models import LinkClicks, LinkRules, TrackingLink
from tests import factories
from tests.api.asking import is_problem, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def campaign():
    LinkRules.objects.create(pk=1, allowed_hosts="www.example.com")
    return factories.CampaignFactory(name="Spring")


@pytest.fixture
def body():
    platform = factories.PlatformFactory(name="LinkedIn")
    return {"platform": platform.pk, "target": "https://www.example.com/#form", "utm_medium": "social"}


def test_a_link_is_made_changed_and_switched_off(as_manager, campaign, body):
    made = as_manager.post(f"/campaigns/{campaign.pk}/links", {**body, "utm_content": "post-1"})
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["utm_source"], shown["utm_campaign"], shown["campaign"]) == ("linkedin", "spring", campaign.pk)
    assert shown["address"].endswith(f"/go/{shown['slug']}")
    assert str(TrackingLink.objects.get().created_by) == "Marc"
    changed = as_manager.patch(made["Location"], {"target": "https://www.example.com/b"}, If_Match=made["ETag"]).json()
    assert (changed["target"], changed["is_active"]) == ("https://www.example.com/b", True)
    assert is_problem(as_manager.patch(made["Location"], {"is_active": False}, If_Match=made["ETag"]), 412)
    assert as_manager.patch(made["Location"], {"is_active": False}, If_Match="*").json()["is_active"] is False
    assert as_manager.get("/links").json()["items"] == []
    assert [row["id"] for row in as_manager.get("/links?show=all").json()["items"]] == [shown["id"]]
    assert is_problem(as_manager.post("/campaigns/7777/links", body), 404)


def test_a_link_leads_nowhere_that_was_not_allowed_and_stands_for_one_place(as_manager, campaign, body):
    address = f"/campaigns/{campaign.pk}/links"
    for wrong, field in (
        ({"target": "https://elsewhere.example/"}, "target"),
        ({"utm_medium": "smoke"}, "utm_medium"),
        ({"platform": 7777}, "platform"),
        ({"slug": "No!"}, "slug"),
    ):
        assert [name for name, _message in messages_of(as_manager.post(address, {**body, **wrong}))] == [field], wrong
    assert not TrackingLink.objects.exists()
    link = factories.TrackingLinkFactory()
    assert messages_of(as_manager.patch(f"/links/{link.pk}", {"platform": body["platform"]}, If_Match="*")) == [
        ("platform", "There is no such field.")
    ]


def test_clicks_are_counts_by_day_and_no_click_moves_the_version(as_manager):
    link = factories.TrackingLinkFactory()
    before = as_manager.get(f"/links/{link.pk}")["ETag"]
    LinkClicks.objects.create(link=link, day=date(2026, 11, 17), count=3)
    assert as_manager.get(f"/links/{link.pk}/clicks").json() == [{"day": "2026-11-17", "count": 3}]
    assert as_manager.get(f"/links/{link.pk}")["ETag"] == before


# -- many at once -----------------------------------------------------------------------------------------------------


def test_links_of_a_sheet_are_made_together_and_answered_again(as_manager, campaign, body):
    row = {**body, "platform": "linkedin"}
    rows = {"rows": [{**row, "utm_content": "post-1"}, {**row, "utm_content": "post-2", "slug": "Post-Two"}]}
    address = f"/campaigns/{campaign.pk}/links/bulk"
    made = as_manager.post(address, rows, Idempotency_Key="sheet-1")
    assert made.status_code == 201, made.content
    assert [link["utm_content"] for link in made.json()] == ["post-2", "post-1"]
    assert made.json()[0]["slug"] == "post-two"
    assert {str(link.created_by) for link in TrackingLink.objects.all()} == {"Marc"}
    again = as_manager.post(address, rows, Idempotency_Key="sheet-1")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, made.json(), "true")
    assert as_manager.get(f"/campaigns/{campaign.pk}/links").json() == made.json()
    assert TrackingLink.objects.count() == 2
    assert is_problem(as_manager.post("/campaigns/7777/links/bulk", rows), 404)


def test_what_is_wrong_with_a_row_is_told_at_the_row_and_nothing_is_written(as_manager, campaign, body):
    good = {**body, "platform": "LinkedIn", "slug": "one"}
    wrong = [
        {**good, "target": "https://elsewhere.example/"},
        {**good, "slug": "two", "platform": "Nowhere"},
        {**good, "slug": "three", "utm_medium": "smoke"},
    ]
    answer = as_manager.post(f"/campaigns/{campaign.pk}/links/bulk", {"rows": [good, *wrong]})
    assert is_problem(answer, 422)
    told = [(error["row"], error["field"]) for error in answer.json()["errors"]]
    assert told == [(1, "target"), (1, "slug"), (2, "platform"), (3, "utm_medium")]
    assert answer.json()["errors"][2]["message"] == "There is no platform “Nowhere”."
    assert not TrackingLink.objects.exists()


def test_a_code_is_an_image_of_the_address(as_manager):
    link = factories.TrackingLinkFactory()
    assert as_manager.get(f"/links/{link.pk}/code").json()["svg"].endswith("</svg>\n")


def test_the_rules_are_read_by_whoever_makes_links(as_manager, campaign):
    rules = as_manager.get("/link-rules").json()
    assert (rules["hosts"], rules["is_lower_case"]) == (["www.example.com"], True)
    assert "social" in rules["mediums"]
