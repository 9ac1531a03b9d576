"""Who is signed in shows again who they are before rates, roles and erasing, by whatever they have."""

import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests import factories
from tests.factories import PASSWORD
from tests.timesheets.test_second_factor import code_of, set_up
from tests.timesheets.test_single_sign_on import BACK, provider, running, start
from timesheets.models import CostRate, User

__all__ = ["provider", "running"]  # fixtures
pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
AGAIN = "/accounts/reauthenticate/"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def director() -> User:
    return factories.DirectorFactory(email="person@example.com")


@pytest.fixture
def client(director) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": director.email, "password": PASSWORD})
    return client


@pytest.fixture
def guarded(director) -> list[str]:
    rate = factories.RateFactory()
    person, lead = rate.member.pk, factories.LeadFactory().pk
    return [
        f"/team/{person}/rates/",
        f"/team/{person}/rates/{rate.pk}",
        f"/team/{person}/rates/{rate.pk}/delete",
        f"/team/people/{person}",
        "/team/people/add",
        "/team/people/add-several",
        f"/team/people/{person}/erase/",
        f"/leads/{lead}/erase/",
        "/admin/",
        "/admin/timesheets/costrate/",
        f"/admin/timesheets/user/{person}/change/",
    ]


# -- when -------------------------------------------------------------------------------------------------------------


def test_who_signed_in_within_the_quarter_of_an_hour_is_not_asked(client, guarded, clock):
    clock.shift(QUARTER - timedelta(seconds=1))
    assert [client.get(address).status_code for address in guarded] == [200] * len(guarded)


def test_after_it_the_password_is_asked_for_and_leads_on_to_where_one_wanted(client, guarded, clock):
    for address in guarded:
        clock.shift(QUARTER)
        answer = client.get(address)
        assert answer.url.startswith(AGAIN), address
        assert "What comes next is for you alone" in client.get(answer.url).content.decode()
        assert client.post(answer.url, {"password": PASSWORD}).url == address
        assert client.get(address).status_code == 200


def test_a_wrong_password_leads_nowhere(client, guarded, clock):
    clock.shift(QUARTER)
    for _try in range(2):
        assert client.post(f"{AGAIN}?next={guarded[0]}", {"password": "wrong"}).status_code == 200
    assert client.get(guarded[0]).url.startswith(AGAIN)


def test_other_pages_ask_nobody(client, clock):
    clock.shift(timedelta(hours=5))
    assert [client.get(address).status_code for address in ("/profile/", "/team/", "/leads/", "/")] == [200] * 4


def test_another_role_is_refused_rather_than_asked(manager, guarded, clock):
    client = Client()
    client.force_login(manager)
    clock.shift(QUARTER)
    assert {client.get(address).status_code for address in guarded} == {403}


# -- nothing typed is lost --------------------------------------------------------------------------------------------


def test_a_rate_that_was_typed_is_there_after_the_password(client, member, clock):
    clock.shift(QUARTER)
    form = {"starts_on": "2026-11-02", "hourly_cents": "41.50", "confirmed": "1"}
    asked = client.post(f"/team/{member.pk}/rates/", form)
    assert asked.url.startswith(AGAIN)
    assert not CostRate.objects.exists()
    answer = client.post(asked.url, {"password": PASSWORD})
    assert answer.url == f"/team/{member.pk}/rates/"
    rate = CostRate.objects.get()
    assert (rate.starts_on, rate.hourly_cents) == (date(2026, 11, 2), 4150)
    assert rate.history.get().history_user.email == "person@example.com"


def test_a_role_that_was_changed_is_changed_after_the_password_alone(client, member, clock):
    clock.shift(QUARTER)
    form = {"name": member.name, "email": member.email, "role": "director", "weekly_minutes": "35"}
    form |= {"joined_on": "2026-11-02", "is_active": "on"}
    asked = client.post(f"/team/people/{member.pk}", form)
    assert User.objects.get(pk=member.pk).role == "member"
    client.post(asked.url, {"password": "wrong"})
    assert User.objects.get(pk=member.pk).role == "member"
    client.post(asked.url, {"password": PASSWORD})
    assert User.objects.get(pk=member.pk).role == "director"


