"""What a director tries and publishes, and what managers and members then see, in a browser."""

import re

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
    page.locator("summary", has_text="trials").click()
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
    assert not re.search(r"[€$£]|losing|earning", words(page.locator("main")))
    page.goto(reverse("campaigns:platform", args=[agency.facebook.pk]))
    assert not re.search(r"[Cc]ost|[Rr]eturn|losing|earning", words(page.locator("main")))
    assert page.request.get(trial.get_absolute_url()).status == 403
