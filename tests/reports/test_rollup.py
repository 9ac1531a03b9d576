"""The rollups equal the rows, after any change, and the rebuild proves it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, StaleMark
from campaigns.weeks import Week
from reports import rollup
from reports.breakdown import By, Lens, Period, break_down
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
    rollup.drain()
    cell = fine(platform=entry.platform)
    assert (cell.minutes, cell.unrated_minutes) == (91, unrated.minutes)
    assert cell.labour_cent_minutes == 61 * 4321
    assert cell.spend_cents == 999
    coarse = PlatformWeek.objects.get(basis="cash", platform=entry.platform)
    assert coarse.labour_cent_minutes == cell.labour_cent_minutes


def test_spend_without_campaign_is_general_presence():
    spend = factories.SpendFactory()
    rollup.drain()
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
    rollup.drain()
    other = factories.PlatformFactory()
    entry.platform = other
    entry.save()
    rollup.drain()
    assert set(PlatformWeek.objects.values_list("platform", flat=True)) == {other.pk}


def test_a_deleted_entry_leaves_no_cell():
    factories.EntryFactory().delete()
    rollup.drain()
    assert not CampaignWeek.objects.exists()
    assert not StaleMark.objects.exists()


def test_a_deleted_lead_and_a_deleted_sale_leave_no_cell():
    touch = factories.TouchFactory()
    lead = factories.LeadFactory()
    sale = factories.SaleFactory(platform=touch.platform, amount_cents=500)
    rollup.drain()
    sale.delete()
    type(lead).objects.filter(pk=lead.pk).delete()
    touch.delete()
    touch.lead.delete()
    rollup.drain()
    assert not PlatformWeek.objects.exists()
    assert not CampaignWeek.objects.exists()
    assert rollup.rebuild() == []


def test_a_change_of_rate_reaches_the_rollup():
    rate = factories.RateFactory(hourly_cents=1000)
    entry = factories.EntryFactory(member=rate.member, minutes=60)
    rollup.drain()
    CostRate.objects.create(member=rate.member, starts_on=date(2026, 2, 1), hourly_cents=3000)
    rollup.drain()
    assert fine(platform=entry.platform).labour_cent_minutes == 60 * 3000


def test_a_rebuild_finds_nothing_on_a_healthy_system_and_says_what_was_wrong_on_another():
    lead = factories.LeadFactory()
    factories.TouchFactory(lead=lead)
    factories.SaleFactory(lead=lead)
    factories.EntryFactory()
    factories.SpendFactory()
    rollup.drain()
    assert rollup.rebuild() == []
    CampaignWeek.objects.filter(minutes__gt=0).update(minutes=1)
    Credit.objects.filter(lead=lead).delete()
    defects = rollup.rebuild()
    assert any("credits" in defect for defect in defects)
    assert any("2026-W47" in defect for defect in defects)
    assert rollup.rebuild() == []


def test_draining_twice_changes_nothing():
    factories.EntryFactory()
    rollup.drain()
    before = list(CampaignWeek.objects.order_by("pk").values())
    assert rollup.drain() == set()
    assert list(CampaignWeek.objects.order_by("pk").values()) == before


def test_the_number_of_queries_does_not_grow_with_the_entries(django_assert_num_queries):
    entry = factories.EntryFactory()
    cell = {"platform": entry.platform, "campaign": entry.campaign}
    rollup.drain()
    factories.EntryFactory(**cell)
    with CaptureQueriesContext(connection) as few:
        rollup.drain()
    for _n in range(30):
        factories.EntryFactory(**cell)
    with django_assert_num_queries(len(few)):
        rollup.drain()


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
    rollup.drain()
    return Period.ending(Week(date(2026, 11, 30)), 3)


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("model", ["first", "last", "linear", "position", "decay"])
def test_rows_add_up_to_the_rows_of_the_database_under_every_model(mixed, by, model):
    breakdown = break_down(mixed, by, Lens(model=model))
    total = sum((row.figures for row in breakdown.rows), start=type(breakdown.total)())
    assert total == breakdown.total
    assert total.minutes == TimeEntry.objects.minutes() == 180
    assert total.labour_cent_minutes == 2 * 77 * 4567
    assert total.spend_cents == 2002
    assert total.revenue_cents == 2 * 10_001 + 333
    assert total.leads_m == 2_000_000
    assert total.sales_m == 3_000_000
    assert breakdown.general.minutes == 26


def test_filters_split_the_total_without_rest(mixed):
    lens = Lens()
    whole = break_down(mixed, By.PLATFORM, lens).total
    by_purpose = break_down(mixed, By.PURPOSE, lens)
    parts = [
        break_down(mixed, By.PLATFORM, Lens(purpose=row.key)).total for row in by_purpose.rows if row.key is not None
    ]
    unattributed = next(row.figures for row in by_purpose.rows if row.key is None)
    assert sum(parts, start=unattributed) == whole
