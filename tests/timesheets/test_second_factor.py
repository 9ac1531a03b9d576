"""A second factor: codes, recovery codes, who must have one, and what happens when it is lost."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from campaigns.models import Agency
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_counters():
    cache.clear()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(person) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def set_up(client: Client) -> str:
    """Set up an app as a person does, password asked again; its secret."""
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    if "reauthenticate" in page.request["PATH_INFO"]:
        page = client.post(
            page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"password": PASSWORD}, follow=True
        )
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.content.decode())[1]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.url == "/accounts/2fa/recovery-codes/"
    return secret


def codes_shown(client: Client) -> list[str]:
    return re.findall(r"<li><code>(\d+)</code>", client.get("/accounts/2fa/recovery-codes/").content.decode())


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def needs_second_factor() -> None:
    agency = Agency.current()
    agency.needs_second_factor = True
    agency.save()


# -- using one --------------------------------------------------------------------------------------------------------


def test_the_password_alone_no_longer_opens_the_account(member):
    secret = set_up(sign_in(member))
    client = sign_in(member)
    assert not is_in(client)
    with time_machine.travel(time.time() + 90, tick=False):  # a code is good once
        wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert "This code is not right" in wrong.content.decode()
        assert not is_in(client)
        assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert is_in(client)


def test_setting_one_up_asks_for_the_password_again(member):
    client = Client()
    client.force_login(member)
    assert "/accounts/reauthenticate/" in client.get("/accounts/2fa/totp/activate/").url


def test_a_recovery_code_opens_the_account_once(member):
    first = sign_in(member)
    set_up(first)
    code, *_others = codes_shown(first)
    client = sign_in(member)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_in(client)
    again = sign_in(member)
    again.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_in(again)


def test_codes_cannot_be_guessed_without_end(member):
    set_up(sign_in(member))
    client = sign_in(member)
    answers = [client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}).content.decode() for n in range(8)]
    assert "Too many" in answers[-1]
    assert not is_in(client)


def test_the_pages_of_a_second_factor_are_reached_from_the_profile(member):
    client = sign_in(member)
    assert 'href="/accounts/2fa/"' in client.get("/profile/").content.decode()
    before = client.get("/accounts/2fa/").content.decode()
    assert "Set up an app" in before
    assert "Recovery codes" not in before
    set_up(client)
    after = client.get("/accounts/2fa/").content.decode()
    assert "10 codes are left" in after


# -- who must have one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "director"])
def test_managers_and_directors_get_nothing_else_until_they_have_one(request, role):
    person = request.getfixturevalue(role)
    needs_second_factor()
    client = sign_in(person)
    for address in ("/profile/", "/campaigns/leads/", "/leads/", "/team/", "/hours/", "/admin/", "/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/accounts/2fa/"), address
    assert client.post("/leads/add", {"name": "x"}).url == "/accounts/2fa/"
    assert client.get("/team/", headers={"HX-Request": "true"}).status_code == 401
    assert "Your agency asks for a second factor" in client.get("/accounts/2fa/").content.decode()
    set_up(client)
    assert is_in(client)


def test_members_need_none(member):
    needs_second_factor()
    assert is_in(sign_in(member))


def test_whoever_must_have_one_cannot_remove_the_last(manager):
    client = sign_in(manager)
    set_up(client)
    needs_second_factor()
    answer = client.post("/accounts/2fa/totp/deactivate/")
    assert "Add another one before you remove this one" in answer.content.decode()
    assert Authenticator.objects.filter(user=manager, type="totp").exists()


def test_whoever_need_not_have_one_can_remove_it(member):
    client = sign_in(member)
    set_up(client)
    needs_second_factor()
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=member).exists()


def test_a_director_removes_the_second_factor_of_somebody_who_lost_theirs(director, manager):
    theirs = sign_in(manager)
    set_up(theirs)
    boss = sign_in(director)
    assert "Remove the second factor" in boss.get(f"/team/people/{manager.pk}").content.decode()
    boss.post(f"/team/people/{manager.pk}", {"forget": "1"})
    assert not is_in(theirs)
    assert is_in(sign_in(manager))


def test_a_manager_cannot_remove_anybodys_second_factor(manager, member):
    set_up(sign_in(member))
    answer = sign_in(manager).post(f"/team/people/{member.pk}", {"forget": "1"})
    assert answer.status_code == 403
    assert Authenticator.objects.filter(user=member).exists()


# -- switching it on --------------------------------------------------------------------------------------------------


def settings_form(client: Client, **changes: str) -> dict[str, str]:
    form = client.get("/settings/").context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {name: form[name].field.widget.format_value(value) for name, value in values.items() if value is not None}
    sent = {name: (value[0] if isinstance(value, list) else value) for name, value in shown.items()}
    return {name: str(value) for name, value in (sent | changes).items() if value not in (None, "", False)}


def test_a_director_without_one_cannot_lock_themselves_out(director):
    client = sign_in(director)
    refused = client.post("/settings/", settings_form(client, needs_second_factor="on"))
    assert refused.status_code == 422
    assert "Set up your own second factor first" in refused.content.decode()
    assert not Agency.current().needs_second_factor
    set_up(client)
    saved = client.post("/settings/", settings_form(client, needs_second_factor="on"), follow=True)
    assert "must set one up" in saved.content.decode()
    assert Agency.current().needs_second_factor


def test_the_last_way_in_is_a_command(director, capsys):
    from django.core.management import CommandError, call_command

    set_up(sign_in(director))
    call_command("remove_second_factor", director.email)
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("remove_second_factor", "nobody@example.com")
    assert factories.PASSWORD not in capsys.readouterr().out
