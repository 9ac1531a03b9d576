"""A small agency to whose rows everything happens that can happen, in any order."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from campaigns.models import Agency, Campaign, Lead, Platform, Sale, Spend, StaleMark, Touch
from core.weeks import Week
from operations import merge_platforms
from reports.attribution import rollups
from tests import factories
from timesheets.models import CostRate, TimeEntry, User, lock_member, stamp

# Mondays. The days from each reach over week 53 into week 1, or over one of the changes of the clock.
STARTS = (date(2026, 12, 14), date(2026, 3, 9), date(2026, 10, 5))
ZONES = ("America/Toronto", "UTC", "Europe/Paris")
STATUSES = ("qualified", "lost", "won", "new", "disqualified")


def some(model: Any, number: int, **where: Any) -> Any:
    """One of the rows there are, or None."""
    rows = list(model.objects.filter(**where).order_by("pk"))
    return rows[number % len(rows)] if rows else None


class World:
    """Two members, three platforms, two campaigns beside general presence, and a few rows of each kind.

    Each change takes two numbers, which say to what row and how. Nothing happens when there is no such row, or when
    another is in the way.
    """

    def __init__(self, start: date = STARTS[0]):
        self.start = start
        agency = Agency.current()
        agency.time_zone, agency.lookback_days, agency.half_life_days = "Europe/Paris", 365, None
        agency.save()
        factories.RateFactory(hourly_cents=4001)
        factories.MemberFactory()
        self.general = Campaign.objects.general()
        factories.CampaignFactory()
        factories.PlatformFactory()
        factories.PlatformFactory()
        self._settle_in()

    def _settle_in(self) -> None:
        """So many rows that most changes find one; late on Sundays, one of them that of the clock's change."""
        for a, b in ((1, 13), (2, 20)):
            self.add_hours(a, b)
            self.add_lead(b - 6, 0)
        self.add_lead(20, 0)  # who buys nothing
        for a, b in ((0, 14), (0, 17), (0, 30), (0, 31), (1, 25), (1, 30), (2, 17)):
            self.add_touch(a, b)
        self.add_spend(9, 9)
        self.add_sale(3, 11)  # on the day of a touch which in Paris comes the day after
        self.add_sale(1, 27)
        self.add_sale(4, 28)
        self.refund(1, 9)
        factories.PlatformFactory()
        factories.CampaignFactory()
        self.add_hours(4, 22)  # the only row of both

    def _day(self, days: int) -> date:
        return self.start + timedelta(days=days)

    def _at(self, days: int) -> datetime:
        """Shortly before midnight in UTC: in Paris it is the next day, every other day only while it is summer."""
        return datetime.combine(self._day(days), time(22 + days % 2, 30), tzinfo=UTC)

    # -- hours and rates ----------------------------------------------------------------------------------------------

    def add_hours(self, a: int, b: int) -> None:
        """Into a new cell, or in place of what it held."""
        cell = {
            "member": some(User, a),
            "day": self._day(b),
            "platform": some(Platform, a + b),
            "campaign": some(Campaign, a // 2),
        }
        entry = TimeEntry.objects.filter(**cell).first() or TimeEntry(**cell)
        entry.minutes = a + 1
        entry.save()

    def put_hours(self, a: int, b: int) -> None:
        """Into several cells by one statement, in place of what some of them hold."""
        member = some(User, a)
        entries = [
            TimeEntry(
                member=member, day=self._day(b + number), platform=platform, campaign=campaign, minutes=a + number + 1
            )
            for number, platform in enumerate(Platform.objects.order_by("pk")[:3])
            for campaign in Campaign.objects.order_by("pk")[:2]
        ]
        with transaction.atomic():
            lock_member(member.pk)
            stamp(entries)
            TimeEntry.objects.bulk_create(
                entries,
                update_conflicts=True,
                unique_fields=["member", "day", "platform", "campaign"],
                update_fields=["minutes"],
            )

    def change_minutes(self, a: int, b: int) -> None:
        """By plain SQL, past the model."""
        if entry := some(TimeEntry, a):
            TimeEntry.objects.filter(pk=entry.pk).update(minutes=b + 1)

    def move_hours(self, a: int, b: int) -> None:
        """To another day, platform, campaign or person."""
        if entry := some(TimeEntry, a):
            name = ("day", "platform_id", "campaign_id", "member_id")[b % 4]
            elsewhere: dict[str, Any] = {
                "day": entry.day + timedelta(days=b - 20),
                "platform_id": some(Platform, b // 4).pk,
                "campaign_id": some(Campaign, b // 4).pk,
                "member_id": some(User, b // 4).pk,
            }
            cell = {one: getattr(entry, one) for one in elsewhere} | {name: elsewhere[name]}
            if not TimeEntry.objects.filter(**cell).exists():
                setattr(entry, name, elsewhere[name])
                entry.save()

    def delete_hours(self, a: int, b: int) -> None:
        if entry := some(TimeEntry, a):
            entry.delete()

    def set_rate(self, a: int, b: int) -> None:
        """From a day on that may be long past, or another amount from a day that has one."""
        key = {"member": some(User, a), "starts_on": self._day(b)}
        rate = CostRate.objects.filter(**key).first() or CostRate(**key)
        rate.hourly_cents = 1000 + 7 * a
        rate.save()

    def move_rate(self, a: int, b: int) -> None:
        if rate := some(CostRate, a):
            rate.starts_on = self._day(b - 10)
            if not CostRate.objects.filter(member=rate.member, starts_on=rate.starts_on).exists():
                rate.save()

    def delete_rate(self, a: int, b: int) -> None:
        if rate := some(CostRate, a):
            rate.delete()

    # -- spend --------------------------------------------------------------------------------------------------------

    def add_spend(self, a: int, b: int) -> None:
        factories.SpendFactory(
            platform=some(Platform, a),
            campaign=some(Campaign, b) if b % 3 else None,
            starts_on=self._day(a),
            ends_on=self._day(a + b),
            amount_cents=a + 1,
        )

    def change_spend(self, a: int, b: int) -> None:
        """Its amount and the days that it covers."""
        if spend := some(Spend, a):
            spend.starts_on, spend.ends_on, spend.amount_cents = self._day(b), self._day(b + a), 100 + b
            spend.save()

    def move_spend(self, a: int, b: int) -> None:
        if spend := some(Spend, a):
            spend.platform, spend.campaign = some(Platform, b), some(Campaign, b) if b % 3 else None
            spend.save()

    def void_spend(self, a: int, b: int) -> None:
        self._void_or_restore(Spend, a)

    def delete_spend(self, a: int, b: int) -> None:
        if spend := some(Spend, a):
            spend.delete()

    # -- leads and touches --------------------------------------------------------------------------------------------

    def add_lead(self, a: int, b: int) -> None:
        factories.LeadFactory(received_at=self._at(a + 6))

    def import_leads(self, a: int, b: int) -> None:
        """Several with their touches, by two statements, as a file brings them."""
        leads = Lead.objects.bulk_create(Lead(received_at=self._at(b + number)) for number in range(3))
        Touch.objects.bulk_create(
            Touch(lead=lead, at=lead.received_at - timedelta(days=days), platform=some(Platform, a + days))
            for lead in leads
            for days in range(a % 3)
        )

    def move_lead(self, a: int, b: int) -> None:
        if lead := some(Lead, a):
            lead.received_at = self._at(b)
            lead.save()

    def judge_lead(self, a: int, b: int) -> None:
        if lead := some(Lead, a):
            status = STATUSES[b % 5]
            lead.move_to(status, at=self._at(18), reason="spam" if status == "disqualified" else "")

    def void_lead(self, a: int, b: int) -> None:
        self._void_or_restore(Lead, a)

    def delete_lead(self, a: int, b: int) -> None:
        """With its touches, as when an import is taken back; not one that bought."""
        lead = some(Lead, a)
        if lead and not lead.sales.exists():
            lead.touches.all().delete()
            lead.delete()

    def add_touch(self, a: int, b: int) -> None:
        if lead := some(Lead, a):
            factories.TouchFactory(
                lead=lead,
                at=lead.received_at + timedelta(days=b - 30),
                platform=None if b % 4 == 0 else some(Platform, b),
                campaign=some(Campaign, b // 2) if b % 3 else None,
            )

    def void_touch(self, a: int, b: int) -> None:
        self._void_or_restore(Touch, a)

    def delete_touch(self, a: int, b: int) -> None:
        if touch := some(Touch, a):
            touch.delete()

    # -- sales and refunds --------------------------------------------------------------------------------------------

    def add_sale(self, a: int, b: int) -> None:
        factories.SaleFactory(
            lead=some(Lead, a) if b % 4 else None,
            platform=some(Platform, a) if b % 4 == 0 and a % 2 == 0 else None,
            sold_on=self._day(a + b),
            amount_cents=1000 * b + a,
        )

    def change_amount(self, a: int, b: int) -> None:
        if sale := some(Sale, a):
            sale.amount_cents = -b - 1 if sale.is_refund else 333 * b
            sale.save()

    def change_day(self, a: int, b: int) -> None:
        if sale := some(Sale, a):
            sale.sold_on = self._day(b)
            sale.save()

    def give_sale(self, a: int, b: int) -> None:
        """To another lead, or to none and a platform."""
        sale = some(Sale, a)
        if sale and not sale.is_refund:
            sale.lead = some(Lead, b) if b % 3 else None
            sale.platform, sale.campaign = some(Platform, b), some(Campaign, b) if b % 2 else None
            sale.save()

    def refund(self, a: int, b: int) -> None:
        sale = some(Sale, a)
        if sale and not sale.is_refund and sale.refundable_cents > 0:
            amount = 1 + 97 * b % sale.refundable_cents
            Sale.objects.create(refund_of=sale, sold_on=sale.sold_on + timedelta(days=b), amount_cents=-amount)

    def void_sale(self, a: int, b: int) -> None:
        self._void_or_restore(Sale, a)

    def void_refund(self, a: int, b: int) -> None:
        self._void_or_restore(Sale, a, refund_of__isnull=False)

    def delete_sale(self, a: int, b: int) -> None:
        """Or a refund; not a sale that has one."""
        sale = some(Sale, a)
        if sale and not sale.refunds.exists():
            sale.delete()

    # -- all at once --------------------------------------------------------------------------------------------------

    def merge_platforms(self, a: int, b: int) -> None:
        """One becomes part of the other, and a new one takes its place."""
        gone, into = some(Platform, a), some(Platform, a + 1)
        merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=some(User, b), at=self._at(18))
        factories.PlatformFactory()

    def drop_platform(self, a: int, b: int) -> None:
        self._drop_newest(Platform, factories.PlatformFactory)

    def drop_campaign(self, a: int, b: int) -> None:
        self._drop_newest(Campaign, factories.CampaignFactory)

    def change_rules(self, a: int, b: int) -> None:
        """How far back credit reaches, how fast it fades, and when a day ends."""
        agency = Agency.current()
        if b % 3 == 0:
            agency.lookback_days = (7, 30, 365)[a % 3]
        elif b % 3 == 1:
            agency.half_life_days = (None, 3, 40)[a % 3]
        else:
            agency.time_zone = ZONES[a % 3]
        agency.save()

    def _drop_newest(self, model: Any, make_another: Callable[[], object]) -> None:
        """With its hours and spend, as when an import is taken back; not one that a touch or a sale names."""
        newest = model.objects.order_by("pk").last()
        its = {model._meta.model_name: newest}
        if any(table.objects.filter(**its).exists() for table in (Touch, Sale)):
            return
        for table in (TimeEntry, Spend):
            table.objects.filter(**its).delete()
        with suppress(ProtectedError):  # credits that the next drain takes away
            newest.delete()
        make_another()

    def _void_or_restore(self, model: Any, number: int, **where: Any) -> None:
        if one := some(model, number, **where):
            one.restore() if one.is_void else one.void(at=self._at(18))


WRITES = [name for name in vars(World) if not name.startswith("_")]


def mark_everything() -> None:
    """As if every row had changed."""
    StaleMark.objects.create(everything=True)
    for monday in rollups._all_weeks():
        StaleMark.objects.create(week_from=monday, week_to=Week(monday).sunday)
