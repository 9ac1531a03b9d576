"""A campaign's run against its baseline: which weeks are read, what they are held against, what is stored."""

import math
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency, Sale, Touch
from campaigns.models.catalogue import ComparedMeasure, Purpose
from core.weeks import Week
from operations import jobs
from reports.attribution import rollups
from reports.comparisons import compute
from reports.comparisons.records import Control, NotComparableReason, from_json, to_json
from reports.models import Comparison
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db
# Twelve weeks without the campaign, eight of it, up to the last complete week.
BEFORE, DURING = 12, 8
START = LAST.plus(1 - DURING)
FIRST = START.plus(-BEFORE)
# The 97.5 % quantile of Student's t with 17 degrees of freedom: 20 weeks, and level, action and trend. From a table.
T_17 = 2.1098


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook")


@pytest.fixture
def linkedin():
    return factories.PlatformFactory(name="LinkedIn")


@pytest.fixture
def campaign(facebook):
    """Compared by sales; an hour a week at 40.00 on Facebook from its start on."""
    made = factories.CampaignFactory(
        name="Spring",
        counted=ComparedMeasure.SALES,
        baseline_starts_on=FIRST.monday,
        baseline_ends_on=START.previous.sunday,
        starts_on=START.monday,
    )
    anna = factories.RateFactory().member
    for week in Week.range(START, LAST):
        factories.EntryFactory(member=anna, platform=facebook, campaign=made, day=week.monday, minutes=60)
    return made


def sell(platform, counts, *, first=FIRST, cents=10_000):
    """So many sales on the platform in each week from `first` on; no platform is a sale that nobody brought."""
    Sale.objects.bulk_create(
        Sale(platform=platform, sold_on=week.days[2], amount_cents=cents)
        for index, count in enumerate(counts)
        for week in [first.plus(index)]
        for _ in range(count)
    )


def ask(platform, counts, *, first=FIRST, campaign=None):
    """So many leads in each week from `first` on, each with one touch on the platform."""
    for index, count in enumerate(counts):
        at = datetime.combine(first.plus(index).days[3], time(12), UTC)
        for lead in [factories.LeadFactory(received_at=at) for _ in range(count)]:
            factories.TouchFactory(lead=lead, platform=platform, campaign=campaign, at=at - timedelta(hours=1))


def doubled(count=4):
    return [count] * BEFORE + [2 * count] * DURING


def level(count):
    return [count] * (BEFORE + DURING)


def compared(campaign, *, week=LAST):
    rollups.drain()
    compute.evaluate_all(week, at=NOW)
    return from_json(Comparison.objects.get(campaign=campaign).results)


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_twice_as_much_with_all_else_level_is_twice_as_much(campaign, facebook, linkedin):
    sell(facebook, doubled())
    sell(linkedin, level(10))
    result = compared(campaign).result
    assert result.ratio == pytest.approx(2, rel=1e-6)
    assert result.units == pytest.approx(8 * (8 - 4), rel=1e-6)
    assert result.expected == pytest.approx([4] * 20, rel=1e-6)
    assert result.plain == 2


def test_the_bounds_are_those_of_the_information_matrix_and_students_t(campaign, facebook, linkedin):
    sell(facebook, doubled())
    sell(linkedin, level(10))
    result = compared(campaign).result
    weeks = np.arange(20)
    design = np.column_stack([np.ones(20), weeks >= BEFORE, weeks])
    information = design.T @ np.diag(doubled()) @ design
    error = math.sqrt(np.linalg.inv(information)[1, 1])
    assert result.low == pytest.approx(2 * math.exp(-T_17 * error), rel=1e-4)
    assert result.high == pytest.approx(2 * math.exp(T_17 * error), rel=1e-4)
    assert result.units_low == pytest.approx(64 * (1 - 1 / result.low))
    assert result.units_high == pytest.approx(64 * (1 - 1 / result.high))


def test_what_doubled_everywhere_is_no_merit_of_the_campaign(campaign, facebook, linkedin):
    sell(facebook, doubled())
    sell(linkedin, doubled(10))
    result = compared(campaign).result
    assert result.ratio == pytest.approx(1, rel=1e-6)
    assert result.units == pytest.approx(0, abs=1e-4)
    assert result.plain == 2


