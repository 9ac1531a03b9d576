"""Second factors in a real browser: an app's code, and a passkey from a device that the browser plays."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from core.identity import SIGNED_IN_AT
from tests.factories import PASSWORD, DirectorFactory, MemberFactory
from tests.timesheets.test_second_factor import code_of
from timesheets.sessions import SessionStore


@pytest.fixture(autouse=True)
def clean_counters():
    cache.clear()


def sign_in(page, person) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm_password(page) -> None:
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_out(page) -> None:
    page.context.clear_cookies()


@pytest.fixture
def reader(page):
    """A device with a fingerprint reader, which always finds the right finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    session.authenticator = made["authenticatorId"]
    return session


def test_an_app_is_set_up_and_asked_for(page, member):
    sign_in(page, member)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/profile/")
    page.get_by_role("link", name="Second factor").click()
    page.get_by_role("link", name="Set up an app").click()
    confirm_password(page)
    square = page.locator("img.qr")
    assert square.evaluate("image => image.complete && image.naturalWidth > 0")
    secret = page.locator(".setup code").inner_text()
    page.locator("input[name=code]").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    sign_out(page)
    sign_in(page, member)
    assert page.get_by_role("heading", name="One more step").is_visible()
    page.locator("input[name=code]").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def add_passkey(page, *, alone: bool) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.locator("input[name=name]").fill("My laptop")
    if alone:
        page.locator("input[name=passwordless]").check()
    page.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def test_a_passkey_is_asked_for_after_the_password(page, member, reader):
    sign_in(page, member)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    add_passkey(page, alone=False)
    [notice] = mail.outbox
    assert notice.to == [member.email]
    assert "A passkey was added." in notice.body
    sign_out(page)
    sign_in(page, member)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    assert page.get_by_role("rowheader", name="My laptop").is_visible()


def test_a_passkey_alone_signs_in_and_another_device_does_not(page, member, reader):
    sign_in(page, member)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    add_passkey(page, alone=True)
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    sign_out(page)
    reader.send("WebAuthn.clearCredentials", {"authenticatorId": reader.authenticator})
    reader.send("WebAuthn.setUserVerified", {"authenticatorId": reader.authenticator, "isUserVerified": False})
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkey was used").wait_for()
    page.goto("/profile/")
    assert "/accounts/login/" in page.url


def test_a_passkey_shows_again_who_somebody_without_a_password_is(page, reader):
    director = DirectorFactory()
    sign_in(page, director)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    add_passkey(page, alone=True)
    director.set_unusable_password()
    director.save()
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    age_the_session(page)
    page.goto(f"/team/{director.pk}/rates/")
    page.get_by_role("heading", name="Is it you?").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Add a rate").wait_for()


def age_the_session(page) -> None:
    """As if the person had signed in half an hour ago."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    session = SessionStore(key)
    session[SIGNED_IN_AT] -= 30 * 60
    session.pop("account_authentication_methods", None)
    session.save()


def test_a_passkey_of_somebody_else_is_not_enough(page, member, reader):
    other = MemberFactory()
    sign_in(page, other)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    add_passkey(page, alone=False)
    credentials = reader.send("WebAuthn.getCredentials", {"authenticatorId": reader.authenticator})["credentials"]
    sign_out(page)
    sign_in(page, member)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    reader.send("WebAuthn.clearCredentials", {"authenticatorId": reader.authenticator})
    add_passkey(page, alone=False)
    sign_out(page)
    reader.send("WebAuthn.clearCredentials", {"authenticatorId": reader.authenticator})
    reader.send("WebAuthn.addCredential", {"authenticatorId": reader.authenticator, "credential": credentials[0]})
    sign_in(page, member)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkey was used").wait_for()
    page.goto("/profile/")
    assert re.search("/accounts/(login|2fa)/", page.url)


def test_a_session_that_ended_over_the_week_says_that_the_password_is_not_enough(page, member):
    sign_in(page, member)
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/accounts/2fa/totp/activate/")
    confirm_password(page)
    page.locator("input[name=code]").fill(code_of(page.locator(".setup code").inner_text()))
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto("/hours/")
    page.context.clear_cookies(name="sessionid")
    page.locator("#signin").evaluate("form => (form.hidden = false)")  # as hours.js does when a save is refused
    page.locator("#signin").get_by_label("Password").fill(PASSWORD)
    page.locator("#signin").get_by_role("button", name="Sign in").click()
    expect(page.locator("#signin [role=alert]")).to_contain_text("asks for a second factor")
