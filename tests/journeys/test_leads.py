"""Working in the list and on the board of leads, in a real browser; how many acts it takes."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Lead
from tests.factories import LeadFactory, ManagerFactory, PlatformFactory
from tests.journeys.shapes import shapes

RECEIVED = datetime(2026, 11, 2, 9, tzinfo=UTC)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def manager(transactional_db):
    return ManagerFactory()


@pytest.fixture
def look_at(signed_in_page, manager):
    """Return a function that makes leads, the first the newest, and opens their list or board."""

    def open_it(address: str, count: int) -> Page:
        for number in range(count):
            LeadFactory(name=f"Lead {number:02}", received_at=RECEIVED - timedelta(hours=number))
        page = signed_in_page(manager)
        page.goto(reverse(address))
        return page

    return open_it


class Acts:
    """Counts what a person does: a click, a tick, a key."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, *args: str, **named: str) -> None:
        self.count += 1
        self.page.get_by_role(*args, **named).click()

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)


def statuses() -> list[str]:
    return list(Lead.objects.order_by("-received_at").values_list("status", flat=True))


def test_twenty_leads_that_were_ticked_one_by_one_are_qualified_in_twenty_one_acts(look_at):
    page = look_at("campaigns:leads", 30)
    acts = Acts(page)
    for number in range(0, 30, 3):
        acts.click("checkbox", name=f"Choose Lead {number:02}")
        acts.click("checkbox", name=f"Choose Lead {number + 1:02}")
    expect(page.get_by_text("20 chosen")).to_be_visible()
    acts.click("button", name="Qualified", exact=True)
    expect(page.locator("#messages")).to_contain_text("20 leads are now: Qualified.")
    assert statuses() == ["qualified", "qualified", "new"] * 10
    assert acts.count == 21
    acts.click("button", name="Undo")
    expect(page.locator("#messages")).to_contain_text("Taken back on 20 leads.")
    assert set(statuses()) == {"new"}


def test_all_that_are_shown_are_chosen_by_one_act_and_a_range_by_two(look_at):
    page = look_at("campaigns:leads", 6)
    bar = page.locator("#chosen")
    expect(bar).to_be_hidden()
    page.get_by_label("All shown").check()
    expect(bar).to_contain_text("6 chosen")
    page.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Choose Lead 01").click()
    page.get_by_role("checkbox", name="Choose Lead 03").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 chosen")


def test_a_list_is_worked_through_by_keys_alone(look_at):
    page = look_at("campaigns:leads", 3)
    acts = Acts(page)
    for key in ("j", "x", "ArrowDown", "ArrowDown", "x", "k", "k", "j", "s"):
        acts.press(key)
    expect(page.get_by_role("button", name="New", exact=True)).to_be_focused()
    acts.press("Tab")
    acts.press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 leads are now: Qualified.")
    assert statuses() == ["qualified", "new", "qualified"]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lead 00")


def test_a_question_mark_shows_the_keys_but_not_while_somebody_types(look_at):
    page = look_at("campaigns:leads", 1)
    page.get_by_role("searchbox", name="Search").press_sequentially("j?x")
    assert page.get_by_role("searchbox", name="Search").input_value() == "j?x"
    page.get_by_role("searchbox", name="Search").blur()
    page.keyboard.press("?")
    expect(page.locator("#help p").first).to_be_visible()
    expect(page.locator("#spoken")).to_contain_text("X chooses the row")
    page.keyboard.press("?")
    expect(page.locator("#help p").first).to_be_hidden()


@pytest.fixture
def no_letter_keys(manager):
    manager.has_letter_keys = False
    manager.save()


def test_who_turned_letter_keys_off_presses_none_by_accident(look_at, no_letter_keys):
    page = look_at("campaigns:leads", 2)
    for key in ("j", "x", "s", "?", "/"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement === document.body")
    expect(page.locator("input[data-choose]:checked")).to_have_count(0)
    expect(page.locator("#help")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search everything")).to_be_focused()


def test_the_board_without_letter_keys_has_its_arrows(look_at, no_letter_keys):
    page = look_at("campaigns:leads_board", 2)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    card(page, "Lead 00").focus()
    for key in ("x", "j"):
        page.keyboard.press(key)
    expect(card(page, "Lead 00")).to_be_focused()
    expect(page.locator("input[data-choose]:checked")).to_have_count(0)
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "qualified")).to_contain_text("Lead 00")
    expect(page.locator("#help")).not_to_contain_text("X chooses")


