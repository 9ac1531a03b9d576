"""A member's week from beginning to end: by keyboard alone, and on a phone."""

import re
from datetime import date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from tests.waiting import PATIENCE, eventually
from timesheets.models import PinnedRow, TimeEntry, Timer, Timesheet, TimesheetRow
from timesheets.views import rows as row_views

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}


def day_of(instant: datetime) -> date:
    """The agency's day."""
    return timezone.localdate(instant, timezone=Agency.current().zone)


@pytest.fixture
def week(transactional_db):
    return Week.containing(day_of(timezone.now()))


@pytest.fixture
def member(transactional_db):
    return factories.MemberFactory(name="Marc Lefebvre")


@pytest.fixture
def last_week(member, week):
    """Three rows that the member had last week, each with an hour on Monday."""
    client = factories.ClientFactory(name="Acme")
    entries = [
        factories.EntryFactory(
            member=member,
            day=week.previous.monday,
            minutes=60,
            platform__name=platform,
            platform__colour=number,
            campaign__name=campaign,
            campaign__client=client,
        )
        for number, (platform, campaign) in enumerate(
            [("Facebook", "Spring launch"), ("LinkedIn", "Hiring"), ("Newsletter", "Été des régions")], start=1
        )
    ]
    timesheet = factories.TimesheetFactory(member=member, week=week.previous.monday)
    for entry in entries:
        TimesheetRow.objects.create(timesheet=timesheet, platform=entry.platform, campaign=entry.campaign)
    return entries


@pytest.fixture
def starts_empty(member):
    """Their weeks take over no rows by themselves."""
    member.carries_rows = False
    member.save()


@pytest.fixture
def cell(page, last_week):
    return lambda row, day: page.locator(f"#c{last_week[row].platform_id}-{last_week[row].campaign_id}-d{day}")


@pytest.fixture
def keys(page):
    """Press keys and count them; what is typed into cells is not counted."""

    class Keys:
        pressed = 0

        def press(self, *names: str) -> None:
            for name in names:
                page.keyboard.press(name)
                self.pressed += 1

        def press_until(self, name: str, place) -> None:
            for _step in range(20):
                if place.evaluate("element => element === document.activeElement"):
                    return
                self.press(name)
            raise AssertionError(f"{name} does not lead to {place}")

    return Keys()


def saved(cell):
    return expect(cell.locator("xpath=..")).to_have_class(re.compile(r"\bsaved\b"))


def minutes(member, week: Week) -> list[int]:
    return list(TimeEntry.objects.of(member).in_week(week).order_by("day", "pk").values_list("minutes", flat=True))


def swipe(page, *, left: bool) -> None:
    """Draw a finger across the grid, as a touch screen reports it."""
    start, end = (300, 90) if left else (90, 300)
    session = page.context.new_cdp_session(page)
    top = page.locator("#hours .grid").bounding_box()["y"] + 20
    touch = lambda kind, x: session.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if x is None else [{"x": x, "y": top}]}
    )
    touch("touchStart", start)
    touch("touchMove", (start + end) / 2)
    touch("touchMove", end)
    touch("touchEnd", None)


def test_a_week_of_five_rows_takes_27_keystrokes_beyond_the_digits(signed_in_page, page, member, week, last_week, keys):
    """It took 56: 15 to bring last week's rows, and 5 from a row's Friday to the next one's Monday."""
    for name in ("Pinterest", "X"):
        factories.EntryFactory(member=member, day=week.previous.monday, platform__name=name)
    signed_in_page(member).goto(f"/hours/{week.next}/")  # it opens on Monday, whatever day it is
    keys.press("Tab", "Enter")  # skips to the first cell
    for row in range(5):
        for day in range(5):
            expect(page.locator(f"#rows > tr:nth-child({row + 1}) .d{day} > input")).to_be_focused()
            page.keyboard.type("1:30")
            keys.press("Tab")
    expect(page.get_by_label("Note")).to_be_focused()
    expect(page.locator("td.saved")).to_have_count(25)
    assert keys.pressed == 27
    assert minutes(member, week.next) == [90] * 25
    for _back in range(2):
        keys.press("Shift+Tab")
    expect(page.locator("#rows > tr:nth-child(5) .acts .pin")).to_be_focused()  # the row's buttons are within reach
    keys.press("ArrowLeft")
    expect(page.locator("#rows > tr:nth-child(5) .d6 > input")).to_be_focused()
    for _right in range(2):
        keys.press("ArrowRight")
    expect(page.locator("#rows > tr:nth-child(5) .acts .remove")).to_be_focused()


