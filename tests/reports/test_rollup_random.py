"""Any sequence of changes, with drains anywhere between them, leaves what a rebuild would."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Lead, Sale, Spend, Touch
from reports import rollup
from reports.models import MODELS, CampaignWeek, PlatformWeek
from tests import factories
from timesheets.models import CostRate, TimeEntry

pytestmark = pytest.mark.django_db
# The days reach over week 53 into the next year, and over both changes of the clock.
STARTS = (date(2026, 12, 14), date(2026, 3, 9), date(2026, 10, 5))
NUMBER = st.integers(0, 40)


def some(model, number):
    """One of the rows there are, or None."""
    rows = list(model.objects.order_by("pk"))
    return rows[number % len(rows)] if rows else None


class World:
    """Two members, two platforms, one campaign, and the changes that can happen to them."""

    def __init__(self, start=STARTS[0]):
        self.start = start
        self.members = [factories.RateFactory().member, factories.MemberFactory()]
        self.platforms = [factories.PlatformFactory(), factories.PlatformFactory()]
        self.campaign = factories.CampaignFactory()
        self.moves = 0

    def at(self, days):
        return datetime.combine(self.start + timedelta(days=days), time(23, 30), tzinfo=UTC)

    def add_hours(self, a, b):
        cell = {"member": self.members[a % 2], "day": self.start + timedelta(days=b), "platform": self.platforms[b % 2]}
        entry = TimeEntry.objects.filter(**cell, campaign=self.campaign).first()
        entry = entry or TimeEntry(**cell, campaign=self.campaign)
        entry.minutes = a + 1
        entry.save()

    def move_hours(self, a, b):
        if entry := some(TimeEntry, a):
            self.moves += 1  # each to days of its own, so that no two entries meet in a cell
            day = self.start + timedelta(days=40 + b + 50 * self.moves)
            TimeEntry.objects.filter(pk=entry.pk).update(day=day, week=day - timedelta(days=day.weekday()))

    def delete_hours(self, a, b):
        if entry := some(TimeEntry, a):
            entry.delete()

    def set_rate(self, a, b):
        CostRate.objects.filter(member=self.members[a % 2], starts_on=self.start + timedelta(days=b)).delete()
        CostRate.objects.create(
            member=self.members[a % 2], starts_on=self.start + timedelta(days=b), hourly_cents=1000 + 7 * a
        )

    def add_spend(self, a, b):
        starts_on = self.start + timedelta(days=a)
        factories.SpendFactory(
            platform=self.platforms[a % 2],
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=b),
            amount_cents=a + 1,
        )

    def void_spend(self, a, b):
        if spend := some(Spend, a):
            spend.void(at=self.at(18))

    def add_lead(self, a, b):
        factories.LeadFactory(received_at=self.at(a + 6))

    def qualify(self, a, b):
        if lead := some(Lead, a):
            status = ("qualified", "lost", "won", "new")[b % 4]
            lead.move_to(status, at=self.at(18))

    def void_lead(self, a, b):
        if lead := some(Lead, a):
            lead.restore() if lead.is_void else lead.void(at=self.at(18))

    def add_touch(self, a, b):
        if lead := some(Lead, a):
            factories.TouchFactory(
                lead=lead,
                at=lead.received_at + timedelta(days=b - 30),
                platform=None if b % 3 == 0 else self.platforms[b % 2],
                campaign=self.campaign if b % 2 else None,
            )

    def void_touch(self, a, b):
        if touch := some(Touch, a):
            touch.void(at=self.at(18))

    def add_sale(self, a, b):
        factories.SaleFactory(
            lead=some(Lead, a) if b % 4 else None,
            platform=self.platforms[a % 2] if b % 5 == 0 else None,
            sold_on=self.start + timedelta(days=a + b),
            amount_cents=1000 * b + a,
        )

    def refund(self, a, b):
        sale = some(Sale, a)
        if sale and not sale.is_refund and sale.refundable_cents > 0:
            amount = 1 + b % sale.refundable_cents
            Sale.objects.create(refund_of=sale, sold_on=sale.sold_on + timedelta(days=b), amount_cents=-amount)

    def change_sale(self, a, b):
        sale = some(Sale, a)
        if sale and not sale.is_refund:
            sale.sold_on += timedelta(days=7)
            sale.save()

    def void_sale(self, a, b):
        if sale := some(Sale, a):
            sale.restore() if sale.is_void else sale.void(at=self.at(18))

    def drain(self, a, b):
        rollup.drain()


CHANGES = [name for name in vars(World) if not name.startswith("_") and name != "at"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    start=st.sampled_from(STARTS),
    changes=st.lists(st.tuples(st.sampled_from(CHANGES), NUMBER, NUMBER), min_size=5, max_size=40),
)
def test_any_changes_leave_what_a_rebuild_would(start, changes):
    with transaction.atomic():
        world = World(start)
        for name, a, b in changes:
            getattr(world, name)(a, b)
        rollup.drain()
        assert rollup.rebuild() == []
        check_sums()
        transaction.set_rollback(True)


def check_sums():
    """Both rollups hold all minutes, all leads and, under every model and basis, every cent."""
    live = [sale for sale in Sale.objects.live() if not (sale.refund_of and sale.refund_of.is_void)]
    revenue = sum(sale.amount_cents for sale in live)
    leads = Lead.objects.live().count() * 1_000_000
    for table in (CampaignWeek, PlatformWeek):
        for basis in ("cash", "cohort"):
            rows = table.objects.filter(basis=basis)
            assert (rows.aggregate(n=Sum("minutes"))["n"] or 0) == TimeEntry.objects.minutes()
            for model in MODELS:
                sums = rows.aggregate(cents=Sum(f"revenue_{model}"), leads=Sum(f"leads_{model}"))
                assert (sums["cents"] or 0) == revenue
                assert (sums["leads"] or 0) == leads
