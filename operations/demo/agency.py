"""Write the demo agency, in the order in which the rows need each other."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from campaigns.models import Lead, Outcome, OutcomeValue, Sale, Spend, StatusChange, Touch
from campaigns.models.catalogue import Purpose
from campaigns.setup import prepare
from core.weeks import Week
from operations.demo import (
    absences,
    budgets,
    capture,
    decisions,
    files,
    funnel,
    hours,
    money,
    past,
    people,
    saved_views,
    story,
    summaries,
    webhooks,
)
from operations.demo import catalogue as shop
from operations.demo.funnel import Deal, Enquiry
from operations.demo.people import DemoPerson
from operations.demo.plan import WINDOW_WEEKS, ZONE, Plan, at
from reports.attribution import rollups
from reports.comparisons import compute, limit_trials
from reports.models import Subscriber
from reports.verdicts import budget_flags, evaluation
from timesheets.models import TimeEntry

SETTINGS = {
    "name": shop.AGENCY,
    "currency": "EUR",
    "country": "FR",
    "time_zone": ZONE.key,
    "gross_margin": Decimal(1),
    "target_return": Decimal(1),
    "window_weeks": WINDOW_WEEKS,
    "settling_weeks": WINDOW_WEEKS,
    "lookback_days": funnel.LOOKBACK_DAYS,
    "half_life_days": None,
    "credit_model": "linear",
    "typical_sale_cents": 300_000,
    "own_brand_limit": Decimal("0.52"),  # a little less than the own brand takes
}
REFUND_PART, REFUND_BACK, REFUNDED_BACK = 0.35, 2, range(4, 10)
REFUNDED_SOURCE = "LinkedIn"
ENTERED_TWICE_EVERY = 400
# What is sold from this many cents on.
OFFERS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (900_000, ("Online shop", "Site and brand", "Booking site")),
    (420_000, ("Redesign", "Showcase site", "Multilingual site")),
    (180_000, ("Logo and identity", "Maintenance, one year", "Content for six months")),
    (0, ("Landing page", "Search review", "Half a day of training")),
)


def build(plan: Plan) -> None:
    """Write the whole agency in one transaction, then compute its figures, verdicts and flags."""
    with transaction.atomic():
        prepare(SETTINGS | {"language": plan.language, "sales_complete_since": plan.first.monday})
        staff = people.hire(plan)
        catalogue = shop.open_catalogue(plan)
        entries = hours.log_hours(plan, staff, catalogue)
        hours.submit_weeks(plan, staff, entries)
        absences.write(plan, staff)
        bills = Spend.objects.bulk_create(money.spend(plan, catalogue))
        budgets.set_budgets(catalogue, entries, bills)
        Outcome.objects.bulk_create(money.outcomes(plan, catalogue), batch_size=500)
        past.write(OutcomeValue, money.values(plan, staff[people.DIRECTOR].user))
        _write_funnel(plan, catalogue, staff, _costs(plan, catalogue, entries, bills))
        _write_subscribers(plan, staff)
        capture.open_capture(plan, catalogue, staff[people.MANAGER].user)
        saved_views.save(plan, catalogue, [staff[row].user for row in (people.DIRECTOR, people.MANAGER)])
        webhooks.set_up(plan)
        files.bring(plan, catalogue, staff[people.MANAGER].user)
    rollups.drain()
    decisions.decide(plan, catalogue, staff[people.DIRECTOR].user)


def judge(plan: Plan) -> None:
    """Evaluate the last complete weeks, each as in the night after it, so that flags have a history."""
    for back in range(plan.judged_weeks, -1, -1):
        week = plan.ago(back)
        evaluation.evaluate(week, at=at(week.next.monday, 3))
    compute.evaluate_all(plan.until, at=at(plan.until.next.monday, 3))
    limit_trials.evaluate_trials(plan.until, at=at(plan.until.next.monday, 3))
    budget_flags.update(at=at(plan.until.next.monday, 3))
    summaries.write(plan)


def _write_subscribers(plan: Plan, staff: Sequence[DemoPerson]) -> None:
    director = staff[people.DIRECTOR].user
    Subscriber.objects.get_or_create(email=director.email, defaults={"name": director.name, "language": plan.language})
    Subscriber.objects.get_or_create(
        email="associee@demo.example", defaults={"name": "Béatrice Lemaire", "language": "fr"}
    )


# -- the story --------------------------------------------------------------------------------------------------------


def _costs(plan: Plan, catalogue: shop.Catalogue, entries: Sequence[TimeEntry], bills: Sequence[Spend]) -> story.Costs:
    """What each platform's judged work cost in each week, counted back from the last complete one."""
    cents: dict[tuple[str, int], float] = defaultdict(float)
    for entry in entries:
        if entry.campaign.purpose != Purpose.REACH:
            continue
        back = Week(entry.week).weeks_until(plan.until)
        cents[catalogue.name_of(entry.platform), back] += entry.minutes * (entry.hourly_cents or 0) / 60
    for bill in bills:
        if bill.campaign and bill.campaign.purpose != Purpose.REACH:
            continue
        for week in bill.weeks:
            cents[catalogue.name_of(bill.platform), week.weeks_until(plan.until)] += bill.cents_in(week)
    return lambda platform, back: cents.get((platform, back), 0.0)


