"""The budgets of the demo's campaigns: one nearly used up, one exceeded, one with time to spare."""

from collections.abc import Iterable
from fractions import Fraction

from campaigns.models import Spend
from operations.demo.catalogue import Catalogue
from timesheets.models import TimeEntry

# How much of each budget is used by the end, in percent.
HOURS_USED = {"Tables on weekdays": 85, "Lavender season": 107, "Websites for shops": 62}
BILLS_USED = {"Websites for shops": 71}
COSTS_USED = {"Tables on weekdays": 88}
# Cents that a lead may cost.
TARGETS = {"Websites for shops": 50_000}
HOURS_ROUNDED, CENTS_ROUNDED = 5 * 60, 50_000


def set_budgets(catalogue: Catalogue, entries: Iterable[TimeEntry], bills: Iterable[Spend]) -> None:
    """Write budgets that the work of the demo uses as the tables say."""
    minutes: dict[str, int] = dict.fromkeys(HOURS_USED | COSTS_USED, 0)
    labour = dict.fromkeys(minutes, 0)
    spent = dict.fromkeys(minutes | BILLS_USED, 0)
    for entry in entries:
        name = catalogue.name_of(entry.campaign)
        if name in minutes:
            minutes[name] += entry.minutes
            labour[name] += entry.minutes * (entry.hourly_cents or 0) // 60
    for bill in bills:
        name = catalogue.name_of(bill.campaign) if bill.campaign else ""
        if name in spent:
            spent[name] += bill.amount_cents
    costs = {name: labour[name] + spent[name] for name in labour}
    for name in minutes:
        campaign = catalogue.campaigns[name]
        campaign.budget_minutes = _budget(minutes[name], HOURS_USED.get(name), HOURS_ROUNDED)
        campaign.budget_spend_cents = _budget(spent[name], BILLS_USED.get(name), CENTS_ROUNDED)
        campaign.budget_cost_cents = _budget(costs[name], COSTS_USED.get(name), CENTS_ROUNDED)
        campaign.target_lead_cents = TARGETS.get(name)
        campaign.save()


def _budget(used: int, percent: int | None, step: int) -> int | None:
    """A round budget of which about so many percent are used; none where nothing is used."""
    if not percent or used <= 0:
        return None
    return max(step, round(Fraction(used * 100, percent * step)) * step)
