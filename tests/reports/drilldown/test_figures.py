"""Explanations: the rows behind a figure add up to it, to the cent and to the millionth."""

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from campaigns.attribution import PATH_MODELS
from campaigns.models import Spend
from campaigns.models.agency import Basis
from core.weeks import Week
from reports.attribution import rollups
from reports.drilldown.figures import EXPLAINED, ROW_KINDS, explain
from reports.drilldown.rows import SourceSums
from reports.figures.formatting import credited_count
from reports.figures.query import UNATTRIBUTED, By, Period, ReportFilters, figures_by
from reports.figures.totals import Figures
from tests import factories
from tests.reports.world import LAST, NOW
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db
PERIOD = Period.ending(LAST, 13)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    web = Browser()
    web.force_login(director)
    return web


def added(kind, period, filters):
    """The rows of a kind, added one by one and not by the database."""
    rows = list(ROW_KINDS[kind].read(period, filters))
    return {name: sum(getattr(row, name) or 0 for row in rows) for name in ("minutes", "millionths", "cents")}


def all_filters(world):
    narrowed = [
        {},
        {"platform": world.facebook.pk},
        {"platform": world.linkedin.pk},
        {"platform": UNATTRIBUTED},
        {"campaign": world.shop.pk},
        {"campaign": world.general.pk},
        {"client": world.acme.pk},
        {"platform": world.facebook.pk, "client": world.hiring.client_id},
        {"purpose": "keep"},
        {"purpose": "reach"},
    ]
    for model, basis, narrowing in product([model.name for model in PATH_MODELS], Basis, narrowed):
        yield ReportFilters(model=model, basis=basis, **narrowing)


def test_rows_add_up_to_their_figures_under_every_look(world):
    for filters in all_filters(world):
        figures = figures_by(PERIOD, By.PLATFORM, filters).total
        hours = added("hours", PERIOD, filters)
        assert (hours["minutes"], hours["cents"]) == (figures.minutes, figures.labour_cents), filters
        assert added("spend", PERIOD, filters)["cents"] == figures.spend_cents, filters
        assert hours["cents"] + added("spend", PERIOD, filters)["cents"] == figures.cost_cents, filters
        sales = added("sales", PERIOD, filters)
        assert (sales["millionths"], sales["cents"]) == (figures.sales_millionths, figures.revenue_cents), filters
        assert added("leads", PERIOD, filters)["millionths"] == figures.leads_millionths, filters
        assert added("qualified", PERIOD, filters)["millionths"] == figures.qualified_millionths, filters


@pytest.mark.parametrize("kind", ROW_KINDS)
def test_the_sums_shown_are_those_of_the_rows(world, kind):
    rows = ROW_KINDS[kind].read(PERIOD, ReportFilters())
    sums = rows.sums()
    assert len(rows) == len(list(rows)) > 0
    assert [row.name for row in rows[0:2]] == [row.name for row in rows][:2]
    assert {"minutes": sums.minutes, "millionths": sums.millionths, "cents": sums.cents} == added(
        kind, PERIOD, ReportFilters()
    )


def test_hours_without_a_rate_stand_among_the_rows_without_a_cost(world):
    (row,) = [row for row in ROW_KINDS["hours"].read(PERIOD, ReportFilters()) if row.hourly_cents is None]
    assert (row.name, row.minutes, row.cents) == ("Nora without a rate", 45, None)
    assert any("0.75 h have no rate" in said for said in explain("cost", PERIOD, ReportFilters()).remarks)


def test_cents_of_rows_are_shared_so_that_they_add_up():
    platform = factories.PlatformFactory()
    for rate in (1_001, 1_001, 1_001):
        member = factories.RateFactory(hourly_cents=rate).member
        factories.EntryFactory(member=member, platform=platform, day=LAST.monday, minutes=20)
    rows = ROW_KINDS["hours"].read(PERIOD, ReportFilters())
    # 3 x 333.67 cents are 1,001 cents, not 3 x 334 = 1,002.
    assert [row.cents for row in rows] == [334, 334, 333]


def test_spend_counts_the_days_in_the_period_only():
    platform = factories.PlatformFactory()
    spend = {"starts_on": LAST.monday, "ends_on": LAST.next.sunday, "amount_cents": 1_401}
    factories.SpendFactory(platform=platform, **spend)
    assert added("spend", PERIOD, ReportFilters())["cents"] == 700
    assert added("spend", Period(LAST, LAST.next), ReportFilters())["cents"] == 1_401
    assert len(ROW_KINDS["spend"].read(Period.ending(LAST.previous, 2), ReportFilters())) == 0


