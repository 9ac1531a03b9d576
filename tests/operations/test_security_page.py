"""The page of security events: who signed in, was refused, changed a role or a rate, exported, erased."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from campaigns import personal_data_export, retention
from campaigns.models import SecurityEvent, security_events
from operations import erase_person
from tests import factories
from tests.factories import PASSWORD
from timesheets.models import User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
Kind = SecurityEvent.Kind


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def director() -> User:
    return factories.DirectorFactory(name="Dora Director")


@pytest.fixture
def member() -> User:
    return factories.MemberFactory(name="Max Member")


@pytest.fixture
def client(director) -> Client:
    """The director's; their own sign-in is taken away."""
    client = Client()
    client.force_login(director)
    SecurityEvent.objects.all().delete()
    return client


def told(client: Client, query: str = "") -> list[str]:
    """The rows of the page, newest first, without the time."""
    page = client.get(f"/security/{query}").content.decode()
    if "<tbody>" not in page:
        return []
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.S)
    cells = [re.findall(r"<td.*?>(.*?)</td>", row, re.S)[1:] for row in rows]
    return [" | ".join(" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row) for row in cells]


# -- what is on it ----------------------------------------------------------------------------------------------------


def test_who_signed_in_and_who_was_not_let_in(client, member):
    visitor = Client()
    visitor.post("/accounts/login/", {"login": member.email, "password": "wrong"})
    visitor.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    visitor.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert told(client) == [
        "Signed in | Max Member | –",
        "Sign-in refused wrong password | Somebody at the sign-in | –",
        "Sign-in refused wrong password | Somebody at the sign-in | Max Member",
    ]


def test_whom_the_door_stays_shut_for_and_why(client, member):
    visitor = Client()
    for _try in range(6):
        visitor.post("/accounts/login/", {"login": member.email, "password": "wrong"})
    assert told(client)[0] == "Sign-in refused too many wrong passwords | Somebody at the sign-in | Max Member"


def test_who_opened_what_is_not_theirs(client, member):
    visitor = Client()
    visitor.force_login(member)
    visitor.get("/team/")
    assert told(client)[0] == "Page refused timesheets:team | Max Member | –"


def test_a_stranger_who_asks_for_a_page_leaves_nothing(client):
    Client().get("/team/")
    assert told(client) == []


def test_who_gave_whom_which_role(client, member):
    form = {"name": member.name, "email": member.email, "role": "manager", "weekly_minutes": "35"}
    form |= {"joined_on": "2026-11-02", "is_active": "on"}
    client.post(f"/team/people/{member.pk}", form)
    client.post(f"/team/people/{member.pk}", form)  # no change of it
    client.post("/team/people/add", {**form, "name": "Nina New", "email": "nina@example.com", "role": "director"})
    assert told(client) == [
        "Role changed Director | Dora Director | Nina New",
        "Role changed Member → Manager | Dora Director | Max Member",
    ]


def test_a_role_given_in_the_admin_is_there_too(client, member):
    page = client.get(f"/admin/timesheets/user/{member.pk}/change/").content.decode()
    total = dict(re.findall(r'name="([\w-]+-(?:TOTAL|INITIAL)_FORMS)" value="(\d+)"', page))
    form = {"email": member.email, "name": member.name, "role": "director", "is_active": "on", **total}
    form |= {"weekly_minutes": "2100", "joined_on": "2020-01-01", "theme": "auto", "duration_style": "clock"}
    answer = client.post(f"/admin/timesheets/user/{member.pk}/change/", form)
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.S)
    assert told(client) == ["Role changed Member → Director | Dora Director | Max Member"]


def test_who_changed_whose_rate_and_never_how_much(client, member):
    form = {"starts_on": "2026-11-02", "hourly_cents": "73.31", "confirmed": "1"}
    client.post(f"/team/{member.pk}/rates/", form)
    rate = member.rates.get()
    client.post(f"/team/{member.pk}/rates/{rate.pk}", {**form, "hourly_cents": "74.41"})
    client.post(f"/team/{member.pk}/rates/{rate.pk}/delete")
    client.post(
        "/admin/timesheets/costrate/add/", {"member": member.pk, "starts_on": "2026-11-02", "hourly_cents": 7331}
    )
    assert told(client) == ["Rate changed | Dora Director | Max Member"] * 4
    stored = str(list(SecurityEvent.objects.values()))
    assert not re.search(r"7331|7441|73[.,]31|74[.,]41", stored)


def test_a_rate_that_is_only_looked_at_leaves_nothing(client, member):
    client.post(f"/team/{member.pk}/rates/", {"starts_on": "2026-11-02", "hourly_cents": "40"})
    assert told(client) == []


def test_who_took_out_what(client, member):
    lead = factories.LeadFactory()
    addresses = ["/leads/export.csv", "/spend/export.csv", f"/leads/{lead.pk}/data.json"]
    addresses += [f"/team/people/{member.pk}/data.json"]
    assert [client.get(address).status_code for address in addresses] == [200] * 4
    assert told(client) == [
        "Exported all that is held on a person | Dora Director | Max Member",
        f"Exported all that is held on lead {lead.pk} | Dora Director | –",
        "Exported spend | Dora Director | –",
        "Exported leads | Dora Director | –",
    ]


def test_a_file_that_was_not_given_is_no_export(client):
    assert client.get("/leads/export.csv?sort=nothing").status_code == 302
    assert client.head("/leads/export.csv").status_code == 200
    assert told(client) == []


def test_who_erased_whom(client, member):
    lead = factories.LeadFactory()
    client.post(f"/leads/{lead.pk}/erase/")
    User.objects.filter(pk=member.pk).update(is_active=False)
    client.post(f"/team/people/{member.pk}/erase/")
    assert told(client) == [
        f"Erased a person | Dora Director | Former member {member.pk}",
        f"Erased lead {lead.pk} | Dora Director | –",
    ]


def test_a_second_factor_that_a_command_removed(client, member):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=member, type="totp", data={})
    call_command("remove_second_factor", member.email)
    assert told(client) == ["Second factor removed | A command | Max Member"]


