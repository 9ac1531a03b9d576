"""The search in the head of the page, in a browser: keys, the list, and the page without JavaScript."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import factories


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


@pytest.fixture
def page(signed_in_page, director):
    factories.PlatformFactory(name="Lumen TV")
    factories.CampaignFactory(name="Spring at Lumen")
    page = signed_in_page(director)
    page.goto("/clients/")
    return page


def test_a_slash_goes_to_the_field_arrows_choose_and_enter_opens(page):
    field, found = page.get_by_role("combobox", name="Search everything"), page.get_by_role("listbox", name="Found")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("lumen")
    expect(found.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = found.locator("[aria-selected=true]")
    expect(chosen).to_contain_text("Spring at Lumen")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring at Lumen")


def test_escape_closes_the_list_and_ctrl_k_opens_it_again_from_another_field(page):
    field, found = page.get_by_role("combobox", name="Search everything"), page.get_by_role("listbox", name="Found")
    page.locator("main input[type=search]").first.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("lumen")
    expect(found).to_be_visible()
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(field).to_have_value("lumen")
    page.locator("main input[type=search]").first.click()
    page.keyboard.type("/")
    expect(field).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(found).to_be_visible()


def test_enter_with_nothing_chosen_opens_the_page_of_results(page):
    page.keyboard.press("/")
    page.keyboard.type("lumen")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=lumen$"))
    expect(page.get_by_role("link", name="Lumen TV")).to_be_visible()


def test_a_phone_has_a_link_to_the_page_in_place_of_the_field(page):
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("combobox", name="Search everything")).to_be_hidden()
    page.get_by_role("link", name="Search everything").click()
    page.locator("main input[name=q]").fill("lumen")
    page.locator("main input[name=q]").press("Enter")
    expect(page.get_by_role("link", name="Lumen TV")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not Axe().run(page).response["violations"]