def test_hours_on_a_weekend_are_on_the_way_of_tab(signed_in_page, page, member, week, last_week, cell):
    signed_in_page(member).goto(f"/hours/{week.next}/")
    cell(1, 5).fill("1")
    cell(1, 5).press("Enter")
    cell(0, 4).press("Tab")
    expect(cell(0, 5)).to_be_focused()
    page.keyboard.press("Tab")
    expect(cell(1, 0)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(cell(0, 5)).to_be_focused()


def test_a_week_goes_down_day_by_day(signed_in_page, page, member, week, last_week, cell, keys, take_screenshot):
    signed_in_page(member).goto(f"/hours/{week.next}/")
    keys.press("Tab", "Enter")
    for day in range(5):
        for row in range(3):
            expect(cell(row, day)).to_be_focused()
            page.keyboard.type("1:30" if (row, day) == (0, 0) else "45m" if row == 0 else "2")
            keys.press("Tab" if (row, day) == (2, 4) else "Enter")
    keys.press_until("Tab", page.get_by_role("button", name="Submit the week"))
    expect(page.locator("td.saved")).to_have_count(15)
    expect(page.locator("#week-total")).to_have_text("24:30")
    take_screenshot("journey-keyboard-1280")
    keys.press("Enter")
    expect(page.locator(".locked")).to_contain_text("read-only")
    assert keys.pressed < 25, keys.pressed
    assert sum(minutes(member, week.next)) == 24 * 60 + 30
    assert Timesheet.objects.get(member=member, week=week.next.monday).is_locked


def test_a_week_on_a_phone(signed_in_page, page, member, week, last_week, cell, take_screenshot, monkeypatch):
    monkeypatch.setattr(row_views, "UNDO_SECONDS", PATIENCE)
    page.set_viewport_size(PHONE)
    signed_in_page(member).goto(f"/hours/{week}/")
    take_screenshot("journey-phone-1-empty")
    expect(page.locator("#rows > tr")).to_have_count(3)
    page.locator("#shown-0").check(force=True)
    cell(0, 0).fill("1,5")
    swipe(page, left=True)  # what was typed is saved on the way
    expect(cell(0, 1)).to_be_visible()
    expect(cell(0, 0)).to_be_hidden()
    saved(cell(0, 0))
    swipe(page, left=False)
    expect(cell(0, 0)).to_be_visible()
    cell(0, 0).focus()
    page.get_by_label("Note").fill("Answered the press")
    page.get_by_label("Note").press("Enter")
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")
    take_screenshot("journey-phone-2-typed")

    page.get_by_role("button", name="Remove Facebook").click()
    page.get_by_role("button", name="Remove the row and its hours").click()
    expect(page.locator("#rows > tr")).to_have_count(2)
    assert minutes(member, week) == []
    expect(page.get_by_label("Note")).to_be_hidden()  # it was the removed cell's
    take_screenshot("journey-phone-3-removed")
    page.get_by_role("button", name="Undo").click()
    expect(cell(0, 0)).to_have_value("1:30")
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")
    expect(page.locator("#rows > tr").first).to_contain_text("Facebook")
    assert minutes(member, week) == [90]

    page.get_by_role("button", name="Start the timer on LinkedIn").click()
    expect(page.locator("#timer")).to_contain_text("LinkedIn")
    Timer.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    take_screenshot("journey-phone-4-timer")
    page.reload()
    if day_of(Timer.objects.get().started_at) == day_of(timezone.now()):
        page.get_by_role("button", name="Stop").click()
        expect(cell(1, day_of(timezone.now()).weekday())).to_have_value("0:02")
        expect(page.locator("#timer")).to_be_hidden()

    page.get_by_role("button", name="Submit the week").click()
    expect(page.locator(".locked")).to_contain_text("read-only")
    expect(cell(0, 0)).to_have_attribute("readonly", "")
    take_screenshot("journey-phone-5-submitted")
    page.locator(".locked summary").click()
    page.get_by_label("Reason for reopening").fill("Forgot Friday")
    page.locator(".locked").get_by_role("button", name="Reopen").click()
    expect(page.locator("main")).to_contain_text("Forgot Friday")
    expect(page.get_by_role("button", name="Submit the week")).to_be_visible()
    take_screenshot("journey-phone-6-reopened")


@pytest.mark.usefixtures("starts_empty")
def test_nothing_is_clipped_or_too_small_on_a_narrow_phone(signed_in_page, page, member, week, last_week):
    page.set_viewport_size(NARROW)
    signed_in_page(member).goto(f"/hours/{week}/")
    page.get_by_role("button", name="Copy last week’s rows").click()
    expect(page.locator("#rows > tr")).to_have_count(3)
    page.get_by_role("button", name="Start the timer on Newsletter").click()
    expect(page.locator("#timer")).to_contain_text("Newsletter")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    boxes = page.locator("#hours :is(button, input:not([type=hidden]), summary):visible").all()
    assert len(boxes) > 15
    for one in boxes:
        box = one.bounding_box()
        is_radio = one.get_attribute("type") == "radio"  # its label is the target
        assert is_radio or (box["width"] >= 24 and box["height"] >= 24), (one.evaluate("e => e.outerHTML"), box)
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]


