"""Many cells at once, in a database that knows how large its tables are and plans by it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum

from core.weeks import Week
from reports.attribution import rollups
from reports.models import CampaignWeek, PlatformWeek
from tests import factories
from tests.reports.world import LAST
from timesheets.models import TimeEntry, stamp

pytestmark = pytest.mark.django_db


@pytest.fixture
def many_cells():
    """An entry in each of 600 cells: 50 weeks, four platforms and three campaigns."""
    member = factories.RateFactory().member
    platforms, campaigns = factories.PlatformFactory.create_batch(4), factories.CampaignFactory.create_batch(3)
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
    rollups.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_each_of_many_cells_that_changed_at_once_is_summed_anew(many_cells):
    TimeEntry.objects.update(minutes=F("minutes") + 7)
    rollups.drain()
    for table in (CampaignWeek, PlatformWeek):
        assert table.objects.filter(basis="cash").aggregate(total=Sum("minutes"))["total"] == 600 * 67
    assert rollups.rebuild() == []


def test_each_of_many_cells_that_lost_their_hours_is_gone(many_cells):
    TimeEntry.objects.all().delete()
    rollups.drain()
    assert not CampaignWeek.objects.exists()
    assert not PlatformWeek.objects.exists()
