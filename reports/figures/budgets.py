"""How much of a campaign's budgets is used. From the rollups, over the whole campaign, whatever the period shown.

Whole numbers throughout: minutes, and the cents that the pages show (docs/adr/0034).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.attribution import MILLION
from campaigns.models import Agency, Campaign
from core import money
from core.weeks import Week
from reports.figures.filters import EARLIEST, LATEST
from reports.figures.formatting import credited_count
from reports.figures.query import MONDAY_SHOWN, Period, ReportFilters, grouped
from reports.figures.totals import Figures
from reports.models import BUDGETS, FlagKind

# Percent of a budget at which an alert is raised, the highest first.
THRESHOLDS = (100, 80)
# Of fewer leads than this, what one costs says more about luck than about the campaign.
LEAST_LEADS = 10

# The field of a campaign that holds each budget.
FIELDS = {
    FlagKind.HOURS_BUDGET: "budget_minutes",
    FlagKind.SPEND_BUDGET: "budget_spend_cents",
    FlagKind.COST_BUDGET: "budget_cost_cents",
    FlagKind.LEAD_COST: "target_lead_cents",
}


@dataclass(frozen=True, kw_only=True)
class BudgetUse:
    """What is used of one budget, in minutes or cents; None while nothing is.

    ``used_before`` is the same a week earlier where that matters: a cost per lead may fall again, the other sums do
    not. ``leads_millionths`` and ``unrated_minutes`` are what the cost rests on, and what it lacks.
    """

    kind: FlagKind
    budget: int
    used: int | None
    used_before: int | None
    leads_millionths: int = 0
    unrated_minutes: int = 0
    until: Week | None = None

    @property
    def level(self) -> int:
        """The highest threshold that is reached now and was a week ago; 0 when none is."""
        return min(self._reached(self.used), self._reached(self.used_before))

    @property
    def level_kept(self) -> int:
        """The highest threshold that is not left behind in both weeks: an alert stays while this holds it up."""
        return max(self._reached(self.used), self._reached(self.used_before))

    def _reached(self, used: int | None) -> int:
        if used is None or not self.is_judged:
            return 0
        return next((percent for percent in THRESHOLDS if 100 * used >= percent * self.budget), 0)

    @property
    def level_words(self) -> str:
        """The alert that stands beside the bar."""
        if self.kind == FlagKind.LEAD_COST:
            return {100: _("Target reached"), 80: _("Close to the target")}.get(self.level, "")
        return {100: _("Used up"), 80: _("Nearly used up")}.get(self.level, "")

    @property
    def is_judged(self) -> bool:
        return self.kind != FlagKind.LEAD_COST or self.leads_millionths >= LEAST_LEADS * MILLION

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down, so that 80 and 100 stand there when they are reached and not before."""
        return None if self.used is None else max(0, 100 * self.used // self.budget)

    @property
    def filled(self) -> int:
        """How much of the bar is filled, of 100."""
        return min(100, self.percent or 0)

    @property
    def percent_words(self) -> str:
        return money.NO_FIGURE if self.percent is None else _("%(number)s %%") % {"number": self.percent}

    @property
    def used_words(self) -> str:
        return money.NO_FIGURE if self.used is None else self._written(self.used)

    @property
    def budget_words(self) -> str:
        return self._written(self.budget)

    @property
    def left_words(self) -> str:
        """What is left, or by how much it is exceeded."""
        left = self.budget - (self.used or 0)
        if self.kind == FlagKind.LEAD_COST:
            return "" if self.used is None else self._distance_words(left)
        if left < 0:
            return _("%(amount)s over") % {"amount": self._written(-left)}
        return _("%(amount)s left") % {"amount": self._written(left)}

    def _distance_words(self, left: int) -> str:
        said = _("%(amount)s above") if left < 0 else _("%(amount)s below")
        return said % {"amount": self._written(abs(left))}

    def _written(self, amount: int) -> str:
        return money.format_hours(amount) if self.kind == FlagKind.HOURS_BUDGET else money.format_money(amount)

    @property
    def leads_words(self) -> str:
        leads = math.ceil(self.leads_millionths / MILLION)
        return ngettext("%(count)s lead", "%(count)s leads", leads) % {"count": credited_count(self.leads_millionths)}

    @property
    def alerted_leads(self) -> str:
        """The same where nothing beside it says that leads are shared out."""
        if self.leads_millionths % MILLION:
            return _("%(leads)s, shared ones in part") % {"leads": self.leads_words}
        return self.leads_words


def budget_uses(
    campaigns: Iterable[Campaign], *, week: Week, agency: Agency, alerted: bool = False
) -> dict[int, list[BudgetUse]]:
    """What is used of the budgets that these campaigns have, by campaign: in one query, none when there is no budget.

    Sums count all that is entered. A cost per lead counts the weeks up to `week`, the last complete one, as the figures
    of the campaign's page do: a half week has its hours before its leads. `alerted` says that each campaign has an open
    alert: then the query is always the same, whichever they are.
    """
    with_budget = [campaign for campaign in campaigns if has_budget(campaign)]
    if not with_budget:
        return {}
    filters = ReportFilters(model=agency.credit_model)
    among = None if alerted else [campaign.pk for campaign in with_budget]
    whole = Period(EARLIEST, LATEST)
    cells = grouped(whole, filters, "campaign", MONDAY_SHOWN, among=among, alerted=alerted, shown_from=week)
    uses = partial(_uses, week=week, cells=cells)
    return {campaign.pk: uses(campaign) for campaign in with_budget}


def has_budget(campaign: Campaign) -> bool:
    return any(getattr(campaign, name) is not None for name in FIELDS.values())


def _uses(campaign: Campaign, *, week: Week, cells: Mapping[tuple[object, ...], Figures]) -> list[BudgetUse]:
    mine = {monday: figures for (pk, monday), figures in cells.items() if pk == campaign.pk}
    before = mine.get(None, Figures())
    now = before + mine.get(week.monday, Figures())
    return [
        _lead_cost(budget, now, before, week) if kind is FlagKind.LEAD_COST else _sum(kind, budget, mine.values())
        for kind in BUDGETS
        if (budget := getattr(campaign, FIELDS[kind])) is not None
    ]


def _sum(kind: FlagKind, budget: int, parts: Iterable[Figures]) -> BudgetUse:
    total = Figures.total(parts)
    used = {
        FlagKind.HOURS_BUDGET: total.minutes,
        FlagKind.SPEND_BUDGET: total.spend_cents,
        FlagKind.COST_BUDGET: total.cost_cents,
    }[kind] or None
    unrated = total.unrated_minutes if kind is FlagKind.COST_BUDGET else 0
    return BudgetUse(kind=kind, budget=budget, used=used, used_before=used, unrated_minutes=unrated)


def _lead_cost(budget: int, now: Figures, before: Figures, week: Week) -> BudgetUse:
    return BudgetUse(
        kind=FlagKind.LEAD_COST,
        budget=budget,
        used=now.cost_per_lead_cents,
        used_before=before.cost_per_lead_cents,
        leads_millionths=now.leads_millionths,
        unrated_minutes=now.unrated_minutes,
        until=week,
    )


def shown_to(uses: Sequence[BudgetUse], kinds: Iterable[FlagKind]) -> list[BudgetUse]:
    """Those of these kinds: a manager's are not a director's."""
    wanted = set(kinds)
    return [use for use in uses if use.kind in wanted]
