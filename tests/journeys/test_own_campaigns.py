"""What members see of what came of their work, in a browser."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency
from tests import factories
from tests.reports import world


@pytest.fixture
def agency(transactional_db):
    return world.build(Agency.current().last_complete_week(timezone.now()))


def words(locator) -> str:
    return " ".join(locator.inner_text().split())


def test_a_member_sees_what_came_of_the_campaigns_they_worked_on(signed_in_page, agency, take_screenshot):
    last = Agency.current().last_complete_week(timezone.now())
    at = datetime.combine(last.days[1], time(9), UTC)
    for status in ("new", "qualified", "won"):
        lead = factories.LeadFactory(received_at=at)
        factories.TouchFactory(lead=lead, platform=agency.linkedin, campaign=agency.general, at=at - timedelta(hours=1))
        for step in {"won": ("qualified", "won"), "qualified": ("qualified",)}.get(status, ()):
            lead.move_to(step, at=at)
    page = signed_in_page(agency.anna)
    page.goto(f"/hours/{last}/")
    page.get_by_role("link", name="What came of the campaigns you worked on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What came of it")
    line = page.locator("tbody tr", has_text="General presence")
    assert [words(cell) for cell in line.locator("td.num").all()] == ["3", "2", "1"]
    expect(page.locator("main")).not_to_contain_text("Bob")
    assert not re.search(r"[€$£]", words(page.locator("main")))
    page.get_by_role("link", name="This year").click()
    expect(page).to_have_url(re.compile("period=year"))
    assert Axe().run(page).response["violations"] == []
    take_screenshot("what-came-of-it-1280")
