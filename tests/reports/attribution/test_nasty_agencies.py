"""Agencies that do everything at once: every figure is the same to the cent before and after all is computed anew."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, Lead, Platform, Sale, Touch
from campaigns.models.agency import Basis
from core.numbers import MAX_CENTS
from core.weeks import Week
from reports.attribution import rollups
from reports.drilldown.figures import ROW_KINDS
from reports.figures.query import UNATTRIBUTED, By, Period, ReportFilters, figures_by
from reports.models import CampaignWeek, Credit, PlatformWeek
from reports.verdicts import evaluation
from tests import factories
from tests.reports.attribution import recount
from tests.reports.attribution.changing import STARTS, WRITES, mark_everything, some
from tests.reports.attribution.plain_credits import all_credits, stored_credits
from tests.reports.attribution.test_credits_random import WorldOfLeads
from tests.reports.attribution.test_rebuild import content
from timesheets.models import CostRate, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 80))]
PAGES = ("/", "/export/figures.csv", *(f"/explain/rows.csv?figure={figure}" for figure in ("cost", "revenue", "leads")))
OF_THE_ANSWER = re.compile(rb'x-csrftoken": "[^"]+|csrfmiddlewaretoken" value="[^"]+')


class NastyAgency(WorldOfLeads):
    """What is rare, far, huge or negative."""

    def five_years_of_one_cent(self, a: int, b: int) -> None:
        factories.SpendFactory(
            platform=some(Platform, a),
            campaign=some(Campaign, b) if b % 2 else None,
            starts_on=self._day(-900 + a),
            ends_on=self._day(926 + b),
            amount_cents=(1, -1, 7, MAX_CENTS, -MAX_CENTS)[b % 5],
        )

    def three_hundred_touchpoints(self, a: int, b: int) -> None:
        lead = some(Lead, a)
        if lead and lead.touches.count() < 300:
            Touch.objects.bulk_create(
                Touch(
                    lead=lead,
                    at=lead.received_at - timedelta(hours=number * (b % 7), microseconds=number % 3),
                    platform=some(Platform, number) if number % 5 else None,
                    campaign=some(Campaign, number) if number % 3 else None,
                )
                for number in range(300)
            )

    def largest_sale(self, a: int, b: int) -> None:
        factories.SaleFactory(lead=some(Lead, a) if b % 2 else None, sold_on=self._day(b), amount_cents=MAX_CENTS - a)

    def money_back_of_no_known_sale(self, a: int, b: int) -> None:
        factories.SaleFactory(
            lead=some(Lead, a) if b % 2 else None,
            platform=None if b % 2 else some(Platform, a),
            sold_on=self._day(b),
            amount_cents=-(10 ** (a % 15)) - 1,
        )

    def refund_after_years(self, a: int, b: int) -> None:
        sale = some(Sale, a)
        if sale and not sale.is_refund and sale.refundable_cents > 0:
            cents = -1 - b % sale.refundable_cents
            Sale.objects.create(refund_of=sale, sold_on=sale.sold_on + timedelta(days=400 + 10 * b), amount_cents=cents)

    def high_rate(self, a: int, b: int) -> None:
        rate = {"hourly_cents": 10 ** (a % 9) + 1}
        CostRate.objects.update_or_create(member=some(User, a), starts_on=self._day(b), defaults=rate)


NASTY = [name for name in vars(NastyAgency) if name[0] != "_"]
ACTS = [*WRITES, *(name for name in vars(WorldOfLeads) if name[0] != "_"), *NASTY * 3]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_is_the_same_when_all_is_computed_anew(seed):
    chance = random.Random(seed)
    start = chance.choice([*STARTS, date(2020, 12, 21), date(2015, 12, 21)])
    something_happens(NastyAgency(start), chance)
    looks = list(some_looks(chance))
    recount.check()
    assert stored_credits() == all_credits()
    for period, filters in looks:
        check_rows_add_up(period, filters)
    evaluation.evaluate(Week.containing(start + timedelta(days=35)), at=nine_o_clock(start))
    before, stored = shown(looks, start), content()
    assert rollups.rebuild() == []
    assert (shown(looks, start), content()) == (before, stored)
    all_is_computed_anew()
    assert (shown(looks, start), content()) == (before, stored)


def something_happens(agency: NastyAgency, chance: random.Random) -> None:
    for _act in range(chance.choice([5, 20, 60])):
        getattr(agency, chance.choice(ACTS))(chance.randint(0, 40), chance.randint(0, 40))
        if chance.random() < 0.1:
            rollups.drain()
    rollups.drain()


def all_is_computed_anew() -> None:
    mark_everything()
    for table in (CampaignWeek, PlatformWeek, Credit):
        table.objects.all().delete()
    rollups.drain()


# -- what is looked at ------------------------------------------------------------------------------------------------


def some_looks(chance: random.Random) -> Iterator[tuple[Period, ReportFilters]]:
    weeks = rollups._all_weeks()
    for _look in range(6 if weeks else 0):
        first, last = sorted((Week(chance.choice(weeks)), Week(chance.choice(weeks))))
        count = min(first.weeks_until(last) + 1, chance.choice([1, 5, 53, 260]))
        places = [
            {},
            {"platform": some(Platform, chance.randint(0, 9)).pk},
            {"platform": UNATTRIBUTED},
            {"campaign": some(Campaign, chance.randint(0, 9)).pk},
        ]
        model = chance.choice(list(PATH_MODELS)).name
        yield (
            Period.ending(last, count),
            ReportFilters(model=model, basis=chance.choice(list(Basis)), **chance.choice(places)),
        )


def check_rows_add_up(period: Period, filters: ReportFilters) -> None:
    """The rows that Explain lists of a figure add up to it."""
    total = figures_by(period, By.PLATFORM, filters).total
    hours, sales = added_up("hours", period, filters), added_up("sales", period, filters)
    assert (hours["minutes"], hours["cents"]) == (total.minutes, total.labour_cents)
    assert added_up("spend", period, filters)["cents"] == total.spend_cents
    assert (sales["millionths"], sales["cents"]) == (total.sales_millionths, total.revenue_cents)
    assert added_up("leads", period, filters)["millionths"] == total.leads_millionths
    assert added_up("qualified", period, filters)["millionths"] == total.qualified_millionths


def added_up(kind: str, period: Period, filters: ReportFilters) -> dict[str, int]:
    rows = list(ROW_KINDS[kind].read(period, filters))
    return {name: sum(getattr(row, name) or 0 for row in rows) for name in ("minutes", "millionths", "cents")}


def shown(looks: list[tuple[Period, ReportFilters]], start: date) -> list[object]:
    """The figures of these looks, and what a director's pages and files show."""
    figures = [
        repr(figures_by(period, by, filters)) for period, filters in looks for by in (By.PLATFORM, By.CAMPAIGN, By.WEEK)
    ]
    with time_machine.travel(nine_o_clock(start), tick=False):
        browser = Browser()
        browser.force_login(User.objects.filter(email="nasty@example.com").first() or director())
        return [figures, *(text_of(browser, path) for path in PAGES)]


def director() -> User:
    return factories.DirectorFactory(email="nasty@example.com")


def text_of(browser: Browser, path: str) -> bytes:
    """A page without what each answer makes anew; the lines of a file in the order of their letters."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return OF_THE_ANSWER.sub(b"", body) if path == "/" else b"\n".join(sorted(body.splitlines()))


def nine_o_clock(start: date) -> datetime:
    return datetime(start.year, start.month, start.day, 9, tzinfo=UTC) + timedelta(days=45)
