"""What password managers, search engines and finders of weaknesses look for on every site."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


def fields_of(answer) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def test_a_finder_of_a_weakness_reads_whom_to_tell(settings):
    settings.SECURITY_CONTACT = "security@example.com"
    with time_machine.travel(NOW, tick=False):
        answer = Client().get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = fields_of(answer)
    assert fields["Contact"] == "mailto:security@example.com"
    assert fields["Canonical"] == "http://testserver/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert NOW + timedelta(days=30) < expires < NOW + timedelta(days=365)  # RFC 9116, 2.5.5


@pytest.mark.parametrize(
    ("contact", "field"),
    [("", "mailto:retour@example.com"), ("https://example.com/report", "https://example.com/report")],
    ids=["the sender of e-mails when nobody is named", "a page"],
)
def test_the_contact_is_an_address_to_open(settings, contact, field):
    settings.SECURITY_CONTACT = contact
    assert fields_of(Client().get("/.well-known/security.txt"))["Contact"] == field


def test_a_password_manager_finds_where_a_password_is_changed(member):
    client = Client()
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.url) == (302, "/accounts/password/change/")
    client.force_login(member)
    assert "Change the password" in client.get("/.well-known/change-password", follow=True).content.decode()


def test_search_engines_are_turned_away_and_an_icon_is_found():
    assert "Disallow: /" in Client().get("/robots.txt").content.decode()
    icon = Client().get("/favicon.ico")
    assert icon.url == "/static/icon.svg"
    assert Client().get(icon.url).status_code == 200
