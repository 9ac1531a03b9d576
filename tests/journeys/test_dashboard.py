"""The director's way: the answer, the table, down to the rows, and a flag taken note of."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency
from reports.models import Flag
from reports.pages.dashboard_columns import PAGE_COLUMNS
from tests import factories
from tests.journeys.shapes import shapes
from tests.reports import world
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import flag as raise_flag
from tests.reports.verdicts.spoken import speak


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


@pytest.fixture
def agency(transactional_db):
    return world.build(Agency.current().last_complete_week(timezone.now()))


def test_a_director_goes_from_the_answer_down_to_the_rows(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    expect(page.locator(".answer")).to_contain_text("Over the last 13 weeks, ")
    facebook = page.locator(".platforms tbody", has_text="Facebook").first
    cost = facebook.locator("td[data-label=Cost] a")
    shown = cost.inner_text()
    cost.click()
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    assert page.url.endswith("/")
    expect(panel.locator(".explained b")).to_contain_text(re.sub(r"\D", "", shown)[:1])
    panel.locator(".formula a").first.click()
    expect(panel.locator(".explained")).to_contain_text("Hours")
    expect(panel.locator("tbody")).to_contain_text("Anna")
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("figures-")


def test_a_choice_goes_into_the_address_and_back(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Platform").first.select_option(label="LinkedIn")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(rf"platform={agency.linkedin.pk}"))
    expect(page.locator(".platforms tbody th")).to_contain_text(["LinkedIn"])
    expect(page.locator(".filtered")).to_contain_text("LinkedIn")
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator(".platforms")).to_contain_text("Facebook")


def test_money_is_read_by_the_week_of_the_sale_or_of_the_work(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    expect(page.locator(".answer")).to_contain_text("and brought back")
    page.get_by_text("Change", exact=True).click()
    page.get_by_role("radio", name="the work").click()
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(r"basis=cohort"))
    expect(page.locator(".answer")).to_contain_text("have so far brought back")
    page.get_by_text("Change", exact=True).click()
    expect(page.get_by_role("radio", name="the work")).to_be_checked()
    page.get_by_role("radio", name="the work").press("ArrowLeft")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".answer")).to_contain_text("and brought back")


def test_a_verdict_opens_how_it_was_judged(signed_in_page, director, agency):
    page = signed_in_page(director)
    week = Agency.current().last_complete_week(timezone.now())
    judged = replace(assessments.weighed(), first_week=str(week.plus(-51)), last_week=str(week))
    speak(agency.facebook, assessments.earning(now=judged), week=week)
    page.goto("/")
    facebook = page.locator(".platforms tbody", has_text="Facebook").first
    expect(facebook.locator(".chip")).to_contain_text("plain rule: losing")
    facebook.get_by_role("link", name="that it earns").click()
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_contain_text("Verdict")
    expect(panel.locator(".facts").first).to_contain_text("Should have come back")
    panel.locator(".facts a").first.click()
    expect(panel.locator(".explained")).to_contain_text("Cost")


def test_an_answer_to_a_flag_is_taken_back(signed_in_page, director, agency):
    flag = raise_flag(agency.facebook, None)
    flag.acknowledge(at=timezone.now(), by=director, note="Two posts a week")
    page = signed_in_page(director)
    page.goto("/flags/")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("waits for an answer again")
    page.get_by_text("Answers taken back").click()
    expect(page.locator("details.data")).to_contain_text("Two posts a week")


def test_other_weeks_can_be_named(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Period").select_option(value="")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(r"weeks=&"))
    page.get_by_label("From").fill("2026-W01")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(r"from=2026-W01"))
    expect(page.locator(".answer")).to_be_visible()


def test_a_flag_is_taken_note_of_on_the_dashboard(signed_in_page, director, agency):
    raise_flag(agency.facebook, None, week=Agency.current().last_complete_week(timezone.now()).previous)
    page = signed_in_page(director)
    page.goto("/")
    page.locator("summary", has_text="Acknowledge").first.click()
    page.get_by_label("Note").first.fill("Two posts a week instead of five")
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.locator("#messages")).to_contain_text("Noted")
    assert Flag.objects.filter(note="Two posts a week instead of five", acknowledged_by=director).exists()


def test_a_chart_tells_its_weeks_to_the_keyboard(signed_in_page, director, agency):
    page = signed_in_page(director)
    page.goto("/")
    page.get_by_text("Week by week", exact=True).last.click()
    page.locator(".chart .hit").first.focus()
    expect(page.locator(".tip")).to_contain_text("Facebook")


def test_the_figures_can_be_read_without_javascript(browser, browser_context_args, live_server, director, agency):
    client = Client()
    client.force_login(director)
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/")
    page.locator(".platforms td[data-label='Came back'] a").first.click()
    expect(page.locator("h2.explained")).to_contain_text("Revenue")
    context.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_of_platforms_fits_its_box(signed_in_page, director, agency, language):
    """With a revenue of six digits: one more column must not push the last one out of sight."""
    last = Agency.current().last_complete_week(timezone.now())
    spend = {"starts_on": last.monday, "ends_on": last.sunday, "amount_cents": 345_600}
    factories.SpendFactory(platform=agency.facebook, campaign=agency.shop, **spend)
    factories.SaleFactory(platform=agency.facebook, sold_on=last.monday, amount_cents=34_567_800)
    world.settle(last)
    speak(agency.facebook, assessments.earning(last=last), week=last)
    director.language = language
    director.save()
    page = signed_in_page(director)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/")
    box = page.locator(".scroll:has(> .platforms)")
    expect(box.locator("thead th[scope=col]")).to_have_count(1 + len(PAGE_COLUMNS))
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0


@pytest.mark.parametrize("place", ["dashboard", "explain", "judged", "flags", "platform"])
def test_pages_fit_and_are_accessible(signed_in_page, take_screenshot, director, agency, place):
    paths = {
        "dashboard": "/",
        "explain": "/explain/?figure=return",
        "judged": f"/explain/?figure=verdict&platform={agency.facebook.pk}",
        "flags": "/flags/",
        "platform": f"/platforms/{agency.facebook.pk}/figures/",
    }
    if place != "platform":
        last = Agency.current().last_complete_week(timezone.now())
        speak(agency.facebook, assessments.earning(last=last), week=last)
        raise_flag(agency.facebook, assessments.earning(last=last), week=last)
    page = signed_in_page(director)
    for width, scheme in shapes(page):
        page.goto(paths[place])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        take_screenshot(f"{place}-{width}-{scheme}")
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in violations] == [], (width, scheme)