@pytest.mark.usefixtures("starts_empty")
def test_an_undo_is_offered_for_ten_seconds(signed_in_page, page, member, week, last_week, monkeypatch):
    """A hundred times as long here: the page's clock goes on by itself while a busy machine takes its time."""
    monkeypatch.setattr(row_views, "UNDO_SECONDS", 100 * row_views.UNDO_SECONDS)
    page.clock.install()
    signed_in_page(member).goto(f"/hours/{week}/")
    page.get_by_role("button", name="Copy last week’s rows").click()
    page.get_by_role("button", name="Remove LinkedIn").click()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.clock.fast_forward(900_000)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.fast_forward(200_000)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_hours_are_copied_on_a_second_choice_and_what_is_typed_stays(
    signed_in_page, page, member, week, last_week, cell, take_screenshot
):
    timesheet = factories.TimesheetFactory(member=member, week=week.monday)
    for old in last_week[:2]:
        TimesheetRow.objects.create(timesheet=timesheet, platform=old.platform, campaign=old.campaign)
    signed_in_page(member).goto(f"/hours/{week}/")
    cell(0, 0).fill("0:20")
    cell(0, 0).press("Tab")
    saved(cell(0, 0))
    cell(1, 1).fill("90")
    cell(1, 1).press("Tab")
    expect(page.locator(".said")).to_have_count(1)
    for told in ("2 cells filled", "no hours for a cell"):
        page.get_by_role("button", name="Copy rows and hours").click()
        expect(page.locator("#messages")).to_contain_text(told)
    assert [cell(row, 0).input_value() for row in range(3)] == ["0:20", "1:00", "1:00"]
    expect(cell(1, 1)).to_have_value("90")
    expect(page.locator("#unsaved")).to_contain_text("1 not saved")
    expect(page.locator("#week-total")).to_have_text("2:20")
    assert sorted(minutes(member, week)) == [20, 60, 60]


