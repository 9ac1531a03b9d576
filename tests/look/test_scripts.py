"""Each script alone, on a page of its own, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = "https://look.test"


@pytest.fixture
def open_with(page) -> Callable:
    """Return a function that opens a page with one script and some HTML: `open_with("tip", "<p>…</p>")`."""

    def open_page(script: str, html: str):
        main = f'<main id="main" tabindex="-1">{html}</main>'
        body = f'<!doctype html>{main}<script type="module" src="/script.js"></script>'
        page.route(f"{HOST}/**", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.route(
            f"{HOST}/script.js",
            lambda route: route.fulfill(path=ROOT / "static" / "js" / f"{script}.js", content_type="text/javascript"),
        )
        page.goto(f"{HOST}/")
        return page

    return open_page


def test_a_tip_shows_on_focus_and_goes_with_escape(open_with) -> None:
    page = open_with("tip", '<svg><g tabindex="0" data-tip="Week 46: 96 h"><rect width="40" height="40" /></g></svg>')
    page.keyboard.press("Tab")
    assert page.locator(".tip").inner_text() == "Week 46: 96 h"
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()


def test_a_tip_shows_on_hover(open_with) -> None:
    page = open_with("tip", '<svg><rect data-tip="Week 46" width="40" height="40" /></svg><p>Elsewhere</p>')
    page.hover("rect")
    assert page.locator(".tip").is_visible()
    page.hover("p")
    assert not page.locator(".tip").is_visible()


@pytest.mark.parametrize(("typed", "asked"), [("new", ["beforeunload"]), ("old", [])], ids=["changed", "as it was"])
def test_leaving_asks_only_when_a_field_has_changed(open_with, typed: str, asked: list[str]) -> None:
    page = open_with("unsaved", '<form data-unsaved><input name="note" value="old"></form>')
    page.fill("input", typed)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.goto(f"{HOST}/elsewhere")
    assert dialogs == asked


def test_sending_a_form_is_not_leaving_it(open_with) -> None:
    page = open_with("unsaved", '<form data-unsaved><input name="note" value="old"><button>Save</button></form>')
    page.fill("input", "new")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.click("button")
    page.wait_for_url("**/?note=new")
    assert dialogs == []


def test_a_filter_applies_itself_and_needs_no_button(open_with) -> None:
    page = open_with(
        "autosubmit",
        '<form data-autosubmit><select name="client"><option>a<option>b</select>'
        '<button class="apply">Apply</button></form>',
    )
    assert not page.locator(".apply").is_visible()
    page.select_option("select", "b")
    page.wait_for_url("**/?client=b")


def test_a_message_can_be_put_away(open_with) -> None:
    page = open_with("dismiss", '<p class="message">Saved. <button data-dismiss hidden>Dismiss</button></p>')
    page.click("button")
    assert page.locator(".message").count() == 0


def test_a_menu_closes_with_escape_and_gives_the_focus_back(open_with) -> None:
    page = open_with("menu", '<details data-menu><summary>More</summary><a href="/flags">Flags</a></details>')
    page.click("summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("details[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


WEEK_FIELD = """<template id="week-picker" data-today="2026-11-18" data-choose="Choose a week"
data-before="Previous year" data-after="Next year" data-week="W#"></template>
<form><label for="w">Week</label><input id="w" name="week" value="2026-W47" data-week><button>Go</button></form>"""


KEYS = {
    "Enter": "2026-W47",
    "ArrowRight Enter": "2026-W48",
    "ArrowDown Enter": "2026-W51",
    "ArrowUp ArrowLeft Enter": "2026-W41",
    "PageUp Enter": "2025-W47",
    "ArrowDown ArrowRight ArrowRight Enter": "2026-W53",
    "ArrowDown ArrowRight ArrowRight PageDown Enter": "2027-W52",
    "ArrowDown ArrowRight ArrowRight ArrowRight Enter": "2027-W01",
    "ArrowRight Escape": "2026-W47",
}


def test_a_week_is_chosen_with_the_keyboard(open_with) -> None:
    for keys, chosen in KEYS.items():
        page = open_with("week-picker", WEEK_FIELD)
        page.evaluate("document.querySelector('#w').addEventListener('change', () => (document.title += 'changed'))")
        page.get_by_role("button", name="Choose a week").press("Enter")
        for key in keys.split():
            page.keyboard.press(key)
        assert page.input_value("#w") == chosen, keys
        assert not page.locator(".weekpop").is_visible(), keys
        assert page.title() == ("" if "Escape" in keys else "changed"), keys


def test_a_week_is_chosen_by_touch_and_what_is_typed_stays_as_it_is(open_with) -> None:
    page = open_with("week-picker", WEEK_FIELD)
    page.fill("#w", "S12")
    assert page.input_value("#w") == "S12"
    page.get_by_role("button", name="Choose a week").click()
    page.get_by_role("button", name="Next year").click()
    page.get_by_role("button", name="W1, Jan 4 – 10, 2027").click()
    assert page.input_value("#w") == "2027-W01"


def test_a_french_week_is_written_with_its_s(open_with) -> None:
    page = open_with("week-picker", WEEK_FIELD.replace("W#", "S#"))
    assert page.input_value("#w") == "2026-S47"
    page.get_by_role("button", name="Choose a week").press("Enter")
    assert page.inner_text(".weekpop [aria-selected=true]") == "47"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.input_value("#w") == "2026-S48"


def test_copying_says_that_it_copied(open_with) -> None:
    html = '<button data-copy="a@b.example" data-copied="Copied" hidden>Copy</button><p id="spoken" role="status"></p>'
    page = open_with("copy", html)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("button")
    page.wait_for_selector("#spoken:has-text('Copied')", state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "a@b.example"


def test_a_request_that_fails_is_told_in_words(open_with) -> None:
    page = open_with(
        "trouble",
        '<div id="messages"></div>'
        '<template id="trouble" data-offline="No server" data-refused="Not allowed"></template>',
    )
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:responseError', {detail: {xhr: {status: 403}}}))")
    assert page.locator("#messages").inner_text() == "Not allowed"
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sendError'))")
    assert page.locator("#messages").inner_text() == "No server"
