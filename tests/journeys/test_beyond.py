"""The director's page of what is not sales: read on every screen, opened down to its rows."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency
from campaigns.models.catalogue import Purpose
from tests import factories
from tests.journeys.shapes import shapes
from tests.reports import world


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


@pytest.fixture
def agency(transactional_db):
    last = Agency.current().last_complete_week(timezone.now())
    agency = world.build(last)
    tickets = factories.CampaignFactory(client=agency.acme, name="Tickets", purpose=Purpose.SERVE)
    place = {"platform": agency.facebook, "campaign": tickets}
    factories.EntryFactory(member=agency.anna, day=last.monday, minutes=60, **place)
    factories.OutcomeFactory(week=last.monday, measure="Tickets & answers", count=10, **place)
    factories.OutcomeValueFactory(measure="Tickets & answers", week=last.monday)
    world.settle(last)
    return agency


def test_a_director_goes_from_the_menu_to_the_cost_of_one_answer_and_its_weeks(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Beyond sales").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Beyond sales")
    outcomes = page.locator("#outcomes tr", has_text="Tickets & answers")
    outcomes.locator("td[data-label='Cost of one'] a").click()
    panel = page.locator("#panel")
    expect(panel.locator(".explained")).to_contain_text("Tickets & answers: cost of one")
    expect(panel.locator("tbody tr")).to_have_count(2)  # one week and the sum
    assert page.url.endswith("/beyond/")
    with page.expect_download() as download:
        panel.get_by_role("link", name="Rows as CSV").click()
    assert download.value.suggested_filename.startswith("outcome-")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.locator("#time").get_by_role("link", name="Table as CSV").click()
    assert download.value.suggested_filename.startswith("time-")
    page.locator("#outcomes").get_by_role("link", name="What they are worth").click()
    page.get_by_role("link", name="Tickets & answers").click()
    expect(page.get_by_label("Value of one")).to_have_value(re.compile(r"2[.,]50"))


PAGES = {
    "beyond": "/beyond/",
    "behind": "/beyond/behind/own_brand/",
    "values": "/outcomes/values/",
    "outcomes": "/outcomes/",
}


def test_the_page_fits_and_is_accessible(signed_in_page, director, agency, take_screenshot):
    page = signed_in_page(director)
    for width, scheme in shapes(page):
        for name, path in PAGES.items():
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            take_screenshot(f"{name}-{width}-{scheme}")
            violations = Axe().run(page).response["violations"]
            found = [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in violations]
            assert found == [], (name, width, scheme)