@pytest.mark.parametrize("figure", EXPLAINED)
def test_every_figure_has_its_page(world, web, figure):
    for narrowed in ({}, {"platform": world.facebook.pk}, {"platform": "none"}):
        response = web.get("/explain/", {"figure": figure, **narrowed})
        assert response.status_code == 200
        assert response.context["explanation"].figure is EXPLAINED[figure]


def test_the_formula_shows_the_numbers_of_the_figure(world, web):
    total = figures_by(PERIOD, By.PLATFORM, ReportFilters()).total
    explanation = web.get("/explain/", {"figure": "return"}).context["explanation"]
    assert [term.sign for term in explanation.terms] == ["", "×", "÷"]
    assert [term.figure for term in explanation.terms] == ["revenue", None, "cost"]
    revenue, margin, cost = (
        term.value.replace("\u202f", "").replace("\xa0", "").replace(",", "").rstrip("€%") for term in explanation.terms
    )
    assert Fraction(revenue) * 100 == total.revenue_cents
    assert Fraction(margin) == 100
    assert Fraction(cost) * 100 == total.cost_cents


def test_leads_that_cost_nothing_have_no_cost_each_as_on_the_dashboard(web):
    factories.LeadFactory(received_at=datetime.combine(LAST.monday, time(9), tzinfo=UTC))
    rollups.drain()
    explanation = web.get("/explain/", {"figure": "cost_per_lead"}).context["explanation"]
    assert [term.value for term in explanation.terms][1] == "1"
    assert explanation.value == "–"


def test_division_by_nothing_is_said_and_not_computed(web):
    factories.SaleFactory(sold_on=LAST.monday)
    for figure in ("return", "cost_per_lead", "cost_per_qualified"):
        response = web.get("/explain/", {"figure": figure})
        assert response.context["explanation"].value == "–"
        assert "so there is no figure" in response.content.decode()


def test_long_explanations_are_paged_and_their_sum_is_of_all(web):
    facebook = factories.PlatformFactory()
    for number in range(60):
        factories.SaleFactory(platform=facebook, sold_on=LAST.monday, amount_cents=100, description=f"Sale {number:02}")
    rollups.drain()
    first = web.get("/explain/", {"figure": "revenue"})
    second = web.get("/explain/", {"figure": "revenue", "page": "2"})
    names = [row.name for response in (first, second) for row in response.context["sections"][0]["page"]]
    assert sorted(names) == [f"Sale {number:02}" for number in range(60)]
    assert second.context["sections"][0]["sums"].cents == 6_000
    assert web.get("/explain/", {"figure": "revenue", "page": "x" * 999}).status_code == 200


def logged_by(people, *, rate=1_001, days=1):
    """Twenty minutes a day of each person, at a rate of which a third of a cent is left."""
    platform, campaign = factories.PlatformFactory(), factories.CampaignFactory()
    members = [factories.UserFactory(name=f"Person {number:03}", password=None) for number in range(people)]
    TimeEntry.objects.bulk_create(
        TimeEntry(
            member=member, platform=platform, campaign=campaign, day=day, week=Week.containing(day).monday,
            minutes=20, hourly_cents=rate,
        )
        for member in members for day in (LAST.sunday - timedelta(days=back) for back in range(days))
    )  # fmt: skip
    rollups.drain()
    return members


def test_hours_of_many_people_are_read_a_page_of_people_at_a_time(web):
    logged_by(61)
    pages = [web.get("/explain/", {"figure": "hours", "page": str(number)}) for number in (1, 2)]
    sections = [page.context["sections"][0] for page in pages]
    assert [len(section["page"].object_list) for section in sections] == [50, 11]
    assert [row.name for row in sections[1]["page"]] == [f"Person {number:03}" for number in range(50, 61)]
    assert {row.cents for row in sections[0]["page"]} == {334}
    assert sections[0]["sums"] == sections[1]["sums"] == SourceSums(minutes=61 * 20, cents=20_354)
    assert "Each row is rounded by itself" in pages[0].content.decode()
    # In the file, where all of them stand, the cents add up.
    assert added("hours", PERIOD, ReportFilters())["cents"] == 20_354


def test_a_cost_of_many_people_sums_no_entries_but_those_of_the_people_shown(web):
    logged_by(61)
    with CaptureQueriesContext(connection) as asked:
        (hours, _spend) = web.get("/explain/", {"figure": "cost"}).context["sections"]
    assert (len(hours["page"].object_list), hours["is_cut"], hours["count"]) == (10, True, 61)
    summed = [query["sql"] for query in asked if "SUM(" in query["sql"] and "timesheets_timeentry" in query["sql"]]
    assert all('"member_id" IN' in sql for sql in summed)
    assert len(summed) == 1


def test_many_people_are_counted_once(web):
    logged_by(61)
    with CaptureQueriesContext(connection) as asked:
        (hours,) = web.get("/explain/", {"figure": "hours"}).context["sections"]
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"] and "timesheets_user" in query["sql"]]
    assert (len(hours["page"].object_list), len(counts)) == (50, 1)


