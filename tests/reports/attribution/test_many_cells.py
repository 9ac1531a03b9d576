"""Many cells at once, in a database that knows how large its tables are and plans by it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum

from campaigns.models import Sale, StaleMark
from campaigns.models.agency import Basis
from core.weeks import Week
from reports.attribution import rollups
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
