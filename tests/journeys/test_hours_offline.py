"""No keystroke is lost and none counts twice: the network goes, the session ends, an answer gets lost."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from core.weeks import Week
from tests import factories
from tests.waiting import eventually
from timesheets.models import Session, TimeEntry, Timesheet, TimesheetRow

DAYS = 6
ROWS = 5


@pytest.fixture
def week():
    return Week.containing(date(2026, 11, 16))


@pytest.fixture
def rows(transactional_db, week):
    """Five rows of one member's week."""
    timesheet = factories.TimesheetFactory(week=week.monday)
    return [
        TimesheetRow.objects.create(
            timesheet=timesheet, platform=factories.PlatformFactory(), campaign=factories.CampaignFactory()
        )
        for _row in range(ROWS)
    ]


@pytest.fixture
def member(rows):
    return rows[0].timesheet.member


@pytest.fixture
def cell(page, rows):
    return lambda row, day: page.locator(f"#c{rows[row].platform_id}-{rows[row].campaign_id}-d{day}")


@pytest.fixture
def open_week(signed_in_page, member, week):
    def open_it():
        page = signed_in_page(member)
        page.goto(f"/hours/{week}/")
        return page

    return open_it


def minutes_of(row: int, day: int) -> int:
    """A value for each cell that no other cell has."""
    return 10 + row * DAYS + day


def type_all(page, cell) -> None:
    """Fill 30 cells with Enter alone; at the foot of a column Enter is pressed twice."""
    for day in range(DAYS):
        cell(0, day).focus()
        for row in range(ROWS):
            page.keyboard.type(f"{minutes_of(row, day)}m")
            page.keyboard.press("Enter")
        page.keyboard.press("Enter")


def state(cell, name: str) -> None:
    expect(cell.locator("xpath=..")).to_have_class(re.compile(rf"\b{name}\b"))


def sign_in_again(page, password: str) -> None:
    page.locator("#signin").get_by_label("Password").fill(password)
    page.locator("#signin").get_by_role("button", name="Sign in").click()


def test_thirty_edits_survive_a_cut_a_reload_a_lost_answer_and_the_end_of_the_session(
    open_week, page, cell, rows, member, live_server, signed_in_page, take_screenshot
):
    open_week()
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    type_all(page, cell)
    expect(page.locator("#unsaved")).to_contain_text("30 not saved")
    assert not TimeEntry.objects.exists()

    # The page can be fetched again, but nothing can be saved yet.
    page.route("**/cell", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#unsaved")).to_contain_text("30 not saved")
    expect(cell(4, 5)).to_have_value(f"{minutes_of(4, 5)}m")

    # Back: the fifth answer is dropped after the commit, and the session ends after the fifteenth save.
    page.unroute("**/cell")
    passed = 0

    def some(route):
        nonlocal passed
        passed += 1
        if passed == 5:
            route.fetch()
            route.abort()
            return
        if passed == 16:
            Session.objects.all().delete()
        route.continue_()

    page.route("**/cell", some)
    page.locator("#retry").click()
    expect(page.locator("#signin")).to_be_visible()
    expect(page.locator("#reason")).to_contain_text("signed out")
    state(cell(4, 5), "failed")
    expect(page.locator("#signin")).to_contain_text(member.email)
    take_screenshot("week-signed-out-1280")
    page.unroute("**/cell")

    # Somebody else signs in over it: nothing of this page becomes theirs.
    other = factories.MemberFactory()
    signed_in_page(other)
    page.locator("#retry").click()
    expect(page.locator(".said").first).to_contain_text("opened by someone else")
    assert not TimeEntry.objects.of(other).exists()
    page.context.clear_cookies(name="sessionid")
    page.locator("#retry").click()
    expect(page.locator("#signin")).to_be_visible()

    sign_in_again(page, "not the password")
    expect(page.locator("#signin [role=alert]")).not_to_be_empty()
    sign_in_again(page, factories.PASSWORD)
    expect(page.locator("td.saved")).to_have_count(30)
    expect(page.locator("#unsaved")).to_be_hidden()
    expect(page.locator("#signin")).to_be_hidden()

    held = {(entry.platform_id, entry.day.weekday()): entry.minutes for entry in TimeEntry.objects.of(member)}
    assert held == {(rows[row].platform_id, day): minutes_of(row, day) for row in range(ROWS) for day in range(DAYS)}
    assert TimeEntry.objects.count() == 30
    assert TimeEntry.history.count() == 30
    assert TimeEntry.history.values("history_change_reason").distinct().count() == 30
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(cell(4, 5)).to_have_value(f"0:{minutes_of(4, 5)}")


def test_a_session_that_went_idle_while_offline_costs_no_keystroke(open_week, page, cell, rows, member):
    open_week()
    page.context.set_offline(True)
    type_all(page, cell)
    expect(page.locator("#unsaved")).to_contain_text("30 not saved")
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))  # as nobody used it for so long
    page.context.set_offline(False)
    expect(page.locator("#signin")).to_be_visible()
    assert not TimeEntry.objects.exists()
    sign_in_again(page, factories.PASSWORD)
    expect(page.locator("#unsaved")).to_be_hidden()
    expect(page.locator("td.saving")).to_have_count(0)
    saved = {(entry.platform_id, entry.day.weekday()): entry.minutes for entry in TimeEntry.objects.all()}
    assert saved == {
        (row.platform_id, day): minutes_of(number, day) for number, row in enumerate(rows) for day in range(DAYS)
    }


