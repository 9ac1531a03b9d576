"""A period is read once: the dashboard, its files and the Monday e-mail arrange the same report."""

from dataclasses import replace
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency
from campaigns.models.agency import MODEL_CHOICES, Basis
from campaigns.models.catalogue import Purpose
from reports.figures.period_figures import read_period
from reports.figures.query import UNATTRIBUTED, By, Period, ReportFilters, by_platform_and_week, figures_by
from reports.figures.totals import Figures
from reports.pages.period_report import read_report
from reports.weekly_email import content
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db
PERIOD = Period.ending(LAST, 13)
ROLLUPS = ("reports_platformweek", "reports_campaignweek")


@pytest.fixture
def web(director):
    director.logs_hours = False
    director.save()
    browser = Browser()
    browser.force_login(director)
    with time_machine.travel(NOW, tick=False):
        yield browser


def reads(run, *tables):
    """How often each table is read from."""
    with CaptureQueriesContext(connection) as queries:
        run()
    return [sum(f'FROM "{table}"' in query["sql"] for query in queries.captured_queries) for table in tables]


@pytest.mark.parametrize("address", ["/", "/export/figures.csv", "/export/figures.xlsx"])
@pytest.mark.parametrize("query", [{}, {"platform": "none"}, {"weeks": "52", "basis": "cohort"}])
def test_the_dashboard_and_its_files_read_one_rollup_once(world, web, address, query):
    assert reads(lambda: web.get(address, query).getvalue(), *ROLLUPS) == [0, 1]


def test_narrowed_to_campaigns_only_the_fine_rollup_is_read(world, web):
    assert reads(lambda: web.get("/", {"purpose": "reach"}), *ROLLUPS) == [0, 1]


def test_the_email_reads_the_rollup_and_the_verdicts_once_and_is_written_without_reading(world):
    review = content.look_back(LAST)
    assert reads(lambda: content.look_back(LAST), *ROLLUPS, "reports_verdict") == [0, 1, 1]
    with CaptureQueriesContext(connection) as queries:
        content.write(review, language="fr")
    assert not queries.captured_queries


def test_the_dashboard_reads_the_verdicts_once(world, web):
    assert reads(lambda: web.get("/"), "reports_verdict") == [1]


def test_what_is_arranged_of_a_report_reads_nothing(world):
    report = read_report(PERIOD, ReportFilters(), agency=Agency.current(), last_complete=LAST)
    with CaptureQueriesContext(connection) as queries:
        assert report.rows.platforms
        assert report.newest_verdict
        assert [row.bar for row in report.rows.platforms]
    assert not queries.captured_queries


def narrowings(world):
    yield {}
    yield {"platform": world.facebook.pk}
    yield {"platform": UNATTRIBUTED}
    yield {"client": world.acme.pk}
    yield {"purpose": Purpose.REACH}
    yield {"purpose": Purpose.SERVE}
    yield {"campaign": world.general.pk}
    yield {"campaign": world.shop.pk, "platform": world.facebook.pk}


@pytest.mark.parametrize(("model", "basis"), list(product(dict(MODEL_CHOICES), Basis)))
def test_one_read_holds_what_single_questions_give(world, model, basis):
    for narrowing in narrowings(world):
        filters = ReportFilters(model=model, basis=basis, **narrowing)
        read, asked = read_period(PERIOD, filters), figures_by(PERIOD, By.PLATFORM, filters)
        assert {**read.by_platform, None: read.unattributed} == {row.key: row.figures for row in asked.rows}
        assert (read.total, read.general) == (asked.total, asked.general)
        assert read.by_week == by_platform_and_week(PERIOD, filters)
        before = figures_by(PERIOD.before, By.PLATFORM, filters)
        assert {None: Figures(), **read.before} == {row.key: row.figures for row in before.rows}
        if filters.purpose in (None, Purpose.REACH):
            reach = by_platform_and_week(PERIOD, replace(filters, purpose=Purpose.REACH))
            assert read.acquisition == {platform: weeks for platform, weeks in reach.items() if platform is not None}
