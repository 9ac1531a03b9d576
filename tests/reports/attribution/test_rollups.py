"""The rollups equal the rows, after any change, and the rebuild proves it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, Lead, Sale, Spend, StaleMark
from core.weeks import Week
from reports.attribution import rollups
from reports.figures.query import By, Period, ReportFilters, figures_by
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import factories
from timesheets.models import CostRate, TimeEntry

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)


def fine(**where):
    return CampaignWeek.objects.get(basis="cash", **where)


def test_hours_and_spend_meet_in_their_cell():
    rate = factories.RateFactory(hourly_cents=4321)
    entry = factories.EntryFactory(member=rate.member, minutes=61)
    unrated = factories.EntryFactory(platform=entry.platform, campaign=entry.campaign, minutes=30)
    factories.SpendFactory(platform=entry.platform, campaign=entry.campaign, amount_cents=999)
    rollups.drain()
    cell = fine(platform=entry.platform)
    assert (cell.minutes, cell.unrated_minutes) == (91, unrated.minutes)
    assert cell.labour_cent_minutes == 61 * 4321
    assert cell.spend_cents == 999
    coarse = PlatformWeek.objects.get(basis="cash", platform=entry.platform)
    assert coarse.labour_cent_minutes == cell.labour_cent_minutes


def test_spend_without_campaign_is_general_presence():
    spend = factories.SpendFactory()
    rollups.drain()
    assert fine(platform=spend.platform).campaign == Campaign.objects.general()


@pytest.mark.parametrize("days", [1, 7, 8, 31, 365])
@pytest.mark.parametrize("amount_cents", [1, 100, 99_999])
def test_spend_is_spread_over_its_days_to_the_cent(days, amount_cents):
    starts_on = date(2026, 1, 1)
    spend = factories.SpendFactory(
        starts_on=starts_on, ends_on=starts_on + timedelta(days=days - 1), amount_cents=amount_cents
    )
    parts = [spend.cents_in(week) for week in spend.weeks]
    assert sum(parts) == amount_cents
    assert min(parts) >= 0


def test_a_moved_entry_leaves_its_old_cell_empty():
    entry = factories.EntryFactory()
    rollups.drain()
    other = factories.PlatformFactory()
    entry.platform = other
    entry.save()
    rollups.drain()
    assert set(PlatformWeek.objects.values_list("platform", flat=True)) == {other.pk}


def weeks_of(rows):
    return set(rows.values_list("week", flat=True))


@pytest.mark.parametrize("days", [-70, -7, 7, 14, 70])
def test_spend_that_moves_to_other_days_leaves_its_old_weeks_and_counts_in_the_new(days):
    spend = factories.SpendFactory(starts_on=MONDAY, ends_on=MONDAY + timedelta(days=13), amount_cents=1400)
    rollups.drain()
    assert weeks_of(PlatformWeek.objects) == {MONDAY, MONDAY + timedelta(days=7)}
    moved = MONDAY + timedelta(days=days)
    Spend.objects.filter(pk=spend.pk).update(starts_on=moved, ends_on=moved + timedelta(days=13))
    rollups.drain()
    assert weeks_of(PlatformWeek.objects) == {moved, moved + timedelta(days=7)}
    assert rollups.rebuild() == []


@pytest.mark.parametrize("ends_on", [MONDAY + timedelta(days=6), MONDAY + timedelta(days=34)], ids=["less", "more"])
def test_spend_over_more_or_fewer_days_counts_in_those(ends_on):
    spend = factories.SpendFactory(starts_on=MONDAY, ends_on=MONDAY + timedelta(days=20), amount_cents=2100)
    rollups.drain()
    Spend.objects.filter(pk=spend.pk).update(ends_on=ends_on)
    rollups.drain()
    assert max(weeks_of(PlatformWeek.objects)) == Week.containing(ends_on).monday
    assert sum(PlatformWeek.objects.filter(basis="cash").values_list("spend_cents", flat=True)) == 2100
    assert rollups.rebuild() == []


@pytest.mark.parametrize("days", [-70, -7, 7, 70])
def test_hours_that_move_to_another_week_leave_their_old_one(days):
    entry = factories.EntryFactory(day=MONDAY)
    rollups.drain()
    entry.day += timedelta(days=days)
    entry.save()
    rollups.drain()
    assert weeks_of(PlatformWeek.objects) == {MONDAY + timedelta(days=days)}
    assert rollups.rebuild() == []


def marks():
    columns = ("week_from", "week_to", "platform_id", "campaign_id", "lead_id", "sale_id", "everything")
    return set(StaleMark.objects.values_list(*columns))


def test_an_update_marks_what_it_leaves_and_what_it_comes_to():
    """Whatever the table: of a lead or a sale, the number that is no more and the new one."""
    lead, sale = factories.LeadFactory(), factories.SaleFactory()
    spend = factories.SpendFactory(starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 11))
    entry = factories.EntryFactory(day=MONDAY)
    of_spend, of_entry = (spend.platform_id, spend.campaign_id), (entry.platform_id, entry.campaign_id)
    StaleMark.objects.all().delete()
    Spend.objects.filter(pk=spend.pk).update(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4))
    TimeEntry.objects.filter(pk=entry.pk).update(day=date(2026, 3, 10), week=date(2026, 3, 9))
    Lead.objects.filter(pk=lead.pk).update(id=lead.pk + 1000)
    Sale.objects.filter(pk=sale.pk).update(id=sale.pk + 1000)
    assert marks() == {
        (date(2026, 1, 5), date(2026, 1, 11), *of_spend, None, None, False),
        (date(2026, 3, 2), date(2026, 3, 4), *of_spend, None, None, False),
        (MONDAY, MONDAY, *of_entry, None, None, False),
        (date(2026, 3, 9), date(2026, 3, 9), *of_entry, None, None, False),
        *((None, None, None, None, number, None, False) for number in (lead.pk, lead.pk + 1000)),
        *((None, None, None, None, None, number, False) for number in (sale.pk, sale.pk + 1000)),
    }


def test_a_deleted_entry_leaves_no_cell():
    factories.EntryFactory().delete()
    rollups.drain()
    assert not CampaignWeek.objects.exists()
    assert not StaleMark.objects.exists()


def test_a_deleted_lead_and_a_deleted_sale_leave_no_cell():
    touch = factories.TouchFactory()
    lead = factories.LeadFactory()
    sale = factories.SaleFactory(platform=touch.platform, amount_cents=500)
    rollups.drain()
    sale.delete()
    type(lead).objects.filter(pk=lead.pk).delete()
    touch.delete()
    touch.lead.delete()
    rollups.drain()
    assert not PlatformWeek.objects.exists()
    assert not CampaignWeek.objects.exists()
    assert rollups.rebuild() == []


def test_a_change_of_rate_reaches_the_rollup():
    rate = factories.RateFactory(hourly_cents=1000)
    entry = factories.EntryFactory(member=rate.member, minutes=60)
    rollups.drain()
    CostRate.objects.create(member=rate.member, starts_on=date(2026, 2, 1), hourly_cents=3000)
    rollups.drain()
    assert fine(platform=entry.platform).labour_cent_minutes == 60 * 3000


def test_a_rebuild_finds_nothing_on_a_healthy_system_and_says_what_was_wrong_on_another():
    lead = factories.LeadFactory()
    factories.TouchFactory(lead=lead)
    factories.SaleFactory(lead=lead)
    factories.EntryFactory()
    factories.SpendFactory()
    rollups.drain()
    assert rollups.rebuild() == []
    CampaignWeek.objects.filter(minutes__gt=0).update(minutes=1)
    Credit.objects.filter(lead=lead).delete()
    defects = rollups.rebuild()
    assert any("credits" in defect for defect in defects)
    assert any("2026-W47" in defect for defect in defects)
    assert rollups.rebuild() == []


def test_draining_twice_changes_nothing():
    factories.EntryFactory()
    rollups.drain()
    before = list(CampaignWeek.objects.order_by("pk").values())
    assert rollups.drain() == set()
    assert list(CampaignWeek.objects.order_by("pk").values()) == before


def test_the_number_of_queries_does_not_grow_with_the_entries(django_assert_num_queries):
    entry = factories.EntryFactory()
    cell = {"platform": entry.platform, "campaign": entry.campaign}
    rollups.drain()
    factories.EntryFactory(**cell)
    with CaptureQueriesContext(connection) as few:
        rollups.drain()
    for _n in range(30):
        factories.EntryFactory(**cell)
    with django_assert_num_queries(len(few)):
        rollups.drain()


# -- while somebody writes --------------------------------------------------------------------------------------------

COUNTED = ("timesheets_timeentry", "campaigns_spend", "campaigns_lead", "campaigns_touch", "campaigns_sale")


@pytest.fixture
def some_of_each():
    """Rows of each kind whose marks a drain is to take."""
    lead = factories.LeadFactory()
    factories.TouchFactory(lead=lead)
    factories.SaleFactory(lead=lead)
    factories.SpendFactory()
    return factories.EntryFactory(minutes=60)


def test_a_drain_takes_the_marks_away_in_a_statement_of_its_own_before_it_reads_a_row(some_of_each):
    """Marks that go later take along what was written meanwhile: PostgreSQL shows each statement what is committed."""
    with CaptureQueriesContext(connection) as captured:
        rollups.drain()
    statements = [query["sql"] for query in captured]
    of_marks = [sql for sql in statements if "campaigns_stalemark" in sql]
    reads = [number for number, sql in enumerate(statements) if any(table in sql for table in COUNTED)]
    *taken, last = of_marks
    assert len(taken) >= 2  # what was marked, and what the credits that followed marked
    assert all("DELETE FROM" in sql and "RETURNING" in sql for sql in taken[::2])
    assert not any(table in sql for table in COUNTED for sql in of_marks)
    assert statements.index(taken[0]) < min(reads)
    assert last.startswith("SELECT")  # none is left, which ends the drain
    assert max(number for number, sql in enumerate(statements) if sql == last) > max(reads)


def test_what_is_written_between_any_two_statements_of_a_drain_is_counted(some_of_each):
    """As another connection's commit would be seen on PostgreSQL; here by the same one, on either database."""
    hours = TimeEntry.objects.filter(pk=some_of_each.pk)
    statement = 0
    hours.update(minutes=1)
    while drain_and_write_before(statement, lambda: hours.update(minutes=600)):
        assert fine(platform=some_of_each.platform).minutes == 600, f"written before statement {statement}"
        hours.update(minutes=1)
        statement += 1
    assert statement >= 6


