"""What the method reads from the database."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.models import Min, Q, Sum
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency, Sale, UnrecordedPeriod
from campaigns.models.agency import MODEL_CHOICES, Basis
from campaigns.models.catalogue import Purpose
from reports.attribution import rollups
from reports.models import CampaignWeek, Credit
from reports.verdicts import load_inputs
from tests import factories
from tests.reports.world import LAST

pytestmark = pytest.mark.django_db


def spend(platform, weekly, weeks, until=LAST, **changes):
    """That much each week, for so many weeks: one bill, spread over its days."""
    return factories.SpendFactory(
        platform=platform,
        starts_on=until.plus(1 - weeks).monday,
        ends_on=until.sunday,
        amount_cents=weekly * weeks,
        **changes,
    )


def touched(platform, week, **changes):
    """A lead that met the platform on the Monday of a week, and came in at once."""
    at = datetime.combine(week.monday, time(12), UTC)
    lead = factories.LeadFactory(received_at=at)
    factories.TouchFactory(lead=lead, platform=platform, at=at, **changes)
    return lead


def read(*platforms, week=LAST):
    rollups.drain()
    return load_inputs.read(week, [platform.pk for platform in platforms], Agency.current())


def test_cost_and_returns_stand_by_week_in_months_counted_back_from_the_end():
    facebook = factories.PlatformFactory()
    spend(facebook, 7_000, 10)
    lead = touched(facebook, LAST.plus(-6))
    sale = factories.SaleFactory(lead=lead, sold_on=LAST.plus(-4).sunday, amount_cents=90_000)
    factories.SaleFactory(lead=lead, refund_of=sale, sold_on=LAST.sunday, amount_cents=-30_000)
    Agency.current()
    Agency.objects.update(gross_margin="0.5")
    rows = read(facebook)
    assert rows.weeks == (("2026-W35", "2026-W38"), ("2026-W39", "2026-W42"), ("2026-W43", "2026-W46"))
    assert rows.cost.tolist() == [[0, 0, *[7_000] * 10]]
    assert rows.returned["linear"][0].tolist() == [0, 0, 0, 0, 0, 0, 0, 45_000, 0, 0, 0, -15_000]
    assert rows.course[0].tolist() == [[0, 0, 0], [45_000, -15_000, 0], [0, 0, 0]]
    # A refund shows no delay.
    assert (rows.delays.worked.tolist(), rows.delays.paid.tolist(), rows.delays.share.tolist()) == ([5], [7], [1])
    worth, week = rows.sold.net()
    assert (worth.tolist(), week.tolist()) == ([30_000], [7])
    assert rows.weekly.cost[0, -11:].tolist() == [0, *[7_000] * 10]
    earlier = rows.month_ago()
    assert earlier.cost.tolist() == [[0, 0, *[7_000] * 6]]
    assert earlier.returned["linear"][0].tolist() == [0, 0, 0, 0, 0, 0, 0, 45_000]
    assert earlier.course[0].tolist() == [[0, 0], [45_000, 0]]
    assert earlier.sold.net()[0].tolist() == [45_000]


def test_nothing_that_came_later_is_known():
    facebook = factories.PlatformFactory()
    spend(facebook, 7_000, 10)
    factories.SaleFactory(lead=touched(facebook, LAST.plus(-6)), sold_on=LAST.sunday)
    rows = read(facebook, week=LAST.previous)
    assert not rows.course.any()
    assert len(rows.delays.share) == 0
    assert len(rows.sold.cents) == 0
    assert rows.cost.sum() == 9 * 7_000
    assert read(facebook).course.sum() == 100_000


def test_returns_of_work_before_the_first_cost_do_not_count_as_returns():
    """But they tell how long returns take."""
    facebook = factories.PlatformFactory()
    spend(facebook, 7_000, 6)
    for weeks_ago in (6, 5):  # the week before the first cost, in the same month as it, and the first
        factories.SaleFactory(platform=facebook, sold_on=LAST.plus(-weeks_ago).monday)
    rows = read(facebook)
    assert rows.returned["linear"].sum() == rows.course.sum() == 100_000
    assert rows.delays.share.sum() == 2


def test_only_work_that_is_to_win_customers_is_judged():
    facebook = factories.PlatformFactory()
    for purpose in Purpose:
        campaign = factories.CampaignFactory(purpose=purpose)
        spend(facebook, 7_000, 6, campaign=campaign)
        factories.SaleFactory(platform=facebook, campaign=campaign, sold_on=LAST.monday)
        touched(facebook, LAST, campaign=campaign)
    spend(facebook, 700, 6)  # general presence
    factories.SaleFactory(sold_on=LAST.monday)  # unattributed
    rows = read(facebook)
    assert rows.cost.sum() == 6 * 7_700
    assert rows.course.sum() == 100_000
    assert rows.delays.share.sum() == 1
    assert rows.weekly.leads.sum() == 1
    assert [(path.steps, path.nulls) for path in rows.paths] == [((str(facebook.pk),), 1)]


def test_hours_leads_and_labour_stand_by_week():
    facebook = factories.PlatformFactory()
    rate = factories.RateFactory(hourly_cents=6_000)
    campaign = factories.CampaignFactory()
    factories.EntryFactory(member=rate.member, platform=facebook, campaign=campaign, day=LAST.monday, minutes=90)
    factories.EntryFactory(platform=facebook, campaign=campaign, day=LAST.monday, minutes=30)  # without a rate
    touched(facebook, LAST)
    weekly = read(facebook).weekly
    assert (weekly.hours[0, -1], weekly.rated_hours[0, -1], weekly.labour[0, -1]) == (2, 1.5, 9_000)
    assert (weekly.leads[0, -1], weekly.cost[0, -1]) == (1, 9_000)


def test_paths_are_those_of_won_and_lost_leads_as_credit_takes_them():
    first, second = factories.PlatformFactory(), factories.PlatformFactory()
    at = datetime.combine(LAST.plus(-10).monday, time(12), UTC)

    def lead(*touches, **sale):
        """`(platform, days after the first)` each."""
        made = factories.LeadFactory(received_at=at)
        for platform, days in touches:
            factories.TouchFactory(lead=made, platform=platform, at=at + timedelta(days=days))
        return factories.SaleFactory(lead=made, **sale) if sale else made

    lead((first, 0), (None, 1), (second, 2))  # lost; nobody's platform on the way
    lead((first, 0), (second, 2), (first, 30), sold_on=(at + timedelta(days=10)).date(), amount_cents=50_000)
    refunded = lead((second, 0), sold_on=at.date(), amount_cents=50_000)
    factories.SaleFactory(lead=refunded.lead, refund_of=refunded, sold_on=LAST.monday, amount_cents=-50_000)
    lead((first, -500), (second, 0))  # lost; the first touch is older than the lookback
    lead((first, -800), (second, 0))  # first met before the window
    lead((None, 0))
    rows = read(first, second)
    one, two = str(first.pk), str(second.pk)
    assert {path.steps: (path.conversions, path.value, path.nulls) for path in rows.paths} == {
        (one, two): (1, 50_000, 1),
        (two,): (0, 0, 2),
    }


@pytest.mark.parametrize("model", dict(MODEL_CHOICES))
@pytest.mark.parametrize("basis", [Basis.CASH, Basis.COHORT])
def test_platforms_and_what_is_unattributed_add_up_to_the_sales(world, model, basis):
    sold = Sale.objects.live().aggregate(cents=Sum("amount_cents"))["cents"]
    fine = CampaignWeek.objects.filter(basis=basis).aggregate(cents=Sum(f"revenue_{model}"))["cents"]
    assert fine == sold


def _first_costs(*platforms):
    """The first Monday with any cost of each."""
    worked = CampaignWeek.objects.filter(load_inputs.judged_work(), basis=Basis.COHORT)
    for platform in platforms:
        costly = worked.filter(Q(labour_cent_minutes__gt=0) | Q(spend_cents__gt=0), platform=platform)
        yield platform, costly.aggregate(Min("week"))["week__min"]


@pytest.mark.parametrize("model", dict(MODEL_CHOICES))
def test_what_is_judged_and_what_is_not_add_up_to_the_sales(world, model):
    Agency.objects.update(credit_model=model)
    rows = read(world.facebook, world.linkedin)
    sold = Sale.objects.live().aggregate(cents=Sum("amount_cents"))["cents"]
    judged = Credit.objects.filter(load_inputs.judged_work(), lead=None)
    outside = Credit.objects.filter(lead=None).exclude(pk__in=judged).aggregate(cents=Sum(f"cents_{model}"))["cents"]
    assert outside
    before = sum(
        judged.filter(platform=platform, work_week__lt=first).aggregate(cents=Sum(f"cents_{model}"))["cents"] or 0
        for platform, first in _first_costs(world.facebook, world.linkedin)
    )
    assert rows.course.sum() + before + outside == sold
    assert rows.returned[model].sum() == rows.course.sum()
    assert rows.sold.net()[0].sum() == sold


# -- recorded time -----------------------------------------------------------------------------------------------------


def recorded(*sold_on, since=None, unrecorded=()):
    """The Mondays that are recorded, of the twelve weeks that are looked at, by their numbers."""
    facebook = factories.PlatformFactory()
    spend(facebook, 7_000, 12)
    for day in sold_on:
        factories.SaleFactory(sold_on=day)
    Agency.current()
    Agency.objects.update(sales_complete_since=since)
    for first, last in unrecorded:
        UnrecordedPeriod.objects.create(first_day=first, last_day=last)
    return read(facebook).recorded


def test_nothing_is_recorded_while_no_sale_is_known_and_nobody_said_since_when():
    assert recorded() == ()


def test_sales_are_recorded_since_the_day_that_was_given():
    """A Monday begins its own week; from any other day on, the first whole week counts."""
    assert recorded(since=LAST.plus(-3).monday) == ((8, 12),)
    Agency.objects.update(sales_complete_since=LAST.plus(-3).days[1])
    assert load_inputs.read(LAST, [], Agency.current()).recorded == ((9, 12),)


def test_with_no_day_given_the_first_sale_begins_the_records():
    assert recorded(LAST.plus(-5).days[3], LAST.sunday) == ((6, 12),)


def test_an_old_sale_alone_begins_no_records():
    """Half a year without any sale after it: it was written down later, or the books were begun anew."""
    assert recorded(LAST.plus(-40).monday, LAST.plus(-5).monday, LAST.monday) == ((38, 44),)


def test_weeks_without_records_are_left_out_whole():
    gap = (LAST.plus(-6).days[4], LAST.plus(-4).days[0])
    assert recorded(since=LAST.plus(-100).monday, unrecorded=[gap]) == ((0, 5), (8, 12))


def test_reading_takes_as_many_queries_for_many_platforms_as_for_one():
    def queries(number):
        platforms = [factories.PlatformFactory() for _ in range(number)]
        for platform in platforms:
            spend(platform, 7_000, 6)
            factories.SaleFactory(lead=touched(platform, LAST), sold_on=LAST.sunday)
        rollups.drain()
        with CaptureQueriesContext(connection) as captured:
            load_inputs.read(LAST, [platform.pk for platform in platforms], Agency.current())
        return len(captured)

    one = queries(1)
    assert one <= 11
    assert queries(6) == one


@pytest.mark.postgres
def test_no_list_of_rows_is_searched_for_each_row():
    """A list that is too long to be hashed would be: of 900,000 touchpoints an evaluation never came to its end."""
    facebook = factories.PlatformFactory()
    touched(facebook, LAST)
    with CaptureQueriesContext(connection) as captured:
        read(facebook)
    statements = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            assert not [line for (line,) in cursor.fetchall() if "SubPlan" in line], statement
