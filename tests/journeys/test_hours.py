"""A member's week in a real browser."""

import re
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from core.weeks import Week
from tests import factories
from tests.journeys.shapes import SCHEMES
from timesheets.models import TimeEntry, Timesheet, TimesheetRow, User

WEEK = Week(date(2026, 11, 16))
ADDRESS = f"/hours/{WEEK}/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def member(transactional_db):
    return factories.MemberFactory(name="Marc Lefebvre")


@pytest.fixture
def rows(member):
    """Three rows, so that there is a way down and up."""
    timesheet = factories.TimesheetFactory(member=member, week=WEEK.monday)
    client = factories.ClientFactory(name="Acme")
    return [
        TimesheetRow.objects.create(
            timesheet=timesheet,
            platform=factories.PlatformFactory(name=name, colour=number),
            campaign=factories.CampaignFactory(name="Spring launch", client=client)
            if number == 1
            else factories.CampaignFactory(),
        )
        for number, name in enumerate(["Facebook", "LinkedIn", "Newsletter"], start=1)
    ]


@pytest.fixture
def cell(page, rows):
    """The input of a row and day, both counted from 0."""
    return lambda row, day: page.locator(f"#c{rows[row].platform_id}-{rows[row].campaign_id}-d{day}")


@pytest.fixture
def open_week(signed_in_page, member, rows):
    def open_it():
        page = signed_in_page(member)
        page.goto(ADDRESS)
        return page

    return open_it


def minutes_in(rows, row: int, day: int) -> int | None:
    place = {"platform": rows[row].platform, "campaign": rows[row].campaign, "day": WEEK.days[day]}
    return TimeEntry.objects.filter(**place).values_list("minutes", flat=True).first()


def saved(cell):
    return expect(cell.locator("xpath=..")).to_have_class(re.compile(r"\bsaved\b"))


def failed(cell):
    return expect(cell.locator("xpath=..")).to_have_class(re.compile(r"\bfailed\b"))


def type_into(cell, text: str) -> None:
    cell.focus()
    cell.page.keyboard.type(text)
    cell.page.keyboard.press("Tab")


def total(page, row) -> str:
    return page.locator(f"#row-{row.platform_id}-{row.campaign_id}")


