"""Beyond sales: the page, its files, what stands behind its figures, who may see it."""

import csv
import io
import re
from fractions import Fraction
from itertools import product

import openpyxl
import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from campaigns.models.agency import MODEL_CHOICES, Basis
from campaigns.models.catalogue import Purpose
from core.access import Role
from reports.drilldown.beyond_sales import DRILLDOWNS
from reports.figures.lead_quality import lead_quality
from reports.figures.period_figures import read_period
from reports.figures.purposes import Part, split
from reports.figures.query import By, Period, ReportFilters, figures_by
from reports.figures.time_allocation import who_spends
from reports.figures.totals import Figures
from reports.pages.beyond_sales import TABLES
from tests import factories
from tests.reports.pages.test_dashboard import FILTERS, plain, text
from tests.reports.world import LAST, NOW, World, settle

pytestmark = pytest.mark.django_db

PERIOD = Period.ending(LAST, 13)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def built_once(built_once: World) -> World:
    with time_machine.travel(NOW, tick=False):
        serve(built_once)
    return built_once


def serve(world: World) -> None:
    """Work that serves customers, beside what world.py has."""
    tickets = factories.CampaignFactory(client=world.acme, name="Tickets", purpose=Purpose.SERVE)
    for back in range(3):
        factories.EntryFactory(
            member=world.anna, platform=world.facebook, campaign=tickets, day=LAST.plus(-back).monday, minutes=60
        )
        factories.OutcomeFactory(
            platform=world.facebook,
            campaign=tickets,
            week=LAST.plus(-back).monday,
            measure="Tickets answered",
            count=10,
        )
    settle()


@pytest.fixture
def web(director):
    web = Browser()
    web.force_login(director)
    return web


def asked(query, world):
    """A query whose names are numbers."""
    known = {"facebook": world.facebook.pk, "shop": world.shop.pk, "acme": world.acme.pk}
    return re.sub(r"=(facebook|shop|acme)", lambda found: f"={known[found[1]]}", query)


# -- it adds up -------------------------------------------------------------------------------------------------------


def test_the_purposes_add_up_to_the_figures_of_the_period(world):
    for basis, purpose, platform in product(Basis, [None, *Purpose], [None, world.facebook.pk]):
        filters = ReportFilters(basis=basis, purpose=purpose, platform=platform)
        found = split(PERIOD, filters)
        assert found.total == figures_by(PERIOD, By.PLATFORM, filters).total
        assert Figures.total(line.figures for line in found.lines) == found.total


def test_the_line_of_a_platform_is_the_two_lines_that_reaching_new_customers_brought(world):
    """As the table says of itself: what the verdict counts (docs/adr/0025)."""
    for basis, platform in product(Basis, [world.facebook.pk, world.linkedin.pk]):
        filters = ReportFilters(basis=basis, platform=platform)
        parts = split(PERIOD, filters)
        judged = Figures.total(read_period(PERIOD, filters).acquisition[platform].values())
        two = parts.line(Part.REACH).figures + parts.line(Part.REPEAT_BY_REACH).figures
        assert (two.minutes, two.cost, two.revenue_cents) == (judged.minutes, judged.cost, judged.revenue_cents)
        assert two.sales_millionths == judged.sales_millionths


def test_lead_quality_adds_up_to_the_leads_of_the_period(world):
    for model, basis in product(dict(MODEL_CHOICES), Basis):
        filters = ReportFilters(model=model, basis=basis)
        found = lead_quality(PERIOD, filters)
        rows = [*found.rows, found.unattributed]
        assert found.total.figures == figures_by(PERIOD, By.PLATFORM, filters).total
        assert sum(row.able_millionths + row.cannot_millionths for row in rows) == found.total.figures.leads_millionths


def test_the_time_adds_up_to_the_hours_of_the_period(world):
    found = who_spends(PERIOD, ReportFilters())
    total = figures_by(PERIOD, By.PLATFORM, ReportFilters()).total
    assert (found.total.minutes, found.total.labour_cent_minutes) == (total.minutes, total.labour_cent_minutes)
    assert sum(row.dear_minutes for row in found.rows) == found.total.dear_minutes


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", FILTERS)
def test_the_page_and_each_of_its_files_opens_with_every_filter(web, world, query):
    query = asked(query, world)
    page = web.get(f"{reverse('reports:beyond')}?{query}")
    assert page.status_code == 200
    for link in set(re.findall(r'href="(/(?:beyond|explain)/[^"]*)"', page.content.decode())):
        assert web.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_page_says_what_service_cost_by_answer(web, world):
    page = plain(text(web.get(reverse("reports:beyond"))))
    assert "Tickets answered: 30, 4.00 € each" in page
    assert "Judged by sales to customers who had bought before" in page


