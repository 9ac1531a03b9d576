"""Where somebody is signed in, ending that, and sessions that end by themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns import retention
from core import browsers
from core.identity import SIGNED_IN_AT
from tests.factories import PASSWORD
from timesheets import sessions
from timesheets.models import Session, User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"


@pytest.fixture(autouse=True)
def at_nine():
    """The clock stands at NOW, and nobody has been counted yet."""
    cache.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def sign_in(person: User, browser: str = FIREFOX, *, client: Client | None = None) -> Client:
    client = client or Client(headers={"user-agent": browser})
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/hours/").status_code == 302 and "login" not in client.get("/hours/").url


def rows_of(page: str) -> list[str]:
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


# -- what they are called ---------------------------------------------------------------------------------------------

AGENTS = {
    FIREFOX: "Firefox on Windows",
    IPHONE: "Safari on iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0 Safari/537.36": "Chrome on macOS",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0": "Edge on Windows",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36": (
        "Samsung Internet on Android"
    ),
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36": "Chrome on ChromeOS",
    "curl/8.5.0": "A browser that does not say which",
    "": "A browser that does not say which",
    "Something (Linux)": "Linux",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items(), ids=AGENTS.values())
def test_a_browser_is_called_by_its_name_and_its_system(agent, name):
    assert browsers.in_words(browsers.name_of(agent)) == name


# -- the list ---------------------------------------------------------------------------------------------------------


def test_a_person_sees_where_they_are_signed_in_and_nobody_elses(member, manager, at_nine):
    sign_in(manager)
    at_nine.shift(timedelta(hours=1))
    phone = sign_in(member, IPHONE)
    at_nine.shift(timedelta(hours=1))
    here = sign_in(member)
    assert rows_of(here.get("/profile/sessions/").content.decode()) == [
        "Firefox on Windows 18 Nov 2026, 12:00 Now This browser",
        "Safari on iPhone 18 Nov 2026, 11:00 18 Nov 2026, 11:00 End",
    ]
    assert "/profile/sessions/" in here.get("/profile/").content.decode()
    assert is_in(phone)


def test_the_page_holds_no_key_that_opens_a_session(member):
    other = sign_in(member, IPHONE)
    page = sign_in(member).get("/profile/sessions/").content.decode()
    assert other.cookies["sessionid"].value not in page


def test_one_session_is_ended_and_the_others_stay(member, manager):
    here, phone, tablet, somebody = sign_in(member), sign_in(member, IPHONE), sign_in(member), sign_in(manager)
    mark = sessions.mark_of(phone.cookies["sessionid"].value)
    answer = here.post("/profile/sessions/", {"end": mark}, follow=True)
    assert "1 session ended." in answer.content.decode()
    assert [is_in(client) for client in (here, phone, tablet, somebody)] == [True, False, True, True]


def test_all_others_are_ended_at_once_and_this_one_stays(member, manager):
    here, phone, tablet, somebody = sign_in(member), sign_in(member, IPHONE), sign_in(member), sign_in(manager)
    assert "2 sessions ended." in here.post("/profile/sessions/", follow=True).content.decode()
    assert [is_in(client) for client in (here, phone, tablet, somebody)] == [True, False, False, True]


def test_nobody_ends_the_session_of_somebody_else_nor_their_own(member, manager):
    here, somebody = sign_in(member), sign_in(manager)
    for client in (somebody, here):
        mark = sessions.mark_of(client.cookies["sessionid"].value)
        assert "nothing to end" in here.post("/profile/sessions/", {"end": mark}, follow=True).content.decode()
    assert is_in(somebody)
    assert is_in(here)


def test_what_a_new_password_has_closed_is_not_listed(member):
    phone, here = sign_in(member, IPHONE), sign_in(member)
    form = {"oldpassword": PASSWORD, "password1": "a long walk home", "password2": "a long walk home"}
    here.post("/accounts/password/change/", form)
    assert not is_in(phone)
    assert len(rows_of(here.get("/profile/sessions/").content.decode())) == 1


def test_a_session_from_before_browsers_were_noted_is_listed_too(member):
    here, old = sign_in(member), Client()
    old.force_login(member)
    session = old.session
    del session[sessions.BROWSER], session[SIGNED_IN_AT]
    session.save()
    rows = rows_of(here.get("/profile/sessions/").content.decode())
    assert "A browser that does not say which – 18 Nov 2026, 10:00 End" in rows


# -- the idle limit ---------------------------------------------------------------------------------------------------


def test_a_session_that_nobody_uses_ends_and_one_in_use_does_not(member, at_nine, settings):
    settings.SESSION_IDLE = timedelta(hours=1)
    idle, used = sign_in(member), sign_in(member)
    for _minutes in range(3):
        at_nine.shift(timedelta(minutes=40))
        assert is_in(used)
    assert not is_in(idle)
    assert idle.get("/hours/", headers={"HX-Request": "true"}).status_code == 401


def test_without_an_idle_limit_a_session_lives_for_thirty_days_of_no_use(member, at_nine, settings):
    settings.SESSION_IDLE = timedelta(0)
    client = sign_in(member)
    at_nine.shift(timedelta(days=29))
    assert is_in(client)


def test_no_session_lives_longer_than_thirty_days_however_much_it_is_used(member, at_nine):
    client = sign_in(member)
    for _day in range(30):
        at_nine.shift(timedelta(hours=23, minutes=59))
        assert is_in(client)
    at_nine.shift(timedelta(hours=1))
    assert not is_in(client)


def test_using_it_is_written_down_every_few_minutes_alone(member, at_nine):
    client = sign_in(member)

    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/profile/")
        return sum("UPDATE" in query["sql"] and "timesheets_session" in query["sql"] for query in queries)

    counts = []
    for _minute in range(7):
        at_nine.shift(timedelta(minutes=1))
        counts.append(writes())
    assert counts == [0, 0, 0, 0, 1, 0, 0]


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(director, at_nine, settings):
    settings.SESSION_IDLE = timedelta(hours=1)
    client = sign_in(director)
    for _time in range(2):
        at_nine.shift(timedelta(minutes=25))
        assert client.get("/freshness").status_code in (200, 204, 286)
    at_nine.shift(timedelta(minutes=11))
    assert not is_in(client)


def test_a_database_that_cannot_be_written_to_still_shows_the_page(member, at_nine, monkeypatch):
    client = sign_in(member)
    at_nine.shift(timedelta(minutes=10))

    def full(*_arguments: object) -> bool:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(sessions.SessionStore, "touch", full)
    assert client.get("/profile/").status_code == 200


def test_the_night_sweeps_away_sessions_that_were_left_alone(member, at_nine, settings):
    settings.SESSION_IDLE = timedelta(hours=1)
    sign_in(member)
    at_nine.shift(timedelta(hours=2))
    retention.purge(at=NOW + timedelta(hours=2))
    assert not Session.objects.exists()


# -- a new browser ----------------------------------------------------------------------------------------------------


def notices() -> list[str]:
    return [letter.body for letter in mail.outbox if "new browser" in letter.subject]


def test_a_sign_in_from_a_new_browser_is_told_and_one_from_a_known_one_is_not(member):
    laptop = sign_in(member)
    assert notices() == []  # the first time ever
    laptop.post("/accounts/logout/")
    sign_in(member, client=laptop)
    assert notices() == []
    sign_in(member, IPHONE)
    [notice] = notices()
    assert "18 Nov 2026, 10:00" in notice or "Nov. 18, 2026" in notice or "18 November 2026" in notice
    assert "Safari on iPhone" in notice
    assert "http://testserver/accounts/password/reset/" in notice
    assert mail.outbox[-1].to == [member.email]


def test_it_is_told_in_the_persons_language(member):
    User.objects.filter(pk=member.pk).update(language="fr", last_login=NOW)
    sign_in(member)
    [letter] = mail.outbox
    assert "nouveau navigateur" in letter.subject
    assert "Firefox sous Windows" in letter.body


def test_several_people_share_a_browser_that_is_new_to_none_of_them(member, manager):
    shared = sign_in(member)
    for person in (manager, member, manager):
        shared.post("/accounts/logout/")
        sign_in(User.objects.get(pk=person.pk), client=shared)
    assert notices() == []


def test_a_wrong_password_tells_nobody_and_makes_no_browser_known(member):
    User.objects.filter(pk=member.pk).update(last_login=NOW)
    client = Client()
    client.post("/accounts/login/", {"login": member.email, "password": "wrong"})
    assert notices() == []
    sign_in(member, client=client)
    assert len(notices()) == 1


def test_a_cookie_of_ones_own_making_makes_no_browser_known(member):
    User.objects.filter(pk=member.pk).update(last_login=NOW)
    client = Client()
    client.cookies["known_to"] = "f" * 16
    sign_in(member, client=client)
    assert len(notices()) == 1


def test_a_browser_in_use_stays_known_and_its_cookie_names_nobody(member, at_nine):
    client = sign_in(member)
    cookie = client.cookies["known_to"]
    assert cookie["httponly"]
    assert member.email not in cookie.value
    del client.cookies["known_to"]
    at_nine.shift(timedelta(minutes=6))
    client.get("/profile/")
    assert client.cookies["known_to"]["max-age"] == 60 * 60 * 24 * 365


def test_neither_address_nor_network_stands_in_the_log(member, caplog):
    User.objects.filter(pk=member.pk).update(last_login=NOW)
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.77")
    with caplog.at_level("DEBUG"):
        sign_in(member, client=client)
    assert len(notices()) == 1
    assert member.email not in caplog.text
    assert "198.51.100.77" not in caplog.text
    assert "198.51.100.77" not in notices()[0]
