"""A manager sets a baseline, the jobs answer, and the campaign's page shows it without being asked again."""

import pytest
import time_machine
from playwright.sync_api import expect

from campaigns.models import Sale
from campaigns.models.catalogue import ComparedMeasure
from core.weeks import Week
from operations import jobs
from tests import factories
from tests.reports.world import LAST, NOW

START = LAST.plus(-7)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_baseline_is_set_and_the_answer_comes_by_itself(signed_in_page, width):
    facebook = factories.PlatformFactory(name="Facebook")
    campaign = factories.CampaignFactory(name="Spring", counted=ComparedMeasure.SALES, starts_on=START.monday)
    factories.EntryFactory(platform=facebook, campaign=campaign, day=LAST.monday)
    Sale.objects.bulk_create(
        Sale(platform=facebook, sold_on=week.monday, amount_cents=10_000)
        for week in Week.range(START.plus(-12), LAST)
        for _ in range(8 if week >= START else 4)
    )
    page = signed_in_page(factories.ManagerFactory())
    page.set_viewport_size({"width": width, "height": 800})
    with time_machine.travel(NOW, tick=True):
        page.goto(campaign.get_absolute_url())
        page.get_by_role("link", name="Set the dates").click()
        page.get_by_label("Baseline from").fill(START.plus(-12).monday.isoformat())
        page.get_by_label("Baseline to").fill(START.previous.sunday.isoformat())
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Being computed")).to_be_visible()
        jobs.drain(at=NOW)
        expect(page.get_by_text("32 sales more than expected")).to_be_visible()
    expect(page.get_by_role("group", name="Week by week")).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("rowheader", name=str(LAST))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
