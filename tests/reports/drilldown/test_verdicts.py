"""How a verdict came about: its formula adds up, down to the rows."""

import copy
import re
from fractions import Fraction

import pytest
import time_machine
from django.test import Client as Browser

from campaigns.models import Agency
from core import money
from reports.drilldown.verdicts import judged
from reports.models import Evaluation
from reports.statistics.results import to_json
from tests import factories
from tests.reports.pages.test_dashboard import text
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import speak
from tests.reports.verdicts.test_weekly_changes import FOUND
from tests.reports.world import LAST, NOW, settle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    director.logs_hours = False
    director.save()
    web = Browser()
    web.force_login(director)
    return web


@pytest.fixture
def facebook(two_years):
    return copy.deepcopy(two_years)


@pytest.fixture(scope="module")
def two_years(rows_of_the_module):
    with time_machine.travel(NOW, tick=False):
        return worked_and_sold()


def worked_and_sold():
    """Ten hours a week at 40.00 for two years; a sale every other week, some weeks after the work that brought it."""
    Agency.current()
    Agency.objects.update(country="GB", gross_margin="0.8")
    member = factories.RateFactory(hourly_cents=4_000, member__logs_hours=False).member
    platform, campaign = factories.PlatformFactory(name="Facebook"), factories.CampaignFactory(name="Shop")
    for back in range(104):
        week = LAST.plus(-back)
        factories.EntryFactory(member=member, platform=platform, campaign=campaign, day=week.monday, minutes=600)
        if back % 2 == 0:
            worked = week.plus(-(back % 7))
            lead = factories.LeadFactory(received_at=f"{worked.days[1]}T10:00:00Z")
            factories.TouchFactory(lead=lead, platform=platform, campaign=campaign, at=f"{worked.monday}T10:00:00Z")
            amount = 60_000 + 1_000 * (back % 5)
            factories.SaleFactory(lead=lead, sold_on=week.monday, amount_cents=amount)
    settle()
    return platform


def cents(response):
    """What the page that explains a figure adds up to."""
    return response.context["explanation"].value


def test_the_months_add_up_to_what_the_verdict_rests_on(facebook):
    found = judged(facebook, LAST)
    assert found.now is not None
    year = found.months[:13]
    assert len(found.months) == 26
    assert sum(month.evidence.cost_cents for month in year) == pytest.approx(found.now.cost_cents)
    assert sum(month.due_cents for month in year) == pytest.approx(found.now.matured_cents, abs=1)
    assert sum(month.evidence.returned_cents for month in year) == pytest.approx(found.now.returned_cents)


def test_every_figure_leads_to_rows_that_add_up_to_it(web, facebook):
    page = web.get("/explain/", {"figure": "verdict", "platform": facebook.pk}).content.decode()
    now = judged(facebook, LAST).now
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="(/explain/\?figure=(?:cost|revenue)[^"]+)"', page)
    ]
    with money.localised(language="en", country="GB", currency="EUR"):
        cost, revenue = (next(link for link in links if f"figure={name}" in link) for name in ("cost", "revenue"))
        assert cents(web.get(cost)) == money.format_money(round(now.cost_cents))
        assert cents(web.get(revenue)) == money.format_money(Fraction(round(now.returned_cents)) / Fraction(8, 10))
    recorded = [month for month in judged(facebook, LAST).months if month.evidence.is_recorded]
    assert len(links) == 2 + 26 + len(recorded)
    assert len(recorded) > 20


def test_the_page_says_it_in_words(web, facebook):
    found = judged(facebook, LAST)
    page = text(web.get("/explain/", {"figure": "verdict", "platform": facebook.pk}))
    with money.localised(language="en", country="GB", currency="EUR"):
        assert found.spoken.sentence in page
    assert "Plain rule:" in page
    assert "Should have come back" in page
    assert "four weeks before" in page
    assert "After " in page


def test_it_opens_as_a_panel_too(web, facebook):
    response = web.get("/explain/", {"figure": "verdict", "platform": facebook.pk}, headers={"HX-Target": "panel-body"})
    assert response.headers["HX-Push-Url"] == "false"
    assert "<html" not in response.content.decode()


def test_what_is_too_early_to_judge_says_what_is_missing(web):
    platform = factories.PlatformFactory()
    speak(platform, assessments.too_early())
    page = text(web.get("/explain/", {"figure": "verdict", "platform": platform.pk}))
    assert "it takes 30 sales (12 so far) and 6 months of work (4 so far)" in page
    assert "The work, four weeks at a time" not in page


def test_months_of_another_week_are_not_shown_as_those_of_this_verdict(web):
    """The two are stored together; should one ever be missing, nothing is shown that does not add up."""
    platform = factories.PlatformFactory()
    speak(platform, FOUND["losing"])
    Evaluation.objects.all().delete()
    older = assessments.earning(last=LAST.previous)
    Evaluation.objects.create(platform=platform, week=LAST.previous.monday, results=to_json(older), evaluated_at=NOW)
    assert judged(platform, LAST).assessment.week == str(LAST)


@pytest.mark.parametrize("asked", ["", "999999", "none", "x", "²"])
def test_without_a_verdict_there_is_nothing_to_explain(web, asked):
    assert web.get("/explain/", {"figure": "verdict", "platform": asked}).status_code == 404


def test_a_verdict_of_the_plain_rule_alone_has_no_such_page(web):
    platform = factories.PlatformFactory()
    speak(platform, None)
    assert web.get("/explain/", {"figure": "verdict", "platform": platform.pk}).status_code == 404
    assert "figure=verdict" not in web.get("/").content.decode()


def test_the_number_of_queries_does_not_grow(web, facebook, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        web.get("/explain/", {"figure": "verdict", "platform": facebook.pk})
