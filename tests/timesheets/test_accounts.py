"""Signing in, wrong passwords, links by e-mail, people who leave."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urljoin

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.test import Client, RequestFactory, override_settings

from campaigns.models import Agency
from tests import factories
from tests.factories import PASSWORD
from timesheets import invitations, reminders
from timesheets.models import Reminder, Session, TimeEntry, User

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
ELSEWHERE = "203.0.113.9"
CHANGED = {"password1": "a long walk home", "password2": "a long walk home"}
CHOSEN = {"new_password1": "a long walk home", "new_password2": "a long walk home"}


@pytest.fixture(autouse=True)
def clean_counters():
    from django.core.cache import cache

    cache.clear()


def sign_in(email: str, password: str = PASSWORD, *, client: Client | None = None, network: str = "198.51.100.7"):
    client = client or Client()
    return client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR=network)


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def fail(email: str, times: int, *, network: str = "198.51.100.7") -> str:
    answers = [sign_in(email, "not the password", network=network) for _ in range(times)]
    return answers[-1].content.decode()


# -- wrong passwords --------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_is_refused_for_a_while(member):
    with time_machine.travel(NOON, tick=False):
        told = fail(member.email, 5)
        assert "Too many wrong passwords for this address from where you are. Wait 15 minutes" in told
        assert f'value="{member.email}"' in told  # nothing typed is lost
        refused = sign_in(member.email)
        assert refused.status_code == 200
        assert "Wait 15 minutes" in refused.content.decode()
    with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
        assert sign_in(member.email).status_code == 302


def test_four_wrong_passwords_lock_nobody_out(member):
    assert "not correct" in fail(member.email, 4)
    assert sign_in(member.email).status_code == 302


def test_tries_while_locked_do_not_make_it_longer(member):
    with time_machine.travel(NOON, tick=False) as clock:
        fail(member.email, 5)
        clock.move_to(NOON + timedelta(minutes=14))
        fail(member.email, 3)
        clock.move_to(NOON + timedelta(minutes=16))
        assert sign_in(member.email).status_code == 302


def test_the_victim_signs_in_from_elsewhere_while_somebody_guesses(member):
    fail(member.email, 40)
    assert sign_in(member.email, network=ELSEWHERE).status_code == 302


def test_colleagues_on_the_same_network_are_not_locked_out(member, manager):
    fail(member.email, 8)
    assert sign_in(manager.email).status_code == 302


SPELLINGS = [
    pytest.param(str.upper, id="capitals"),
    pytest.param(str.title, id="a capital first"),
    pytest.param(str.swapcase, id="mixed"),
    pytest.param(lambda email: f"  {email} ", id="spaces around"),
    pytest.param(lambda email: f"\t{email}\n", id="a tab and a line's end"),
    pytest.param(lambda email: f"\u00a0{email}\u2003", id="spaces of print"),
    pytest.param(lambda email: email.replace("k", "\u212a"), id="the Kelvin sign, whose small letter is k"),
]


@pytest.fixture
def kim():
    return factories.MemberFactory(email="kim.Kurz@example.com")


@pytest.mark.parametrize("spell", SPELLINGS)
def test_an_address_counts_as_the_same_however_it_is_spelled(kim, spell):
    fail(spell(kim.email), 3)
    fail(kim.email, 2)
    for spelling in (kim.email, spell(kim.email)):
        assert "Wait 15 minutes" in sign_in(spelling).content.decode()
        assert sign_in(spelling, network=ELSEWHERE).status_code == 302  # it is the same person


@pytest.mark.parametrize("name", ["email", "username"])
@pytest.mark.parametrize("spell", SPELLINGS)
def test_an_address_counts_as_the_same_whatever_form_it_comes_through(kim, spell, name):
    """The sign-in form makes an address small before it asks; another way in need not."""

    def knock(email: str, password: str) -> User | None:
        request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.7")
        return authenticate(request, **{name: email, "password": password})

    for _time in range(5):
        assert knock(spell(kim.email), "not the password") is None
    assert knock(kim.email, PASSWORD) is None


def test_spellings_of_one_address_are_counted_together(kim):
    for spelling in SPELLINGS[:5]:
        fail(spelling.values[0](kim.email), 1)
    assert "Wait 15 minutes" in sign_in(kim.email).content.decode()


def test_an_unknown_address_is_answered_like_a_known_one(member):
    known, unknown = fail(member.email, 1), fail("nobody@example.com", 1)
    said = re.compile(r'<ul class="errorlist.*?</ul>', re.S)
    assert said.search(known)[0] == said.search(unknown)[0]
    known, unknown = fail(member.email, 4), fail("nobody@example.com", 4)
    assert said.search(known)[0] == said.search(unknown)[0]


def test_one_network_cannot_try_many_addresses_without_end():
    answers = [sign_in(f"guess{number}@example.com", "Password2026").status_code for number in range(65)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert sign_in("guess0@example.com", network=ELSEWHERE).status_code == 200


def test_a_new_password_opens_the_way_again(member, client):
    fail(member.email, 5)
    client.post("/accounts/password/reset/", {"email": member.email})
    choose(client, link_in(mail.outbox[-1]), {"password1": "a long walk home", "password2": "a long walk home"})
    assert sign_in(member.email, "a long walk home").status_code == 302


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_the_network_is_the_one_that_the_proxy_saw(member):
    def through_proxy(password: str, forwarded: str):
        form = {"login": member.email, "password": password}
        return Client().post("/accounts/login/", form, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    for number in range(5):  # what stands before the last address was written by the visitor
        through_proxy("not the password", f"10.0.0.{number}, 198.51.100.7")
    assert "Wait 15 minutes" in through_proxy(PASSWORD, "10.9.9.9, 198.51.100.7").content.decode()
    assert through_proxy(PASSWORD, f"198.51.100.7, {ELSEWHERE}").status_code == 302


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=2)
def test_whoever_comes_past_too_few_proxies_can_still_sign_in(member):
    form = {"login": member.email, "password": PASSWORD}
    answer = Client().post("/accounts/login/", form, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=ELSEWHERE)
    assert answer.status_code == 302


def test_what_is_kept_of_a_wrong_password_does_not_hold_it(member):
    from axes.models import AccessAttempt

    fail(member.email, 2)
    [attempt] = AccessAttempt.objects.values()
    assert attempt["failures_since_start"] == 2
    assert "not the password" not in str(attempt)


# -- links by e-mail --------------------------------------------------------------------------------------------------


def link_in(letter) -> str:
    return re.search(r"https?://[^/\s]+(/(?:accounts/password/reset/key|welcome)/\S+)", letter.body)[1]


def choose(client: Client, link: str, form: dict[str, str]):
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], form)


def test_a_reset_link_works_once(member, client):
    chosen = {"password1": "a long walk home", "password2": "a long walk home"}
    client.post("/accounts/password/reset/", {"email": member.email})
    link = link_in(mail.outbox[0])
    choose(client, link, chosen)
    assert sign_in(member.email, "a long walk home").status_code == 302
    again = Client().get(link, follow=True)
    assert "This link no longer works" in again.content.decode()


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_a_reset_link_lives_an_hour(member, client, minutes, works):
    with time_machine.travel(NOON, tick=False) as clock:
        client.post("/accounts/password/reset/", {"email": member.email})
        clock.move_to(NOON + timedelta(minutes=minutes))
        page = client.get(link_in(mail.outbox[0]), follow=True).content.decode()
    assert ("This link no longer works" in page) is not works


def test_a_reset_says_the_same_of_unknown_closed_and_known_addresses(member):
    closed = factories.MemberFactory(is_active=False)
    left = factories.MemberFactory(left_on=date(2021, 1, 1))
    answers = []
    for email in (member.email, closed.email, left.email, "nobody@example.com"):
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        page = re.sub(r"x-csrftoken[^}]*", "", answer.content.decode())
        answers.append((answer.redirect_chain, page, sorted(answer.cookies), sorted(answer.client.session.keys())))
    assert len(set(map(str, answers))) == 1
    assert [letter.to for letter in mail.outbox] == [[member.email]]


def test_nobody_can_fill_a_mailbox_with_reset_links(member):
    answers = [Client().post("/accounts/password/reset/", {"email": member.email}).status_code for _ in range(8)]
    assert answers[-1] == 429
    assert len(mail.outbox) == 5


def test_the_limit_of_reset_links_is_the_same_for_an_unknown_address(member):
    for email in (member.email, "nobody@example.com"):
        answers = [Client().post("/accounts/password/reset/", {"email": email}).status_code for _ in range(6)]
        assert answers == [302] * 5 + [429]


def test_a_link_leads_to_our_own_address_whatever_host_was_asked(member, settings):
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/accounts/password/reset/", {"email": member.email}, headers={"Host": "evil.example"})
    assert f"{settings.SITE_URL}/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body


def test_a_new_password_ends_every_other_session(member):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(member.email, client=client)
    form = {"oldpassword": PASSWORD, "password1": "a long walk home", "password2": "a long walk home"}
    here.post("/accounts/password/change/", form)
    assert is_in(here)
    assert not is_in(elsewhere)


@pytest.fixture
def invited(director, client):
    client.force_login(director)
    client.post(
        "/team/people/add",
        {
            "name": "Inès Aubry",
            "email": "ines@example.com",
            "role": "member",
            "weekly_minutes": "35",
            "joined_on": "2026-11-02",
            "is_active": "on",
        },
    )
    return User.objects.get(email="ines@example.com")


def test_an_invitation_leads_to_a_password_and_in(invited):
    newcomer = Client()
    link = link_in(mail.outbox[0])
    assert "Welcome, Inès Aubry" in newcomer.get(link).content.decode()
    answer = newcomer.post(link, {"new_password1": "short", "new_password2": "other"})
    assert answer.status_code == 422
    assert newcomer.post(link, CHOSEN).status_code == 302
    assert is_in(newcomer)
    assert sign_in(invited.email, "a long walk home").status_code == 302


def test_an_invitation_works_once_and_looking_does_not_use_it_up(invited):
    link = link_in(mail.outbox[0])
    assert [Client().get(link).status_code for _ in range(3)] == [200, 200, 200]
    Client().post(link, CHOSEN)
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"new_password1": "mine instead", "new_password2": "mine instead"}).status_code == 404
    assert sign_in(invited.email, "mine instead").status_code == 200


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (7.1, 404)])
def test_an_invitation_lives_seven_days(member, client, days, status):
    with time_machine.travel(NOON, tick=False) as clock:
        token = invitations.token_of(member)
        clock.move_to(NOON + timedelta(days=days))
        assert client.get(f"/welcome/{token}/").status_code == status


def test_an_invitation_is_no_use_once_the_address_was_corrected_or_the_account_closed(member, client):
    link = f"/welcome/{invitations.token_of(member)}/"
    User.objects.filter(pk=member.pk).update(email="other@example.com")
    assert client.get(link).status_code == 404
    link = f"/welcome/{invitations.token_of(User.objects.get(pk=member.pk))}/"
    assert client.get(link).status_code == 200
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "x:y:z", "é" * 50, "a" * 5000])
def test_an_invitation_that_nobody_made_is_answered_plainly(client, token):
    assert client.get(f"/welcome/{token}/").status_code == 404


def test_an_invitation_is_sent_again_until_there_is_a_password_then_a_reset(invited, client):
    client.post(f"/team/people/{invited.pk}", {"invite": "1"})
    assert "/welcome/" in mail.outbox[-1].body
    Client().post(link_in(mail.outbox[-1]), CHOSEN)
    client.post(f"/team/people/{invited.pk}", {"invite": "1"})
    assert "for one hour" in mail.outbox[-1].body
    assert "/accounts/password/reset/key/" in mail.outbox[-1].body


def test_an_invited_person_whose_link_is_too_old_may_ask_for_another(invited):
    Client().post("/accounts/password/reset/", {"email": invited.email})
    assert mail.outbox[-1].to == [invited.email]


# -- people who leave -------------------------------------------------------------------------------------------------


def person_form(person: User, **changes: str) -> dict[str, str]:
    form = {
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "weekly_minutes": "35",
        "joined_on": "2020-01-01",
        "left_on": "",
        "is_active": "on",
    }
    return {name: value for name, value in (form | changes).items() if value}


@pytest.fixture
def at_work(member, director):
    """A member who is signed in, and the director who is."""
    worker, boss = Client(), Client()
    worker.force_login(member)
    boss.force_login(director)
    assert is_in(worker)
    return worker, boss


def test_a_closed_account_is_out_at_once_and_its_hours_stay(at_work, member):
    worker, boss = at_work
    factories.EntryFactory(member=member)
    boss.post(f"/team/people/{member.pk}", person_form(member, is_active=""))
    assert not is_in(worker)
    assert TimeEntry.objects.filter(member=member).count() == 1
    assert sign_in(member.email).url.endswith("/accounts/inactive/")


def test_an_account_opened_again_brings_no_old_session_back(at_work, member):
    worker, boss = at_work
    boss.post(f"/team/people/{member.pk}", person_form(member, is_active=""))
    boss.post(f"/team/people/{member.pk}", person_form(member))
    assert not is_in(worker)
    assert is_in(boss)
    assert sign_in(member.email).status_code == 302


def test_a_session_ends_even_when_the_account_is_closed_behind_the_form(at_work, member):
    worker, _boss = at_work
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert not is_in(worker)


def test_the_last_day_is_worked_to_its_end_in_the_agencys_zone(member, client):
    agency = Agency.current()
    agency.time_zone = "America/Toronto"
    agency.save()
    User.objects.filter(pk=member.pk).update(left_on=date(2026, 11, 18))
    midnight = datetime(2026, 11, 19, 5, tzinfo=UTC)  # in Toronto
    with time_machine.travel(midnight - timedelta(minutes=1), tick=False) as clock:
        client.force_login(member)
        assert is_in(client)
        clock.move_to(midnight)
        assert not is_in(client)
        assert sign_in(member.email).url.endswith("/accounts/inactive/")


def test_whoever_has_left_gets_no_reminder_even_for_the_week_they_left_in(member):
    week = date(2026, 11, 16)
    with time_machine.travel(NOON, tick=False):
        User.objects.filter(pk=member.pk).update(left_on=date(2026, 11, 17))
        waiting = Reminder.objects.create(
            member=member, week=week, kind=Reminder.Kind.FRIDAY, due_at=NOON, next_attempt_at=NOON
        )
        reminders.OUTBOX.send(waiting.pk, at=NOON)
    waiting.refresh_from_db()
    assert waiting.state == Reminder.State.DROPPED
    assert mail.outbox == []


def test_whoever_has_left_cannot_be_invited(at_work, member):
    _worker, boss = at_work
    User.objects.filter(pk=member.pk).update(left_on=date(2021, 1, 1))
    answer = boss.post(f"/team/people/{member.pk}", {"invite": "1"}, follow=True)
    assert "This account is closed" in answer.content.decode()
    assert mail.outbox == []


def test_the_last_director_who_may_sign_in_cannot_leave(director, client):
    factories.DirectorFactory(left_on=date(2021, 1, 1))
    client.force_login(director)
    form = person_form(director, left_on="2021-01-02")
    assert client.post(f"/team/people/{director.pk}", form).status_code == 422


def in_the_admin(person: User, **changes: str) -> dict[str, str]:
    names = ("TOTAL_FORMS", "INITIAL_FORMS")
    form = person_form(person, **changes) | {f"aliases-{name}": "0" for name in names}
    return form | {"weekly_minutes": "2100", "theme": "auto", "duration_style": "clock"}


def test_an_account_closed_in_the_admin_brings_no_old_session_back(at_work, member):
    worker, boss = at_work
    address = f"/admin/timesheets/user/{member.pk}/change/"
    for is_active in ("", "on"):
        assert boss.post(address, in_the_admin(member, is_active=is_active)).status_code == 302
    assert not is_in(worker)
    assert sign_in(member.email).status_code == 302


def test_an_address_corrected_in_the_admin_signs_in_no_more(at_work, member):
    _worker, boss = at_work
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    boss.post(f"/admin/timesheets/user/{member.pk}/change/", in_the_admin(member, email="corrected@example.com"))
    assert sign_in(member.email).status_code == 200
    assert sign_in("corrected@example.com").status_code == 302


def test_nor_does_the_last_director_leave_by_the_admin(director, client):
    client.force_login(director)
    address = f"/admin/timesheets/user/{director.pk}"
    for changes in ({"is_active": ""}, {"role": "member"}, {"left_on": "2021-01-02"}):
        page = client.post(f"{address}/change/", in_the_admin(director, **changes))
        assert page.status_code == 200
        assert "Somebody must stay director" in page.content.decode()
    assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": director.pk, "post": "yes"}
    client.post("/admin/timesheets/user/", chosen)
    assert User.objects.get(pk=director.pk).is_director


# -- where one is led -------------------------------------------------------------------------------------------------

ELSEWHERE_ON_THE_WEB = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "http:evil.example",
    "javascript:a()",
]


@pytest.mark.parametrize("target", ELSEWHERE_ON_THE_WEB)
def test_no_link_to_the_sign_in_leads_on_to_another_site(member, director, target):
    query = urlencode({"next": target})
    client = Client()
    answers = [
        client.post(f"/accounts/login/?{query}", {"login": member.email, "password": PASSWORD, "next": target}),
        client.get(f"/accounts/login/?{query}"),
        client.post(f"/accounts/reauthenticate/?{query}", {"password": PASSWORD, "next": target}),
        client.post(f"/accounts/password/change/?{query}", {"oldpassword": PASSWORD, **CHANGED, "next": target}),
        client.post(f"/accounts/logout/?{query}", {"next": target}),
    ]
    assert [answer.status_code for answer in answers] == [302] * 5
    boss = Client()
    boss.force_login(director)
    addresses = [answer.url for answer in answers] + [
        boss.get(f"/admin/login/?{query}", follow=True).redirect_chain[-1][0]
    ]
    for address in addresses:
        assert urljoin("https://retour.example.com/", address).startswith("https://retour.example.com/"), address
        assert not address.startswith("/\\")


# -- pages of django-allauth that are closed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["signup/", "email/", "confirm-email/", "confirm-email/x:y/", "login/code/confirm/"]
)
def test_nobody_signs_up_or_changes_their_own_address(member, client, address):
    client.force_login(member)
    form = {"email": "mine@elsewhere.example", "password1": "a long walk home", "action_add": ""}
    for one in (client, Client()):
        assert one.get(f"/accounts/{address}").status_code == 404
        assert one.post(f"/accounts/{address}", form).status_code == 404
    assert not EmailAddress.objects.filter(email="mine@elsewhere.example").exists()
    assert User.objects.count() == 1


# -- how passwords and sessions are kept ------------------------------------------------------------------------------


def test_passwords_are_hashed_by_argon2(settings):
    from config import settings as configured

    settings.PASSWORD_HASHERS = configured.PASSWORD_HASHERS  # conftest.py has put a quick one in its place
    assert get_hasher().algorithm == "argon2"


def test_sessions_are_made_anew_at_sign_in(member):
    client = Client()
    client.get("/accounts/login/")
    sign_in(member.email, client=client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert Session.objects.filter(session_key=cookie.value).exists()
