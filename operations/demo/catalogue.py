"""What the demo agency works on: platforms, clients and campaigns with their measurement chains."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from campaigns.models import Campaign, Client, Platform
from campaigns.models.catalogue import ComparedMeasure, Purpose
from campaigns.setup import standard_platforms
from core.weeks import Week
from operations.demo.plan import PINTEREST_WEEKS, Plan

AGENCY = "Studio Nord"
GENERAL = "General presence"
BASELINE_WEEKS, FEWEST_BASELINE_WEEKS = 8, 4

WEEKLY_LIMIT_HOURS = {"Pinterest": 16}  # of the full staff


@dataclass(frozen=True, kw_only=True)
class Brief:
    """A campaign as the tables below describe it.

    `work` and `leads` are its parts of each platform's hours and of the contacts there. It runs over a part of the
    period: 0 is its first week, 1 its last; no `start` is earlier than the period, no `end` is still running.
    """

    client: str
    name: str
    purpose: Purpose = Purpose.REACH
    goal: str = ""
    objective: str = ""
    action: str = ""
    indicator: str = ""
    measure: str = ""
    counted: ComparedMeasure = ComparedMeasure.LEADS
    start: float | None = None
    end: float | None = None
    work: Mapping[str, int] = field(default_factory=dict)
    leads: Mapping[str, int] = field(default_factory=dict)


GENERAL_BRIEF = Brief(
    client=AGENCY,
    name=GENERAL,
    work={"Facebook": 5, "X / Twitter": 5, "LinkedIn": 2, "Pinterest": 1, "Newsletter": 1, "Search": 1, "Events": 1},
    leads={"Facebook": 2, "X / Twitter": 3, "LinkedIn": 1, "Referral": 1},
)

CAMPAIGNS: tuple[Brief, ...] = (
    Brief(
        client=AGENCY,
        name="Websites for shops",
        goal="Sell more sites to shops and restaurants",
        objective="12 requests for a quote a week",
        action="Five posts and one short film a week, paid promotion",
        indicator="Requests for a quote by the form",
        measure="Leads a week, and how many are qualified",
        work={"Facebook": 6, "X / Twitter": 3, "Search": 3},
        leads={"Facebook": 8, "X / Twitter": 3, "Search": 4},
    ),
    Brief(
        client=AGENCY,
        name="Free redesign review",
        goal="Sell redesigns to companies of 20 to 200 people",
        objective="3 qualified requests a week",
        action="Two case studies a week by the seniors, replies within the hour",
        indicator="Reviews asked for",
        measure="Qualified leads a week",
        counted=ComparedMeasure.QUALIFIED,
        work={"LinkedIn": 7, "Newsletter": 2, "Search": 2},
        leads={"LinkedIn": 8, "Newsletter": 3, "Search": 3},
    ),
    Brief(
        client=AGENCY,
        name="The monthly letter",
        purpose=Purpose.KEEP,
        goal="Be the first that clients think of",
        objective="A third of last year's clients order again",
        action="One letter a month, one story a week",
        indicator="Orders from people who read it",
        measure="Sales to existing clients a quarter",
        counted=ComparedMeasure.SALES,
        work={"Newsletter": 6, "Facebook": 1},
        leads={"Newsletter": 8},
    ),
    Brief(
        client=AGENCY,
        name="Breakfast workshops",
        goal="Meet owners before they look for an agency",
        objective="15 visitors a month, 2 of them clients within the year",
        action="One workshop a month, announced on LinkedIn",
        indicator="Visitors who ask for a meeting",
        measure="Leads a month",
        start=0.1,
        work={"Events": 8, "LinkedIn": 2},
        leads={"Events": 8, "LinkedIn": 1},
    ),
    Brief(
        client="Maison Lavande",
        name="Lavender season",
        goal="Sell the summer range outside the region",
        objective="200 orders from new customers",
        action="Photographs of the harvest every day, questions answered",
        indicator="First orders with the season's code",
        measure="New customers a week",
        work={"Facebook": 3},
        leads={"Facebook": 2},
    ),
    Brief(
        client="Maison Lavande",
        name="After-sales on social",
        purpose=Purpose.SERVE,
        goal="Fewer calls to the shop",
        objective="Every question answered within two hours",
        action="Two people watch messages from 9 to 18 h",
        indicator="Questions answered without a call",
        measure="Tickets answered a week",
        work={"Facebook": 3, "X / Twitter": 2},
    ),
    Brief(
        client="Brasserie du Canal",
        name="Tables on weekdays",
        goal="Fill the room from Monday to Thursday",
        objective="40 tables a week booked online",
        action="The menu of the day at 10 h, one contest a month",
        indicator="Bookings that come from a post",
        measure="Tables a week",
        start=0.2,
        work={"Facebook": 3},
        leads={"Facebook": 2},
    ),
    Brief(
        client="Vélo Boréal",
        name="Winter service",
        purpose=Purpose.KEEP,
        goal="Keep the workshop busy from November to March",
        objective="Half of last winter's customers come back",
        action="Reminders by letter, advice on social",
        indicator="Bookings by known customers",
        measure="Bookings a week",
        counted=ComparedMeasure.SALES,
        start=0.3,
        work={"Facebook": 2, "X / Twitter": 2, "Newsletter": 2},
        leads={"Newsletter": 1},
    ),
    Brief(
        client="Vélo Boréal",
        name="Questions and repairs",
        purpose=Purpose.SERVE,
        goal="Riders get help where they ask for it",
        objective="An answer within the hour, on working days",
        action="One mechanic on call writes with the team",
        indicator="Questions solved in public",
        measure="Tickets answered a week",
        work={"X / Twitter": 4},
    ),
    Brief(
        client="Cabinet Mercier",
        name="The law in plain words",
        goal="Become the cabinet that small firms call",
        objective="6 first meetings a month",
        action="One article and three posts a week",
        indicator="Meetings asked for",
        measure="Leads a week",
        work={"LinkedIn": 4, "X / Twitter": 3},
        leads={"LinkedIn": 3, "X / Twitter": 3},
    ),
    Brief(
        client="Hôtel des Remparts",
        name="Book direct",
        goal="Pay less commission to booking sites",
        objective="A quarter of nights booked on the hotel's own site",
        action="Search advertising, rooms and town on Facebook",
        indicator="Nights booked direct",
        measure="Leads a week",
        work={"Search": 4, "Facebook": 2},
        leads={"Search": 3, "Facebook": 2},
    ),
    Brief(
        client="Atelier Sapin",
        name="Rooms we like",
        goal="Sell furniture made to measure",
        objective="5 requests a week by the end of the winter",
        action="Three boards a week, each piece with its price",
        indicator="Requests that name a board",
        measure="Leads a week",
        work={"Pinterest": 9},
        leads={"Pinterest": 1},
    ),
    Brief(
        client="Festival Grand Large",
        name="Early tickets",
        goal="Sell a third of the tickets before the programme is out",
        objective="1,500 early tickets",
        action="One artist a day, contests with the partners",
        indicator="Tickets sold with the campaign's link",
        measure="Tickets a week",
        start=0.15,
        end=0.6,
        work={"Facebook": 4, "X / Twitter": 4},
        leads={"Facebook": 2, "X / Twitter": 2},
    ),
)


@dataclass(frozen=True)
class Catalogue:
    """The rows by the names that the tables give them, and who chooses among campaigns."""

    platforms: Mapping[str, Platform]
    campaigns: Mapping[str, Campaign]

    def name_of(self, row: Platform | Campaign) -> str:
        """What the tables call it; in another language the row has another name."""
        return self._names[row]

    @cached_property
    def _names(self) -> Mapping[Platform | Campaign, str]:
        platforms = {platform: name for name, platform in self.platforms.items()}
        return platforms | {campaign: name for name, campaign in self.campaigns.items()}

    def worked_on(self, platform: str, week: Week, dice: random.Random) -> Campaign:
        """A campaign for hours on this platform in this week."""
        return self._pick({brief.name: brief.work.get(platform, 0) for brief in _ALL}, week, dice)

    def met_through(self, platform: str, day: date, dice: random.Random) -> Campaign:
        """A campaign for a contact on this platform on this day."""
        return self._pick({brief.name: brief.leads.get(platform, 0) for brief in _ALL}, Week.containing(day), dice)

    def is_running(self, campaign: Campaign, week: Week) -> bool:
        started = campaign.starts_on is None or campaign.starts_on <= week.monday
        return started and (campaign.ends_on is None or campaign.ends_on >= week.sunday)

    def _pick(self, parts: Mapping[str, int], week: Week, dice: random.Random) -> Campaign:
        running = {name: part for name, part in parts.items() if part and self.is_running(self.campaigns[name], week)}
        if not running:
            return self.campaigns[GENERAL]
        return self.campaigns[dice.choices(list(running), weights=list(running.values()))[0]]


_ALL = (GENERAL_BRIEF, *CAMPAIGNS)


def open_catalogue(plan: Plan) -> Catalogue:
    """Write clients and campaigns, and the platforms' limits; clients that are there already are taken as they are."""
    platforms = standard_platforms()
    for name, hours in WEEKLY_LIMIT_HOURS.items():
        platforms[name].weekly_limit_minutes = round(hours * 60 * plan.size)
        platforms[name].save()
    campaigns = {brief.name: _campaign(plan, brief, _client(brief.client)) for brief in CAMPAIGNS}
    return Catalogue(platforms, {GENERAL: Campaign.objects.general(), **campaigns})


