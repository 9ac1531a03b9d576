"""What goes out besides hours, and what comes back besides money."""

from collections.abc import Iterator
from datetime import date, timedelta

from campaigns.models import Outcome, OutcomeValue, Spend
from core.weeks import Week
from operations.demo import past
from operations.demo.catalogue import GENERAL, Catalogue
from operations.demo.plan import PINTEREST_WEEKS, Plan, at
from timesheets.models import User

# Platform, campaign, what for, EUR a month of the full agency, whether it grows with the agency.
MONTHLY: tuple[tuple[str, str, str, int, bool], ...] = (
    ("Facebook", "Websites for shops", "Promoted posts", 1450, True),
    ("LinkedIn", "Free redesign review", "Sponsored content", 980, True),
    ("Search", "Websites for shops", "Search advertising", 560, True),
    ("X / Twitter", GENERAL, "Scheduling and listening tool", 119, False),
    ("Facebook", GENERAL, "Scheduling and listening tool", 119, False),
    ("Newsletter", "The monthly letter", "Letter tool, by addresses", 89, True),
    ("Events", "Breakfast workshops", "Room and breakfast", 210, True),
)
# Platform, campaign, what for, EUR, first week counted back, weeks.
ONCE: tuple[tuple[str, str, str, int, int, int], ...] = (
    ("Facebook", "After-sales on social", "Freelance moderator", 3200, 17, 8),
    ("Pinterest", "Rooms we like", "Photographer", 650, PINTEREST_WEEKS - 1, 2),
    ("Events", "Breakfast workshops", "Stand at the town's fair", 900, 19, 1),
)
# Platform, campaign, what is counted, a usual week of the full agency, growth over the period in percent.
COUNTED: tuple[tuple[str, str, str, int, int], ...] = (
    ("Facebook", GENERAL, "Followers gained", 64, -55),
    ("Facebook", "Websites for shops", "Comments", 140, -30),
    ("Facebook", "After-sales on social", "Tickets answered", 46, 25),
    ("X / Twitter", GENERAL, "Followers gained", 38, -35),
    ("X / Twitter", "Questions and repairs", "Tickets answered", 31, 40),
    ("LinkedIn", GENERAL, "Followers gained", 27, 80),
    ("LinkedIn", "Free redesign review", "Comments", 22, 60),
    ("Pinterest", "Rooms we like", "Pins saved", 310, 120),
    ("Newsletter", "The monthly letter", "Opt-ins", 24, 45),
    ("Events", "Breakfast workshops", "Visitors met", 6, 20),
)
# What is counted, the part of the period from which on, what one is worth in cents, and why.
WORTH: tuple[tuple[str, float, int, str], ...] = (
    ("Tickets answered", 0.0, 900, "A call to the shop takes a quarter of an hour"),
    ("Tickets answered", 0.6, 1100, "The shop counted its calls: they take longer"),
    ("Opt-ins", 0.2, 450, "What an address costs through search advertising"),
)


def spend(plan: Plan, catalogue: Catalogue) -> Iterator[Spend]:
    """Monthly bills from the first whole month on, and what was bought once."""
    for starts_on, ends_on in _months(plan):
        for platform, campaign, purpose, euros, grows in MONTHLY:
            cents = round(euros * 100 * (plan.size if grows else 1))
            yield _spend(catalogue, platform, campaign, plan.text(purpose), cents, starts_on, ends_on)
    for platform, campaign, purpose, euros, back, weeks in ONCE:
        first = plan.ago(min(back, plan.weeks - 1))
        last = first.plus(weeks - 1).sunday
        cents = round(euros * 100 * plan.size)
        yield _spend(catalogue, platform, campaign, plan.text(purpose), cents, first.monday, last)


def _months(plan: Plan) -> Iterator[tuple[date, date]]:
    start = _next_month(plan.first.monday - timedelta(days=1))
    while start <= plan.until.sunday:
        following = _next_month(start)
        yield start, following - timedelta(days=1)
        start = following


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _spend(
    catalogue: Catalogue, platform: str, campaign: str, purpose: str, cents: int, starts_on: date, ends_on: date
) -> Spend:
    return Spend(
        platform=catalogue.platforms[platform],
        campaign=None if campaign == GENERAL else catalogue.campaigns[campaign],
        starts_on=starts_on,
        ends_on=ends_on,
        amount_cents=cents,
        description=purpose,
    )


def outcomes(plan: Plan, catalogue: Catalogue) -> Iterator[Outcome]:
    """Counts of each week since the agency is on the platform."""
    for platform, campaign, measure, usual, growth in COUNTED:
        dice = plan.dice(f"{measure} on {platform}")
        for week in Week.range(Week.containing(plan.starts_on(platform)), plan.until):
            grown = 1 + growth / 100 * plan.first.weeks_until(week) / plan.weeks
            if catalogue.is_running(catalogue.campaigns[campaign], week):
                yield Outcome(
                    platform=catalogue.platforms[platform],
                    campaign=catalogue.campaigns[campaign],
                    week=week.monday,
                    measure=plan.text(measure),
                    count=round(usual * plan.size * grown * dice.uniform(0.7, 1.3)),
                )


def values(plan: Plan, director: User) -> list[OutcomeValue]:
    """What the agency holds one of these to be worth, from when on."""
    found = []
    for measure, since, cents, reason in WORTH:
        week = plan.along(since).monday
        value = OutcomeValue(measure=plan.text(measure), week=week, value_cents=cents, reason=plan.text(reason))
        past.date_back(value, at=at(week, 10), by=director)
        found.append(value)
    return found