@pytest.mark.usefixtures("starts_empty")
def test_a_row_is_found_by_a_few_letters(signed_in_page, page, member, week, last_week, cell, take_screenshot):
    signed_in_page(member).goto(f"/hours/{week}/")
    page.get_by_text("Add a row").click()
    find = page.get_by_role("combobox", name="Type a few letters")
    expect(find).to_be_focused()
    page.keyboard.type("ete news")
    expect(page.get_by_role("option").first).to_contain_text("Newsletter Été des régions")
    take_screenshot("week-find-1280")
    page.keyboard.press("Enter")
    expect(cell(2, 0)).to_be_focused()
    assert TimesheetRow.objects.filter(timesheet__week=week.monday).count() == 1
    page.get_by_text("Add a row").click()
    expect(find).to_be_focused()
    expect(page.get_by_role("button", name="Newsletter Été des régions", exact=False)).to_be_hidden()
    page.keyboard.type("ete news")
    expect(page.locator("#nothing-found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(find).to_be_hidden()


@pytest.mark.usefixtures("starts_empty")
def test_a_pinned_row_is_there_next_week(signed_in_page, page, member, week, last_week, cell):
    signed_in_page(member).goto(f"/hours/{week}/")
    page.get_by_role("button", name="Copy last week’s rows").click()
    pin = page.get_by_role("button", name="Pin LinkedIn")
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    page.goto(f"/hours/{week.next}/")
    expect(page.locator("#rows > tr")).to_have_count(1)
    expect(page.locator("#rows")).to_contain_text("LinkedIn")
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "false")
    assert not PinnedRow.objects.exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_timer_over_midnight_asks_and_the_page_is_accessible(
    signed_in_page, page, member, week, last_week, theme, take_screenshot
):
    yesterday = timezone.now() - timedelta(days=1)
    Timer.objects.create(
        member=member, platform=last_week[0].platform, campaign=last_week[0].campaign, started_at=yesterday
    )
    page.emulate_media(color_scheme=theme)
    signed_in_page(member).goto(f"/hours/{week}/")
    expect(page.locator("#rows > tr")).to_have_count(3)
    page.get_by_text("Add a row").click()
    page.keyboard.type("a")
    page.locator("#help summary").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    take_screenshot(f"week-timer-1280-{theme}")
    page.get_by_label("Or this long").fill("0:25")
    page.get_by_role("button", name="Log it").click()
    # On a Monday yesterday is in another week than the one that is shown, and it stays said where the time went.
    expect(page.get_by_role("button", name="Log it")).to_be_hidden()
    entry = eventually(lambda: TimeEntry.objects.of(member).filter(day=day_of(yesterday), minutes=25).first())
    assert entry.platform == last_week[0].platform


def test_a_question_mark_opens_the_line_of_help(signed_in_page, page, member, week, last_week, cell):
    signed_in_page(member).goto(f"/hours/{week}/")
    cell(0, 0).focus()
    page.keyboard.press("?")
    expect(page.get_by_text("Tab goes right, and").first).to_be_visible()
    expect(cell(0, 0)).to_have_value("")
    expect(page.locator("#spoken")).to_contain_text("Tab goes right, and")


def test_the_timer_runs_in_the_head_and_the_title_of_every_page_and_tab(
    signed_in_page, page, member, week, last_week, take_screenshot
):
    signed_in_page(member).goto("/my-hours/")
    other = page.context.new_page()
    other.goto(f"/hours/{week}/")
    other.get_by_role("button", name="Start the timer on LinkedIn").click()
    expect(page.locator("#running")).to_contain_text("LinkedIn")
    expect(page).to_have_title(re.compile(r"^0:0\d · My hours · Retour$"))
    expect(other).to_have_title(re.compile(r"^0:0\d · "))
    Timer.objects.update(started_at=timezone.now() - timedelta(minutes=25))
    page.reload()
    if day_of(Timer.objects.get().started_at) != day_of(timezone.now()):
        return  # soon after midnight it asks what to log
    expect(page.locator("#running [role=timer]")).to_have_text("0:25")
    expect(page).to_have_title("0:25 · My hours · Retour")
    take_screenshot("running-timer-1280")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    take_screenshot("running-timer-390")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator("#running").get_by_role("button", name="Stop").click()
    expect(page.locator("#messages")).to_contain_text("added to")
    expect(page).to_have_title("My hours · Retour")
    expect(other.locator("#timer")).to_be_hidden()
    expect(other).not_to_have_title(re.compile("^0:"))
    assert TimeEntry.objects.of(member).in_week(week).get().minutes in (25, 26)
