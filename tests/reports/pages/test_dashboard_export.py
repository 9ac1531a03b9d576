"""What is exported is what is seen, as numbers that a spreadsheet can add up."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.test import Client as Browser

from campaigns.models import Platform
from reports.figures.query import By, Period, ReportFilters, figures_by
from tests import factories
from tests.reports.world import LAST, NOW, build, settle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    web = Browser()
    web.force_login(director)
    return web


def lines_of_csv(response):
    assert response["Content-Type"].startswith("text/csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def lines_of_xlsx(response):
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_table_is_the_page_and_adds_up(web):
    build()
    total = figures_by(Period.ending(LAST, 13), By.PLATFORM, ReportFilters()).total
    lines = lines_of_csv(web.get("/export/figures.csv"))
    assert [line["row"] for line in lines] == ["platform", "platform", "unattributed", "keeping", "total", "of which"]
    assert Decimal(lines[4]["cost"]) == Decimal(total.cost_cents) / 100
    for column in ("spend", "leads", "sales", "revenue"):
        assert sum(Decimal(line[column]) for line in lines[:4]) == Decimal(lines[4][column])
    assert lines[2]["return_per_1"] == ""


def test_a_filter_narrows_the_export(web):
    world = build()
    lines = lines_of_csv(web.get("/export/figures.csv", {"platform": world.linkedin.pk}))
    assert [line["name"] for line in lines[:1]] == ["LinkedIn"]
    assert [line["row"] for line in lines].count("platform") == 1


def test_a_workbook_holds_numbers(web):
    build()
    (*_platforms, total, _general) = lines_of_xlsx(web.get("/export/figures.xlsx"))
    for column in ("hours", "cost", "revenue", "leads", "return_per_1"):
        assert isinstance(total[column], int | float), column


@pytest.mark.parametrize("read", [lines_of_csv, lines_of_xlsx])
def test_exported_rows_add_up_to_the_figure(web, read):
    world = build()
    kind = "csv" if read is lines_of_csv else "xlsx"
    query = {"figure": "return", "platform": world.facebook.pk, "model": "decay", "basis": "cohort"}
    lines = read(web.get(f"/explain/rows.{kind}", query))
    filters = ReportFilters(platform=world.facebook.pk, model="decay", basis="cohort")
    figures = figures_by(Period.ending(LAST, 13), By.PLATFORM, filters).total

    def amount(*parts):
        return round(sum(Decimal(str(line["amount"] or 0)) for line in lines if line["part"] in parts) * 100)

    assert amount("sales") == figures.revenue_cents
    assert amount("hours", "spend") == figures.cost_cents
    assert sum(int(line["minutes"] or 0) for line in lines) == figures.minutes


def test_a_formula_in_a_name_is_only_text(web):
    evil = factories.PlatformFactory(name="=1+1")
    factories.SaleFactory(platform=evil, sold_on=LAST.monday, description='@SUM(A1)"')
    settle()
    assert Platform.objects.get().name == "=1+1"
    assert lines_of_csv(web.get("/export/figures.csv"))[0]["name"] == "'=1+1"
    (row,) = lines_of_csv(web.get("/explain/rows.csv", {"figure": "revenue"}))
    assert (row["name"], row["platform"], row["amount"]) == ("'@SUM(A1)\"", "'=1+1", "1000.00")
    workbook = openpyxl.load_workbook(io.BytesIO(b"".join(web.get("/export/figures.xlsx").streaming_content)))
    assert [cell.data_type for cell in workbook.active["B"]] == ["s"] * 6


def test_a_loss_is_a_negative_number_and_not_text(web):
    world = build()
    sale = factories.SaleFactory(platform=world.linkedin, sold_on=LAST.plus(-30).monday, amount_cents=900_000)
    factories.SaleFactory(refund_of=sale, amount_cents=-900_000, sold_on=LAST.monday)
    settle()
    lines = lines_of_csv(web.get("/export/figures.csv", {"platform": world.linkedin.pk}))
    assert lines[0]["revenue"].startswith("-")