def test_the_gain_is_units_times_their_worth_less_hours_and_spend(campaign, facebook, linkedin):
    agency = Agency.current()
    agency.gross_margin = "0.4"
    agency.save()
    factories.SpendFactory(
        platform=facebook, campaign=campaign, amount_cents=5_000, starts_on=LAST.monday, ends_on=LAST.sunday
    )
    # What went into it before it ran is not what this run cost.
    anna = factories.RateFactory().member
    factories.EntryFactory(member=anna, platform=facebook, campaign=campaign, day=START.previous.monday)
    sell(facebook, doubled())
    sell(linkedin, level(10), cents=70_000)
    record = compared(campaign)
    assert record.data.unit_cents == 10_000
    assert record.data.invested_cents == 8 * 4_000 + 5_000
    assert record.result.money.gain == pytest.approx(32 * 10_000 * 0.4 - 37_000, rel=1e-6)
    assert record.result.money.roi == pytest.approx((32 * 4_000 - 37_000) / 37_000, rel=1e-6)
    assert record.result.money.low == pytest.approx(record.result.units_low * 4_000 - 37_000)


def test_a_refund_lowers_what_a_sale_is_worth_and_counts_as_none(campaign, facebook, linkedin):
    sell(facebook, doubled())
    sell(linkedin, level(10))
    sold = Sale.objects.filter(platform=facebook).first()
    factories.SaleFactory(refund_of=sold, amount_cents=-10_000, sold_on=LAST.monday)
    data = compared(campaign).data
    assert sum(data.counts) == 12 * 4 + 8 * 8
    assert data.unit_cents == pytest.approx((112 - 1) * 10_000 / 112)


def test_leads_are_counted_where_the_campaign_works_and_a_lead_is_worth_the_revenue_by_lead(
    campaign, facebook, linkedin
):
    campaign.counted = ComparedMeasure.LEADS
    campaign.save()
    ask(facebook, [1] * BEFORE + [2] * DURING)
    ask(linkedin, level(1))
    sell(facebook, [3], first=LAST)
    record = compared(campaign)
    assert record.data.counts == tuple([1.0] * BEFORE + [2.0] * DURING)
    assert record.data.control == tuple([1.0] * 20)
    assert record.data.unit_cents == pytest.approx(30_000 / 28)


def test_only_qualified_leads_count_when_that_is_asked(campaign, facebook):
    campaign.counted = ComparedMeasure.QUALIFIED
    campaign.save()
    ask(facebook, [1] * BEFORE + [2] * DURING)
    for touch in Touch.objects.select_related("lead").order_by("at")[::2]:
        touch.lead.move_to("qualified", at=touch.at + timedelta(days=1))
    assert sum(compared(campaign).data.counts) == 14


def test_shares_of_a_lead_follow_the_agencys_model(campaign, facebook, linkedin):
    campaign.counted = ComparedMeasure.LEADS
    campaign.save()
    ask(facebook, level(1))
    touched = Touch.objects.order_by("at").last()
    factories.TouchFactory(lead=touched.lead, platform=linkedin, at=touched.at + timedelta(minutes=10))
    assert compared(campaign).data.counts[-1] == 0.5
    Agency.objects.update(credit_model="last")
    assert compared(campaign).data.counts[-1] == 0


# -- which weeks, which platforms -------------------------------------------------------------------------------------


def test_only_whole_weeks_are_compared_and_those_between_are_left_out(campaign, facebook):
    campaign.baseline_starts_on = FIRST.days[1]  # a Tuesday: that week was partly before
    campaign.baseline_ends_on = START.plus(-3).sunday
    campaign.starts_on = START.days[4]  # a Friday
    campaign.save()
    sell(facebook, doubled())
    record = compared(campaign)
    before = list(Week.range(FIRST.next, START.plus(-3)))
    run = list(Week.range(START.next, LAST))
    assert record.data.mondays == before + run
    assert record.data.during == (False,) * len(before) + (True,) * len(run)
    # The week it started in was not whole, but was paid for.
    assert record.data.invested_cents == 8 * 4_000


def test_weeks_left_out_count_as_time_for_the_trend(campaign, facebook):
    """Half as much again every ten weeks and no effect: without the gap on the clock there would be one."""
    campaign.baseline_ends_on = START.plus(-6).sunday
    campaign.save()
    sell(facebook, [round(200 * 1.5 ** (index / 10)) for index in range(20)])
    assert compared(campaign).result.ratio == pytest.approx(1, abs=0.01)


def test_a_run_that_is_over_is_looked_at_to_its_end(campaign, facebook):
    campaign.ends_on = START.plus(4).sunday
    campaign.save()
    sell(facebook, doubled())
    record = compared(campaign)
    assert record.data.mondays[-1] == START.plus(4)
    assert record.spec.last_week == START.plus(4)
    assert not record.spec.is_running
    assert record.data.invested_cents == 5 * 4_000


def test_weeks_before_anything_was_recorded_are_no_zeros(campaign, facebook):
    sell(facebook, doubled()[4:], first=FIRST.plus(4))
    record = compared(campaign)
    assert record.data.unrecorded == 4
    assert record.data.mondays[0] == FIRST.plus(4)
    assert record.result.ratio == pytest.approx(2, rel=1e-6)


