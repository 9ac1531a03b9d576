"""A second factor: codes, recovery codes, who must have one, and what happens when it is lost."""

import importlib
import re
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.core.cache import cache
from django.test import Client

from campaigns.models import Agency
from tests import factories
from tests.factories import PASSWORD
from timesheets import encrypted_fields
from timesheets.models import Session

migration = importlib.import_module("timesheets.migrations.0003_second_factors_sealed")
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


def test_the_code_that_set_it_up_opens_nothing_and_none_opens_twice(member):
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        secret = set_up(sign_in(member))
        first = code_of(secret)
        client = sign_in(member)
        answers = []
        for _half_minute in range(2):  # it would be taken as one of a phone whose clock is late
            answers.append(client.post("/accounts/2fa/authenticate/", {"code": first}).content.decode())
            clock.shift(30)
        assert all("This code is not right" in answer for answer in answers)
        second = code_of(secret)
        client.post("/accounts/2fa/authenticate/", {"code": second})
        assert is_in(client)
        clock.shift(31)
        again = sign_in(member)
        assert "This code is not right" in again.post("/accounts/2fa/authenticate/", {"code": second}).content.decode()
        assert not is_in(again)


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


def test_a_session_that_was_open_before_it_was_asked_for_gets_nothing_either(manager):
    client = sign_in(manager)
    assert is_in(client)
    needs_second_factor()
    answers = [
        client.get("/leads/"),
        client.get("/leads/export.csv"),
        client.head("/team/"),
        client.post("/leads/add/"),
    ]
    assert [answer.headers.get("Location") for answer in answers] == ["/accounts/2fa/"] * 4


@pytest.mark.parametrize("address", ["/accounts/../team/", "//accounts/", "/accounts/nothing/", "/Accounts/2fa/"])
def test_no_way_to_write_an_address_leads_past_it(director, address):
    factories.MemberFactory(name="Somebody of the team")
    needs_second_factor()
    answer = sign_in(director).get(address)
    assert answer.status_code in (302, 404)
    assert "Somebody of the team" not in answer.content.decode()


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


def passkey_of(person) -> Authenticator:
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.create(user=person, type=kind, data={"name": "Key", "credential": {}})


def test_nor_the_last_passkey_but_one_of_two(manager):
    passkeys = [passkey_of(manager), passkey_of(manager)]
    client = sign_in_with_password_alone(manager)
    needs_second_factor()
    gone, kept = (client.post(f"/accounts/2fa/webauthn/keys/{one.pk}/remove/", follow=True) for one in passkeys)
    assert "Add another one before you remove this one" not in gone.content.decode()
    assert "Add another one before you remove this one" in kept.content.decode()
    assert [one.pk for one in Authenticator.objects.filter(user=manager)] == [passkeys[1].pk]


def test_nobody_removes_the_passkey_of_somebody_else(member, manager):
    passkey = passkey_of(manager)
    assert (
        sign_in_with_password_alone(member).post(f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/").status_code == 404
    )
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def sign_in_with_password_alone(person) -> Client:
    """Signed in, and the password just asked for again."""
    client = Client()
    client.force_login(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_second_factor_ends_the_sessions_that_were_never_asked_for_it(
    member, manager, django_capture_on_commit_callbacks
):
    here, elsewhere, somebody = sign_in(member), sign_in(member), sign_in(manager)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(here)
    assert is_in(here)
    assert not is_in(elsewhere)
    assert is_in(somebody)


def test_a_director_removes_their_own_only_where_the_password_is_asked_for(director):
    client = sign_in(director)
    set_up(client)
    answer = client.post(f"/team/people/{director.pk}", {"forget": "1"}, follow=True).content.decode()
    assert "Remove your own second factor under Profile" in answer
    assert 'name="forget"' not in answer
    assert Authenticator.objects.filter(user=director, type="totp").exists()


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


# -- how secrets are kept ---------------------------------------------------------------------------------------------


def data_of(person, kind: str) -> str:
    return str(Authenticator.objects.get(user=person, type=kind).data)


def test_the_database_holds_no_secret_that_opens_an_account(member):
    client = sign_in(member)
    secret = set_up(client)
    codes = codes_shown(client)
    for kind in ("totp", "recovery_codes"):
        assert secret not in data_of(member, kind)
        assert not any(code in data_of(member, kind) for code in codes)
        assert encrypted_fields.MARK in data_of(member, kind)
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert secret not in str(sessions)


def test_what_an_older_version_left_open_still_opens_and_is_sealed_by_the_migration(member):
    secret, seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ab" * 40
    Authenticator.objects.create(user=member, type="totp", data={"secret": secret})
    Authenticator.objects.create(user=member, type="recovery_codes", data={"seed": seed, "used_mask": 0})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    migration.seal(apps, None)
    assert secret not in data_of(member, "totp")
    assert seed not in data_of(member, "recovery_codes")
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == codes
    before = data_of(member, "totp")
    migration.seal(apps, None)
    assert data_of(member, "totp") == before  # once
    client = sign_in(member)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(client)


def test_an_address_that_somebody_added_by_themselves_is_dropped_by_the_migration(member):
    for email in (member.email, "mine@elsewhere.example"):
        EmailAddress.objects.create(user=member, email=email, verified=True)
    migration.drop_other_addresses(apps, None)
    assert [one.email for one in EmailAddress.objects.all()] == [member.email]


def test_what_was_sealed_with_an_earlier_secret_opens_as_long_as_that_is_named(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "first" * 10, []
    kept = encrypted_fields.seal("a secret")
    assert "a secret" not in kept
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second" * 10, ["first" * 10]
    assert encrypted_fields.unseal(kept) == "a secret"
    assert encrypted_fields.unseal(encrypted_fields.seal("another")) == "another"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(encrypted_fields.Unreadable):
        encrypted_fields.unseal(kept)


def test_a_lost_secret_lets_nobody_in_and_says_what_to_do(member, director, settings):
    secret = set_up(sign_in(member))
    settings.SECRET_KEY = "another secret of an installation, forty letters"
    client = sign_in(member)
    for code in ("000000", code_of(secret), code_of("")):
        answer = client.post("/accounts/2fa/authenticate/", {"code": code}, follow=True)
        assert not is_in(client)
        client = sign_in(member)
    assert "Ask a director to remove it" in answer.content.decode()
    sign_in(director).post(f"/team/people/{member.pk}", {"forget": "1"})
    assert is_in(sign_in(member))


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