def test_a_week_is_typed_by_keyboard_and_the_totals_follow(open_week, cell, rows, take_screenshot):
    page = open_week()
    cell(0, 0).focus()
    for text in ("1:30", "2", "90m"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")  # down a row
    expect(cell(0, 1)).to_be_focused()  # at its foot the next day begins
    for row in range(3):
        saved(cell(row, 0))
    page.keyboard.press("Shift+Enter")
    expect(cell(2, 0)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(1, 0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cell(1, 1)).to_be_focused()
    page.keyboard.type("1,5")
    page.keyboard.press("ArrowUp")
    expect(cell(0, 1)).to_be_focused()
    saved(cell(1, 1))
    assert [cell(row, 0).input_value() for row in range(3)] == ["1:30", "2:00", "1:30"]
    expect(total(page, rows[1])).to_have_text("3:30")
    expect(page.locator("#day-0")).to_have_text("5:00")
    expect(page.locator("#week-total")).to_have_text("6:30")
    expect(page.locator("#target")).to_have_text(re.compile(r"^\s*6:30 this week; "))
    expect(page.locator("#saved")).to_contain_text("Saved ")
    take_screenshot("week-1280")
    page.reload()
    assert cell(1, 1).input_value() == "1:30"
    expect(page.locator("#week-total")).to_have_text("6:30")


def test_a_save_reloads_nothing_and_asks_once(open_week, cell):
    page = open_week()
    requests = []
    page.on("request", lambda request: requests.append((request.method, request.url.rpartition("/")[2])))
    type_into(cell(0, 0), "2")
    saved(cell(0, 0))
    cell(0, 0).focus()
    page.keyboard.press("Tab")  # nothing was changed
    type_into(cell(1, 0), "3")
    saved(cell(1, 0))  # what had been asked before it would have been asked by now
    assert [one for one in requests if one[1] != "icon.svg"] == [("POST", "cell")] * 2


@pytest.mark.parametrize("key", ["Enter", "Tab", "ArrowDown"])
def test_a_key_that_leaves_a_cell_saves_it_where_the_browser_tells_of_no_change(open_week, cell, rows, key):
    page = open_week()
    page.evaluate("addEventListener('change', event => event.isTrusted && event.stopImmediatePropagation(), true)")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/cell") else None)
    cell(0, 0).press_sequentially("1:30")
    page.keyboard.press(key)
    saved(cell(0, 0))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert len(asked) == 1
    assert minutes_in(rows, 0, 0) == 90


def test_a_note_is_saved_by_enter_where_the_browser_tells_of_no_change(open_week, cell):
    page = open_week()
    page.evaluate("addEventListener('change', event => event.isTrusted && event.stopImmediatePropagation(), true)")
    cell(0, 0).press_sequentially("1")
    page.keyboard.press("Enter")
    saved(cell(0, 0))
    cell(0, 0).press("F2")
    page.keyboard.type("Answered the press")
    page.keyboard.press("Enter")
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")


def test_escape_restores_what_was_saved_and_asks_nobody(open_week, cell, rows):
    page = open_week()
    type_into(cell(0, 0), "2")
    saved(cell(0, 0))
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    cell(0, 0).focus()
    page.keyboard.type("7:45")
    page.keyboard.press("Escape")
    expect(cell(0, 0)).to_have_value("2:00")
    page.keyboard.press("Tab")
    assert requests == []
    type_into(cell(1, 0), "3")
    saved(cell(1, 0))
    assert [url.rpartition("/")[2] for url in requests] == ["cell"]
    assert minutes_in(rows, 0, 0) == 120


def test_zero_or_nothing_takes_the_hours_away(open_week, cell, rows):
    open_week()
    for nothing in ("0", ""):
        type_into(cell(0, 0), "2")
        saved(cell(0, 0))
        cell(0, 0).fill(nothing)
        cell(0, 0).press("Tab")
        expect(cell(0, 0)).to_have_value("")
        expect(total(cell(0, 0).page, rows[0])).to_have_text("–")
        assert minutes_in(rows, 0, 0) is None


def test_an_impossible_value_is_kept_and_its_suggestion_can_be_taken(open_week, cell, rows, take_screenshot):
    page = open_week()
    type_into(cell(0, 2), "90")
    failed(cell(0, 2))
    expect(cell(0, 2)).to_have_value("90")
    expect(cell(0, 2)).to_have_attribute("aria-invalid", "true")
    said = page.locator(".said")
    expect(said).to_contain_text("“90” is more than a day")
    expect(page.locator("#unsaved")).to_contain_text("1 not saved")
    take_screenshot("week-refused-1280")
    assert minutes_in(rows, 0, 2) is None
    said.get_by_role("button", name="Did you mean 1:30?").click()
    saved(cell(0, 2))
    expect(said).to_have_count(0)
    expect(page.locator("#unsaved")).to_be_hidden()
    assert minutes_in(rows, 0, 2) == 90


def test_a_day_of_more_than_24_hours_is_refused_at_the_cell(open_week, cell):
    page = open_week()
    type_into(cell(0, 2), "23")
    type_into(cell(1, 2), "2:30")
    failed(cell(1, 2))
    expect(page.locator(".said")).to_contain_text("Wednesday would have 25:30; a day has 24:00.")
    expect(page.locator("#day-2")).to_have_text("23:00")


def test_without_a_network_what_was_typed_is_kept_and_sent_later(open_week, cell, rows, take_screenshot):
    page = open_week()
    page.context.set_offline(True)
    type_into(cell(0, 0), "1:15")
    type_into(cell(1, 0), "2")
    failed(cell(1, 0))
    expect(page.locator("#unsaved")).to_contain_text("2 not saved")
    expect(page.locator("#reason")).to_contain_text("kept here")
    assert (cell(0, 0).input_value(), cell(1, 0).input_value()) == ("1:15", "2")
    take_screenshot("week-offline-1280")
    assert not TimeEntry.objects.exists()
    page.context.set_offline(False)  # the page hears of it, and sends
    saved(cell(0, 0))
    saved(cell(1, 0))
    assert (minutes_in(rows, 0, 0), minutes_in(rows, 1, 0)) == (75, 120)
    assert TimeEntry.history.count() == 2


def test_what_was_not_saved_is_there_after_a_reload(open_week, cell, rows):
    page = open_week()
    page.context.set_offline(True)
    type_into(cell(0, 0), "1:15")
    failed(cell(0, 0))
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/cell", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(cell(0, 0)).to_have_value("1:15")
    failed(cell(0, 0))
    page.unroute("**/cell")
    page.locator("#retry").click()
    saved(cell(0, 0))
    page.reload()
    expect(cell(0, 0)).to_have_value("1:15")
    expect(page.locator("#unsaved")).to_be_hidden()


def test_leaving_with_something_unsaved_asks_first(open_week, cell):
    page = open_week()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/cell", lambda route: route.abort())
    type_into(cell(0, 0), "1:15")
    failed(cell(0, 0))
    page.goto("/my-hours/")
    assert asked == ["beforeunload"]


def test_a_lost_answer_counts_once(open_week, cell, rows):
    page = open_week()

    def commit_but_drop(route):
        route.fetch()
        route.abort()

    page.route("**/cell", commit_but_drop)
    type_into(cell(0, 0), "1:15")
    failed(cell(0, 0))
    assert minutes_in(rows, 0, 0) == 75
    page.unroute("**/cell")
    page.locator("#retry").click()
    saved(cell(0, 0))
    assert TimeEntry.history.count() == 1


def test_a_session_that_ended_keeps_the_value(open_week, cell, member, signed_in_page, rows):
    page = open_week()
    page.context.clear_cookies(name="sessionid")
    type_into(cell(0, 0), "1:15")
    failed(cell(0, 0))
    expect(page.locator("#reason")).to_contain_text("signed out")
    signed_in_page(member)
    page.locator("#retry").click()
    saved(cell(0, 0))
    assert minutes_in(rows, 0, 0) == 75


def test_someone_elses_session_gets_none_of_it(open_week, cell, signed_in_page):
    page = open_week()
    signed_in_page(factories.MemberFactory())
    type_into(cell(0, 0), "1:15")
    failed(cell(0, 0))
    expect(page.locator(".said")).to_contain_text("opened by someone else")
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize(("choice", "minutes"), [("Keep mine", 60), ("Use theirs", 180)])
def test_two_tabs_choose_between_both_values(open_week, cell, rows, choice, minutes):
    page = open_week()
    type_into(cell(0, 0), "2")
    saved(cell(0, 0))
    TimeEntry.objects.update(minutes=180, version=7)
    type_into(cell(0, 0), "1")
    failed(cell(0, 0))
    expect(page.locator(".said")).to_contain_text("Use theirs, 3:00")
    assert minutes_in(rows, 0, 0) == 180
    page.get_by_role("button", name=choice).click()
    expect(page.locator(".said")).to_have_count(0)
    expect(page.locator("#unsaved")).to_be_hidden()
    if choice == "Keep mine":
        saved(cell(0, 0))
    expect(cell(0, 0)).to_have_value(f"{minutes // 60}:00")
    assert minutes_in(rows, 0, 0) == minutes


def test_a_week_locked_meanwhile_keeps_what_was_typed(open_week, cell, member):
    page = open_week()
    Timesheet.objects.filter(member=member).update(submitted_at="2026-11-21T12:00Z")
    type_into(cell(0, 0), "2")
    failed(cell(0, 0))
    expect(cell(0, 0)).to_have_value("2")
    expect(page.locator(".said")).to_contain_text("was submitted")
    assert not TimeEntry.objects.exists()


def test_rows_are_added_copied_and_removed_without_a_reload(open_week, cell, member, rows):
    factories.PlatformFactory(name="Zeppelin")
    factories.EntryFactory(
        member=member, day=WEEK.previous.monday, platform__name="Last week's", campaign__name="Old friends"
    )
    page = open_week()
    page.evaluate("window.notReloaded = true")
    page.get_by_text("Add a row").click()
    page.get_by_label("Platform", exact=True).select_option(label="Zeppelin")
    page.get_by_label("Campaign", exact=True).select_option(index=1)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#rows > tr")).to_have_count(4)
    expect(page.locator("#rows td > input:focus")).to_have_count(1)  # the new row has the focus
    page.keyboard.type("1:30")
    page.keyboard.press("Tab")
    expect(page.locator("#week-total")).to_have_text("1:30")
    page.get_by_role("button", name="Copy last week’s rows").click()
    expect(page.locator("#rows > tr")).to_have_count(5)
    expect(page.locator("#messages")).to_contain_text("1 row copied")
    page.get_by_role("button", name="Remove Last week's").click()
    expect(page.locator("#rows > tr")).to_have_count(4)
    page.get_by_role("button", name="Remove Zeppelin").click()
    expect(page.locator(".said")).to_contain_text("This row has 1:30")
    assert TimeEntry.objects.in_week(WEEK).exists()
    page.get_by_role("button", name="Remove the row and its hours").click()
    expect(page.locator("#rows > tr")).to_have_count(3)
    expect(page.locator("#week-total")).to_have_text("–")
    assert not TimeEntry.objects.in_week(WEEK).exists()
    assert page.evaluate("window.notReloaded")


def test_a_note_is_written_under_the_grid(open_week, cell, rows):
    page = open_week()
    note = page.get_by_label("Note")
    cell(0, 0).focus()
    expect(note).to_be_hidden()  # a note belongs to hours
    page.keyboard.type("2")
    page.keyboard.press("F2")
    page.keyboard.type("Answered the press")
    page.keyboard.press("Enter")
    expect(cell(0, 0)).to_be_focused()
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")
    saved(cell(0, 0))
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.note) == (120, "Answered the press")
    cell(1, 0).focus()
    expect(note).to_be_hidden()
    type_into(cell(0, 0), "3")
    expect(cell(0, 0)).to_have_value("3:00")
    saved(cell(0, 0))
    page.reload()
    cell(0, 0).focus()
    expect(note).to_have_value("Answered the press")
    entry.refresh_from_db()
    assert (entry.minutes, entry.note) == (180, "Answered the press")


@pytest.mark.parametrize(
    "place", [ADDRESS, "/hours/2026-W50/", "/my-hours/", "/profile/", "/team/", "/team/people/add"]
)
def test_the_pages_are_accessible(signed_in_page, member, rows, page, place):
    director = factories.DirectorFactory()
    for number, row in enumerate(rows):
        factories.EntryFactory(
            member=member, day=WEEK.days[number], platform=row.platform, campaign=row.campaign, note="Press"
        )
    factories.TimesheetFactory(member=director, submitted_at="2026-11-21T12:00Z", week=WEEK.monday)
    signed_in_page(director if "team" in place else member)
    for theme in SCHEMES:
        page.emulate_media(color_scheme=theme)
        page.goto(place)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"


def test_a_week_is_submitted_and_then_read_only(open_week, cell, member, manager, take_screenshot):
    manager.name = "Hélène Moreau"
    manager.save()
    page = open_week()
    type_into(cell(0, 0), "2")
    saved(cell(0, 0))
    page.get_by_role("button", name="Submit the week").click()
    expect(page.locator(".locked")).to_contain_text("read-only")
    expect(page.locator(".locked summary")).to_have_text("Reopen")  # one's own, until it is approved
    expect(cell(0, 0)).to_have_attribute("readonly", "")
    expect(page.get_by_role("button", name="Add a row")).to_have_count(0)
    take_screenshot("week-submitted-1280")
    Timesheet.objects.get(member=member).approve(at=timezone.now(), by=manager)
    page.reload()
    expect(page.locator(".locked")).to_contain_text("Approved")
    expect(page.locator(".locked")).to_contain_text("ask for it to be reopened: Hélène Moreau")


def test_submitting_waits_for_what_is_not_saved(open_week, cell, member):
    page = open_week()
    type_into(cell(0, 0), "90")
    failed(cell(0, 0))
    page.get_by_role("button", name="Submit the week").click()
    expect(page.locator("#reason")).to_contain_text("first")
    assert not Timesheet.objects.get(member=member).is_locked


def test_an_empty_week_is_submitted_as_nothing(signed_in_page, member):
    page = signed_in_page(member)
    page.goto(ADDRESS)
    expect(page.get_by_role("heading", name="No rows yet")).to_be_visible()
    page.get_by_role("button", name="Submit: nothing this week").click()
    expect(page.get_by_role("heading", name="Nothing this week")).to_be_visible()


def test_hours_are_shown_as_the_member_prefers(open_week, cell, member):
    member.duration_style = User.DurationStyle.DECIMAL
    member.save()
    page = open_week()
    type_into(cell(0, 0), "1:45")
    expect(cell(0, 0)).to_have_value("1.75")
    expect(page.locator("#target")).to_have_text(re.compile(r"^\s*1\.75 this week; "))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_one_day_and_clips_nothing(open_week, cell, page, rows, theme, take_screenshot):
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=theme)
    open_week()
    page.get_by_text("Tue 17").first.click()
    expect(cell(0, 1)).to_be_visible()
    expect(cell(0, 0)).to_be_hidden()
    cell(0, 1).focus()
    page.keyboard.type("1,5")
    page.keyboard.press("Enter")
    expect(cell(1, 1)).to_be_focused()
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    saved(cell(0, 1))
    failed(cell(1, 1))
    expect(page.locator("#tab-1")).to_have_text("1:30")
    assert cell(0, 1).get_attribute("inputmode") == "decimal"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = cell(0, 1).bounding_box()
    assert box["height"] >= 24
    assert box["x"] + box["width"] <= PHONE["width"]
    take_screenshot(f"week-390-{theme}")