def test_weeks_without_a_sale_are_zeros_when_others_were_recorded_before(campaign, facebook):
    sell(None, [1], first=FIRST.plus(-9))
    sell(facebook, doubled()[4:], first=FIRST.plus(4))
    record = compared(campaign)
    assert record.data.unrecorded == 0
    assert record.data.counts[:5] == (0, 0, 0, 0, 4)


def test_a_platform_with_a_contact_or_spend_of_the_campaign_is_no_control(campaign, facebook, linkedin):
    mail, events = factories.PlatformFactory(name="Newsletter"), factories.PlatformFactory(name="Events")
    ask(linkedin, [1], campaign=campaign, first=LAST)
    factories.SpendFactory(platform=mail, campaign=campaign, starts_on=LAST.monday, ends_on=LAST.sunday)
    sell(facebook, doubled())
    sell(events, level(2))
    data = compared(campaign).data
    assert set(data.platforms) == {facebook.pk, linkedin.pk, mail.pk}
    assert data.others == (events.pk,)


def test_all_other_sales_stand_in_when_the_other_platforms_have_too_little(campaign, facebook, linkedin):
    campaign.counted = ComparedMeasure.LEADS
    campaign.save()
    ask(facebook, [1] * BEFORE + [2] * DURING)
    ask(linkedin, [1, 1, 0] + [1] * 17)
    sell(linkedin, level(1))
    sell(None, level(2))
    sell(facebook, level(5))
    data = compared(campaign).data
    assert data.control_of == Control.SALES
    assert data.control == (3.0,) * 20


@pytest.mark.parametrize(
    "others", [pytest.param([10] * 19 + [0], id="a week without any"), pytest.param([], id="no other platform")]
)
def test_without_a_control_it_is_before_and_after_only(campaign, facebook, linkedin, others):
    sell(facebook, doubled())
    sell(linkedin, others)
    record = compared(campaign)
    assert record.data.control_of == Control.NONE
    assert record.data.control == ()
    assert record.result.ratio == pytest.approx(2, rel=1e-6)


def test_a_year_before_allows_for_the_season(campaign, facebook):
    campaign.baseline_starts_on = START.plus(-60).monday
    campaign.save()
    sell(facebook, [4] * 60 + [8] * DURING, first=START.plus(-60))
    assert compared(campaign).result.has_season
    campaign.baseline_starts_on = START.plus(-51).monday
    campaign.save()
    assert not compared(campaign).result.has_season


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason", "found"),
    [
        pytest.param({"purpose": Purpose.SERVE}, NotComparableReason.SERVES, 0, id="serves customers"),
        pytest.param({"baseline_ends_on": START.monday}, NotComparableReason.NOT_BEFORE, 0, id="overlaps"),
        pytest.param(
            {"baseline_starts_on": START.plus(-5).monday}, NotComparableReason.FEW_BEFORE, 5, id="five weeks before"
        ),
        pytest.param({"ends_on": START.next.sunday}, NotComparableReason.FEW_DURING, 2, id="two weeks of it"),
        pytest.param({"starts_on": LAST.next.monday}, NotComparableReason.FEW_DURING, 0, id="not started yet"),
        pytest.param({"starts_on": date(9999, 12, 27)}, NotComparableReason.FEW_DURING, 0, id="at the end of time"),
        pytest.param(
            {"baseline_starts_on": date(1900, 1, 1), "baseline_ends_on": date(1950, 1, 1)},
            NotComparableReason.FEW_BEFORE,
            0,
            id="before anybody was born",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(campaign, facebook, changes, reason, found):
    sell(facebook, doubled())
    for name, value in changes.items():
        setattr(campaign, name, value)
    campaign.save()
    record = compared(campaign)
    assert record.result is None
    assert (record.refusal.reason, record.refusal.found) == (reason, found)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        pytest.param([0] * BEFORE + [3] * DURING, NotComparableReason.NOTHING_BEFORE, id="nothing before"),
        pytest.param([3] * BEFORE + [0] * DURING, NotComparableReason.NOTHING_DURING, id="nothing during"),
    ],
)
def test_nothing_on_one_side_gives_no_ratio(campaign, facebook, linkedin, counts, reason):
    sell(facebook, counts)
    sell(linkedin, level(1))
    assert compared(campaign).refusal.reason == reason


def test_a_campaign_nobody_worked_on_has_no_platform_to_look_at(campaign, facebook):
    sell(facebook, doubled())
    idle = factories.CampaignFactory(
        baseline_starts_on=FIRST.monday, baseline_ends_on=START.previous.sunday, starts_on=START.monday
    )
    assert compared(idle).refusal.reason == NotComparableReason.NO_PLATFORM


