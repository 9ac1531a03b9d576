"""What a director tries and publishes, and what managers and members then see, in a browser."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Agency, LimitTrial
from tests import factories
from tests.reports import world

SENTENCE = "No contests until the trial is over, and every question answered within the day."


@pytest.fixture
def agency(transactional_db):
    return world.build(Agency.current().last_complete_week(timezone.now()))


@pytest.fixture
def director(agency):
    return factories.DirectorFactory(name="Hélène Moreau", logs_hours=False)


def words(locator) -> str:
    return " ".join(locator.inner_text().split())


def test_a_director_tries_a_limit_and_publishes_it_and_a_manager_reads_what_was_written(
    signed_in_page, director, agency, take_screenshot
):
    page = signed_in_page(director)
    page.goto(reverse("reports:platform", args=[agency.facebook.pk]))
    page.get_by_role("link", name="Try another limit").click()
    page.get_by_role("textbox").first.fill("9")
    page.get_by_role("button", name="Start the trial").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Facebook: at most 9 h a week")
    trial = LimitTrial.objects.get()
    this_week = Agency.current().week_of(timezone.now())
    assert (trial.first, trial.last) == (this_week.next, this_week.plus(8))

    page.get_by_role("link", name="Publish to managers").click()
    page.get_by_label("In your own words").fill(SENTENCE)
    page.get_by_role("button", name="Preview").click()
    shown = words(page.locator("article.decision"))
    assert SENTENCE in shown
    page.get_by_role("button", name="Publish to managers").click()
    published = page.locator("article.decision")
    expect(published).to_contain_text(SENTENCE)
    take_screenshot("decision-published-1280")

    # What happens afterwards changes none of it.
    page.goto(trial.get_absolute_url())
    page.get_by_text("End it early").click()
    page.get_by_role("button", name="End the trial").click()
    agency.facebook.name = "Meta"
    agency.facebook.save()

    page = signed_in_page(factories.ManagerFactory())
    page.goto("/")
    page.goto(reverse("reports:decisions"))
    assert words(page.locator("article.decision")).startswith(shown.rpartition(SENTENCE)[0].strip())
    expect(page.locator("article.decision")).to_contain_text(SENTENCE)
    expect(page.locator("article.decision")).to_contain_text("at most 9 h a week from Monday")
    assert Axe().run(page).response["violations"] == []
    for address in (reverse("reports:decisions"), reverse("campaigns:platform", args=[agency.facebook.pk])):
        page.goto(address)
        assert not re.search(r"[€$£]|losing|earning", words(page.locator("main"))), address
    assert page.request.get(trial.get_absolute_url()).status == 403


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
