"""Entering by OpenID Connect: only people who have an account here, by an address that the provider has confirmed."""

import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client

from tests import factories
from tests.factories import PASSWORD
from tests.timesheets import identity_provider
from tests.timesheets.identity_provider import CLIENT_ID, CLIENT_SECRET, CODE
from timesheets.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.once]

START, BACK = "/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"


@pytest.fixture(scope="module")
def running():
    with identity_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    cache.clear()
    running.claims = {"sub": "subject-1", "email": "person@example.com", "email_verified": True}
    running.audience = CLIENT_ID
    running.asked.clear()
    app = {
        "provider_id": "sso",
        "name": "Nord ID",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": running.address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return running


def start(client: Client, provider, **form: str) -> dict[str, str]:
    """Press the button and go to the provider, as the browser does; what the provider was asked."""
    answer = client.post(START, form)
    assert answer.status_code == 302, answer.content.decode()
    address = urlsplit(answer.url)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.address}/authorize"
    asked = dict(parse_qsl(address.query))
    provider.challenge = asked["code_challenge"]
    return asked


def enter(provider, client: Client | None = None, **form: str):
    """Go all the way and come back with a code; the client, and the answer after its redirects."""
    client = client or Client()
    asked = start(client, provider, **form)
    return client, client.get(BACK, {"code": CODE, "state": asked["state"]}, follow=True)


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_a_person_with_an_account_enters_by_a_confirmed_address(provider):
    person = factories.MemberFactory(email="person@example.com")
    client, _answer = enter(provider)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert "/token" in provider.asked
    asked = start(Client(), provider)
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == f"http://testserver{BACK}"
    assert "email" in asked["scope"]


def test_the_address_counts_whatever_its_case_and_the_password_stays(provider):
    person = factories.MemberFactory(email="person@example.com")
    provider.claims["email"] = "Person@Example.com"
    client, _answer = enter(provider)
    assert is_in(client)
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)
    assert not SocialAccount.objects.exists()


def test_whoever_has_no_account_is_told_so_and_none_is_made(provider):
    client, answer = enter(provider)
    assert "Nobody here has the address person@example.com. Ask your director" in answer.content.decode()
    assert not is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("confirmed", [False, "false", None, 0, "no"])
def test_an_address_that_is_not_confirmed_opens_nothing(provider, confirmed):
    factories.MemberFactory(email="person@example.com")
    provider.claims["email_verified"] = confirmed
    client, answer = enter(provider)
    assert "has not confirmed your e-mail address" in answer.content.decode()
    assert not is_in(client)


def test_no_address_at_all_opens_nothing(provider):
    del provider.claims["email"]
    client, answer = enter(provider)
    assert "has not confirmed your e-mail address" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("how", [{"is_active": False}, {"left_on": "2021-01-01"}])
def test_whoever_has_left_stays_out(provider, how):
    factories.MemberFactory(email="person@example.com", **how)
    client, answer = enter(provider)
    assert "This account is closed" in answer.content.decode()
    assert not is_in(client)


def test_an_answer_that_nobody_asked_for_is_refused(provider):
    factories.MemberFactory(email="person@example.com")
    client = Client()
    start(client, provider)
    answer = client.get(BACK, {"code": CODE, "state": "made-up"}, follow=True)
    assert "did not let you in" in answer.content.decode()
    assert not is_in(client)


def test_a_wrong_code_is_refused(provider):
    factories.MemberFactory(email="person@example.com")
    client = Client()
    asked = start(client, provider)
    answer = client.get(BACK, {"code": "guessed", "state": asked["state"]}, follow=True)
    assert "did not let you in" in answer.content.decode()
    assert not is_in(client)


def test_a_token_made_for_somebody_else_is_refused(provider):
    factories.MemberFactory(email="person@example.com")
    provider.audience = "another client"
    client, answer = enter(provider)
    assert "did not let you in" in answer.content.decode()
    assert not is_in(client)


def test_a_person_who_cancels_or_a_provider_that_is_away_gets_a_sentence(provider, settings):
    client = Client()
    asked = start(client, provider)
    answer = client.get(BACK, {"error": "access_denied", "state": asked["state"]}, follow=True)
    assert "did not let you in, or could not be reached" in answer.content.decode()
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = Client().post(START, follow=True)
    assert answer.status_code == 200
    assert "could not be reached" in answer.content.decode()


def test_the_wish_to_tie_accounts_together_only_signs_in(provider):
    factories.MemberFactory(email="person@example.com")
    client = Client()
    client.force_login(factories.MemberFactory())
    asked = client.post(f"{START}?process=connect")
    state = dict(parse_qsl(urlsplit(asked.url).query))
    provider.challenge = state["code_challenge"]
    answer = client.get(BACK, {"code": CODE, "state": state["state"]})
    assert answer.status_code == 302
    assert not SocialAccount.objects.exists()


def test_the_sign_in_page_offers_it_by_name_and_only_when_it_is_set_up(member, provider, settings):
    assert "Sign in with Nord ID" in Client().get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "/oidc/" not in Client().get("/accounts/login/").content.decode()
    assert Client().post(START).status_code == 404


def test_a_second_factor_is_still_asked_for(provider):
    from tests.timesheets.test_second_factor import set_up, sign_in

    person = factories.MemberFactory(email="person@example.com")
    set_up(sign_in(person))
    client, answer = enter(provider)
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"OIDC_SERVER_URL": "http://id.example.com"}, "must be an https address"),
        ({"OIDC_SERVER_URL": "https://id.example.com"}, "OIDC_CLIENT_ID is missing"),
        ({"OIDC_SERVER_URL": "https://id.example.com", "OIDC_CLIENT_ID": "x"}, "OIDC_CLIENT_SECRET is missing"),
    ],
)
def test_half_a_configuration_stops_the_start_with_what_to_set(environment, said):
    environment = {"EMBEDDED": "true", "SECRET_KEY": "k" * 40, "PATH": "/usr/bin", **environment}
    command = [sys.executable, "-c", "import config.settings"]
    run = subprocess.run(command, env=environment, cwd=configured.BASE_DIR, capture_output=True, text=True)
    assert run.returncode == 1
    assert said in run.stderr


def test_browsers_may_be_led_to_the_provider_and_nowhere_else():
    environment = {
        "EMBEDDED": "true",
        "SECRET_KEY": "k" * 40,
        "PATH": "/usr/bin",
        "OIDC_SERVER_URL": "https://id.example.com/realms/agency",
        "OIDC_SIGN_IN_HOST": "https://login.example.com",
        "OIDC_CLIENT_ID": "x",
        "OIDC_CLIENT_SECRET": "y",
    }
    show = "from config import settings; print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    run = subprocess.run(
        [sys.executable, "-c", show], env=environment, cwd=configured.BASE_DIR, capture_output=True, text=True
    )
    assert run.stdout == "[\"'self'\", 'https://id.example.com', 'https://login.example.com']\n", run.stderr
