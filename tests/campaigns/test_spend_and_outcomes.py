"""Spend and outcomes."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Outcome, Spend
from tests.factories import CampaignFactory, OutcomeFactory, PlatformFactory, SpendFactory


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def spend(**fields: object) -> dict[str, object]:
    return {"amount_cents": "700", "starts_on": "2026-11-16", "ends_on": "2026-11-22", **fields}


def test_spend_is_added_on_a_platform_and_its_campaign_may_be_left_out(signed_in):
    platform = PlatformFactory()
    sent = spend(platform=platform.pk, amount_cents="1.234,50")
    assert signed_in.post(reverse("campaigns:spend_add"), sent).status_code == 302
    made = Spend.objects.get()
    assert (made.platform, made.campaign, made.amount_cents) == (platform, None, 123450)
    assert "General presence" in signed_in.get(reverse("campaigns:spend")).content.decode()


def test_general_presence_is_offered_once_for_spend(signed_in):
    general = Campaign.objects.general()
    assert signed_in.get(reverse("campaigns:spend_add")).content.decode().count(">General presence<") == 1
    kept = SpendFactory(campaign=general)
    assert (
        f'value="{general.pk}" selected'
        in signed_in.get(reverse("campaigns:spend_edit", args=[kept.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"amount_cents": "0"}, "amount_cents"),
        ({"amount_cents": "much"}, "amount_cents"),
        ({"ends_on": "2026-11-15"}, "ends_on"),
        ({"starts_on": "2016-11-16"}, "ends_on"),
        ({"starts_on": "16/11/2026"}, "starts_on"),
        ({"platform": ""}, "platform"),
        ({"external_id": "taken"}, "external_id"),
        ({"description": "x" * 201}, "description"),
    ],
    ids=str,
)
def test_what_is_wrong_with_spend_is_said_at_its_field(signed_in, sent, field):
    SpendFactory(external_id="taken")
    response = signed_in.post(reverse("campaigns:spend_add"), spend(**{"platform": PlatformFactory().pk, **sent}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Spend.objects.count() == 1


def test_spend_of_general_presence_is_found_with_and_without_its_campaign(signed_in):
    general = Campaign.objects.general()
    SpendFactory(description="named", campaign=general)
    SpendFactory(description="left empty")
    SpendFactory(description="other", campaign=CampaignFactory())
    response = signed_in.get(reverse("campaigns:spend"), {"campaign": general.pk})
    assert {str(row) for row in response.context["listed"].page} == {"named", "left empty"}


def test_spend_is_voided_and_counts_again(signed_in):
    made = SpendFactory()
    signed_in.post(reverse("campaigns:spend_void", args=[made.pk]), {"reason": "twice"})
    assert not Spend.objects.live().exists()
    signed_in.post(reverse("campaigns:spend_restore", args=[made.pk]))
    assert Spend.objects.live().exists()


def outcome(**fields: object) -> dict[str, object]:
    made = {"platform": PlatformFactory().pk, "campaign": CampaignFactory().pk}
    return {**made, "week": "2026-W47", "measure": "Followers gained", "count": "12", **fields}


def test_an_outcome_is_counted_in_its_week(signed_in):
    assert signed_in.post(reverse("campaigns:outcome_add"), outcome()).status_code == 302
    assert Outcome.objects.get().week == date(2026, 11, 16)
    assert "2026-W47" in signed_in.get(reverse("campaigns:outcomes")).content.decode()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"week": "2025-W53"}, "week"),
        ({"count": "-1"}, "count"),
        ({"count": "1.5"}, "count"),
        ({"count": "9" * 30}, "count"),
        ({"measure": ""}, "measure"),
        ({"campaign": ""}, "campaign"),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_outcome_is_said_at_its_field(signed_in, sent, field):
    response = signed_in.post(reverse("campaigns:outcome_add"), outcome(**sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_the_same_count_of_the_same_week_is_entered_once(signed_in):
    sent = outcome()
    signed_in.post(reverse("campaigns:outcome_add"), sent)
    response = signed_in.post(reverse("campaigns:outcome_add"), sent)
    assert response.status_code == 422
    assert Outcome.objects.count() == 1


def test_a_voided_outcome_whose_place_was_taken_stays_voided(signed_in):
    first = OutcomeFactory()
    first.void(at=datetime(2026, 11, 20, tzinfo=UTC))
    OutcomeFactory(platform=first.platform, campaign=first.campaign)
    response = signed_in.post(reverse("campaigns:outcome_restore", args=[first.pk]), follow=True)
    assert "another one has replaced it" in response.content.decode()
    first.refresh_from_db()
    assert first.is_void
