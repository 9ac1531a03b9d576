"""The unit of recomputation is the cell: a change sums its own week, platform and campaign, and nothing else."""

import sqlite3
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import triggers as campaigns
from campaigns.models import Agency, Campaign, Spend, StaleMark
from core import triggers
from core.numbers import MAX_CENTS
from core.weeks import Week
from reports import triggers as reports
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


def test_a_cell_that_a_transaction_marks_again_and_again_is_summed_once():
    entry = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    for minutes in range(10, 30):
        TimeEntry.objects.filter(pk=entry.pk).update(minutes=minutes)
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    assert len([sql for sql in statements_of(captured) if f"INSERT INTO {cell_sums.FINE}" in sql]) == 1
    assert not StaleMark.objects.exists()
    recount.check()


def test_sqlite_finds_a_mark_that_stands_already_by_an_index_of_its_own():
    if connection.vendor != "sqlite":
        return  # PostgreSQL looks at none: below
    noting = [each for each in campaigns.TRIGGERS + reports.TRIGGERS if isinstance(each, triggers.NotingTrigger)]
    said = [dict.fromkeys(row, "1") for each in noting for row in each.rows]
    looks = {f"SELECT 1 FROM {campaigns.MARKS} AS noted WHERE {triggers._same(row)}" for row in said}
    assert len(looks) == 3  # of a cell, a lead, a sale
    with connection.cursor() as cursor:
        for look in looks:
            cursor.execute(f"EXPLAIN QUERY PLAN {look}")
            assert "USING INDEX noted_" in str(cursor.fetchall()), look


@pytest.mark.postgres
def test_a_statement_that_marks_looks_at_no_mark_that_waits():
    """A plan that compared each with each made the marks of 10,000 credits take two seconds."""
    factories.EntryFactory(day=MONDAY)
    looked_at = "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'campaigns_stalemark'"
    with connection.cursor() as cursor:
        cursor.execute(looked_at)
        before = cursor.fetchone()
        TimeEntry.objects.update(minutes=7)
        cursor.execute(looked_at)
        assert cursor.fetchone() == before


def test_what_is_written_in_place_of_what_is_there_marks_both_cells():
    """INSERT ... ON CONFLICT: an insert and an update in one statement."""
    there = factories.EntryFactory(day=MONDAY)
    StaleMark.objects.all().delete()
    new = TimeEntry(member=there.member, day=MONDAY, week=MONDAY, platform=factories.PlatformFactory(), minutes=5)
    new.campaign = there.campaign
    again = TimeEntry(member=there.member, day=MONDAY, week=MONDAY, platform=there.platform, minutes=7)
    again.campaign = there.campaign
    cell = ["member", "day", "platform", "campaign"]
    TimeEntry.objects.bulk_create([new, again], update_conflicts=True, unique_fields=cell, update_fields=["minutes"])
    marked = StaleMark.objects.values_list("platform_id", flat=True)
    assert sorted(marked) == sorted([there.platform_id, new.platform_id])
    rollups.drain()
    recount.check()


@pytest.mark.postgres  # SQLite keeps one mark of each cell
def test_a_cell_that_is_marked_many_times_is_summed_once():
    first, entry = factories.EntryFactory(day=MONDAY), factories.EntryFactory(day=MONDAY)
    rollups.drain()
    cell = {"week_from": MONDAY, "week_to": MONDAY, "is_cell": True, "of_costs": True}
    cell |= {"platform_id": entry.platform_id, "campaign_id": entry.campaign_id}
    other = {**cell, "platform_id": first.platform_id, "campaign_id": first.campaign_id}
    StaleMark.objects.bulk_create([StaleMark(**cell) for _number in range(rollups.MARKS_AT_ONCE + 500)])
    StaleMark.objects.create(**other)
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    sums = [sql for sql in statements_of(captured) if f"INSERT INTO {cell_sums.FINE}" in sql]
    assert len(sums) == 2  # one for that cell, however often it is marked, and one for what did not fit beside it
    assert not StaleMark.objects.exists()


def test_hours_that_change_read_no_credit_and_credits_no_hours():
    entry, touch = factories.EntryFactory(day=MONDAY), factories.TouchFactory()
    rollups.drain()
    TimeEntry.objects.filter(pk=entry.pk).update(minutes=77)
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    assert not any(cell_sums.CREDITS in sql for sql in statements_of(captured))
    Credit.objects.filter(lead=touch.lead).update(share_linear=7)
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    assert not any(cell_sums.ENTRIES in sql for sql in statements_of(captured))


def test_what_does_not_change_is_not_written():
    entry = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    TimeEntry.objects.filter(pk=entry.pk).update(minutes=entry.minutes, note="the same minutes")
    assert StaleMark.objects.exists()
    kept = [connection.ops.quote_name(table._meta.db_table) for table in TABLES]
    with connection.cursor() as cursor:
        for table in kept:
            cursor.execute(f"CREATE TEMPORARY TABLE kept_{table[1:-1]} AS SELECT * FROM {table}")
    rollups.drain()
    with connection.cursor() as cursor:
        for table in kept:
            cursor.execute(f"SELECT COUNT(*) FROM (SELECT * FROM {table} EXCEPT SELECT * FROM kept_{table[1:-1]}) d")
            assert cursor.fetchone() == (0,)


def test_costs_that_cancel_each_other_out_leave_no_total():
    general = Campaign.objects.general()
    given, back = (
        factories.SpendFactory(amount_cents=cents, campaign=campaign, starts_on=MONDAY, ends_on=MONDAY)
        for cents, campaign in ((700, general), (-700, factories.CampaignFactory()))
    )
    Spend.objects.filter(pk=back.pk).update(platform=given.platform)
    rollups.drain()
    assert CampaignWeek.objects.exists()
    recount.check()
    assert rollups.rebuild() == []
    Spend.objects.filter(pk=back.pk).delete()
    rollups.drain()
    recount.check()
    Spend.objects.all().delete()
    rollups.drain()
    assert not PlatformWeek.objects.exists()
    recount.check()


def test_what_a_deleted_campaign_took_with_it_leaves_no_total():
    entry = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    CampaignWeek.objects.filter(campaign=entry.campaign).delete()  # as the deletion of the campaign does
    entry.delete()
    rollups.drain()
    assert not PlatformWeek.objects.exists()


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
