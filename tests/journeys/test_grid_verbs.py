"""Several cells of the week at once: filled, pasted, duplicated and taken back, with a network and without."""

import re
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from core.weeks import Week
from tests import factories
from tests.journeys.shapes import SCHEMES
from timesheets.models import TimeEntry, Timesheet, TimesheetRow

WEEK = Week(date(2026, 11, 16))
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def rows(transactional_db):
    timesheet = factories.TimesheetFactory(week=WEEK.monday)
    return [
        TimesheetRow.objects.create(
            timesheet=timesheet, platform=factories.PlatformFactory(name=name), campaign=factories.CampaignFactory()
        )
        for name in ("Facebook", "LinkedIn", "Newsletter")
    ]


@pytest.fixture
def member(rows):
    return rows[0].timesheet.member


@pytest.fixture
def cell(page, rows):
    return lambda row, day: page.locator(f"#c{rows[row].platform_id}-{rows[row].campaign_id}-d{day}")


@pytest.fixture
def week(signed_in_page, member):
    page = signed_in_page(member)
    page.goto(f"/hours/{WEEK}/")
    return page


@pytest.fixture
def values(cell):
    """What a row's cells show, Monday to Sunday."""
    return lambda row: [cell(row, day).input_value() for day in range(7)]


def state(cell, name: str) -> None:
    expect(cell.locator("xpath=..")).to_have_class(re.compile(rf"\b{name}\b"))


def minutes(rows, row: int) -> list[int]:
    """What is saved of a row, Monday to Sunday."""
    held = dict(TimeEntry.objects.filter(platform=rows[row].platform).values_list("day", "minutes"))
    return [held.get(day, 0) for day in WEEK.days]


