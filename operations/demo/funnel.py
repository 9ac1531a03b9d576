"""Who asked, how they were met, what became of them and what they bought: the rows, not yet written."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from campaigns import attribution
from campaigns.models import Lead, Sale, StatusChange, Touch
from campaigns.models.catalogue import Purpose
from campaigns.models.funnel import DisqualifiedReason, LeadStatus, qualified_since
from core.weeks import Week
from operations.demo import names
from operations.demo.catalogue import Catalogue
from operations.demo.plan import FIRST_SALE_WEEKS, WINDOW_WEEKS, Plan, at
from operations.demo.story import TARGETS

LOOKBACK_DAYS = 365
DIRECT = None
WATCHED = "X / Twitter"


@dataclass(frozen=True)
class Source:
    """What one platform brings to the full agency: leads and sales a week, and why leads are turned away."""

    leads: float
    sales: float
    cannot_afford: float
    turned_away: float  # for any other reason


SOURCES: Mapping[str | None, Source] = {
    "Facebook": Source(leads=7.0, sales=0.30, cannot_afford=0.42, turned_away=0.16),
    "X / Twitter": Source(leads=3.2, sales=0.50, cannot_afford=0.14, turned_away=0.18),
    "LinkedIn": Source(leads=3.6, sales=0.95, cannot_afford=0.05, turned_away=0.14),
    "Pinterest": Source(leads=1.4, sales=0.12, cannot_afford=0.22, turned_away=0.10),
    "Newsletter": Source(leads=1.5, sales=0.30, cannot_afford=0.03, turned_away=0.05),
    "Search": Source(leads=2.4, sales=0.22, cannot_afford=0.12, turned_away=0.20),
    "Events": Source(leads=0.6, sales=0.16, cannot_afford=0.05, turned_away=0.10),
    "Referral": Source(leads=0.4, sales=0.10, cannot_afford=0.02, turned_away=0.05),
    DIRECT: Source(leads=0.9, sales=0.08, cannot_afford=0.10, turned_away=0.25),
}
OTHER_REASONS = (
    *[DisqualifiedReason.WRONG_FIT] * 4,
    *[DisqualifiedReason.NO_ANSWER] * 4,
    *[DisqualifiedReason.SPAM] * 2,
    DisqualifiedReason.DUPLICATE,
)

# A contact after the first: mostly on the same platform, else on one of these.
SAME_PLATFORM = 0.64
ELSEWHERE: Mapping[str | None, int] = {
    "Search": 7,
    DIRECT: 10,
    "Newsletter": 9,
    "LinkedIn": 14,
    "Facebook": 9,
    "X / Twitter": 9,
}
TOUCHES = (1, 2, 3, 4, 5)
TOUCHES_OF_BUYERS = (22, 30, 25, 15, 8)
TOUCHES_OF_OTHERS = (55, 28, 12, 4, 1)

UTM: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Facebook": (("facebook", "social"), ("fb", "paid_social"), ("m.facebook.com", "referral")),
    "X / Twitter": (("twitter", "social"), ("t.co", "referral")),
    "LinkedIn": (("linkedin", "social"), ("LinkedIn", "paid_social"), ("lnkd.in", "referral")),
    "Pinterest": (("pinterest", "social"),),
    "Newsletter": (("newsletter", "email"),),
    "Search": (("google", "cpc"), ("google", "organic"), ("bing", "organic")),
}

# From first contact to sale: a gamma distribution with a mean of about six months, cut by the lookback.
LAG_SHAPE, LAG_SCALE_DAYS = 3.2, 62
LEAST_LAG_DAYS, MOST_LAG_DAYS = 21, 330
FEWER_EACH = 0.8  # leads grow with this power of the hours of their own week, less than the hours do
DAYS_TO_ASK = 14  # from a contact to the request, for those who do not buy
QUIET_DAYS = 10  # nothing new happens in the last days before a sale
LEAST_SALES_IN_WINDOW = 2.5
REPEATS, REPEAT_AFTER_WEEKS, REPEAT_WITHIN_WEEKS = 0.25, 8, 20
# What brings customers back: the letter that keeps them, some days before they buy again.
KEPT_BY, DAYS_TO_BUY_AGAIN = ("Newsletter", "The monthly letter"), 9
USUAL_SALE_CENTS, SPREAD = 400_000, 0.35
UNLINKED: Mapping[str | None, float] = {DIRECT: 0.12, "Search": 0.05, "LinkedIn": 0.05}  # sales a week without a lead
UNLINKED_CENTS = 140_000


@dataclass
class Deal:
    """A sale with what the story needs to know of it: who is credited with it, in parts of 1."""

    source: str | None
    sale: Sale
    parts: Mapping[str | None, float]
    refund: Sale | None = None

    @property
    def week(self) -> Week:
        return Week.containing(self.sale.sold_on)


@dataclass
class Enquiry:
    """A lead with all that happened to it."""

    lead: Lead
    touches: list[Touch]
    changes: list[StatusChange] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)


# -- who bought -------------------------------------------------------------------------------------------------------


def buyers(plan: Plan, catalogue: Catalogue) -> Iterator[Enquiry]:
    """Leads that bought, their sales evenly over the period once the agency has found its feet."""
    for platform, source in SOURCES.items():
        dice = plan.dice(f"buyers from {platform}")
        for day in _sale_days(plan, platform, source, dice):
            yield buyer(plan, catalogue, platform, day, dice)


def buyer(
    plan: Plan, catalogue: Catalogue, platform: str | None, day: date, dice: random.Random, *, cents: int = 0
) -> Enquiry:
    """A lead that bought on about this day; with `cents`, for that much, on this day and met on this platform only."""
    lag_days = _lag(plan, platform, day, dice)
    first = at(day - timedelta(days=lag_days), dice.randrange(8, 21), dice.randrange(60))
    count = dice.choices(TOUCHES, TOUCHES_OF_BUYERS)[0]
    later = sorted(dice.uniform(0.5, lag_days - QUIET_DAYS) for _ in range(count - 1))
    instants = [first, *(first + timedelta(days=days) for days in later)]
    journey = [platform] + [platform if cents else _next_platform(platform, dice) for _ in later]
    received_at = first + timedelta(days=min(45.0, lag_days * dice.uniform(0.05, 0.35)), minutes=7)
    enquiry = _enquiry(catalogue, received_at, list(zip(instants, journey, strict=True)), dice)
    sold_on = day if cents else _away_from_the_edges(plan, day, journey)
    amount = cents or round(USUAL_SALE_CENTS * math.exp(dice.gauss(0, SPREAD)))
    _sell(catalogue, enquiry, platform, sold_on, amount)
    if not cents:
        _sell_again(plan, catalogue, enquiry, platform, sold_on, journey, dice)
    _win(enquiry, sold_on, dice)
    return enquiry


def _sale_days(plan: Plan, platform: str | None, source: Source, dice: random.Random) -> Iterator[date]:
    """Working days of sales, evenly spaced with some play. A young platform has sold once, last week but one."""
    if plan.starts_on(platform) > plan.first.monday:
        yield plan.ago(1).days[2]
        return
    least = LEAST_SALES_IN_WINDOW / WINDOW_WEEKS if platform in TARGETS else 0
    every = 1 / max(source.sales * plan.size, least)
    weeks = FIRST_SALE_WEEKS + every * dice.random()
    while weeks < plan.weeks:
        yield plan.first.plus(int(weeks)).days[dice.randrange(5)]
        weeks += every * dice.uniform(0.7, 1.3)


def _lag(plan: Plan, platform: str | None, day: date, dice: random.Random) -> int:
    """Days from the first contact to the sale: months, but not from before the agency was on the platform."""
    most = min(MOST_LAG_DAYS, (day - plan.starts_on(platform)).days)
    lag = max(LEAST_LAG_DAYS, round(dice.gammavariate(LAG_SHAPE, LAG_SCALE_DAYS)))
    return lag if lag <= most else max(LEAST_LAG_DAYS, round(most * dice.uniform(0.7, 1)))


def _away_from_the_edges(plan: Plan, day: date, journey: list[str | None]) -> date:
    """The watched platform sells nothing in the last week and in the week that has just left the window.

    What it lacks there is put back to the cent by the story, so that it falls below its target this very week.
    """
    edges = (plan.until, plan.ago(WINDOW_WEEKS))
    return day - timedelta(weeks=1) if WATCHED in journey and Week.containing(day) in edges else day


def _next_platform(platform: str | None, dice: random.Random) -> str | None:
    if dice.random() < SAME_PLATFORM:
        return platform
    return dice.choices(list(ELSEWHERE), list(ELSEWHERE.values()))[0]


def _sell(catalogue: Catalogue, enquiry: Enquiry, source: str | None, sold_on: date, amount_cents: int) -> None:
    sale = Sale(lead=enquiry.lead, sold_on=sold_on, amount_cents=amount_cents)
    enquiry.deals.append(Deal(source, sale, linear_parts(catalogue, enquiry.touches, sold_on)))


def _sell_again(
    plan: Plan,
    catalogue: Catalogue,
    enquiry: Enquiry,
    source: str | None,
    sold_on: date,
    journey: list[str | None],
    dice: random.Random,
) -> None:
    wait = timedelta(weeks=dice.uniform(REPEAT_AFTER_WEEKS, REPEAT_WITHIN_WEEKS))
    again = _away_from_the_edges(plan, sold_on + wait, journey)
    amount = round(USUAL_SALE_CENTS * dice.uniform(0.3, 0.8))
    if dice.random() < REPEATS and again <= plan.until.days[4] and again.isoweekday() < 6:
        enquiry.touches.append(_letter(catalogue, enquiry.lead, again))
        _sell(catalogue, enquiry, source, again, amount)


def _letter(catalogue: Catalogue, lead: Lead, again: date) -> Touch:
    platform, campaign = catalogue.platforms[KEPT_BY[0]], catalogue.campaigns[KEPT_BY[1]]
    return Touch(
        lead=lead,
        at=at(again - timedelta(days=DAYS_TO_BUY_AGAIN), 9),
        platform=platform,
        campaign=campaign,
        utm_source="newsletter",
        utm_medium="email",
        utm_campaign=names.slug(campaign.name),
    )


def linear_parts(catalogue: Catalogue, touches: list[Touch], sold_on: date) -> dict[str | None, float]:
    """How a sale is shared among platforms by the linear model, in parts of 1; without any contact nobody is.

    Contacts through a campaign that is not for new customers are nobody's too: no platform is judged by them.
    """
    seen = [attribution.JourneyTouch(touch.at, number) for number, touch in enumerate(touches)]
    counted = attribution.eligible(seen, conversion_at=at(sold_on, 23, 59), lookback_days=LOOKBACK_DAYS)
    count = Counter(_judged(catalogue, touches[lead.id]) for lead in counted)
    return {name: touched / len(counted) for name, touched in count.items()}


def _judged(catalogue: Catalogue, by: Touch | Sale) -> str | None:
    """The name of the platform that is judged by this contact or sale, if one is."""
    is_reach = by.campaign and by.campaign.purpose == Purpose.REACH
    return catalogue.name_of(by.platform) if by.platform and is_reach else DIRECT


def unlinked(plan: Plan, catalogue: Catalogue) -> Iterator[Deal]:
    """Sales that no lead is known for: by telephone, or with the platform written on the order."""
    for platform, a_week in UNLINKED.items():
        dice = plan.dice(f"sales without a lead from {platform}")
        for number in range(max(1, round(a_week * plan.size * plan.weeks))):
            week = plan.ago(number * plan.weeks // max(1, round(a_week * plan.size * plan.weeks)))
            day = week.days[dice.randrange(5)]
            sale = Sale(
                platform=catalogue.platforms[platform] if platform else None,
                campaign=catalogue.met_through(platform, day, dice) if platform else None,
                sold_on=day,
                amount_cents=round(UNLINKED_CENTS * dice.uniform(0.5, 1.5)),
            )
            yield Deal(platform, sale, {_judged(catalogue, sale): 1.0})


# -- who did not, or not yet ------------------------------------------------------------------------------------------


def others(plan: Plan, catalogue: Catalogue) -> Iterator[Enquiry]:
    """Leads that did not buy: turned away, lost, or still open."""
    for platform, source in SOURCES.items():
        dice = plan.dice(f"leads from {platform}")
        a_week = max(0.0, source.leads - source.sales) * plan.size
        for week in Week.range(Week.containing(plan.starts_on(platform)), plan.until):
            for _ in range(int(a_week * plan.effort(platform, week) ** FEWER_EACH + dice.random())):
                yield _other(plan, catalogue, platform, week, dice)


def _other(plan: Plan, catalogue: Catalogue, platform: str | None, week: Week, dice: random.Random) -> Enquiry:
    day = dice.choices(week.days, (5, 5, 5, 5, 4, 2, 2))[0]
    received_at = at(day, dice.randrange(7, 23), dice.randrange(60))
    room = (received_at - at(plan.starts_on(platform), 0)) / timedelta(days=1)
    count = dice.choices(TOUCHES, TOUCHES_OF_OTHERS)[0]
    drawn = [dice.expovariate(1 / DAYS_TO_ASK) for _ in range(count)]
    before = sorted((days if days < room else dice.uniform(0, room) for days in drawn), reverse=True)
    instants = [received_at - timedelta(days=days) for days in before]
    journey = [platform] + [_next_platform(platform, dice) for _ in before[1:]]
    enquiry = _enquiry(catalogue, received_at, list(zip(instants, journey, strict=True)), dice)
    _settle(plan, enquiry, SOURCES[platform], dice)
    return enquiry


def _settle(plan: Plan, enquiry: Enquiry, source: Source, dice: random.Random) -> None:
    """What has become of a lead by the end of the last complete week."""
    received_at = enquiry.lead.received_at
    answered_at = received_at + timedelta(days=dice.uniform(1, 12))
    lost_at = answered_at + timedelta(days=dice.uniform(30, 200))
    luck = dice.random()
    end = at(plan.until.sunday, 23)
    if answered_at > end:
        return
    if luck < source.cannot_afford:
        _move(enquiry, LeadStatus.DISQUALIFIED, answered_at, DisqualifiedReason.CANNOT_AFFORD)
    elif luck < source.cannot_afford + source.turned_away:
        _move(enquiry, LeadStatus.DISQUALIFIED, answered_at, dice.choice(OTHER_REASONS))
    else:
        _move(enquiry, LeadStatus.QUALIFIED, answered_at)
        if lost_at <= end:
            _move(enquiry, LeadStatus.LOST, lost_at)


def _win(enquiry: Enquiry, sold_on: date, dice: random.Random) -> None:
    received_at = enquiry.lead.received_at
    won_at = at(sold_on, dice.randrange(9, 18), dice.randrange(60))
    _move(enquiry, LeadStatus.QUALIFIED, min(received_at + timedelta(days=dice.uniform(1, 9)), won_at))
    _move(enquiry, LeadStatus.WON, won_at)


def _move(enquiry: Enquiry, status: LeadStatus, moved_at: datetime, reason: str = "") -> None:
    """As `Lead.move_to`, without writing."""
    lead = enquiry.lead
    enquiry.changes.append(StatusChange(lead=lead, at=moved_at, before=lead.status, after=status, reason=reason))
    lead.status, lead.disqualified_reason = status, reason
    lead.qualified_at = qualified_since(lead.qualified_at, status, moved_at)


# -- rows -------------------------------------------------------------------------------------------------------------


def _enquiry(
    catalogue: Catalogue, received_at: datetime, journey: list[tuple[datetime, str | None]], dice: random.Random
) -> Enquiry:
    name, company = names.person(dice), names.company(dice)
    lead = Lead(received_at=received_at, name=name, company=company, email=names.address(name, company))
    return Enquiry(lead, [_touch(lead, instant, platform, catalogue, dice) for instant, platform in journey])


def _touch(lead: Lead, instant: datetime, platform: str | None, catalogue: Catalogue, dice: random.Random) -> Touch:
    if platform is None:
        return Touch(lead=lead, at=instant)
    campaign = catalogue.met_through(platform, instant.date(), dice)
    source, medium = dice.choice(UTM.get(platform, (("", ""),)))
    return Touch(
        lead=lead,
        at=instant,
        platform=catalogue.platforms[platform],
        campaign=campaign,
        utm_source=source,
        utm_medium=medium,
        utm_campaign=names.slug(campaign.name) if source and medium != "referral" and not campaign.is_general else "",
    )
