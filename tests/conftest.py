"""What every test can ask for: people, a signed-in browser, servers."""

import contextlib
import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client, TransactionTestCase

from tests import databases, soak
from tests.waiting import PATIENCE

SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
TAKES_LONG = ("server", "browser", "postgres", "once")
TURNED_OFF = [
    # Playwright's own: a second --disable-features takes the place of the first.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    # Each window would start processes for the address bar, which nobody sees, and for a page to come.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "SpareRendererForSitePerProcess",
]
CHROMIUM_ARGUMENTS = [
    f"--disable-features={','.join(TURNED_OFF)}",
    "--no-sandbox",  # Chromium's own sandbox does not start as root, which containers and CI often are
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: many tests wait for a server, a browser or another process."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    # Production's hash is slow on purpose; these passwords guard nothing.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Each test client would read every static file at its first request; so they are looked for when asked for.
    settings.WHITENOISE_AUTOREFRESH = True
    if config.pluginmanager.has_plugin("hypothesispytest"):
        never_in_a_hurry()
    TransactionTestCase._fixture_teardown = lambda _case: databases.empty()
    let_browsers_keep_static_files()


def let_browsers_keep_static_files() -> None:
    """A page has some fifty; where the clock of a test is not the browser's, it would ask for each again every time."""
    serve = StaticFilesHandler.serve

    def serve_for_ever(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(self, request)
        response.headers["Cache-Control"] = "max-age=999999999, immutable"
        return response

    StaticFilesHandler.serve = serve_for_ever


def never_in_a_hurry() -> None:
    """A busy machine is no defect of the code; a test that is about time says so itself."""
    import hypothesis

    hypothesis.settings.register_profile("retour", deadline=None)
    hypothesis.settings.load_profile("retour")


def pytest_report_header() -> str | None:
    return f"clock: begins at {os.environ['TEST_CLOCK']}" if "TEST_CLOCK" in os.environ else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    mark(items)
    yield
    put_the_long_files_first(items)
    put_what_shares_rows_last(items)


def pytest_collection_finish() -> None:
    """Leave ten thousand tests, and what they import, out of each later look for what may go."""
    gc.freeze()
    gc.enable()


def put_the_long_files_first(items: list[pytest.Item]) -> None:
    """So that processes side by side end together: what waits for servers, then files with many tests."""
    lengths = Counter(item.path for item in items)
    waiting = {item.path for item in items if any(map(item.get_closest_marker, TAKES_LONG))}
    items.sort(key=lambda item: (item.path not in waiting, -lengths[item.path]))


def put_what_shares_rows_last(items: list[pytest.Item]) -> None:
    """In its file, because from then on the rows are there until the file ends."""
    files = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    items.sort(key=lambda item: (files[item.path], "rows_of_the_module" in getattr(item, "fixturenames", ())))


def mark(items: list[pytest.Item]) -> None:
    """Mark what drives a browser or asks a database by what it uses, so that nobody forgets.

    What needs PostgreSQL is skipped without it.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "playwright" in fixtures:
            item.add_marker(pytest.mark.browser)
        if "db" in fixtures or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)
        if item.get_closest_marker("postgres") and "TEST_DATABASE_URL" not in os.environ:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: make test"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the campaigns counted, the long ones and their short forms."""
    stats = terminalreporter.stats
    if lines := soak.table([*stats.get("passed", []), *stats.get("failed", [])]):
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """pytest-django's, with copies of a migrated database (tests/databases.py)."""
    with django_db_blocker.unblock(), databases.made(migrates=not request.config.option.nomigrations):
        yield


@pytest.fixture(scope="module")
def rows_of_the_module(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A transaction around all tests of a module: what its fixtures store, each test finds as it was stored.

    A test may change the rows, for its changes are taken back as ever; of objects it gets a copy of its own
    (`copy.deepcopy`). Tests of the module that do not ask for it come first. None has transactions of its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def settings_are_read_anew(monkeypatch):
    """No request may know the agency of another test; tests about remembering set the seconds themselves."""
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr("timesheets.middleware._remembered", None)


@pytest.fixture(autouse=True)
def the_program_has_just_started(monkeypatch):
    """However long the tests have run: without a sweep, a site is not well for more than five minutes."""
    from django.conf import settings
    from django.utils import timezone

    monkeypatch.setattr(settings, "STARTED_AT", timezone.now())


@pytest.fixture(autouse=True)
def letters_are_sent_at_once(monkeypatch):
    """No test waits for a thread; the test of what runs beside the answer puts it back."""
    from timesheets.account_emails import attempt

    monkeypatch.setattr("timesheets.account_emails.beside", attempt)


# -- people -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def member(db: None):
    from tests.factories import MemberFactory

    return MemberFactory()


@pytest.fixture
def manager(db: None):
    from tests.factories import ManagerFactory

    return ManagerFactory()


@pytest.fixture
def director(db: None):
    from tests.factories import DirectorFactory

    return DirectorFactory()


# -- a browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    from tests import servers

    chromium = os.environ.get("TEST_CHROMIUM") or servers.find_chromium()
    if chromium is None:
        pytest.fail(servers.what_to_install([servers.TOOLS["chromium"]]))
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict, live_server) -> dict:
    """A context whose relative addresses lead to the live server: `page.goto("/hours/")`."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE * 1000)
    return {**browser_context_args, "base_url": live_server.url, "locale": "en-GB"}


@pytest.fixture
def page(page, transactional_db):
    """A page that fails its test when a script throws or the content security policy refuses something."""
    page.context.set_default_timeout(PATIENCE * 1000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    # What a test provokes on purpose: refused forms, a server that is away.
    provoked = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "Response Status Error Code")
    assert [text for text in problems if not text.startswith(provoked)] == []


@pytest.fixture
def signed_in_page(page, live_server) -> Callable:
    """Return the page signed in as a person: `page = signed_in_page(member)`."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def take_screenshot(page) -> Callable[[str], None]:
    """Keep a picture of the whole page under var/screenshots/, for the eye: `take_screenshot("week-390-dark")`.

    Only with SCREENSHOTS=1: pictures take a quarter of the time of tests of pages, and nobody looks at them each time.
    """

    def take(name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take


# -- servers ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The URL of a PostgreSQL in which tests may make databases: the one of this run, else one of our own."""
    from tests import servers

    with contextlib.ExitStack() as stack:
        yield os.environ.get("TEST_DATABASE_URL") or stack.enter_context(
            servers.postgresql(Path(servers.find_tools()["postgresql"]))
        )


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis: the one of this run, else one of our own."""
    from tests import servers

    with contextlib.ExitStack() as stack:
        yield os.environ.get("TEST_REDIS_URL") or stack.enter_context(
            servers.redis_server(servers.find_tools()["redis"])
        )