def paste(cell, text: str) -> None:
    cell.focus()
    cell.evaluate(
        """(input, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def told(page):
    return expect(page.locator("#verb-told"))


# -- fill and duplicate -----------------------------------------------------------------------------------------------


def test_a_value_fills_the_rest_of_the_weekdays_and_writes_over_nothing(week, cell, rows, values):
    cell(0, 3).fill("3")
    cell(0, 3).press("Tab")
    state(cell(0, 3), "saved")
    cell(0, 1).focus()
    week.keyboard.type("1,5")
    week.keyboard.press(">")
    told(week).to_have_text("Cells filled: 2. Left as they were, because they have hours or take none: 1.")
    expect(week.locator("td.saved")).to_have_count(4)
    assert values(0) == ["", "1:30", "1:30", "3:00", "1:30", "", ""]
    assert minutes(rows, 0) == [0, 90, 90, 180, 90, 0, 0]
    expect(cell(0, 1)).to_be_focused()


def test_the_same_on_every_weekday(week, cell, rows, values):
    cell(1, 2).focus()
    week.keyboard.type("45m")
    week.keyboard.press("*")
    expect(week.locator("td.saved")).to_have_count(5)
    assert values(1) == ["0:45"] * 5 + ["", ""]
    assert minutes(rows, 1) == [45] * 5 + [0, 0]


def test_a_day_is_duplicated_on_the_next_and_on_any_other(week, cell, values, take_screenshot):
    for row, text in enumerate(("1", "2", "3")):
        cell(row, 0).fill(text)
        cell(row, 0).press("Enter")
        state(cell(row, 0), "saved")
    cell(1, 1).fill("0:20")
    cell(1, 1).press("Tab")
    state(cell(1, 1), "saved")
    cell(0, 0).focus()
    week.keyboard.press("=")
    expect(cell(0, 1)).to_be_focused()
    expect(week.locator("td.saved")).to_have_count(6)
    week.get_by_text("Fill and copy").click()
    expect(week.locator("#verbs-of")).to_contain_text("Facebook")
    take_screenshot("week-verbs-1280")
    week.get_by_role("button", name="This day to Thu 19").click()
    expect(week.locator("td.saved")).to_have_count(9)
    expect(cell(0, 1)).to_be_focused()
    assert [values(row)[:5] for row in range(3)] == [
        ["1:00", "1:00", "", "1:00", ""],
        ["2:00", "0:20", "", "0:20", ""],
        ["3:00", "3:00", "", "3:00", ""],
    ]


def test_what_is_no_duration_fills_nothing(week, cell):
    cell(0, 0).focus()
    week.keyboard.type("45")
    week.keyboard.press(">")
    told(week).to_have_text("Correct this cell first.")
    state(cell(0, 0), "failed")
    expect(week.locator("td.failed")).to_have_count(1)
    assert not TimeEntry.objects.exists()


def test_a_submitted_day_is_left_as_it_is(week, cell, rows, member):
    Timesheet.objects.get(member=member).submit(at=timezone.now(), through=WEEK.monday)
    week.reload()
    cell(0, 2).focus()
    week.keyboard.type("1")
    week.keyboard.press("*")
    told(week).to_have_text("Cells filled: 3. Left as they were, because they have hours or take none: 1.")
    expect(week.locator("td.saved")).to_have_count(4)
    assert minutes(rows, 0) == [0, 60, 60, 60, 60, 0, 0]


def test_without_a_network_what_a_verb_filled_is_kept_and_sent_later(week, cell, rows):
    week.on("dialog", lambda dialog: dialog.accept())
    week.context.set_offline(True)
    cell(0, 0).focus()
    week.keyboard.type("2")
    week.keyboard.press(">")
    expect(week.locator("#unsaved")).to_contain_text("5 not saved")
    week.route("**/cell", lambda route: route.abort())
    week.context.set_offline(False)
    week.reload()
    expect(week.locator("#unsaved")).to_contain_text("5 not saved")
    week.unroute("**/cell")
    week.locator("#retry").click()
    expect(week.locator("td.saved")).to_have_count(5)
    assert minutes(rows, 0) == [120] * 5 + [0, 0]
    assert TimeEntry.history.count() == 5


def test_a_day_that_was_duplicated_and_a_step_that_was_taken_back_without_a_network_are_saved_once(
    week, cell, rows, values
):
    week.on("dialog", lambda dialog: dialog.accept())
    for row, day, text in ((0, 0, "1"), (1, 4, "2")):
        cell(row, day).fill(text)
        cell(row, day).press("Enter")
    cell(0, 0).focus()
    week.keyboard.press(">")
    expect(week.locator("td.saved")).to_have_count(6)
    week.context.set_offline(True)
    week.keyboard.press("Control+z")
    told(week).to_have_text("Cells taken back: 4.")
    expect(week.locator("#unsaved")).to_contain_text("4 not saved")
    cell(1, 4).focus()
    week.keyboard.press("=")  # Friday has the hours of the second row alone by now
    expect(week.locator("#unsaved")).to_contain_text("5 not saved")
    asked = []
    week.on("request", lambda request: asked.append(request.url) if request.url.endswith("/cell") else None)
    week.context.set_offline(False)
    expect(week.locator("td.saved")).to_have_count(7)
    expect(week.locator("#week-total")).to_have_text("5:00")
    assert len(asked) == 5
    assert values(0) == ["1:00"] + [""] * 6
    assert (minutes(rows, 0), minutes(rows, 1)) == ([60, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 120, 120, 0])
    assert TimeEntry.history.filter(platform=rows[1].platform).count() == 2
    assert TimeEntry.history.filter(platform=rows[0].platform).count() == 1 + 2 * 4


# -- taken back -------------------------------------------------------------------------------------------------------


def test_steps_are_taken_back_one_after_the_other(week, cell, rows, values):
    for text in ("1", "2"):
        cell(0, 0).fill(text)
        cell(0, 0).press("Enter")
        expect(cell(0, 0)).to_have_value(f"{text}:00")
    cell(0, 0).focus()
    week.keyboard.press(">")
    expect(week.locator("td.saved")).to_have_count(5)
    week.keyboard.press("Control+z")
    told(week).to_have_text("Cells taken back: 4.")
    expect(week.locator("#week-total")).to_have_text("2:00")
    assert values(0) == ["2:00"] + [""] * 6
    week.keyboard.press("Control+z")
    week.keyboard.press("Control+z")  # pressed before the first has its answer
    expect(week.locator("#week-total")).to_have_text("–")
    assert minutes(rows, 0) == [0] * 7
    week.keyboard.press("Control+z")
    told(week).to_contain_text("Nothing was saved")


def test_steps_that_were_taken_back_are_done_again_until_something_else_is_saved(week, cell, rows, values):
    for text in ("1", "2"):
        cell(0, 0).fill(text)
        cell(0, 0).press("Enter")
        expect(cell(0, 0)).to_have_value(f"{text}:00")
    cell(0, 0).focus()
    week.keyboard.press(">")
    expect(week.locator("td.saved")).to_have_count(5)
    for _step in range(3):  # none waits for the answer to the one before
        week.keyboard.press("Control+z")
    expect(week.locator("#week-total")).to_have_text("–")
    week.keyboard.press("Control+Shift+Z")
    told(week).to_have_text("Cells done again: 1.")
    expect(week.locator("#week-total")).to_have_text("1:00")
    week.keyboard.press("Control+y")
    week.keyboard.press("Control+y")
    expect(week.locator("#week-total")).to_have_text("10:00")
    told(week).to_have_text("Cells done again: 4.")
    assert minutes(rows, 0) == [120] * 5 + [0, 0]
    week.keyboard.press("Control+z")
    expect(week.locator("#week-total")).to_have_text("2:00")
    cell(1, 1).fill("3")
    cell(1, 1).press("Enter")
    expect(week.locator("#week-total")).to_have_text("5:00")
    week.keyboard.press("Control+y")
    told(week).to_contain_text("Nothing was taken back")
    assert values(0) == ["2:00"] + [""] * 6


def test_hours_that_were_taken_away_come_back_with_their_note(week, cell):
    cell(0, 0).fill("1")
    cell(0, 0).press("F2")
    week.keyboard.type("Answered the press")
    week.keyboard.press("Enter")
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")
    cell(0, 0).fill("")
    cell(0, 0).press("Tab")
    expect(week.locator("#week-total")).to_have_text("–")
    week.get_by_role("button", name="Take back").click()
    expect(cell(0, 0)).to_have_attribute("title", "Answered the press")
    assert TimeEntry.objects.get().note == "Answered the press"


def test_what_changed_since_is_not_taken_back(week, cell, rows):
    cell(0, 0).focus()
    week.keyboard.type("1")
    week.keyboard.press("*")
    expect(week.locator("td.saved")).to_have_count(5)
    TimeEntry.objects.filter(day=WEEK.days[2]).update(minutes=180, version=7)  # in another window
    cell(0, 1).fill("")
    cell(0, 1).press("Tab")
    expect(week.locator("#week-total")).to_have_text("6:00")
    cell(0, 1).fill("4")
    cell(0, 1).press("Tab")
    expect(week.locator("#week-total")).to_have_text("10:00")
    week.evaluate("document.activeElement.blur()")
    week.keyboard.press("Control+z")
    expect(week.locator("#week-total")).to_have_text("6:00")
    cell(0, 1).evaluate("input => { input.dataset.tag = '1.99' }")  # as when a timer landed there
    week.keyboard.press("Control+z")
    told(week).to_contain_text("Left as it is, because it changed since: Facebook")
    week.keyboard.press("Control+z")
    expect(week.locator("#week-total")).to_have_text("4:00")
    expect(week.locator(".said")).to_contain_text(
        "Use theirs, 3:00"
    )  # the server says it of what this page did not know
    assert minutes(rows, 0) == [60, 0, 180, 0, 0, 0, 0]


def test_a_text_being_typed_keeps_the_undo_of_the_browser(week, cell, rows):
    cell(0, 0).fill("1")
    cell(0, 0).press("Tab")
    state(cell(0, 0), "saved")
    cell(1, 0).focus()
    week.keyboard.type("7")
    week.keyboard.press("Control+z")
    expect(cell(1, 0)).to_have_value("")
    assert minutes(rows, 0)[0] == 60


# -- pasted -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_block_shows_what_goes_where_and_is_saved_at_once(week, cell, rows, values, theme, take_screenshot):
    week.emulate_media(color_scheme=theme)
    cell(1, 1).fill("2")
    cell(1, 1).press("Tab")
    state(cell(1, 1), "saved")
    paste(cell(0, 0), "1\t1,5\tabc\n45\t1:15\t\n\t90m\r\n7\t7\n")
    dialog = week.get_by_role("dialog", name="Paste into the week")
    expect(dialog.get_by_role("button", name="Save 4 values")).to_be_focused()
    expect(dialog.locator("td.over")).to_have_text("1:15instead of 2:00")
    expect(dialog.locator("li")).to_have_count(4)
    expect(dialog.locator("li").first).to_contain_text("“abc” is not a duration")
    expect(dialog.locator("li").last).to_contain_text("There is no row here for “7”.")
    found = Axe().run(week)
    assert found.violations_count == 0, found.generate_report()
    take_screenshot(f"week-paste-1280-{theme}")
    dialog.get_by_role("button", name="Did you mean 0:45?").click()
    expect(dialog.get_by_role("button", name="Save 5 values")).to_be_focused()
    assert TimeEntry.objects.count() == 1
    week.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(cell(0, 0)).to_be_focused()
    expect(week.locator("td.saved")).to_have_count(5)
    assert [values(row)[:3] for row in range(3)] == [["1:00", "1:30", ""], ["0:45", "1:15", ""], ["", "1:30", ""]]
    week.keyboard.press("Control+z")
    expect(week.locator("#week-total")).to_have_text("2:00")
    assert minutes(rows, 1) == [0, 120, 0, 0, 0, 0, 0]


def test_of_a_whole_sheet_the_first_that_has_no_place_is_told_and_the_rest_counted(week, cell):
    paste(cell(0, 0), "1\n" * 100)
    dialog = week.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save 3 values")).to_be_enabled()
    expect(dialog.locator("li")).to_have_count(21)
    expect(dialog.locator("li").last).to_have_text("Left out as well: 77 values.")


def test_a_block_can_be_left(week, cell):
    paste(cell(0, 0), "1\t2")
    dialog = week.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save 2 values")).to_be_enabled()
    week.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(cell(0, 0)).to_be_focused()
    expect(cell(0, 0)).to_have_value("")
    assert not TimeEntry.objects.exists()


def test_one_value_is_pasted_as_it_is(week, cell):
    paste(cell(0, 0), "1:30\r\n")
    expect(week.locator("#paste")).to_be_hidden()


def test_a_block_pasted_without_a_network_is_kept_and_read_when_it_is_sent(week, cell, rows):
    week.context.set_offline(True)
    paste(cell(0, 0), "1\t45")
    dialog = week.get_by_role("dialog")
    expect(dialog).to_contain_text("The server cannot be reached")
    dialog.get_by_role("button", name="Save 2 values").click()
    expect(week.locator("#unsaved")).to_contain_text("2 not saved")
    week.context.set_offline(False)
    state(cell(0, 0), "saved")
    state(cell(0, 1), "failed")
    expect(week.locator(".said")).to_contain_text("“45” is more than a day")
    assert minutes(rows, 0) == [60, 0, 0, 0, 0, 0, 0]


# -- on a phone -------------------------------------------------------------------------------------------------------


def test_on_a_phone_time_is_added_by_taps_and_a_colon_typed(week, cell, rows, take_screenshot):
    week.set_viewport_size(PHONE)
    week.get_by_text("Mon 16").first.click()
    cell(0, 0).focus()
    for name in ("Add 15 minutes", "Add 30 minutes", "Add an hour"):
        button = week.get_by_role("button", name=name)
        box = button.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        button.click()
    expect(cell(0, 0)).to_be_focused()
    expect(cell(0, 0)).to_have_value("1:45")
    state(cell(0, 0), "saved")
    expect(week.locator("#tab-0")).to_have_text("1:45")
    cell(1, 0).focus()
    week.keyboard.type("2")
    week.get_by_role("button", name="Type a colon").click()
    week.keyboard.type("20")
    take_screenshot("week-phone-verbs-390")
    week.keyboard.press("Enter")
    state(cell(1, 0), "saved")
    assert (minutes(rows, 0)[0], minutes(rows, 1)[0]) == (105, 140)
    week.keyboard.type("45")
    week.keyboard.press("Enter")
    suggestion = week.get_by_role("button", name="Did you mean 0:45?")
    assert suggestion.bounding_box()["height"] >= 44
    suggestion.click()
    state(cell(2, 0), "saved")
    assert minutes(rows, 2)[0] == 45
    assert week.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_a_phone_enter_goes_on_to_the_next_day(week, cell):
    week.set_viewport_size(PHONE)
    week.get_by_text("Mon 16").first.click()
    cell(2, 0).focus()
    week.keyboard.type("1")
    week.keyboard.press("Enter")
    expect(cell(0, 1)).to_be_focused()
    expect(week.locator("#shown-1")).to_be_checked()
    week.keyboard.press("Shift+Enter")
    expect(cell(2, 0)).to_be_focused()
    state(cell(2, 0), "saved")


def test_the_menu_of_verbs_is_accessible(week, cell):
    cell(0, 0).focus()
    week.get_by_text("Fill and copy").click()
    for theme in SCHEMES:
        week.emulate_media(color_scheme=theme)
        found = Axe().run(week)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"