# -- by what ----------------------------------------------------------------------------------------------------------


def test_the_code_of_an_app_will_do_once(client, guarded, clock):
    secret = set_up(client)
    clock.shift(QUARTER)
    page = client.get(client.get(guarded[0]).url).content.decode()
    [way] = re.findall(r'href="(/accounts/2fa/reauthenticate/\?next=[^"]*)"', page)
    code = code_of(secret)
    assert client.post(way, {"code": code}).url == guarded[0]
    assert client.get(guarded[0]).status_code == 200
    other = Client()
    other.post("/accounts/login/", {"login": "person@example.com", "password": PASSWORD})
    assert "This code is not right" in other.post("/accounts/2fa/authenticate/", {"code": code}).content.decode()


def without_password(director: User) -> Client:
    director.set_unusable_password()
    director.save()
    client = Client()
    client.force_login(director)
    return client


def come_back(client: Client, provider, asked: dict[str, str], **claims: object):
    provider.claims |= claims
    return client.get(BACK, {"code": "one-time-code", "state": asked["state"]})


def test_who_has_single_sign_on_alone_shows_it_there_and_goes_on_in_the_same_session(provider, director, member, clock):
    client = without_password(director)
    session = client.cookies["sessionid"].value
    clock.shift(QUARTER)
    form = {"starts_on": "2026-11-02", "hourly_cents": "40", "confirmed": "1"}
    asked_at = client.post(f"/team/{member.pk}/rates/", form).url
    page = client.get(asked_at).content.decode()
    assert "Sign in with Nord ID" in page
    wanted = re.search(r'name="next" value="([^"]*)"', page)[1]
    asked = start(client, provider, next=wanted)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    answer = come_back(client, provider, asked, auth_time=int(time.time()))
    assert answer.url == f"/team/{member.pk}/rates/"
    assert CostRate.objects.get().hourly_cents == 4000
    assert client.cookies["sessionid"].value == session
    assert client.get(f"/team/{member.pk}/rates/").status_code == 200


def test_a_provider_that_did_not_ask_is_not_enough(provider, director, member, clock):
    client = without_password(director)
    clock.shift(QUARTER)
    asked = start(client, provider, next="/team/")
    come_back(client, provider, asked, auth_time=int(time.time()) - 3600)
    assert "did not ask who you are" in client.get("/team/").content.decode()
    assert client.get(f"/team/{member.pk}/rates/").status_code == 302


def test_somebody_else_at_the_provider_is_not_enough(provider, director, member, clock):
    client = without_password(director)
    clock.shift(QUARTER)
    asked = start(client, provider, next="/team/")
    come_back(client, provider, asked, email=member.email, sub="2")
    assert "You are signed in as person@example.com" in client.get("/team/").content.decode()
    assert client.session["_auth_user_id"] == str(director.pk)
    assert client.get(f"/team/{member.pk}/rates/").status_code == 302


def test_who_has_a_password_may_use_single_sign_on_too(provider, client, guarded, clock):
    clock.shift(QUARTER)
    page = client.get(client.get(guarded[0]).url).content.decode()
    [way] = re.findall(r'href="(/accounts/reauthenticate/single-sign-on/\?next=[^"]*)"', page)
    there = client.get(way).content.decode()
    assert "Sign in with Nord ID" in there
    assert f"{AGAIN}?next=" in there  # and back to the password


def test_who_has_nothing_at_all_chooses_a_password_first(director, guarded, clock):
    client = without_password(director)
    clock.shift(QUARTER)
    assert client.get(guarded[0]).url.startswith("/accounts/password/set/")
    assert client.get("/accounts/reauthenticate/single-sign-on/").url.startswith("/accounts/password/set/")
