"""A filled database: who and what is in it by number, and how the generator's rows become rows of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from campaigns.models import Agency, Campaign, Client, Lead, Platform, Sale, Spend, Touch
from core.access import Role
from core.weeks import Week
from reports.attribution import rollups
from tests.bench import bulk
from tests.bench.generator import Generator, Hours, hourly_cents, rate_begins
from tests.bench.proportions import Calendar, Proportions
from timesheets.models import CostRate, TimeEntry, User

SAVERS = 50  # people without hours, who save at the same time
ENTRY_COLUMNS = ("member_id", "day", "week", "platform_id", "campaign_id", "minutes", "hourly_cents", "note", "version")


@dataclass(frozen=True)
class World:
    """Keys by number."""

    generator: Generator
    people: list[int]
    savers: list[int]
    platforms: list[int]
    campaigns: list[int]

    @classmethod
    def read(cls, size: Proportions, last: date) -> "World":
        people = list(User.objects.filter(email__startswith="person").order_by("email").values_list("pk", flat=True))
        return cls(
            Generator(size, Calendar(last, size.weeks)),
            people,
            list(User.objects.filter(email__startswith="saver").order_by("email").values_list("pk", flat=True)),
            list(Platform.objects.order_by("name").values_list("pk", flat=True)),
            list(Campaign.objects.filter(is_general=False).order_by("name").values_list("pk", flat=True)),
        )

    @property
    def last_week(self) -> Week:
        return Week(self.generator.calendar.last)

    @property
    def director(self) -> User:
        return User.objects.get(pk=self.people[0])

    def entry(self, hours: Hours) -> tuple[Any, ...]:
        """A row of ENTRY_COLUMNS."""
        place = (self.platforms[hours.platform], self.campaigns[hours.campaign])
        return (self.people[hours.person], hours.day, hours.monday, *place, hours.minutes, hours.cents, "", 1)

    def entries(self, first: int, last: int) -> Iterator[tuple[Any, ...]]:
        return map(self.entry, self.generator.hours(first, last))


def fill(size: Proportions, last: date) -> World:
    """Fill a migrated database and compute its figures."""
    _make_catalogue(size, Calendar(last, size.weeks))
    world = World.read(size, last)
    with bulk.without_triggers():
        bulk.load(TimeEntry, ENTRY_COLUMNS, world.entries(0, size.weeks - 1))
        _load_leads(world)
    _go_on_numbering([Lead, Sale])
    analyse()
    rollups.rebuild()
    analyse()
    return world


def _make_catalogue(size: Proportions, calendar: Calendar) -> None:
    Agency.current()
    Campaign.objects.general()
    joined = calendar.monday(-size.imported_weeks)
    roles = [Role.DIRECTOR, *[Role.MEMBER] * (size.people - 1)]
    named = [("person", number, role) for number, role in enumerate(roles)]
    named += [("saver", number, Role.MEMBER) for number in range(SAVERS)]
    people = [
        User(email=f"{kind}{number:06}@example.com", name=f"{kind.title()} {number}", role=role, joined_on=joined)
        for kind, number, role in named
    ]
    User.objects.bulk_create(people, batch_size=1000)
    CostRate.objects.bulk_create(_rates(calendar, size.people), batch_size=1000)
    Platform.objects.bulk_create([Platform(name=f"Platform {number:03}") for number in range(size.platforms)])
    clients = Client.objects.bulk_create([Client(name=f"Client {number:03}") for number in range(size.campaigns // 5)])
    Campaign.objects.bulk_create(
        [Campaign(name=f"Campaign {n:03}", client=clients[n % len(clients)]) for n in range(size.campaigns)]
    )


def _rates(calendar: Calendar, people: int) -> Iterable[CostRate]:
    members = User.objects.filter(email__startswith="person").order_by("email")[:people]
    for number, member in enumerate(members):
        starts_on = max(calendar.monday(max(rate_begins(number), 0)), member.joined_on)
        yield CostRate(member=member, starts_on=starts_on, hourly_cents=hourly_cents(number))


def _load_leads(world: World) -> None:
    generator = world.generator
    moment = connection.ops.adapt_datetimefield_value

    def qualified(status: str, at: datetime) -> Any:
        return moment(at) if status in ("qualified", "won") else None

    bulk.load(
        Lead,
        ("id", "external_id", "received_at", "name", "status", "disqualified_reason", "qualified_at"),
        (
            (
                *(row.number, f"lead-{row.number}", moment(row.received_at), row.name, row.status),
                "wrong_fit" if row.status == "disqualified" else "",
                qualified(row.status, row.received_at),
            )
            for row in generator.leads()
        ),
    )
    platform = {None: None} | dict(enumerate(world.platforms))
    campaign = {None: None} | dict(enumerate(world.campaigns))
    bulk.load(
        Touch,
        ("lead_id", "at", "platform_id", "campaign_id"),
        ((row.lead, moment(row.at), platform[row.platform], campaign[row.campaign]) for row in generator.touches()),
    )
    bulk.load(
        Sale,
        ("id", "external_id", "lead_id", "platform_id", "campaign_id", "sold_on", "amount_cents", "refund_of_id"),
        (
            (
                *(row.number, f"sale-{row.number}", row.lead, platform[row.platform], campaign[row.campaign]),
                *(row.sold_on, row.cents, row.refund_of),
            )
            for row in generator.sales()
        ),
    )
    bulk.load(
        Spend,
        ("platform_id", "campaign_id", "starts_on", "ends_on", "amount_cents"),
        (
            (platform[row.platform], campaign[row.campaign], row.starts_on, row.ends_on, row.cents)
            for row in generator.spends()
        ),
    )


def _go_on_numbering(models: list[Any]) -> None:
    """Rows were loaded with their numbers; the next ones must get others."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def analyse() -> None:
    """So that the planner knows how much there is; a transaction, such as a test's, cannot be cleaned up in."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if bulk.is_postgresql() and not connection.in_atomic_block else "ANALYZE")
