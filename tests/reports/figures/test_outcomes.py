"""What an outcome cost and is worth on the own scale; who spends the time; who can afford the price."""

from fractions import Fraction

import pytest

from reports.attribution import rollups
from reports.figures.lead_quality import lead_quality
from reports.figures.outcomes import OutcomeCount, outcomes
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import who_spends
from tests import factories
from tests.reports.world import LAST

pytestmark = pytest.mark.django_db

PERIOD = Period.ending(LAST, 4)


@pytest.fixture
def place():
    return {"platform": factories.PlatformFactory(), "campaign": factories.CampaignFactory()}


def test_an_outcome_costs_the_work_of_its_place_in_the_weeks_that_were_counted(place):
    anna = factories.RateFactory(hourly_cents=6_000).member
    for back, count in ((0, 10), (1, None), (2, 20)):
        day = LAST.plus(-back).monday
        factories.EntryFactory(member=anna, day=day, minutes=90, **place)
        factories.EntryFactory(member=anna, day=day, minutes=60, campaign=place["campaign"])  # elsewhere
        if count:
            factories.OutcomeFactory(week=day, measure="Calls", count=count, **place)
    factories.SpendFactory(starts_on=LAST.monday, ends_on=LAST.sunday, amount_cents=1_000, **place)
    rollups.drain()
    [calls] = outcomes(PERIOD, ReportFilters())
    assert (calls.total.count, calls.total.figures.minutes, calls.total.figures.cost) == (30, 180, 19_000)
    assert calls.total.cost_each_cents == Fraction(1_900, 3)
    assert [row.counted for row in calls.rows] == [calls.total]


def test_what_nobody_paid_for_has_no_cost_and_a_count_of_nothing_neither(place):
    factories.OutcomeFactory(week=LAST.monday, measure="Calls", count=0, **place)
    factories.OutcomeFactory(week=LAST.previous.monday, measure="Posts", count=5, **place)
    found = outcomes(PERIOD, ReportFilters())
    assert [(measure.name, measure.total.cost_each_cents) for measure in found] == [("Calls", None), ("Posts", None)]


def test_the_own_scale_values_each_week_as_it_was_then_and_stays_out_of_the_cost(place):
    factories.OutcomeValueFactory(measure="Calls", week=LAST.previous.monday, value_cents=200)
    factories.OutcomeValueFactory(measure="Calls", week=LAST.monday, value_cents=300)
    for back in range(3):
        factories.OutcomeFactory(week=LAST.plus(-back).monday, measure="Calls", count=10, **place)
    [calls] = outcomes(PERIOD, ReportFilters())
    assert calls.total == OutcomeCount(count=30, valued=20, value_cents=5_000)


def test_voided_counts_and_other_weeks_are_left_out(place):
    factories.OutcomeFactory(week=LAST.monday, voided_at="2026-11-20T00:00Z", **place)
    factories.OutcomeFactory(week=LAST.next.monday, **place)
    factories.OutcomeFactory(week=PERIOD.first.previous.monday, **place)
    assert outcomes(PERIOD, ReportFilters()) == []


def test_the_dearest_quarter_is_by_the_rate_at_the_end_and_at_least_one(place):
    rates = {"Ann": 9_000, "Bo": 8_000, "Cy": 7_000, "Di": 1_000}
    people = {
        name: factories.RateFactory(hourly_cents=cents, member__name=name).member for name, cents in rates.items()
    }
    factories.RateFactory(member=people["Di"], starts_on=LAST.sunday, hourly_cents=9_500)
    factories.RateFactory(member=people["Cy"], starts_on=LAST.next.monday, hourly_cents=99_000)  # later
    factories.RateFactory(hourly_cents=50_000)  # has no hours
    people["Nobody"] = factories.MemberFactory(name="Nobody has set a rate")
    for member in people.values():
        factories.EntryFactory(member=member, day=LAST.monday, minutes=60, **place)
    factories.EntryFactory(member=people["Di"], day=LAST.monday, minutes=30)
    found = who_spends(PERIOD, ReportFilters())
    assert [one.name for one in found.people[:4]] == ["Di", "Ann", "Bo", "Cy"]
    assert [one.name for one in found.dearest] == ["Di"]
    assert [one.name for one in found.without_rate] == ["Nobody has set a rate"]
    assert (found.total.minutes, found.total.dear_minutes, found.total.share) == (330, 90, Fraction(3, 11))
    assert found.total.cost_cents == 1_500


def test_of_two_with_one_rate_the_one_with_more_hours_is_the_dearer(place):
    for name, minutes in (("Ann", 60), ("Bo", 90)):
        member = factories.RateFactory(member__name=name).member
        factories.EntryFactory(member=member, day=LAST.monday, minutes=minutes, **place)
    assert [one.name for one in who_spends(PERIOD, ReportFilters()).dearest] == ["Bo"]


def test_lead_quality_tells_who_cannot_afford_it_from_who_was_turned_away_otherwise(place):
    anna = factories.RateFactory(hourly_cents=6_000).member
    factories.EntryFactory(member=anna, day=LAST.monday, minutes=60, **place)
    for status, reason in (
        ("disqualified", "cannot_afford"),
        ("disqualified", "spam"),
        ("new", ""),
        ("qualified", ""),
        ("won", ""),
    ):
        lead = factories.LeadFactory(status=status, disqualified_reason=reason, received_at=f"{LAST.days[2]}T09:00Z")
        factories.TouchFactory(lead=lead, at=f"{LAST.days[1]}T09:00Z", **place)
    factories.LeadFactory(received_at=f"{LAST.days[2]}T09:00Z")
    rollups.drain()
    found = lead_quality(PERIOD, ReportFilters())
    [row] = found.rows
    assert (row.cannot_millionths, row.other_millionths, row.unknown_millionths, row.able_millionths) == (
        1_000_000,
        1_000_000,
        1_000_000,
        4_000_000,
    )
    assert (row.cannot_share, row.cost_per_able_cents) == (Fraction(1, 5), 1_500)
    assert found.unattributed.cost_per_able_cents is None
    assert found.total.cost_per_able_cents == 1_200