def _client(name: str) -> Client:
    return Client.objects.own_brand() if name == AGENCY else Client.objects.get_or_create(name=name)[0]


def _campaign(plan: Plan, brief: Brief, client: Client) -> Campaign:
    starts_on = _starts_on(plan, brief)
    ends_on = plan.along(brief.end).sunday if brief.end else None
    return Campaign.objects.create(
        client=client,
        name=plan.text(brief.name),
        purpose=brief.purpose,
        goal=plan.text(brief.goal),
        objective=plan.text(brief.objective),
        action=plan.text(brief.action),
        indicator=plan.text(brief.indicator),
        measure=plan.text(brief.measure),
        counted=brief.counted,
        **_baseline(plan, brief, starts_on),
        starts_on=starts_on,
        ends_on=ends_on,
        is_active=ends_on is None,
    )


def _baseline(plan: Plan, brief: Brief, starts_on: date) -> dict[str, date]:
    """The weeks before, where something was recorded: none of a campaign as old as the records, or as its platform."""
    if "Pinterest" in brief.work:
        return {}
    begins = max(plan.first.monday, starts_on - timedelta(weeks=BASELINE_WEEKS))
    if starts_on - begins < timedelta(weeks=FEWEST_BASELINE_WEEKS):
        return {}
    return {"baseline_starts_on": begins, "baseline_ends_on": starts_on - timedelta(days=1)}


def _starts_on(plan: Plan, brief: Brief) -> date:
    if "Pinterest" in brief.work:
        return plan.ago(PINTEREST_WEEKS - 1).monday
    return plan.first.plus(-10).monday if brief.start is None else plan.along(brief.start).monday