def test_the_page_is_narrowed_by_kind_and_by_person(client, director, member):
    SecurityEvent.record(Kind.RATE, by=director, person=member)
    SecurityEvent.record(Kind.SIGNED_IN, by=member, person=member)
    SecurityEvent.record(Kind.SIGNED_IN, by=director, person=director)
    assert told(client, "?what=rate") == ["Rate changed | Dora Director | Max Member"]
    assert told(client, f"?person={member.pk}") == [
        "Signed in | Max Member | –",
        "Rate changed | Dora Director | Max Member",
    ]
    assert len(told(client, "?what=nonsense")) == 3


def test_a_page_of_events_asks_as_much_as_a_page_of_one(client, director, member, django_assert_max_num_queries):
    for _number in range(60):
        SecurityEvent.record(Kind.RATE, by=director, person=member)
    with django_assert_max_num_queries(10):
        assert len(told(client)) == 50


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_an_event_is_kept_for_a_year(member):
    year_ago = datetime(2025, 11, 18, 9, tzinfo=UTC)
    SecurityEvent.objects.create(kind=Kind.SIGNED_IN, at=year_ago - timedelta(seconds=1))
    SecurityEvent.objects.create(kind=Kind.RATE, at=year_ago)
    retention.purge(at=NOW)
    assert [event.kind for event in SecurityEvent.objects.all()] == [Kind.RATE]


def test_nothing_that_was_typed_is_kept(client, member):
    Client(headers={"user-agent": "Canary"}, REMOTE_ADDR="198.51.100.7").post(
        "/accounts/login/", {"login": "canary@example.com", "password": "canary"}
    )
    stored = str(list(SecurityEvent.objects.values())).lower()
    assert "canary" not in stored
    assert "198.51" not in stored


def test_what_is_held_on_a_person_includes_theirs(client, director, member):
    Client().post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    SecurityEvent.record(Kind.EXPORTED, by=member, detail="leads")
    rows = personal_data_export.on_person(member)["campaigns.securityevent"]
    # What they did to something that is not about them is named by number alone.
    assert sorted(tuple(row) for row in rows if "kind" not in row) == [("pk",), ("pk",)]
    assert [row["kind"] for row in rows if "kind" in row] == ["signed_in"]


def test_a_person_who_is_erased_is_in_it_by_number_alone(client, member):
    Client().post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    User.objects.filter(pk=member.pk).update(is_active=False)
    erase_person.erase_now(User.objects.get(pk=member.pk), at=NOW)
    assert told(client) == [f"Signed in | Former member {member.pk} | –"]


def test_a_flood_of_refusals_is_kept_up_to_a_number_and_others_are_not_hidden(client, member, manager, monkeypatch):
    monkeypatch.setattr(security_events, "MOST_REFUSALS_A_DAY", 3)
    for _number in range(5):
        SecurityEvent.record(Kind.REFUSED, by=member, detail="timesheets:team")
    SecurityEvent.record(Kind.REFUSED, by=manager, detail="operations:jobs")
    assert SecurityEvent.objects.filter(kind=Kind.REFUSED, by=member).count() == 3
    assert SecurityEvent.objects.filter(kind=Kind.REFUSED, by=manager).count() == 1


# -- exports ----------------------------------------------------------------------------------------------------------


def test_files_with_people_ask_who_one_is_and_lead_back_to_the_page(client, clock, member):
    lead = factories.LeadFactory()
    clock.shift(timedelta(minutes=15))
    pages = {
        "/leads/export.csv": "/leads/",
        f"/leads/{lead.pk}/data.json": f"/leads/{lead.pk}/",
        f"/team/people/{member.pk}/data.json": f"/team/people/{member.pk}",
        "/team/hours?first=2026-W40&last=2026-W41": "/team/",
    }
    for address, page in pages.items():
        answer = client.get(address)
        assert answer.status_code == 302, address
        way, _question, wanted = answer.url.partition("?next=")
        assert way == "/accounts/reauthenticate/", address
        assert wanted.replace("%2F", "/") == page
    assert "Then take out the file once more." in client.get("/accounts/reauthenticate/").content.decode()
    assert client.get("/spend/export.csv").status_code == 200
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/leads/export.csv").status_code == 200


def test_a_person_takes_out_so_many_files_an_hour_and_is_told_of_the_limit(client, clock, manager, settings):
    settings.EXPORTS_AN_HOUR = 2
    assert [client.get("/leads/export.csv").status_code for _file in range(3)] == [200, 200, 302]
    assert "You have taken out 2 files within an hour" in client.get("/leads/").content.decode()
    other = Client()
    other.force_login(manager)
    assert other.get("/leads/export.csv").status_code == 200
    clock.shift(timedelta(minutes=61))
    assert client.get("/spend/export.csv").status_code == 200
