"""A director in the first weeks: no sale is entered yet, nobody is accused, and each step leads to where it is done."""

from datetime import UTC, datetime, time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency, UnrecordedPeriod
from reports.attribution import rollups
from reports.models import Flag, Verdict
from reports.verdicts import evaluation
from tests import factories
from tests.journeys.shapes import shapes


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


@pytest.fixture
def new_agency(transactional_db):
    """Six weeks of hours on two platforms, and two won leads."""
    last = Agency.current().last_complete_week(timezone.now())
    member = factories.RateFactory(hourly_cents=4_500).member
    for name in ("Facebook", "LinkedIn"):
        platform = factories.PlatformFactory(name=name)
        for back in range(6):
            factories.EntryFactory(member=member, platform=platform, day=last.plus(-back).monday, minutes=480)
        at = datetime.combine(last.monday, time(12), UTC)
        factories.TouchFactory(lead=factories.LeadFactory(received_at=at, status="won"), platform=platform, at=at)
    judge()
    return last


def judge():
    """What the sweep does within a minute or two after something changed."""
    rollups.drain()
    evaluation.evaluate_due(at=timezone.now())


def test_nobody_is_accused_and_it_is_said_what_to_do(signed_in_page, take_screenshot, director, new_agency):
    page = signed_in_page(director)
    for width, scheme in shapes(page):
        page.goto("/")
        expect(page.get_by_text("No sales recorded yet")).to_have_count(2)
        expect(page.locator(".next-steps")).to_contain_text("2 won leads have no sale: enter them.")
        expect(page.get_by_text("Losing")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        take_screenshot(f"new-agency-{width}-{scheme}")
        assert Axe().run(page).response["violations"] == [], (width, scheme)


def test_each_step_leads_to_where_it_is_done(signed_in_page, director, new_agency):
    page = signed_in_page(director)
    page.goto("/")
    page.get_by_role("link", name="2 won leads have no sale").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto("/")
    page.get_by_role("link", name="Say since when your sales are all here").click()
    page.get_by_label("Sales are complete since").fill(str(new_agency.plus(-5).monday))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    judge()
    page.goto("/")
    expect(page.locator(".next-steps")).to_contain_text("Nobody has said what a usual sale brings")
    page.locator(".next-steps").get_by_role("link", name="Say what a usual sale brings").click()
    page.get_by_label("What a usual sale brings").fill("4500")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    judge()
    page.goto("/")
    expect(page.locator(".next-steps")).to_have_count(0)
    assert not Verdict.objects.filter(state="no_sales").exists()
    assert not Flag.objects.exists()


def test_a_period_without_records_is_added_and_removed(signed_in_page, director):
    page = signed_in_page(director)
    page.goto("/settings/")
    page.get_by_role("link", name="Add a period").click()
    page.get_by_label("From").fill("2025-08-16")
    page.get_by_label("To", exact=True).fill("2025-08-01")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The last day is before the first.").first).to_be_visible()
    page.get_by_label("From").fill("2025-08-01")
    page.get_by_label("To", exact=True).fill("2025-08-16")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Period added.")).to_be_visible()
    page.locator("#unrecorded li a").click()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Remove this period").click()
    expect(page.get_by_text("Period removed.")).to_be_visible()
    assert not UnrecordedPeriod.objects.exists()
