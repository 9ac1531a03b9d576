"""What each answer says to the browser besides its page: what may run, what may be kept, who may frame it."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tests.factories import PASSWORD
from tests.platform.test_settings import PRODUCTION
from tests.security.crawl import Page, read
from tests.security.estate import ROLES, undone
from tests.security.routes import ROUTES

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.claim]
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "manifest-src": ["'self'"],
}
# The e-mail in its frame has a policy of its own, stricter but for its style: see test_summary_pages.py.
E_MAILS = {"reports:summary_sent_email", "reports:summary_preview_email"}


def policy_of(headers) -> dict[str, list[str]]:
    rules = (rule.split() for rule in headers["Content-Security-Policy"].split(";"))
    return {rule[0]: rule[1:] for rule in rules if rule}


@pytest.fixture(autouse=True)
def clean_counters():
    cache.clear()


@pytest.fixture
def https(settings):
    """As behind a proxy that speaks https."""
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def check(page: Page, *, framed: bool = False) -> None:
    """What every answer says to the browser; an e-mail in its frame has a policy of its own."""
    headers, address = page.headers, page.address
    policy = policy_of(headers)
    assert "unsafe-inline" not in str(policy), address
    assert "unsafe-eval" not in str(policy), address
    if not framed:
        assert policy == POLICY, address
        assert headers["X-Frame-Options"] == "DENY", address
    assert headers["X-Content-Type-Options"] == "nosniff", address
    assert headers["Referrer-Policy"] == "same-origin", address
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", address
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", address
    assert "no-store" in headers["Cache-Control"], address


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_strict_and_kept_nowhere(estate, https, role):
    """Pages, parts of pages, files, redirects and refusals alike, whatever they are asked with."""
    for route in ROUTES:
        address = estate.address(route.name, route.of, role)
        for method, headers in (("GET", {}), ("POST", {"HX-Request": "true"})):
            client = estate.client(role)  # anew: one of these is the way out
            with undone():
                page = read(address, client.generic(method, address, secure=True, headers=headers))
            check(page, framed=route.name in E_MAILS and page.status == 200)
    for address in ("/no-such-page", "/admin/campaigns/lead/", "/team", "/accounts/"):
        check(read(address, estate.client(role).get(address, secure=True)))


def test_every_error_is_as_strict(estate, https, settings, monkeypatch):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    ask = {"secure": True}
    client = estate.client("director")
    refusing = estate.client("director", checks_csrf=True)
    hasty = Client(raise_request_exception=False)
    monkeypatch.setattr("timesheets.hours_export.hours", lambda *_anything: 1 / 0)
    answers = {
        400: client.get("/profile/", headers={"Host": "evil.example"}, **ask),
        401: Client().get("/team/", headers={"HX-Request": "true"}, **ask),
        403: refusing.post("/profile/", {"name": "x"}, **ask),
        404: client.get("/leads/999999/", **ask),
        405: client.delete("/profile/", **ask),
        429: [hasty.post("/accounts/login/", {"login": "a@b.example", "password": "x"}, **ask) for _ in range(2)][-1],
        500: client.get("/my-hours/?format=csv", **ask),
    }
    with monkeypatch.context() as patch:  # before anything of ours has looked at it
        patch.setattr("timesheets.middleware.Agency.current", lambda: 1 / 0)
        early = client.get("/profile/", **ask)
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    assert early.status_code == 500
    for answer in (*answers.values(), early):
        check(read(str(answer.status_code), answer))


def test_every_cookie_is_secure_and_only_ours(estate, https, member):
    client = Client()
    page = client.get("/accounts/login/", secure=True)
    signed_in = client.post("/accounts/login/", {"login": member.email, "password": PASSWORD}, secure=True)
    cookies = [*page.cookies.values(), *signed_in.cookies.values()]
    assert {"csrftoken", "sessionid"} <= {cookie.key for cookie in cookies}
    for cookie in cookies:
        assert cookie["secure"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
    assert all(cookie["httponly"] for cookie in cookies if cookie.key == "sessionid")


def test_static_files_may_be_kept(client):
    answer = client.get("/static/css/base.css")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "max-age=60, public"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_page_has_a_script_or_a_style_of_its_own_in_it(estate):
    client = estate.client("director")
    for route in ROUTES:
        address = estate.address(route.name, route.of, "director")
        with undone():
            page = read(address, client.get(address))
        if page.is_html and route.name not in E_MAILS:
            for part in (" style=", "<style", " onclick=", " onload=", "javascript:"):
                assert part not in page.text, f"{part} in {address}"


ASK = """
import json, django
django.setup()
from django.test import Client
answer = Client().get("/health", headers={"Host": "retour.example.com", "X-Forwarded-Proto": "https"})
print(json.dumps(dict(answer.headers)))
"""


@pytest.mark.parametrize(
    ("wider", "rest"),
    [
        ({}, ""),
        ({"HSTS_INCLUDE_SUBDOMAINS": "true"}, "; includeSubDomains"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}, "; includeSubDomains; preload"),
    ],
    ids=["this host", "those below", "in the lists of browsers"],
)
def test_production_asks_for_https_from_then_on(wider, rest):
    environment = {
        **PRODUCTION,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "sqlite://:memory:",
    } | wider
    result = subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    headers = json.loads(result.stdout.splitlines()[-1])
    assert headers["Strict-Transport-Security"] == f"max-age=31536000{rest}"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_entry_in_the_lists_of_browsers_without_the_hosts_below():
    environment = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings", "HSTS_PRELOAD": "true"}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true" in result.stderr


# Whether https binds the hosts below this one is the agency's to decide, so Django's reminders of it are off.
DECIDED_BY_THE_AGENCY = ["security.W005", "security.W021"]


def test_the_checks_for_a_deployment_find_nothing_and_no_other_about_security_is_silenced():
    environment = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "aB3-xyz9" * 8}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert [one for one in settings.SILENCED_SYSTEM_CHECKS if one.startswith("security.")] == DECIDED_BY_THE_AGENCY


def test_what_cannot_be_read_is_answered_in_words(estate):
    """A body above the limit, or of too many fields."""
    client = Client(raise_request_exception=False)
    for body in ("x=" + "y" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "&".join(f"f{n}=1" for n in range(1100))):
        answer = client.generic("POST", "/accounts/login/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
        assert "This could not be read" in answer.content.decode()
        assert policy_of(answer.headers) == POLICY
