"""A member's week, the dashboard and an import in Firefox and in WebKit, Safari's engine.

Chromium has all the other journeys; these hold what engines differ in. They are driven by WebDriver (tests/browsers).
"""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from campaigns import tasks
from campaigns.imports import runner
from campaigns.models import Agency, ImportRun, Lead
from core.weeks import Week
from tests import factories, servers
from tests.browsers.driven import ENTER, DrivenBrowser
from tests.browsers.firefox import firefox
from tests.browsers.webkit import webkit
from tests.reports import world
from tests.waiting import happens
from timesheets.models import TimeEntry, Timesheet, TimesheetRow, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.engines, pytest.mark.once]

NEEDED = {"firefox": ("firefox",), "webkit": ("webkit", "minibrowser", "xvfb")}
LEADS = "external_id,received_at,platform\nA1,2026-04-03,Facebook\nA2,2026-04-05,Facebook\n"
IS_UNDERLINED = "getComputedStyle(document.querySelector('{css}')).textDecorationLine == 'underline'"


@pytest.fixture(params=NEEDED)
def driven(request) -> Iterator[DrivenBrowser]:
    """The browser with one page."""
    wanted = {name: servers.TOOLS[name] for name in NEEDED[request.param] if name in servers.TOOLS}
    if len(wanted) < len(NEEDED[request.param]):
        pytest.skip("WebKit is driven where WebKitGTK is: on Linux")
    tools = servers.look_for(wanted)
    if missing := [tool for name, tool in wanted.items() if name not in tools]:
        pytest.fail(servers.what_to_install(missing))
    with firefox(tools["firefox"]) if request.param == "firefox" else webkit(tools) as browser:
        yield browser


@pytest.fixture
def signed_in(driven, live_server) -> Callable[[User, str], DrivenBrowser]:
    """Open an address as a person: `signed_in(member, "/hours/")`."""

    def sign_in(user: User, path: str) -> DrivenBrowser:
        client = Client()
        client.force_login(user)
        driven.open(f"{live_server.url}/accounts/login/")
        driven.add_cookie(site.SESSION_COOKIE_NAME, client.cookies[site.SESSION_COOKIE_NAME].value)
        driven.open(f"{live_server.url}{path}")
        return driven

    return sign_in


def test_a_member_types_a_week(signed_in, live_server):
    member, week = factories.MemberFactory(), Week.containing(timezone.localdate())
    campaign, platform = factories.CampaignFactory(), factories.PlatformFactory(name="Facebook")
    TimesheetRow.objects.create(timesheet=Timesheet.of(member, week), platform=platform, campaign=campaign)
    browser = signed_in(member, f"/hours/{week}/")
    monday = f"#c{platform.pk}-{campaign.pk}-d0"
    browser.type(monday, f"1:30{ENTER}")
    browser.waits_for_text("Saved")
    assert TimeEntry.objects.get().minutes == 90
    tuesday = f"#c{platform.pk}-{campaign.pk}-d1"
    browser.type(tuesday, f"abc{ENTER}")
    browser.waits_for_text("“abc” is not a duration")

    # The field for a week shows its week in this engine too, and its calendar opens.
    browser.open(f"{live_server.url}/hours/{week}/")
    assert browser.evaluate(f"document.querySelector('{monday}').value") == "1:30"
    assert browser.evaluate("document.querySelector('#goto').value") == str(week)
    browser.click(".weekpick")
    browser.waits_for("document.querySelector('.weekpop').matches(':popover-open')")
    assert browser.evaluate("document.activeElement.dataset.value") == str(week)
    browser.click(f".weekpop [data-value='{week}']")
    browser.waits_for("!document.querySelector('.weekpop').matches(':popover-open')")


@pytest.mark.soak
def test_a_director_opens_a_figure(signed_in):
    world.build(Agency.current().last_complete_week(timezone.now()))
    browser = signed_in(factories.DirectorFactory(logs_hours=False), "/")
    figure = ".platforms td[data-label=Cost] a"
    browser.waits_for_text("Over the last 13 weeks")
    assert browser.evaluate(IS_UNDERLINED.format(css=figure))
    browser.click(figure)
    browser.waits_for("document.querySelector('#panel .explained')?.offsetHeight > 0")


@pytest.mark.soak
def test_a_manager_imports_a_file(signed_in, tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(runner, "THROTTLE_RATIO", 0)
    factories.PlatformFactory(name="Facebook")
    (tmp_path / "leads.csv").write_text(LEADS)
    browser = signed_in(factories.ManagerFactory(), "/imports/add/?kind=leads")
    browser.evaluate("document.querySelector('select[name=kind]').value = 'leads'")
    browser.upload("input[type=file]", tmp_path / "leads.csv")
    browser.click("form.form button.primary")
    assert happens(ImportRun.objects.exists)
    browser.waits_for_text("Checking every row")
    tasks.check_import(run_id=ImportRun.objects.get().pk)
    browser.waits_for_text("2 new, 0 changed, 0 already there.")
    browser.evaluate("[...document.querySelectorAll('button')].find(b => b.textContent.trim() == 'Import').click()")
    browser.waits_for_text("Importing")
    tasks.run_import(run_id=ImportRun.objects.get().pk)
    browser.waits_for_text("Undo")
    assert Lead.objects.count() == 2
