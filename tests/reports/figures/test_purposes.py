"""What work is for: repeat sales, service, and that nothing is lost between them."""

from datetime import timedelta

import pytest

from campaigns.models import Sale
from campaigns.models.catalogue import Purpose
from reports.attribution import rollups
from reports.figures.purposes import Part, split
from reports.figures.query import Period, ReportFilters
from reports.figures.repeat_sales import first_days
from tests import factories
from tests.reports.world import LAST

pytestmark = pytest.mark.django_db

PERIOD = Period.ending(LAST, 13)
DAY, EARLIER = LAST.monday, LAST.plus(-60).monday


def sale(lead=None, day=DAY, **fields):
    return factories.SaleFactory(lead=lead, sold_on=day, **fields)


def lead(**fields):
    return factories.LeadFactory(**{"name": "", **fields})


def repeats() -> dict:
    return first_days(Sale.objects.filter(refund_of=None))


# -- what a repeat sale is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "is_repeat"),
    [
        ({"email": "ann@example.com"}, {"email": " ANN@example.com"}, True),
        ({"company": "Dupré SA"}, {"company": "dupré sa"}, True),
        ({"company": "Dupré", "email": "a@example.com"}, {"company": "Dupré", "email": "b@example.com"}, True),
        ({"company": "Dupré"}, {"company": "Durand"}, False),
        ({"email": "", "company": ""}, {"email": "", "company": ""}, False),
        ({"name": "Ann"}, {"name": "Ann"}, False),
    ],
    ids=["same e-mail", "same company", "a colleague", "another company", "nothing known", "a name is no proof"],
)
def test_a_customer_is_known_by_e_mail_or_company(before, now, is_repeat):
    sale(lead(**before), EARLIER)
    again = sale(lead(**now))
    assert repeats() == ({again.pk: EARLIER} if is_repeat else {})


def test_a_lead_that_buys_again_repeats_from_the_second_day_on():
    ann = lead()
    sale(ann, EARLIER)
    sale(ann, EARLIER)  # two of the same day: neither came after the other
    again = sale(ann)
    assert repeats() == {again.pk: EARLIER}


def test_sales_that_nobody_kept_do_not_make_a_customer():
    ann, bo, cy = lead(), lead(), lead()
    factories.SaleFactory(refund_of=sale(ann, EARLIER, amount_cents=100), amount_cents=-100, sold_on=EARLIER)
    partly = sale(bo, EARLIER, amount_cents=100)
    factories.SaleFactory(refund_of=partly, amount_cents=-99, sold_on=EARLIER)
    sale(cy, EARLIER, voided_at="2026-01-01T00:00Z")
    sale(ann)
    kept = sale(bo)
    sale(cy)
    assert repeats() == {kept.pk: EARLIER}


def test_a_refund_that_was_voided_gives_the_customer_back():
    ann = lead()
    first = sale(ann, EARLIER, amount_cents=100)
    factories.SaleFactory(refund_of=first, amount_cents=-100, sold_on=EARLIER, voided_at="2026-01-01T00:00Z")
    again = sale(ann)
    assert repeats() == {again.pk: EARLIER}


def test_a_sale_whose_value_is_not_known_yet_makes_a_customer():
    ann = lead()
    sale(ann, EARLIER, amount_cents=0)
    again = sale(ann)
    assert repeats() == {again.pk: EARLIER}


def test_a_sale_without_a_lead_repeats_nothing():
    sale(None, EARLIER)
    sale(None)
    assert repeats() == {}


def test_it_asks_as_often_for_many_sales_as_for_few(django_assert_num_queries):
    for number in range(20):
        customer = lead(email=f"{number}@example.com")
        sale(customer, EARLIER)
        sale(customer)
    with django_assert_num_queries(3):
        assert len(repeats()) == 20


# -- the split --------------------------------------------------------------------------------------------------------


@pytest.fixture
def work():
    """A platform with an hour for each purpose, and who met whom through it."""
    platform = factories.PlatformFactory()
    anna = factories.RateFactory(hourly_cents=6_000).member
    campaigns = {purpose: factories.CampaignFactory(purpose=purpose) for purpose in Purpose}
    for campaign in campaigns.values():
        factories.EntryFactory(member=anna, platform=platform, campaign=campaign, day=DAY, minutes=60)

    def met(purpose, **fields):
        customer = lead(**fields)
        campaign = campaigns[purpose]
        at = customer.received_at - timedelta(days=20)
        factories.TouchFactory(lead=customer, platform=platform, campaign=campaign, at=at)
        return customer

    return met


def parts() -> dict[str, tuple[int, int, int]]:
    """Of each line: minutes, millionths of sales, cents."""
    rollups.drain()
    found = split(PERIOD, ReportFilters())
    return {
        line.part.value: (line.figures.minutes, line.figures.sales_millionths, line.figures.revenue_cents)
        for line in found.lines
    }


def test_each_purpose_is_judged_by_its_own_sales_and_the_rest_is_told_beside(work):
    reached, kept, served = work(Purpose.REACH), work(Purpose.KEEP), work(Purpose.SERVE)
    for customer in (reached, kept):
        sale(customer, DAY, amount_cents=100)
        sale(customer, DAY + timedelta(days=2), amount_cents=30)
    sale(served, DAY, amount_cents=7)
    sale(None, DAY, amount_cents=5)
    assert parts() == {
        "reach": (60, 1_000_000, 100),
        "keep": (60, 1_000_000, 30),
        "serve": (60, 0, 0),
        "repeat_by_reach": (0, 1_000_000, 30),
        "new_by_keep": (0, 1_000_000, 100),
        "by_serve": (0, 1_000_000, 7),
        "unattributed": (0, 1_000_000, 5),
    }


def test_a_refund_stands_where_the_sale_it_undoes_stood(work):
    kept = work(Purpose.KEEP)
    sale(kept, EARLIER, amount_cents=500)
    again = sale(kept, DAY, amount_cents=100)
    factories.SaleFactory(lead=kept, refund_of=again, amount_cents=-40, sold_on=DAY + timedelta(days=1))
    assert parts()["keep"] == (60, 1_000_000, 60)


def test_the_three_purposes_stand_there_without_anything_in_them(work):
    assert list(parts()) == ["reach", "keep", "serve"]


def test_the_line_of_service_has_its_own_counts_only(work):
    rollups.drain()
    served = factories.OutcomeFactory(
        platform=factories.PlatformFactory(),
        campaign=factories.CampaignFactory(purpose=Purpose.SERVE),
        week=LAST.monday,
        measure="Tickets",
    )
    factories.OutcomeFactory(week=LAST.monday, measure="Followers")
    line = split(PERIOD, ReportFilters()).line(Part.SERVE)
    assert [(measure.name, measure.total.count) for measure in line.measures] == [("Tickets", served.count)]


@pytest.mark.parametrize(("cents", "is_on_target"), [(5_999, False), (6_000, True)])
def test_work_that_keeps_customers_is_on_target_when_what_they_bought_again_pays_it(work, cents, is_on_target):
    kept = work(Purpose.KEEP)
    sale(kept, EARLIER, amount_cents=900_000)
    sale(kept, DAY, amount_cents=cents)
    rollups.drain()
    lines = split(PERIOD, ReportFilters())
    assert [lines.line(part).is_on_target for part in (Part.KEEP, Part.REACH, Part.SERVE)] == [is_on_target, None, None]
