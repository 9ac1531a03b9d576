"""The unit of recomputation is the cell: a change sums its own week, platform and campaign, and nothing else."""

import sqlite3
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Agency, Campaign, Spend, StaleMark
from core.numbers import MAX_CENTS
from core.weeks import Week
from reports.attribution import cell_sums, rollups
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import factories
from tests.reports.attribution import recount
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)
TABLES = (CampaignWeek, PlatformWeek)


@pytest.fixture(autouse=True)
def agency(db):
    return Agency.current()


def statements_of(captured):
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"] and query["sql"] != "BEGIN"]


@pytest.mark.parametrize("others", [0, 40])
def test_one_changed_entry_takes_eight_statements_at_most(others):
    entry = factories.EntryFactory(day=MONDAY)
    factories.EntryFactory.create_batch(others, day=MONDAY)
    rollups.drain()
    TimeEntry.objects.filter(pk=entry.pk).update(minutes=77)
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    assert len(statements_of(captured)) <= 8
    recount.check()


def test_the_other_cells_of_the_week_are_not_written():
    entry, other = factories.EntryFactory(day=MONDAY), factories.EntryFactory(day=MONDAY)
    rollups.drain()
    rows = {table: set(table.objects.filter(platform=other.platform).values_list("pk")) for table in TABLES}
    TimeEntry.objects.filter(pk=entry.pk).update(minutes=77)
    rollups.drain()
    for table, before in rows.items():
        assert set(table.objects.filter(platform=other.platform).values_list("pk")) == before


def test_a_statement_leaves_one_mark_for_each_cell_and_not_for_each_row():
    entry = factories.EntryFactory(day=MONDAY, minutes=60)
    member = entry.member
    StaleMark.objects.all().delete()
    TimeEntry.objects.bulk_create(
        TimeEntry(
            member=member,
            day=MONDAY + number * DAY,
            week=Week.containing(MONDAY + number * DAY).monday,
            platform=entry.platform,
            campaign=entry.campaign,
            minutes=30,
        )
        for number in range(1, 12)
    )
    assert set(StaleMark.objects.values_list("week_from", flat=True)) == {MONDAY, MONDAY + 7 * DAY}
    assert StaleMark.objects.count() == 2
    StaleMark.objects.all().delete()
    TimeEntry.objects.update(minutes=45)
    assert StaleMark.objects.count() == 2


def test_an_entry_that_moves_marks_the_cell_it_leaves_and_the_one_it_comes_to():
    entry, other = factories.EntryFactory(day=MONDAY), factories.EntryFactory(day=MONDAY)
    rollups.drain()
    TimeEntry.objects.filter(pk=entry.pk).update(platform=other.platform, campaign=other.campaign)
    assert set(StaleMark.objects.values_list("platform_id", "campaign_id")) == {
        (entry.platform_id, entry.campaign_id),
        (other.platform_id, other.campaign_id),
    }
    rollups.drain()
    assert not CampaignWeek.objects.filter(platform=entry.platform).exists()
    recount.check()


def test_a_cell_without_platform_and_campaign_is_one_too():
    """A lead that nobody met anywhere, and one whose touchpoint goes: NULL is compared as a value."""
    touch = factories.TouchFactory()
    rollups.drain()
    lead = factories.LeadFactory(received_at=touch.at)
    rollups.drain()
    recount.check()
    touch.void(at=touch.at)
    rollups.drain()
    recount.check()
    lead.delete()
    rollups.drain()
    recount.check()
    assert rollups.rebuild() == []


def test_a_credit_that_goes_or_moves_marks_its_cells_in_both_weeks():
    touch = factories.TouchFactory(at=recount.datetime(2026, 9, 7, 9, tzinfo=recount.UTC))
    rollups.drain()
    credit = Credit.objects.filter(lead=touch.lead).get()
    assert credit.work_week != credit.money_week
    Credit.objects.filter(pk=credit.pk).delete()
    assert set(StaleMark.objects.values_list("week_from", flat=True)) == {credit.work_week, credit.money_week}
    assert set(StaleMark.objects.values_list("is_cell", "platform_id")) == {(True, touch.platform_id)}
    rollups.rebuild()
    recount.check()


def test_spend_marks_its_platform_in_all_its_weeks_and_no_other():
    other = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    spend = factories.SpendFactory(starts_on=MONDAY - 20 * DAY, ends_on=MONDAY + 2 * DAY, amount_cents=10_001)
    rows = set(CampaignWeek.objects.filter(platform=other.platform).values_list("pk"))
    assert rollups.drain() == {week.monday for week in spend.weeks}
    assert set(CampaignWeek.objects.filter(platform=other.platform).values_list("pk")) == rows
    recount.check()


def test_marks_of_whole_weeks_from_before_are_still_read():
    entry = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    CampaignWeek.objects.update(minutes=1)
    PlatformWeek.objects.update(minutes=1)
    StaleMark.objects.create(week_from=MONDAY, week_to=MONDAY)
    assert rollups.drain() == {MONDAY}
    assert set(CampaignWeek.objects.values_list("minutes", flat=True)) == {entry.minutes}
    recount.check()


@given(
    amount_cents=st.integers(-MAX_CENTS, MAX_CENTS).filter(bool),
    before=st.integers(0, 9),
    days=st.integers(1, 30_000),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_spreads_spend_as_the_rule_says_up_to_the_largest_amounts(amount_cents, before, days):
    starts_on = MONDAY - before * DAY
    spend = Spend.objects.create(
        platform=Spend.objects.first().platform if Spend.objects.exists() else factories.PlatformFactory(),
        campaign=Campaign.objects.general(),
        starts_on=starts_on,
        ends_on=starts_on + (days - 1) * DAY,
        amount_cents=amount_cents,
    )
    try:
        weeks = [MONDAY, MONDAY + 7 * DAY, Week.containing(spend.ends_on).monday]
        written = {row["week"]: row["spend_cents"] for row in cell_sums.fine_rows(set(weeks)) if row["basis"] == "cash"}
        wanted = {week: spend.cents_in(Week(week)) for week in weeks}
        assert written == {week: cents for week, cents in wanted.items() if cents}
    finally:
        spend.delete()


def test_sqlites_one_writer_makes_a_mark_that_is_there_already_enough(tmp_path):
    """Two connections: while a drain holds the database no mark can be left, so none is left out that it will not read.

    The marking transaction either commits before the drain takes the mark away, which then reads its row, or begins
    after the drain has ended, and finds no mark there.
    """
    path = tmp_path / "two-writers.sqlite3"
    drain, writer = (sqlite3.connect(path, isolation_level=None, timeout=0) for _number in range(2))
    drain.execute("CREATE TABLE mark (cell INTEGER)")
    drain.execute("CREATE TABLE hours (minutes INTEGER)")
    note = "INSERT INTO mark SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM mark WHERE cell = 1)"
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO hours VALUES (60)")
    writer.execute(note)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        drain.execute("BEGIN IMMEDIATE")
    writer.execute("COMMIT")
    drain.execute("BEGIN IMMEDIATE")
    assert drain.execute("DELETE FROM mark RETURNING cell").fetchall() == [(1,)]
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        writer.execute("BEGIN IMMEDIATE")
    assert drain.execute("SELECT SUM(minutes) FROM hours").fetchone() == (60,)
    drain.execute("COMMIT")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO hours VALUES (30)")
    writer.execute(note)
    writer.execute("COMMIT")
    assert drain.execute("SELECT COUNT(*) FROM mark").fetchone() == (1,)