# -- when it is computed ----------------------------------------------------------------------------------------------


def test_what_is_stored_is_read_back_as_it_was(campaign, facebook):
    sell(facebook, doubled())
    record = compared(campaign)
    assert to_json(record) == Comparison.objects.get().results
    assert from_json({**to_json(record), "version": 0}) is None


def test_weeks_in_good_and_bad_spells_are_found_alike_and_stored_so(campaign, facebook, linkedin):
    sell(facebook, [12, 13, 4, 3, 5, 12, 14, 12, 3, 4, 3, 13, 14, 12, 4, 5, 4, 12, 13, 14])
    sell(linkedin, level(10))
    neighbours = compared(campaign).result.neighbours
    assert neighbours.finding == "alike"
    assert neighbours.autocorrelation > 0.3
    assert neighbours.p_value < 0.05
    assert neighbours.widening > 1.1


def test_what_was_stored_when_weeks_were_taken_for_independent_is_computed_anew(campaign, facebook):
    sell(facebook, doubled())
    compared(campaign)
    stored = Comparison.objects.get()
    del stored.results["found"]["neighbours"]
    stored.save()
    assert from_json(stored.results).result.neighbours is None
    compute.evaluate_all(LAST, at=NOW + timedelta(days=1))
    assert from_json(Comparison.objects.get().results).result.neighbours is not None


def test_the_same_weeks_are_not_computed_twice(campaign, facebook):
    sell(facebook, doubled())
    compared(campaign)
    compute.evaluate_all(LAST, at=NOW + timedelta(days=1))
    assert Comparison.objects.get().evaluated_at == NOW
    compute.evaluate_all(LAST.next, at=NOW + timedelta(days=7))
    assert Comparison.objects.get().evaluated_at == NOW + timedelta(days=7)


def test_it_is_outdated_by_new_dates_new_settings_and_weeks_it_looks_at(campaign, facebook):
    sell(facebook, doubled())
    compared(campaign)
    assert not compute.is_outdated(LAST)
    assert compute.is_outdated(LAST.next)
    assert compute.is_outdated(LAST, {FIRST.monday})
    assert compute.is_outdated(LAST, {LAST.monday})
    assert not compute.is_outdated(LAST, {FIRST.previous.monday, LAST.next.monday})
    Agency.objects.update(gross_margin="0.5")
    assert compute.is_outdated(LAST)
    compared(campaign)
    assert not compute.is_outdated(LAST)
    campaign.baseline_starts_on = FIRST.next.monday
    campaign.save()
    assert compute.is_outdated(LAST)


def test_a_late_sale_reaches_the_comparison_with_the_next_drain(campaign, facebook):
    sell(facebook, doubled())
    jobs.drain(at=NOW)
    before = from_json(Comparison.objects.get().results).data.counts
    factories.SaleFactory(platform=facebook, sold_on=START.monday)
    jobs.drain(at=NOW)
    after = from_json(Comparison.objects.get().results).data.counts
    assert sum(after) == sum(before) + 1


def test_the_night_compares_even_when_its_check_fails(campaign, facebook, monkeypatch):
    def fail(*, at):
        raise ArithmeticError("the rollups could not be rebuilt")

    sell(facebook, doubled())
    rollups.drain()
    monkeypatch.setattr(jobs, "rebuild", fail)
    jobs.nightly(at=NOW - timedelta(days=1))  # the first call ever only sets the time
    jobs.nightly(at=NOW)
    assert Comparison.objects.get().campaign == campaign


def test_a_campaign_that_gives_up_its_baseline_has_no_comparison(campaign, facebook):
    sell(facebook, doubled())
    compared(campaign)
    campaign.baseline_starts_on = campaign.baseline_ends_on = None
    campaign.save()
    assert compute.is_outdated(LAST)
    compute.evaluate_all(LAST, at=NOW)
    assert not Comparison.objects.exists()


def test_what_is_read_does_not_grow_with_campaigns_and_weeks(campaign, facebook, linkedin):
    def queries():
        Comparison.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            compute.evaluate_all(LAST, at=NOW)
        return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]

    sell(facebook, doubled())
    rollups.drain()
    few = len(queries())
    sell(linkedin, level(1))
    for _ in range(3):
        other = factories.CampaignFactory(
            baseline_starts_on=FIRST.monday, baseline_ends_on=START.previous.sunday, starts_on=START.monday
        )
        factories.EntryFactory(member=factories.RateFactory().member, platform=facebook, campaign=other)
    rollups.drain()
    # Storing each looks for its row first.
    assert len(queries()) == few + 3