def _write_funnel(plan: Plan, catalogue: shop.Catalogue, staff: Sequence[DemoPerson], cost: story.Costs) -> None:
    enquiries = list(funnel.buyers(plan, catalogue))
    deals = [deal for enquiry in enquiries for deal in enquiry.deals] + list(funnel.unlinked(plan, catalogue))
    _refund_one(plan, deals)
    _scale(plan, deals, story.scales(_flows(plan, deals), cost, window=WINDOW_WEEKS))
    added = list(_top_ups(plan, catalogue, deals, cost))
    deals += [deal for enquiry in added for deal in enquiry.deals]
    enquiries += added
    enquiries += funnel.others(plan, catalogue)
    _write_leads(plan, enquiries, staff[people.MANAGER])
    _write_sales(plan, deals, staff[people.MANAGER])


def _refund_one(plan: Plan, deals: Sequence[Deal]) -> None:
    """Part of one recent sale is given back; of LinkedIn when it has one, whose figures bear it."""
    recent = [deal for deal in deals if deal.week.weeks_until(plan.until) in REFUNDED_BACK and deal.sale.lead]
    recent = [deal for deal in recent if funnel.WATCHED not in deal.parts] or recent
    deal = next((deal for deal in recent if deal.source == REFUNDED_SOURCE), recent[0])
    deal.refund = Sale(
        lead=deal.sale.lead,
        refund_of=deal.sale,
        sold_on=plan.ago(REFUND_BACK).days[1],
        amount_cents=-_refunded(deal.sale.amount_cents),
        description=plan.text("One language given up"),
    )


def _refunded(cents: int) -> int:
    return round(cents * REFUND_PART / story.STEP_CENTS) * story.STEP_CENTS


def _flows(plan: Plan, deals: Sequence[Deal]) -> list[story.Flow]:
    return [
        story.Flow(deal.source, Week.containing(sale.sold_on).weeks_until(plan.until), sale.amount_cents, deal.parts)
        for deal in deals
        for sale in (deal.sale, deal.refund)
        if sale is not None
    ]


def _scale(plan: Plan, deals: Sequence[Deal], scales: dict[str, float]) -> None:
    """Scale all sales of a source alike; an old one is at most as big as the biggest of the last window.

    Else a source whose recent sales happen to be small would have had a golden age before.
    """
    biggest: dict[str | None, int] = {}
    for deal in sorted(deals, key=lambda deal: deal.sale.sold_on, reverse=True):
        cents = story.rounded(deal.sale.amount_cents * scales.get(deal.source or "", 1.0))
        if deal.week > plan.ago(WINDOW_WEEKS):
            biggest[deal.source] = max(cents, biggest.get(deal.source, 0))
        deal.sale.amount_cents = min(cents, biggest.get(deal.source, cents))
        if deal.refund:
            deal.refund.amount_cents = -_refunded(deal.sale.amount_cents)


def _top_ups(plan: Plan, catalogue: shop.Catalogue, deals: Sequence[Deal], cost: story.Costs) -> Iterator[Enquiry]:
    dice = plan.dice("top-ups")
    needed = story.top_ups(_flows(plan, deals), cost, window=WINDOW_WEEKS, earlier=plan.judged_weeks)
    for platform, back, cents in needed:
        yield funnel.buyer(plan, catalogue, platform, plan.ago(back).days[dice.randrange(5)], dice, cents=cents)


# -- writing ----------------------------------------------------------------------------------------------------------


def _write_leads(plan: Plan, enquiries: list[Enquiry], manager: DemoPerson) -> None:
    enquiries.sort(key=lambda enquiry: enquiry.lead.received_at)
    for number, enquiry in enumerate(enquiries, start=1):
        enquiry.lead.external_id = f"web-{number:05d}"
        for change in enquiry.changes:
            change.by = manager.user
    _void_some(plan, enquiries)
    Lead.objects.bulk_create([enquiry.lead for enquiry in enquiries], batch_size=500)
    Touch.objects.bulk_create([touch for enquiry in enquiries for touch in enquiry.touches], batch_size=500)
    StatusChange.objects.bulk_create([step for enquiry in enquiries for step in enquiry.changes], batch_size=500)


def _void_some(plan: Plan, enquiries: Sequence[Enquiry]) -> None:
    """A few leads were entered twice and withdrawn; they count for nothing."""
    without_sale = [enquiry.lead for enquiry in enquiries if not enquiry.deals]
    for lead in without_sale[ENTERED_TWICE_EVERY // 2 :: ENTERED_TWICE_EVERY]:
        lead.voided_at, lead.void_reason = lead.received_at + timedelta(days=1), plan.text("Entered twice")


def _write_sales(plan: Plan, deals: list[Deal], manager: DemoPerson) -> None:
    dice = plan.dice("invoices")
    deals.sort(key=lambda deal: deal.sale.sold_on)
    for number, deal in enumerate(deals, start=1):
        deal.sale.external_id = f"SN-{number:04d}"
        deal.sale.description = plan.text(_offer(deal.sale.amount_cents, dice))
    refunds = [deal.refund for deal in deals if deal.refund]
    for sales in ([deal.sale for deal in deals], refunds):
        for sale in sales:
            past.date_back(sale, at=at(sale.sold_on, 18), by=manager.user)
        past.write(Sale, sales)


def _offer(cents: int, dice: random.Random) -> str:
    return dice.choice(next(offers for least, offers in OFFERS if cents >= least))
