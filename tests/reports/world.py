"""A small agency whose figures can be followed by hand: two platforms and more, clients, purposes, spend, sales."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from campaigns.models import Campaign, Client, Platform
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.attribution import rollups
from reports.verdicts import evaluation
from tests import factories
from timesheets.models import User

# A Wednesday of 2026-W47: the last complete week is 2026-W46.
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
LAST = Week(date(2026, 11, 9))


@dataclass(frozen=True)
class World:
    facebook: Platform
    linkedin: Platform
    shop: Campaign
    hiring: Campaign
    general: Campaign
    acme: Client
    anna: User


def build(last: Week = LAST) -> World:
    """Rows of the 16 weeks to `last`, brought into the rollups and judged."""
    world = rows(last)
    settle(last)
    return world


def rows(last: Week = LAST) -> World:
    """The rows alone, before any job has seen them."""
    world = _places()
    _hours(world, last)
    _funnel(world, last)
    return world


def settle(last: Week = LAST) -> None:
    """Let the jobs do their work."""
    rollups.drain()
    for week in (last.previous, last):
        evaluation.evaluate(week, at=NOW)


def _places() -> World:
    acme = factories.ClientFactory(name="Acme")
    return World(
        facebook=factories.PlatformFactory(name="Facebook", colour=1),
        linkedin=factories.PlatformFactory(name="LinkedIn", colour=2),
        shop=factories.CampaignFactory(client=acme, name="Shop", purpose=Purpose.REACH),
        hiring=factories.CampaignFactory(client=Client.objects.own_brand(), name="Hiring", purpose=Purpose.KEEP),
        general=Campaign.objects.general(),
        acme=acme,
        anna=factories.RateFactory(hourly_cents=4_001, member__name="Anna").member,
    )


def _hours(world: World, last: Week) -> None:
    bob = factories.RateFactory(hourly_cents=3_333, member__name="Bob").member
    new = factories.MemberFactory(name="Nora without a rate")
    for back in range(16):
        monday = last.plus(-back).monday
        for member, platform, campaign, minutes in (
            (world.anna, world.facebook, world.shop, 601),
            (world.anna, world.facebook, world.general, 95),
            (bob, world.facebook, world.hiring, 130),
            (bob, world.linkedin, world.hiring, 77),
        ):
            factories.EntryFactory(member=member, platform=platform, campaign=campaign, day=monday, minutes=minutes)
    factories.EntryFactory(member=new, platform=world.linkedin, campaign=world.shop, day=last.monday, minutes=45)
    factories.SpendFactory(
        platform=world.facebook,
        campaign=world.shop,
        starts_on=last.plus(-14).monday + timedelta(days=3),
        ends_on=last.sunday,
        amount_cents=100_001,
    )
    factories.SpendFactory(platform=world.linkedin, starts_on=last.monday, ends_on=last.sunday, amount_cents=7_777)


def _funnel(world: World, last: Week) -> None:
    for number, (weeks_ago, amount) in enumerate([(1, 100_000), (2, 55_555), (3, 0), (5, 33_333)]):
        received = datetime.combine(last.plus(-weeks_ago).monday, time(), UTC) + timedelta(hours=12)
        lead = factories.LeadFactory(received_at=received, name=f"Lead {number}")
        touched = (world.facebook, world.shop), (world.linkedin, world.hiring), (world.facebook, None), (None, None)
        for step, (platform, campaign) in enumerate(touched[number % 2 :]):
            at = received - timedelta(days=20 - 5 * step)
            factories.TouchFactory(lead=lead, platform=platform, campaign=campaign, at=at)
        if number != 3:
            lead.move_to("qualified", at=received + timedelta(days=1))
        if amount:
            sale = factories.SaleFactory(lead=lead, sold_on=received.date() + timedelta(days=6), amount_cents=amount)
        if number == 0:
            lead.move_to("won", at=received + timedelta(days=6))
    factories.SaleFactory(refund_of=sale, amount_cents=-10_000, sold_on=last.monday, lead=sale.lead)
    factories.SaleFactory(platform=world.linkedin, sold_on=last.monday, amount_cents=20_001, description="Walk-in")
    factories.SaleFactory(sold_on=last.monday, amount_cents=9_999, description="Nobody knows")
    factories.LeadFactory(received_at=datetime.combine(last.days[1], time(9), UTC), name="From nowhere")
