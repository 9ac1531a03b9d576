"""Many cells at once, in a database that knows how large its tables are and plans by it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext

from campaigns.models import Sale, StaleMark
from campaigns.models.agency import Basis
from core.weeks import Week
from reports.attribution import cell_sums, rollups
from reports.models import CampaignWeek, PlatformWeek
from tests import factories
from tests.reports.world import LAST
from timesheets.models import TimeEntry, stamp

pytestmark = pytest.mark.django_db


# Ids that no row of a rollup has: SQLite's Bloom filters, which hold row ids instead of them, then let nothing through.
FAR = 1_000_000


@pytest.fixture
def places():
    """Four platforms and three campaigns."""
    return (
        [factories.PlatformFactory(pk=FAR + number) for number in range(4)],
        [factories.CampaignFactory(pk=FAR + number) for number in range(3)],
    )


@pytest.fixture
def many_cells(places):
    """An entry and a sale in each of 600 cells: 50 weeks, four platforms and three campaigns."""
    member = factories.RateFactory().member
    platforms, campaigns = places
    entries = [
        TimeEntry(
            member=member,
            day=Week(LAST.monday - timedelta(weeks=week)).monday,
            platform=platform,
            campaign=campaign,
            minutes=60,
        )
        for week in range(50)
        for platform in platforms
        for campaign in campaigns
    ]
    stamp(entries)
    TimeEntry.objects.bulk_create(entries)
    Sale.objects.bulk_create(
        Sale(sold_on=entry.day, platform=entry.platform, campaign=entry.campaign, amount_cents=100) for entry in entries
    )
    rollups.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_each_of_many_cells_that_changed_at_once_is_summed_anew(many_cells):
    TimeEntry.objects.update(minutes=F("minutes") + 7)
    rollups.drain()
    for table in (CampaignWeek, PlatformWeek):
        assert table.objects.filter(basis="cash").aggregate(total=Sum("minutes"))["total"] == 600 * 67
    assert rollups.rebuild() == []


def test_each_of_many_cells_whose_sales_changed_is_summed_anew(many_cells):
    Sale.objects.update(amount_cents=F("amount_cents") + 7)
    rollups.drain()
    for table in (CampaignWeek, PlatformWeek):
        for basis in Basis:
            assert table.objects.filter(basis=basis).aggregate(total=Sum("revenue_linear"))["total"] == 600 * 107
    assert rollups.rebuild() == []


def test_a_rebuild_finds_what_is_wrong_and_nothing_else(many_cells):
    row = CampaignWeek.objects.order_by("pk").first()
    CampaignWeek.objects.filter(pk=row.pk).update(minutes=1)
    assert rollups.rebuild() == [f"{CampaignWeek._meta.verbose_name} {Week(row.week)} differed"]
    assert rollups.rebuild() == []


def an_empty_row(table):
    platform = factories.PlatformFactory()
    table.objects.create(week=LAST.monday, basis=Basis.CASH, platform=platform)


def a_row_too_many(table):
    platform = factories.PlatformFactory()
    table.objects.create(week=LAST.monday, basis=Basis.COHORT, platform=platform, revenue_decay=-1)


def of_one_row(table, basis=Basis.CASH):
    return table.objects.filter(pk=table.objects.filter(week=LAST.monday, basis=basis).first().pk)


WRONG = {
    "other hours": lambda table: of_one_row(table).update(minutes=F("minutes") + 1),
    "other hours on the second basis": lambda table: of_one_row(table, Basis.COHORT).update(unrated_minutes=1),
    "another credit": lambda table: of_one_row(table).update(revenue_decay=F("revenue_decay") - 1),
    "no hours": lambda table: of_one_row(table).update(minutes=0, unrated_minutes=0, labour_cent_minutes=0),
    "no row": lambda table: of_one_row(table).delete(),
    "another platform": lambda table: of_one_row(table).update(platform=factories.PlatformFactory()),
    "an empty row": an_empty_row,
    "a row too many": a_row_too_many,
}


@pytest.mark.parametrize("table", [CampaignWeek, PlatformWeek])
@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_a_week_is_wrong_however_a_row_of_it_differs(many_cells, table, spoil):
    weeks = rollups._all_weeks()
    assert cell_sums.wrong_weeks(table, weeks) == set()
    spoil(table)
    assert cell_sums.wrong_weeks(table, weeks) == {LAST.monday}
    cell_sums.replace_weeks([LAST.monday])
    assert not any(cell_sums.wrong_weeks(each, weeks) for each in (CampaignWeek, PlatformWeek))


def test_weeks_that_are_summed_whole_get_each_row_once(many_cells):
    """A row that is written twice leaves its page."""
    CampaignWeek.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        cell_sums.replace_weeks(rollups._all_weeks())
    assert sum(f"INSERT INTO {cell_sums.FINE}" in query["sql"] for query in captured) == 1
    assert rollups.rebuild() == []


def test_of_many_marks_those_of_a_week_are_taken_together(monkeypatch, many_cells):
    """Each total is then summed once, in whichever order its cells changed."""
    monkeypatch.setattr(rollups, "MARKS_AT_ONCE", 12)
    cells = list(TimeEntry.objects.order_by("platform_id", "-week").values_list("week", "platform_id", "campaign_id"))
    StaleMark.objects.bulk_create(
        StaleMark(week_from=week, week_to=week, platform_id=platform, campaign_id=campaign, is_cell=True, of_costs=True)
        for week, platform, campaign in cells
    )
    lead = factories.LeadFactory()
    taken = [rollups._take_marks() for _batch in range(5)]
    assert lead.pk in {mark.lead_id for mark in taken[0]}
    assert all(len({mark.week_from for mark in marks}) == 2 for marks in taken)


def test_each_of_many_cells_that_lost_their_hours_is_gone(many_cells):
    TimeEntry.objects.all().delete()
    Sale.objects.all().delete()
    rollups.drain()
    assert not CampaignWeek.objects.exists()
    assert not PlatformWeek.objects.exists()


@pytest.mark.postgres
def test_marks_are_taken_without_comparing_each_with_each():
    """Of a queue that is empty most of the time, statistics say that it has one row at most."""
    cells = [StaleMark(week_from=LAST.monday, week_to=LAST.monday, platform_id=number) for number in range(1, 501)]
    for _each in range(2):
        StaleMark.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_stalemark")
        StaleMark.objects.bulk_create(cells, batch_size=500)
        for cell in cells:
            cell.pk = None
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {rollups.take_marks()}", [rollups.MARKS_AT_ONCE])
        plan = "\n".join(line for (line,) in cursor)
    assert "Nested Loop" not in plan, plan
