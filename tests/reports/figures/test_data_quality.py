"""What the figures lack."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from core import money
from core.weeks import Week
from reports.attribution import rollups
from reports.figures.data_quality import Missing, listed, missing, missing_items
from reports.figures.period_figures import read_period
from reports.figures.query import Period, ReportFilters
from tests import factories
from timesheets import missing_hours

pytestmark = pytest.mark.django_db
LAST = Week(date(2026, 11, 9))
PERIOD = Period.ending(LAST, 13)


def look():
    rollups.drain()
    return missing(LAST, read_period(PERIOD, ReportFilters()))


def sentences(found: Missing) -> list[str]:
    return [item.sentence for item in missing_items(found)]


def test_an_empty_agency_lacks_nothing():
    found = look()
    assert found.is_empty
    assert found.unattributed_share is None


def test_who_has_not_submitted_is_named_and_who_has_is_not():
    marc, ines = factories.MemberFactory(name="Marc"), factories.MemberFactory(name="Inès")
    factories.TimesheetFactory(member=ines, week=LAST.monday, submitted_at=datetime(2026, 11, 15, tzinfo=UTC))
    found = look()
    assert found.not_submitted == ["Marc"]
    assert set(missing_hours.awaited(LAST).expected) == {marc, ines}
    assert sentences(found) == ["Marc has not submitted week 2026-W46."]


def test_hours_without_a_rate_are_told_by_person_with_their_first_day():
    yann = factories.MemberFactory(name="Yann", logs_hours=False)
    for day in (10, 12):
        factories.EntryFactory(member=yann, day=date(2026, 11, day), minutes=600)
    (uncosted,) = look().uncosted
    assert (uncosted.name, uncosted.minutes, uncosted.since) == ("Yann", 1200, date(2026, 11, 10))
    assert sentences(look()) == ["20 h of Yann have no rate, so the true cost is higher."]


def test_revenue_and_leads_without_origin_are_told():
    platform = factories.PlatformFactory()
    factories.SaleFactory(platform=platform, sold_on=LAST.monday, amount_cents=93_00)
    factories.SaleFactory(sold_on=LAST.monday, amount_cents=7_00)
    for _ in range(2):
        factories.LeadFactory(received_at=datetime(2026, 11, 10, 9, tzinfo=UTC))
    found = look()
    assert (found.unattributed_share, found.unattributed_cents) == (Fraction(7, 100), 700)
    assert found.leads_without_platform == 2
    assert sentences(found) == ["No origin is known for 50 % of the sales, 7 % of the revenue and 2 leads."]


def test_a_tiny_share_is_not_told_as_nothing():
    platform = factories.PlatformFactory()
    for _ in range(3):
        factories.SaleFactory(platform=platform, sold_on=LAST.monday, amount_cents=100_000)
    factories.SaleFactory(sold_on=LAST.monday, amount_cents=100)
    assert sentences(look()) == ["No origin is known for 25 % of the sales and <1 % of the revenue."]


@pytest.mark.parametrize(
    ("amounts", "odd", "median"),
    [
        ([100, 100, 5_000], [], 100),
        ([100, 100, 5_001], [5_001], 100),
        ([100, 300, 300, 15_001], [15_001], 300),
        ([0, 0, 0, 100, 200, 7_501], [], 200),
        ([100, 200, 7_501, 1_000_000], [1_000_000], 3850),
    ],
)
def test_a_sale_more_than_fifty_times_the_median_is_odd(amounts, odd, median):
    platform = factories.PlatformFactory()
    for amount in amounts:
        factories.SaleFactory(platform=platform, sold_on=LAST.monday, amount_cents=amount)
    found = look()
    assert [sale.amount_cents for sale in found.odd_sales] == odd
    assert found.median_sale_cents == median


def test_refunds_and_voided_sales_are_never_odd():
    platform = factories.PlatformFactory()
    for _ in range(3):
        factories.SaleFactory(platform=platform, sold_on=LAST.monday, amount_cents=100)
    big = factories.SaleFactory(platform=platform, sold_on=LAST.monday, amount_cents=9_000_000)
    big.void(at=datetime(2026, 11, 15, tzinfo=UTC))
    assert look().odd_sales == []


def test_many_names_are_cut_and_counted():
    assert listed(["A", "B"]) == "A and B"
    assert listed(list("ABCDEFG")) == "A, B, C, D, E and 2 more"
    with money.localised(language="fr", country="FR", currency="EUR"):
        assert listed(["A", "B"]) == "A et B"


def test_won_leads_without_a_sale_are_told_with_the_list_of_them():
    factories.LeadFactory(status="won")
    factories.SaleFactory(lead=factories.LeadFactory(status="won"), sold_on=LAST.monday)
    (item,) = [item for item in missing_items(look()) if "won" in item.path]
    assert (item.sentence, item.path) == ("1 won lead has no sale.", "/leads/?status=won&sale=none")