def test_the_days_of_one_person_are_paged(web):
    (member,) = logged_by(1, days=90)
    for number in range(11):  # on other campaigns too: more than are held at once
        campaign = factories.CampaignFactory()
        TimeEntry.objects.bulk_create(
            TimeEntry(
                member=member, platform_id=entry.platform_id, campaign=campaign, day=entry.day, week=entry.week,
                minutes=1 + number, hourly_cents=None,
            )
            for entry in TimeEntry.objects.filter(campaign__entries__isnull=False, minutes=20).distinct()
        )  # fmt: skip
    rollups.drain()
    query = {"figure": "hours", "person": member.pk, "weeks": "52"}
    (section,) = web.get("/explain/", {**query, "page": "2"}).context["sections"]
    assert (len(section["page"].object_list), section["count"], section["is_rounded"]) == (50, 90 * 12, True)
    assert section["sums"] == SourceSums(minutes=90 * (20 + 66), cents=30_030)


def test_many_spends_are_read_a_page_at_a_time(web):
    platform, campaign = factories.PlatformFactory(), factories.CampaignFactory()
    Spend.objects.bulk_create(
        Spend(
            platform=platform, campaign=campaign, starts_on=LAST.monday, ends_on=LAST.monday, amount_cents=100 + number
        )
        for number in range(510)
    )
    rollups.drain()
    (section,) = web.get("/explain/", {"figure": "spend", "page": "11"}).context["sections"]
    assert [row.cents for row in section["page"]] == [600 + number for number in range(10)]
    assert (section["sums"].cents, section["is_rounded"]) == (sum(range(100, 610)), False)


def test_a_panel_is_the_explanation_without_the_page(world, web):
    panel = web.get("/explain/", headers={"HX-Request": "true", "HX-Target": "panel-body"}).content.decode()
    assert "<html" not in panel
    assert 'class="formula"' in panel


def test_the_number_of_queries_does_not_depend_on_the_rows(world, web, django_assert_max_num_queries):
    def ask():
        with django_assert_max_num_queries(40) as captured:
            web.get("/explain/", {"figure": "return"})
        return len(captured)

    ask()
    few = ask()
    for number in range(30):
        factories.EntryFactory(
            member=world.anna, platform=world.facebook, day=LAST.days[number % 7], minutes=1 + number
        )
        factories.SaleFactory(platform=world.facebook, sold_on=LAST.monday, amount_cents=100 + number)
    rollups.drain()
    assert ask() == few


def test_a_persons_line_opens_into_its_days(world, web):
    query = {"figure": "hours", "platform": world.facebook.pk}
    (line,) = [row for row in web.get("/explain/", query).context["sections"][0]["page"] if row.person == world.anna.pk]
    page = web.get("/explain/", {**query, "person": world.anna.pk})
    (section,) = page.context["sections"]
    assert section["count"] == 26  # two campaigns, 13 weeks
    assert sum(row.minutes for row in section["page"]) == line.minutes == section["sums"].minutes
    assert sum(row.cents for row in section["page"]) == section["sums"].cents
    assert abs(section["sums"].cents - line.cents) <= 1  # the line's cents are shared with the other lines
    assert "Anna" in page.content.decode()


@pytest.mark.parametrize("person", ["x", "0", "999999", "9" * 400, "\x00"])
def test_nobodys_days_are_the_figure_itself_and_no_file(world, web, person):
    response = web.get("/explain/", {"figure": "hours", "person": person})
    assert response.status_code == 200
    assert "There is no such person" in response.content.decode()
    file = web.get("/explain/rows.csv", {"figure": "hours", "person": person})
    assert (file.status_code, file.url.partition("?")[0]) == (302, "/explain/")


def test_without_a_person_the_figure_and_its_file_are_everybodys(world, web):
    for address in ("/explain/", "/explain/rows.csv"):
        assert web.get(address, {"figure": "hours", "person": ""}).status_code == 200


def test_every_record_names_what_there_is():
    for figure in EXPLAINED.values():
        assert {term.figure for term in figure.formula(Figures(), Fraction(1))} <= {None, *EXPLAINED}, figure.name
    for kind in ROW_KINDS.values():
        assert kind in EXPLAINED[kind.figure].rows or kind.name == "entries"


@pytest.mark.parametrize("name", [kind.name for kind in ROW_KINDS.values() if kind.is_credited])
def test_a_credited_count_is_that_of_its_rows(world, name):
    for filters in all_filters(world):
        assert explain(name, PERIOD, filters).value == credited_count(added(name, PERIOD, filters)["millionths"]), (
            filters
        )