def test_a_value_typed_over_one_whose_answer_was_lost_is_no_conflict_with_oneself(open_week, page, cell):
    open_week()

    def commit_but_drop(route):
        route.fetch()
        route.abort()

    page.route("**/cell", commit_but_drop)
    cell(0, 0).fill("1")
    cell(0, 0).press("Enter")
    state(cell(0, 0), "failed")
    page.unroute("**/cell")
    page.route("**/cell", lambda route: route.abort())
    cell(0, 0).fill("2")
    cell(0, 0).press("Enter")
    state(cell(0, 0), "failed")
    page.unroute("**/cell")
    page.locator("#retry").click()
    state(cell(0, 0), "saved")
    expect(page.locator(".said")).to_have_count(0)
    expect(cell(0, 0)).to_have_value("2:00")
    assert list(TimeEntry.history.order_by("pk").values_list("minutes", flat=True)) == [60, 120]


def test_emptying_a_cell_whose_answer_was_lost_is_not_undone_by_a_reload(open_week, page, cell):
    """The cell looks, to the first edit, as it did before it: only its id tells that it was written."""
    open_week()
    dropped = []

    def commit_but_drop(route):
        dropped.append(route.fetch())
        route.abort()

    page.route("**/cell", commit_but_drop)
    cell(0, 0).fill("1")
    cell(0, 0).press("Enter")
    state(cell(0, 0), "failed")
    TimeEntry.objects.get().delete()  # in another window
    page.unroute("**/cell")
    page.locator("#retry").click()
    expect(page.locator("#unsaved")).to_be_hidden()
    expect(cell(0, 0)).to_have_value("")
    assert not TimeEntry.objects.exists()


def test_signing_out_on_any_page_forgets_what_was_kept(open_week, page, cell):
    open_week()
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/cell", lambda route: route.abort())
    cell(0, 0).fill("1")
    cell(0, 0).press("Enter")
    state(cell(0, 0), "failed")
    page.goto("/my-hours/")
    assert page.evaluate("localStorage.length") == 1
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("localStorage.length") == 0


def test_another_week_says_that_something_waits_here(open_week, page, cell, week):
    open_week()
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/cell", lambda route: route.abort())
    cell(0, 0).fill("1")
    cell(0, 0).press("Enter")
    state(cell(0, 0), "failed")
    page.goto(f"/hours/{week.next}/")
    page.unroute("**/cell")
    page.locator("#elsewhere").get_by_role("link", name=str(week)).click()
    state(cell(0, 0), "saved")
    expect(page.locator("#elsewhere")).to_be_hidden()


def test_a_value_being_typed_is_there_after_a_crash(open_week, page, cell, rows, week):
    open_week()
    page.route("**/cell", lambda route: route.abort())
    cell(0, 0).focus()
    page.keyboard.type("1:10")  # and the window is gone before the cell is left
    page.close(run_before_unload=False)
    page = page.context.new_page()
    page.goto(f"/hours/{week}/")
    place = page.locator(f"#c{rows[0].platform_id}-{rows[0].campaign_id}-d0")
    expect(place).to_have_value("1:10")
    # By this page, or by the one that was closed, whose last request nobody held up any more.
    assert eventually(lambda: list(TimeEntry.objects.values_list("minutes", flat=True))) == [70]


def test_what_a_lock_refused_is_still_told_after_a_reload_and_sent_once_reopened(open_week, page, cell, member):
    open_week()
    page.on("dialog", lambda dialog: dialog.accept())
    timesheet = Timesheet.objects.get(member=member)
    timesheet.submit(at=timezone.now())
    cell(0, 0).fill("1:10")
    cell(0, 0).press("Enter")
    expect(page.locator(".said")).to_contain_text("was submitted")
    page.reload()
    expect(page.locator("#held")).to_contain_text("Mon 16: 1:10")
    timesheet.reopen(reason="Monday was missing")
    page.reload()
    state(cell(0, 0), "saved")
    expect(page.locator("#held")).to_be_hidden()
    assert TimeEntry.objects.get().minutes == 70
