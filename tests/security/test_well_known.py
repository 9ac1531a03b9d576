"""What password managers, search engines and finders of weaknesses look for on every site."""

import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from campaigns.models import Agency
from tools import icons

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


@pytest.mark.parametrize(("language", "name"), [("en", "Retour: hours"), ("fr", "Retour\u00a0: les heures")])
def test_the_app_can_be_installed_in_the_agencys_language(language, name):
    Agency.current()
    Agency.objects.update(language=language)
    Agency.note_change()
    answer = Client().get("/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["lang"], said["display"], said["start_url"]) == (language, "standalone", "/")
    assert said["name"].startswith(name)
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        file = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert size_of(Path(file)) == icon["sizes"]


def test_each_page_names_the_manifest_and_the_icon_for_a_home_screen(director):
    page = Client().get("/accounts/login/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert 'rel="apple-touch-icon"' in page
    assert size_of(Path(finders.find("icons/apple-touch-icon.png"))) == "180x180"


def test_the_icons_are_what_the_tool_draws():
    for icon in icons.FILES:
        assert points_of((icons.ICONS / icon.name).read_bytes()) == b"".join(b"\0" + row for row in icons.drawn(icon))


def size_of(path: Path) -> str:
    return "x".join(map(str, struct.unpack(">II", path.read_bytes()[16:24])))


def points_of(png: bytes) -> bytes:
    """Unpacked: another version of the compressor packs them differently."""
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    return zlib.decompress(png[start + 4 : start + 4 + length])
