"""The page on which a director makes a platform part of another: choose, look, confirm."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Platform
from tests import factories
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, director):
    client.force_login(director)
    return client


@pytest.fixture
def twitter():
    return factories.PlatformFactory(name="Twitter")


@pytest.fixture
def x(twitter):
    return factories.PlatformFactory(name="X")


def page(platform):
    return reverse("operations:merge_platform", args=[platform.pk])


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_platforms_page_leads_a_director_there_and_nobody_else(signed_in, twitter, manager):
    address = reverse("campaigns:platform", args=[twitter.pk])
    assert page(twitter) in signed_in.get(address).content.decode()
    signed_in.force_login(manager)
    assert page(twitter) not in signed_in.get(address).content.decode()
    assert signed_in.get(page(twitter)).status_code == 403


def test_all_the_others_are_offered_and_not_itself(signed_in, twitter, x):
    form = signed_in.get(page(twitter)).context["form"]
    assert list(form.fields["into"].queryset) == [x]


def test_without_another_platform_there_is_nothing_to_choose(signed_in, twitter):
    response = signed_in.get(page(twitter))
    assert response.status_code == 200
    assert "There is no other platform" in text_of(response)
    assert "<select" not in text_of(response)


@pytest.mark.parametrize(
    ("into", "words"),
    [
        ("", "Choose the platform that it becomes part of."),
        ("{twitter}", "This is not one of the other platforms."),
        ("999999", "This is not one of the other platforms."),
        ("x'); --", "This is not one of the other platforms."),
        ("{fair}", "If they are one platform, give both the same kind first."),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_changes_nothing(signed_in, twitter, x, into, words):
    fair = factories.PlatformFactory(name="Fair", kind="event")
    sent = into.format(twitter=twitter.pk, fair=fair.pk)
    for confirmed in ({}, {"confirmed": "1"}):
        response = signed_in.post(page(twitter), {"into": sent, **confirmed})
        assert response.status_code == 422
        assert words in " ".join(response.context["form"].errors["into"])
    assert Platform.objects.count() == 3


def test_it_is_asked_before_with_what_moves_and_what_meets(signed_in, twitter, x):
    twitter.aliases.create(text="twitter.com")
    entry = factories.EntryFactory(platform=twitter, minutes=90)
    factories.EntryFactory(platform=x, member=entry.member, campaign=entry.campaign, minutes=30)
    factories.EntryFactory(platform=twitter, minutes=60)
    factories.SpendFactory(platform=twitter)
    for _each in range(2):
        factories.TouchFactory(platform=twitter)
    factories.SaleFactory(platform=twitter)
    for platform in (twitter, x):
        factories.OutcomeFactory(platform=platform, campaign=entry.campaign)
    response = signed_in.post(page(twitter), {"into": x.pk})
    text = text_of(response)
    assert response.status_code == 200
    for said in (
        "Merge Twitter into X?",
        "This cannot be taken back.",
        "<b>2:30 hours</b> of 2 people. Once there are hours on both",
        "<b>1</b> spend</li>",
        "<b>2</b> touchpoints of leads",
        "<b>1</b> sale that names it",
        "<b>1</b> outcome. Once the same was counted on both",
        "so that files still find it: Twitter, twitter.com.",
    ):
        assert said in text
    assert Platform.objects.count() == 2, "looking writes nothing"


def test_it_is_said_before_when_the_other_one_takes_no_hours(signed_in, twitter, x):
    warning = "X is not in use: nobody can log new hours on it"
    assert warning not in text_of(signed_in.post(page(twitter), {"into": x.pk}))
    Platform.objects.filter(pk=x.pk).update(is_active=False)
    assert warning in text_of(signed_in.post(page(twitter), {"into": x.pk}))


def test_a_platform_without_anything_says_so(signed_in, twitter, x):
    assert "Nothing was logged or counted on Twitter" in text_of(signed_in.post(page(twitter), {"into": x.pk}))


def test_the_button_does_it_and_a_second_click_leads_to_the_other(signed_in, twitter, x):
    entry = factories.EntryFactory(platform=twitter)
    for _click in range(2):
        response = signed_in.post(page(twitter), {"into": x.pk, "confirmed": "1"}, follow=True)
        assert response.redirect_chain[-1] == (reverse("campaigns:platform", args=[x.pk]), 302)
        assert "Became part of it" in text_of(response)
    assert TimeEntry.objects.get(pk=entry.pk).platform == x


def test_old_links_lead_to_the_other(signed_in, twitter, x):
    signed_in.post(page(twitter), {"into": x.pk, "confirmed": "1"})
    for name in ("campaigns:platform", "reports:platform", "operations:merge_platform"):
        response = signed_in.get(reverse(name, args=[twitter.pk]))
        assert response.status_code == 302
        assert f"/platforms/{x.pk}/" in response["Location"]
        assert signed_in.get(reverse(name, args=[987_654])).status_code == 404


def test_a_member_with_the_old_page_open_is_answered_there(client, signed_in, twitter, x):
    member = factories.MemberFactory()
    entry = factories.EntryFactory(platform=twitter, member=member, minutes=60)
    signed_in.post(page(twitter), {"into": x.pk, "confirmed": "1"})
    client.force_login(member)
    sent = {"platform": twitter.pk, "campaign": entry.campaign_id, "seen": entry.etag, "d0": "2"}
    response = client.post(reverse("timesheets:save_cell", args=["2026-W47"]), sent)
    assert response.status_code == 200
    # Under the row that the page still has.
    assert f"{twitter.pk}-{entry.campaign_id}" in response.content.decode()
    assert TimeEntry.objects.get(pk=entry.pk).minutes == 120
    shown = client.get(reverse("timesheets:week", args=["2026-W47"])).context["grid"]
    assert [(row.platform, row.minutes) for row in shown.rows] == [("X", 120)]


@pytest.mark.parametrize("is_preview", [False, True], ids=["choice", "preview"])
def test_the_page_asks_no_more_of_more_rows(signed_in, twitter, x, is_preview):
    signed_in.get(page(twitter))  # the first of all makes the agency
    asked = []
    for rows in (1, 12):
        for _each in range(rows):
            entry = factories.EntryFactory(platform=twitter)
            factories.EntryFactory(platform=x, member=entry.member, campaign=entry.campaign)
            factories.TouchFactory(platform=twitter)
            twitter.aliases.create(text=f"alias {entry.pk}")
        with CaptureQueriesContext(connection) as queries:
            response = signed_in.post(page(twitter), {"into": x.pk}) if is_preview else signed_in.get(page(twitter))
        assert response.status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
