"""A platform's page in a browser: what stands behind its verdict can be read, asked and found on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency
from reports.models import Evaluation
from reports.statistics.results import to_json
from tests import factories
from tests.reports.statistics import assessments as made

SIZES = [{"width": 1280, "height": 900}, {"width": 390, "height": 844}]
LEAST_LETTER = 11.0
# The height of every visible text of a drawing as it is on the screen.
LETTERS = """() => [...document.querySelectorAll(".chart svg text")]
    .filter((text) => text.checkVisibility())
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""
# How far any visible text of a drawing reaches beyond the left and right of the screen.
BEYOND = """() => [...document.querySelectorAll(".chart svg text")]
    .filter((text) => text.checkVisibility())
    .map((text) => text.getBoundingClientRect())
    .filter((box) => box.left < 0 || box.right > document.documentElement.clientWidth).length"""


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


def evaluated(assessment_of, **platform):
    """A platform with an evaluation of the last complete week."""
    last = Agency.current().last_complete_week(timezone.now())
    one = factories.PlatformFactory(**platform)
    results = to_json(assessment_of(last))
    Evaluation.objects.create(platform=one, week=last.monday, results=results, evaluated_at=timezone.now())
    return one


KINDS = {
    "full": lambda last: made.earning(26, last=last),
    "crowded": lambda last: made.earning(60, last=last, target=1.2),
    "huge": lambda last: made.earning(8, last=last, back=1e6),
    "early": lambda last: made.too_early(),
    "unsold": lambda last: made.too_early(state="no_sales", rule="plain", refusals=()),
    "refused": lambda last: made.earning(3, last=last, line=made.refused_line()),
}


@pytest.mark.parametrize(
    ("kind", "size", "scheme"),
    [
        *(("full", size, scheme) for size in SIZES for scheme in ("light", "dark")),
        *((kind, SIZES[1], "light") for kind in KINDS if kind != "full"),
    ],
    ids=lambda value: str(value["width"]) if isinstance(value, dict) else value,
)
def test_what_was_found_fits_and_is_accessible(signed_in_page, take_screenshot, director, size, scheme, kind):
    platform = evaluated(KINDS[kind], name="Verbraucherzentralenforum LinkedIn", colour=2)
    page = signed_in_page(director)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"/platforms/{platform.pk}/figures/")
    for data in page.locator("details").all():
        data.evaluate("one => { one.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert min(page.evaluate(LETTERS)) >= LEAST_LETTER - 0.01
    assert page.evaluate(BEYOND) == 0
    take_screenshot(f"platform-{kind}-{size['width']}-{scheme}")
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in violations] == []


def test_a_month_of_work_tells_its_figures_to_the_keyboard(signed_in_page, director):
    platform = evaluated(KINDS["full"], name="LinkedIn", colour=2)
    page = signed_in_page(director)
    page.goto(f"/platforms/{platform.pk}/figures/")
    page.locator(".chart svg.wide [data-tip]").first.focus()
    expect(page.locator(".tip")).to_contain_text("Back so far")


def test_figures_open_their_rows_over_the_page(signed_in_page, director):
    platform = evaluated(KINDS["full"], name="LinkedIn", colour=2)
    page = signed_in_page(director)
    page.goto(f"/platforms/{platform.pk}/figures/")
    page.locator("#payback summary", has_text="As a table").click()
    page.locator("#payback td[data-label=Cost] a").first.click()
    expect(page.locator("#panel .explained")).to_contain_text("Cost")


def test_what_if_works_without_javascript(browser, browser_context_args, live_server, director):
    platform = evaluated(KINDS["full"], name="LinkedIn", colour=2)
    client = Client()
    client.force_login(director)
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/platforms/{platform.pk}/figures/?weeks=26")
    page.get_by_label("Fewer hours a week on LinkedIn").fill("20")
    page.get_by_role("button", name="Work it out").click()
    page.wait_for_url(re.compile(r"weeks=26&fewer=20"))
    expect(page.locator("#what-if")).to_contain_text("20 h a week less, 10 h left")
    context.close()
