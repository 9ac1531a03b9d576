"""Sums depend on no plan: what the database believes of its tables is made up, and some ways are forbidden it."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from campaigns.models import Campaign, Spend
from reports.attribution import cell_sums, rollups
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import factories
from tests.reports.attribution import recount
from tests.reports.world import LAST
from timesheets.models import TimeEntry, stamp

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FAR = 1_000_000  # ids that no row of a rollup has
WEEKS = [LAST.plus(-back) for back in range(30)]
COUNTS = (1, 5, 50, 1000, 10**5, 10**7)
WAYS = ("hashjoin", "mergejoin", "nestloop", "seqscan", "indexscan", "bitmapscan", "memoize", "hashagg", "sort")
SEEDS = [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 40))]


# -- what there is ----------------------------------------------------------------------------------------------------


def cells_of_all_kinds(chance: random.Random) -> None:
    """Hours, spend and credits, also without a platform and a campaign, in several hundred cells."""
    platforms = [factories.PlatformFactory(pk=FAR + number) for number in range(4)]
    campaigns = [factories.CampaignFactory(pk=FAR + number) for number in range(3)]
    _hours(platforms, campaigns)
    for _number in range(8):
        starts_on = chance.choice(WEEKS).monday + timedelta(days=chance.randint(0, 6))
        factories.SpendFactory(
            platform=chance.choice(platforms),
            campaign=chance.choice([None, *campaigns]),
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=chance.randint(0, 100)),
            amount_cents=chance.randint(1, 999),
        )
    rollups.drain()
    general = Campaign.objects.general()
    places = [(None, None), *((platform, campaign) for platform in platforms for campaign in [general, *campaigns])]
    _credits([place for place in places if chance.random() < 0.8], chance)
    rollups.drain()


def _hours(platforms: list, campaigns: list) -> None:
    member = factories.RateFactory().member
    entries = [
        TimeEntry(member=member, day=week.monday, platform=platform, campaign=campaign, minutes=60)
        for week in WEEKS
        for platform in platforms
        for campaign in campaigns
    ]
    stamp(entries)
    TimeEntry.objects.bulk_create(entries)


def _credits(places: list, chance: random.Random) -> None:
    """Of a lead that does not count, so that they are what is written here."""
    lead = factories.LeadFactory()
    lead.void(at=lead.received_at)
    rollups.drain()
    Credit.objects.bulk_create(
        Credit(
            lead=lead,
            platform=platform,
            campaign=campaign,
            work_week=week.monday,
            money_week=week.plus(7).monday,
            is_qualified=chance.random() < 0.5,
            **{name: chance.randint(-5, 9) for name in Credit.AMOUNTS},
        )
        for week in WEEKS
        for platform, campaign in places
    )


def change(chance: random.Random) -> None:
    share = chance.choice([0.02, 0.3, 1])
    entries, credits = (
        table.objects.filter(
            pk__in=[pk for pk in table.objects.values_list("pk", flat=True) if chance.random() < share]
        )
        for table in (TimeEntry, Credit)
    )
    entries.update(minutes=F("minutes") + 7) if chance.random() < 0.7 else entries.delete()
    credits.update(**dict.fromkeys(Credit.AMOUNTS, chance.randint(-1, 1)))
    Spend.objects.update(amount_cents=chance.randint(1, 10**6))


# -- what is believed of it -------------------------------------------------------------------------------------------


def lie(chance: random.Random) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1")
            for table, index, stat in cursor.fetchall():
                values = [made_up(stat, chance), table, index]
                cursor.execute("UPDATE sqlite_stat1 SET stat = %s WHERE tbl = %s AND idx IS %s", values)
            cursor.execute("ANALYZE sqlite_master")  # reads them again
        else:
            for way in WAYS:
                cursor.execute(f"SET LOCAL enable_{way} = {chance.choice(['on', 'off'])}")
            cursor.execute(f"SET LOCAL random_page_cost = {chance.choice([0.1, 4, 100])}")


def made_up(stat: str, chance: random.Random) -> str:
    """How many rows there are, and how many are alike in one, two, three columns of an index: each time no more."""
    numbers = [chance.choice(COUNTS)]
    for _column in stat.split()[1:]:
        numbers.append(max(1, int(numbers[-1] * chance.choice([1, 0.5, 0.1, 0.01]))))
    return " ".join(map(str, numbers))


# -- what holds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_are_right_whatever_the_database_believes(seed):
    chance = random.Random(seed)
    cells_of_all_kinds(chance)
    for _round in range(3):
        lie(chance)
        change(chance)
        rollups.drain()
        recount.check_cells()
        weeks = rollups._all_weeks()
        for table in (CampaignWeek, PlatformWeek):
            assert cell_sums.wrong_weeks(table, weeks) == set()
        CampaignWeek.objects.filter(minutes__gt=0).delete()
        cell_sums.replace_weeks(weeks)
        recount.check_cells()
