"""Credits in the database: who gets what of a lead or a sale, to the cent and to the week."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from campaigns.attribution import PATH_MODELS
from campaigns.models import Agency, Campaign, Sale
from reports.attribution import rollups
from reports.models import CampaignWeek, Credit
from tests import factories

pytestmark = pytest.mark.django_db


def at(month, day, hour=9, year=2026):
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def path():
    """A lead met on Facebook in March, on LinkedIn in May, directly in June, and sold to in July."""
    facebook, linkedin = factories.PlatformFactory(name="Facebook"), factories.PlatformFactory(name="LinkedIn")
    campaign = factories.CampaignFactory(name="Spring")
    lead = factories.LeadFactory(received_at=at(6, 2))
    factories.TouchFactory(lead=lead, at=at(3, 3), platform=facebook)
    factories.TouchFactory(lead=lead, at=at(5, 5), platform=linkedin, campaign=campaign)
    factories.TouchFactory(lead=lead, at=at(6, 1), platform=None)
    sale = factories.SaleFactory(lead=lead, sold_on=date(2026, 7, 1), amount_cents=100_000)
    return facebook, linkedin, campaign, lead, sale


def cents(sale, model):
    rows = Credit.objects.filter(sale=sale)
    return {row.platform and row.platform.name: getattr(row, f"cents_{model}") for row in rows}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"Facebook": 100_000, "LinkedIn": 0, None: 0}),
        ("last", {"Facebook": 0, "LinkedIn": 0, None: 100_000}),
        ("linear", {"Facebook": 33_334, "LinkedIn": 33_333, None: 33_333}),
        ("position", {"Facebook": 40_000, "LinkedIn": 20_000, None: 40_000}),
    ],
)
def test_a_sale_is_credited_along_its_path(path, model, expected):
    rollups.drain()
    assert cents(path[-1], model) == expected


def test_credit_goes_to_the_week_of_the_work_and_to_that_of_the_money(path):
    facebook, linkedin, campaign, _lead, sale = path
    rollups.drain()
    rows = {row.platform_id: row for row in Credit.objects.filter(sale=sale)}
    assert rows[facebook.pk].work_week == date(2026, 3, 2)
    assert rows[linkedin.pk].campaign == campaign
    assert rows[facebook.pk].campaign == Campaign.objects.general()
    assert rows[None].campaign is None
    assert {row.money_week for row in rows.values()} == {date(2026, 6, 29)}


def test_touches_after_the_sale_or_outside_the_lookback_do_not_count(path):
    *_, lead, sale = path
    factories.TouchFactory(lead=lead, at=at(7, 2))
    factories.TouchFactory(lead=lead, at=at(6, 1, year=2025))
    rollups.drain()
    assert Credit.objects.filter(sale=sale).count() == 3


def test_a_touch_on_the_evening_of_the_sale_counts(path):
    *_, lead, sale = path
    late = factories.TouchFactory(lead=lead, at=at(7, 1, hour=21))  # 23:00 in Paris
    rollups.drain()
    assert cents(sale, "last")[late.platform.name] == 100_000


MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("sold_on", "next_day"),
    [
        pytest.param(date(2026, 7, 1), datetime(2026, 7, 1, 22, tzinfo=UTC), id="in summer"),
        pytest.param(date(2026, 12, 31), datetime(2026, 12, 31, 23, tzinfo=UTC), id="the last of a year"),
        pytest.param(date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), id="a day of 23 hours"),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC), id="a day of 25 hours"),
        pytest.param(date(2028, 2, 28), datetime(2028, 2, 28, 23, tzinfo=UTC), id="the eve of a leap day"),
    ],
)
def test_the_day_of_a_sale_ends_with_its_last_microsecond_in_paris(sold_on, next_day):
    lead = factories.LeadFactory(received_at=next_day - timedelta(days=20))
    last, first = (factories.TouchFactory(lead=lead, at=at) for at in (next_day - MICROSECOND, next_day))
    sale = factories.SaleFactory(lead=lead, sold_on=sold_on, amount_cents=500)
    rollups.drain()
    assert cents(sale, "last") == {last.platform.name: 500}
    sale.sold_on += timedelta(days=1)
    sale.save()
    rollups.drain()
    assert cents(sale, "last") == {last.platform.name: 0, first.platform.name: 500}


def test_the_lookback_of_a_sale_begins_with_the_last_microsecond_of_a_day():
    """So many days before the last instant of its day, to the microsecond."""
    agency = Agency.current()
    end = datetime(2026, 7, 1, 22, tzinfo=UTC) - MICROSECOND
    lead = factories.LeadFactory(received_at=end - timedelta(days=1))
    oldest = end - timedelta(days=agency.lookback_days)
    in_time, _too_old = (factories.TouchFactory(lead=lead, at=at) for at in (oldest, oldest - MICROSECOND))
    sale = factories.SaleFactory(lead=lead, sold_on=date(2026, 7, 1), amount_cents=500)
    rollups.drain()
    assert cents(sale, "first") == {in_time.platform.name: 500}


def test_a_sale_without_lead_takes_what_was_entered_on_it(path):
    facebook = path[0]
    known = factories.SaleFactory(platform=facebook, amount_cents=5000)
    unknown = factories.SaleFactory(amount_cents=700)
    rollups.drain()
    assert cents(known, "decay") == {"Facebook": 5000}
    assert cents(unknown, "decay") == {None: 700}


def test_a_refund_takes_back_the_originals_weights_in_its_own_week(path):
    sale = path[-1]
    rollups.drain()
    refund = Sale.objects.create(refund_of=sale, sold_on=date(2026, 9, 1), amount_cents=-100_000)
    rollups.drain()
    assert cents(refund, "linear") == {"Facebook": -33_334, "LinkedIn": -33_333, None: -33_333}
    assert set(Credit.objects.filter(sale=refund).values_list("money_week", flat=True)) == {date(2026, 8, 31)}
    assert Credit.objects.filter(sale=refund).aggregate(Sum("share_linear"))["share_linear__sum"] == 0
    cohort = CampaignWeek.objects.filter(basis="cohort").aggregate(Sum("revenue_linear"))
    assert cohort["revenue_linear__sum"] == 0


def test_a_refund_of_no_known_sale_is_unattributed_money_and_no_sale(path):
    refund = Sale.objects.create(sold_on=date(2026, 9, 1), amount_cents=-900)
    rollups.drain()
    assert cents(refund, "linear") == {None: -900}
    assert Credit.objects.filter(sale=refund).aggregate(Sum("share_linear"))["share_linear__sum"] == 0


def test_a_refund_of_a_voided_sale_takes_nothing_back(path):
    sale = path[-1]
    refund = Sale.objects.create(refund_of=sale, sold_on=date(2026, 9, 1), amount_cents=-100)
    rollups.drain()
    sale.void(at=at(9, 2))
    rollups.drain()
    assert not Credit.objects.filter(sale__in=[sale, refund]).exists()


def test_two_sales_of_one_lead_are_two_conversions(path):
    *_, lead, first = path
    second = factories.SaleFactory(lead=lead, sold_on=date(2026, 8, 3), amount_cents=300)
    rollups.drain()
    assert cents(second, "linear") == {"Facebook": 100, "LinkedIn": 100, None: 100}
    assert sum(cents(first, "linear").values()) == 100_000


def test_a_change_of_the_half_life_recomputes_every_credit(path):
    rollups.drain()
    before = cents(path[-1], "decay")
    agency = Agency.current()
    agency.half_life_days = 7
    agency.save()
    rollups.drain()
    after = cents(path[-1], "decay")
    assert after != before
    assert sum(after.values()) == sum(before.values()) == 100_000


def test_a_voided_lead_loses_its_credits_and_its_sale_becomes_unattributed(path):
    *_, lead, sale = path
    rollups.drain()
    lead.void(at=at(8, 1))
    rollups.drain()
    assert not Credit.objects.filter(lead=lead).exists()
    assert cents(sale, "linear") == {None: 100_000}


def test_shares_of_a_lead_add_up_to_one_under_each_model(path):
    rollups.drain()
    sums = Credit.objects.filter(lead=path[3]).aggregate(*(Sum(f"share_{model.name}") for model in PATH_MODELS))
    assert set(sums.values()) == {1_000_000}
