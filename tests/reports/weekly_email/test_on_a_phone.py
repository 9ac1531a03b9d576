"""The mail on the narrowest phone: nothing to scroll sideways, no name broken, a button that Outlook draws."""

import re
from datetime import UTC, datetime

import pytest

from reports.attribution import rollups
from reports.verdicts import evaluation
from reports.weekly_email import content
from tests import factories
from tests.reports.weekly_email.test_content import W46, log_hours, sell

NAMES = ("Facebook", "X / Twitter", "Recommandation", "Pinterest", "Événements", "Newsletter", "Recherche")
LINES_OF_WORDS = """() => [...document.querySelectorAll(".figures .name:not(.long)")].flatMap(cell => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = []
  while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/\\S+/g)) {
    const range = document.createRange()
    range.setStart(walker.currentNode, word.index)
    range.setEnd(walker.currentNode, word.index + word[0].length)
    if (range.getClientRects().length > 1) broken.push(word[0])
  }
  return broken
})"""


@pytest.fixture
def busy(db):
    """Seven platforms with hours and money of many digits, one above its limit."""
    for number, name in enumerate(NAMES):
        platform = log_hours(name, minutes=1_200 + 30 * number, hourly_cents=32_345, weeks=20)
        platform.weekly_limit_minutes = 60 if number == 5 else None
        platform.save()
        sell(platform, 3_456_700 * (number + 1))
    sell(None, 2_500_000)
    rollups.drain()
    evaluation.evaluate(W46, at=datetime(2026, 11, 16, 7, tzinfo=UTC))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_fits_and_breaks_no_name(page, busy, language):
    html = content.write(content.look_back(W46), language=language, unsubscribe_url="https://example.com/stop").html
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(LINES_OF_WORDS) == [], width
        assert page.locator(".figures .name").count() >= 8


def test_a_name_of_one_endless_word_is_broken_before_it_pushes_the_page(page, db):
    log_hours("W" * 60)
    rollups.drain()
    page.set_viewport_size({"width": 360, "height": 800})
    page.set_content(content.write(content.look_back(W46), language="en").html)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_outlook_draws_the_button_from_its_cell(db):
    html = content.write(content.look_back(W46), language="en").html
    (cell,) = re.findall(r"<td [^>]*>(?=\s*<a class=\"button\")", html)
    assert 'bgcolor="#6a3a63"' in cell
    assert "mso-padding-alt: 10px 18px" in cell
    assert "<script" not in html


def test_all_that_is_named_is_a_link_and_what_is_above_its_limit_has_its_line(busy):
    late = factories.MemberFactory(name="Late")
    html = content.write(content.look_back(W46), language="en").html
    for block in ("Changed since last week", "What these figures lack"):
        (items,) = re.findall(rf"{block}</h2>\s*<ul[^>]*>(.*?)</ul>", html, re.DOTALL)
        for item in re.findall(r"<li[^>]*>(.*?)</li>", items, re.DOTALL):
            assert re.match(r"\s*<a [^>]*href=\"http", item), item
    assert f'/team/{W46}/remind"' in html
    assert late.name in html
    over = re.findall(r"(\w+) took [\d.,]+ h, above its limit", html)
    assert over
    assert all(re.search(rf"<b[^>]*><a [^>]*>{name}</a>", html) for name in over)


def test_outlook_which_knows_no_largest_width_is_given_a_table_of_it(db):
    html = content.write(content.look_back(W46), language="en").html
    opened, closed = re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html)
    assert 'width="600"' in opened
    assert closed == "</td></tr></table>"
    assert html.index(opened) < html.index('class="sheet"') < html.index(closed)