def drain_and_write_before(number, write):
    """Drain, and write before the statement of this number; return whether there was one."""
    is_written, seen = False, 0

    def before_each(execute, sql, parameters, many, context):
        nonlocal is_written, seen
        seen += 1
        if seen > number and not is_written:
            is_written = True
            write()
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(before_each):
        rollups.drain()
    rollups.drain()
    return is_written


# -- figures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed():
    """Two platforms with hours, spend, leads and sales, one sale of unknown origin, in two weeks."""
    rate = factories.RateFactory(hourly_cents=4567)
    campaign = factories.CampaignFactory(purpose="keep")
    platforms = [factories.PlatformFactory(), factories.PlatformFactory()]
    for week, platform in enumerate(platforms):
        day = MONDAY + timedelta(days=7 * week)
        factories.EntryFactory(member=rate.member, platform=platform, campaign=campaign, day=day, minutes=77)
        factories.EntryFactory(platform=platform, campaign=Campaign.objects.general(), day=day, minutes=13)
        factories.SpendFactory(platform=platform, starts_on=day, ends_on=day + timedelta(days=9), amount_cents=1001)
        lead = factories.LeadFactory(received_at=datetime(2026, 11, 20, tzinfo=UTC), qualified_at=None)
        factories.TouchFactory(lead=lead, platform=platform, campaign=campaign)
        factories.TouchFactory(lead=lead, platform=None)
        factories.SaleFactory(lead=lead, sold_on=date(2026, 11, 25), amount_cents=10_001)
    factories.SaleFactory(sold_on=MONDAY, amount_cents=333)
    rollups.drain()
    return Period.ending(Week(date(2026, 11, 30)), 3)


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("model", [model.name for model in PATH_MODELS])
def test_rows_add_up_to_the_rows_of_the_database_under_every_model(mixed, by, model):
    breakdown = figures_by(mixed, by, ReportFilters(model=model))
    total = sum((row.figures for row in breakdown.rows), start=type(breakdown.total)())
    assert total == breakdown.total
    assert total.minutes == TimeEntry.objects.minutes() == 180
    assert total.labour_cent_minutes == 2 * 77 * 4567
    assert total.spend_cents == 2002
    assert total.revenue_cents == 2 * 10_001 + 333
    assert total.leads_millionths == 2_000_000
    assert total.sales_millionths == 3_000_000
    assert breakdown.general.minutes == 26


def test_filters_split_the_total_without_rest(mixed):
    filters = ReportFilters()
    whole = figures_by(mixed, By.PLATFORM, filters).total
    by_purpose = figures_by(mixed, By.PURPOSE, filters)
    parts = [
        figures_by(mixed, By.PLATFORM, ReportFilters(purpose=row.key)).total
        for row in by_purpose.rows
        if row.key is not None
    ]
    unattributed = next(row.figures for row in by_purpose.rows if row.key is None)
    assert sum(parts, start=unattributed) == whole