def card(page: Page, name: str):
    return page.locator(".card", has_text=name)


def column(page: Page, status: str):
    return page.locator(f".column[data-status={status}]")


def test_a_card_is_dragged_into_another_column(look_at):
    page = look_at("campaigns:leads_board", 2)
    card(page, "Lead 01").drag_to(column(page, "qualified"))
    expect(column(page, "qualified")).to_contain_text("Lead 01")
    expect(column(page, "new").locator("h2")).to_contain_text("1")
    expect(page.locator("#messages")).to_contain_text("1 lead is now: Qualified.")
    page.get_by_role("button", name="Undo").click()
    expect(column(page, "new")).to_contain_text("Lead 01")
    assert page.url.endswith(reverse("campaigns:leads_board"))
    assert statuses() == ["new", "new"]


def test_a_card_that_is_dragged_to_the_lost_asks_for_the_reason(look_at):
    page = look_at("campaigns:leads_board", 1)
    card(page, "Lead 00").drag_to(column(page, "lost"))
    page.get_by_role("button", name="Cancel").click()
    assert statuses() == ["new"]
    card(page, "Lead 00").drag_to(column(page, "lost"))
    page.get_by_role("button", name="Disqualified: Cannot afford it").click()
    expect(column(page, "disqualified")).to_contain_text("Cannot afford it")


def test_a_card_is_moved_by_keys_and_keeps_the_focus(look_at):
    page = look_at("campaigns:leads_board", 2)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(card(page, "Lead 01")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "qualified")).to_contain_text("Lead 01")
    expect(card(page, "Lead 01")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card(page, "Lead 00")).to_be_focused()


def test_a_card_that_is_won_asks_for_its_sale_and_comes_back(look_at):
    page = look_at("campaigns:leads_board", 1)
    card(page, "Lead 00").drag_to(column(page, "won"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lead 00 was won: what did they buy?")
    page.get_by_role("link", name="Later").click()
    expect(column(page, "won")).to_contain_text("No sale yet: enter it")


def test_a_card_that_somebody_moved_meanwhile_stays_where_they_put_it(look_at):
    page = look_at("campaigns:leads_board", 1)
    Lead.objects.update(status="lost")
    card(page, "Lead 00").drag_to(column(page, "qualified"))
    expect(page.locator("#messages")).to_contain_text("somebody changed it after this page was shown: Lead 00 (Lost)")
    expect(column(page, "lost")).to_contain_text("Lead 00")


def test_on_a_phone_a_card_is_moved_by_the_bar(look_at, page):
    page.set_viewport_size(PHONE)
    PlatformFactory(name="LinkedIn")
    page = look_at("campaigns:leads_board", 2)
    page.get_by_role("checkbox", name="Choose Lead 00").check()
    page.locator("#chosen summary", has_text="Disqualified").click()
    page.get_by_role("button", name="No answer").click()
    expect(page.locator("#messages")).to_contain_text("1 lead is now: Disqualified (No answer).")
    page.get_by_role("checkbox", name="Choose Lead 01").check()
    page.locator("#chosen summary", has_text="Platform").click()
    page.get_by_role("button", name="LinkedIn").click()
    expect(card(page, "Lead 01")).to_contain_text("LinkedIn")


def test_without_scripts_leads_are_chosen_and_moved_all_the_same(look_at, browser, live_server):
    look_at("campaigns:leads_board", 1)
    first = look_at("campaigns:leads", 0)
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(first.context.cookies())
    page = context.new_page()
    for address, button, status in (("leads", "Qualified", "qualified"), ("leads_board", "Lost", "lost")):
        page.goto(reverse(f"campaigns:{address}"))
        page.get_by_role("checkbox", name="Choose Lead 00").check()
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("#messages")).to_contain_text("1 lead is now")
        assert statuses() == [status]
    context.close()


@pytest.mark.parametrize("address", ["campaigns:leads", "campaigns:leads_board"])
def test_nothing_stands_in_the_way_of_a_screen_reader(look_at, address):
    page = look_at(address, 3)
    for width, scheme in shapes(page):
        page.goto(reverse(address))
        page.get_by_role("checkbox", name="Choose Lead 00").check()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{width} {scheme}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") == width
