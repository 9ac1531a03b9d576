"""What gives way where there is little room: the head of every page, and the filters of lists."""

import pytest
from playwright.sync_api import expect

from tests import factories

PHONE = {"width": 390, "height": 844}
LISTS = ("/leads/", "/sales/", "/spend/", "/campaigns/", "/outcomes/")
# Around the widths at which the head changes its shape (layout.css, search.css), and between them.
WIDTHS = (320, 360, 390, 560, 561, 720, 768, 900, 1020, 1021, 1120, 1121, 1180, 1240, 1241, 1280, 1400)
OVERLAPS = """() => {
  const head = document.querySelector("header.top"), nav = head.querySelector(".nav");
  const row = nav.getBoundingClientRect(), scrolls = getComputedStyle(nav).overflowX === "auto";
  const boxes = [...head.querySelectorAll(".mark, .nav > ul > li, .search, .search-link, .account > summary")]
    .map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const name = element.innerText || element.className;
      return scrolls && nav.contains(element)
        ? { name, top, bottom, left: Math.max(left, row.left), right: Math.min(right, row.right) }
        : { name, top, bottom, left, right };
    })
    .filter(({ left, right }) => right - left > 1);
  return boxes.flatMap((one, at) => boxes.slice(at + 1)
    .filter((other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
      && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
    .map((other) => `${one.name} / ${other.name}`));
}"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_at_no_width_does_the_head_of_a_page_overlap_or_stick_out(signed_in_page, transactional_db, language):
    director = factories.DirectorFactory(name="Maximiliane Rosenkranz-Oberhuber", language=language)
    page = signed_in_page(director)
    page.goto("/glossary/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert (width, page.evaluate(OVERLAPS)) == (width, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_filters_of_a_list_are_one_button(signed_in_page, transactional_db):
    factories.SaleFactory(lead=factories.LeadFactory())
    factories.SpendFactory(campaign=factories.CampaignFactory())
    factories.OutcomeFactory()
    page = signed_in_page(factories.DirectorFactory())
    for address in LISTS:
        page.set_viewport_size(PHONE)
        page.goto(address)
        button, fields = page.get_by_role("button", name="Filters"), page.locator(".filters select")
        expect(fields.first).to_be_hidden()
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(fields.first).to_be_visible()
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(button).to_be_hidden()
        expect(fields.first).to_be_visible()


def test_the_button_says_how_many_filters_are_chosen(signed_in_page, transactional_db):
    factories.LeadFactory()
    page = signed_in_page(factories.DirectorFactory())
    page.set_viewport_size(PHONE)
    page.goto("/leads/?status=new&when=year")
    expect(page.get_by_role("button", name="Filters · 2")).to_be_visible()


def test_on_a_phone_filters_stand_open_when_one_of_them_was_refused(signed_in_page, transactional_db):
    factories.LeadFactory()
    page = signed_in_page(factories.DirectorFactory())
    page.set_viewport_size(PHONE)
    for address, is_open in (
        ("/leads/?status=nonsense", True),
        ("/leads/?from=2026-13-01", True),
        ("/leads/board/?platform=nonsense", True),
        ("/leads/?status=new", False),
        ("/leads/?sort=nonsense", False),
    ):
        page.goto(address)
        button, field = page.get_by_role("button", name="Filters"), page.locator(".filters select").first
        expect(button).to_have_attribute("aria-expanded", str(is_open).lower())
        expect(field).to_be_visible(visible=is_open)


NEIGHBOURS = """() => {
  const button = document.querySelector(".filters .apply").getBoundingClientRect();
  return [...document.querySelectorAll(".filters select")].filter((field) => {
    const { bottom } = field.getBoundingClientRect();
    return Math.abs(bottom - button.bottom) < 8;
  }).length;
}"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_button_under_a_list_s_filters_never_stands_alone_on_a_line(signed_in_page, transactional_db, language):
    factories.SaleFactory(lead=factories.LeadFactory())
    factories.SpendFactory(campaign=factories.CampaignFactory())
    factories.OutcomeFactory()
    page = signed_in_page(factories.DirectorFactory(language=language))
    for address in LISTS:
        page.goto(address)
        for width in (900, 1120, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert (address, width, page.evaluate(NEIGHBOURS) > 0) == (address, width, True)