def test_the_page_of_an_empty_agency_and_of_one_without_rates(web):
    assert "No figures here" in text(web.get(reverse("reports:beyond")))
    factories.EntryFactory(day=LAST.monday, minutes=60)
    settle()
    assert "Nobody with hours in these weeks has a rate" in text(web.get(reverse("reports:beyond")))


def test_a_figure_opens_its_formula_and_its_rows(web, world):
    sheet = plain(text(web.get(reverse("reports:behind", args=["outcome"]), {"measure": "Tickets answered"})))
    assert "120.03 €cost of those weeks ÷ 30Tickets answered =4.00 €Tickets answered: cost of one" in sheet
    panel = web.get(reverse("reports:behind", args=["own_brand"]), headers={"HX-Target": "panel-body"})
    assert b"<html" not in panel.content
    assert "Hours of no campaign, General presence, are the own brand’s." in text(panel)


@pytest.mark.parametrize("what", ["outcome", "nothing", "outcome/../x", "REACH"])
def test_what_is_not_there_is_a_404(web, world, what):
    assert web.get(f"/beyond/behind/{what}/").status_code == 404
    assert web.get("/beyond/nothing.csv").status_code == 404


def test_strange_addresses_do_no_harm(web, world):
    address = reverse("reports:behind", args=["outcome"])
    for query in (
        "?measure=%00",
        f"?measure={'x' * 5000}",
        "?measure=Tickets%20answered&page=-1&platform=zz&weeks=abc",
    ):
        assert web.get(address + query).status_code in (200, 404)


# -- files ------------------------------------------------------------------------------------------------------------


def rows_of(response):
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_the_file_of_the_purposes_adds_up(web, world):
    rows = rows_of(web.get(reverse("reports:beyond_csv", args=["purposes"])))
    total = next(row for row in rows if row["row"] == "total")
    for column in ("minutes", "revenue", "sales"):
        assert sum(Fraction(row[column]) for row in rows if row is not total) == Fraction(total[column])


def test_each_panel_goes_out_as_a_file(web, world):
    for name in TABLES:
        assert rows_of(web.get(reverse("reports:beyond_csv", args=[name])))


def test_each_sheet_goes_out_as_a_file_with_the_rows_of_its_page(web, world):
    for what in (*DRILLDOWNS, *Part):
        page = web.get(reverse("reports:behind", args=[what]))
        assert len(rows_of(web.get(reverse("reports:behind_csv", args=[what])))) == page.context["page"].paginator.count


def test_each_file_is_had_as_a_workbook_and_as_spreadsheets_of_the_reader_write_it(web, world, director):
    director.language = "fr"
    director.save()
    sheets = [(what, "reports:behind_csv") for what in (*DRILLDOWNS, *Part)]
    for what, name in [*((panel, "reports:beyond_csv") for panel in TABLES), *sheets]:
        address = reverse(name, args=[what])
        plain = rows_of(web.get(address))
        book = openpyxl.load_workbook(io.BytesIO(b"".join(web.get(address + "?format=xlsx").streaming_content)))
        assert book.active.max_row == len(plain) + 1
        local = b"".join(web.get(address + "?format=reader-csv").streaming_content).decode("utf-8-sig")
        shown = list(csv.DictReader(io.StringIO(local), delimiter=";"))
        assert [cell.replace(",", ".") for row in shown for cell in row.values()] == [
            cell.replace(",", ".") for row in plain for cell in row.values()
        ]


# -- who, and at what price -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER])
@pytest.mark.parametrize(
    "path", ["/beyond/", "/beyond/time.csv", "/beyond/behind/dearest/", "/beyond/behind/dearest.csv", "/beyond/x.csv"]
)
def test_only_a_director_may_see_it(client, member, role, path):
    member.role = role
    member.save()
    client.force_login(member)
    assert client.get(path).status_code == 403
    assert b"/beyond/" not in client.get("/hours/", follow=True).content
    client.logout()
    assert client.get(path).status_code == 302


def test_the_page_asks_as_often_for_many_rows_as_for_few(web, world, django_assert_max_num_queries):
    address = reverse("reports:beyond")

    def queries():
        with django_assert_max_num_queries(60) as asked:
            web.get(address)
        return len(asked)

    few = queries()
    for number in range(12):
        campaign = factories.CampaignFactory(purpose=Purpose.SERVE)
        entry = factories.EntryFactory(day=LAST.monday, campaign=campaign)
        factories.RateFactory(member=entry.member)
        factories.OutcomeFactory(
            week=LAST.monday, platform=entry.platform, campaign=campaign, measure=f"Measure {number}"
        )
        lead = factories.TouchFactory(platform=entry.platform, campaign=campaign).lead
        factories.SaleFactory(lead=lead, sold_on=LAST.monday)
    settle()
    assert queries() == few
