"""Raise an alert when a campaign's budget is used to 80 or 100 %, and take it down when that is no longer so.

Beside the verdicts and not with them: an hour entered today may use up a budget, while verdicts wait for the week.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign, JobRun
from campaigns.models.catalogue import CampaignQuerySet
from core.weeks import Week
from reports.figures.budgets import FIELDS, BudgetUse, budget_uses
from reports.models import BUDGETS, Flag, FlagCleared, FlagKind

JOB = "budgets"


def is_outdated(week: Week, changed: Collection[date] = ()) -> bool:
    """Whether an alert may have to be raised or taken down.

    That is when figures changed and there is a budget, when a budget or the attribution model is another one than last
    time, and when a week is over.
    """
    asked = _asked(week)
    done = JobRun.objects.filter(name=JOB).values_list("detail", flat=True).first() or ""
    return asked != done or bool(asked and changed)


def update(*, at: datetime) -> None:
    """Hold every budget against what is used of it; safe to repeat."""
    with transaction.atomic():
        JobRun.objects.get_or_create(name=JOB)
        JobRun.objects.select_for_update().get(name=JOB)
        agency = Agency.current()
        # Noted before it is read: a budget that is changed meanwhile is found by the next look.
        JobRun.objects.filter(name=JOB).update(detail=_asked(agency.last_complete_week(at)))
        _set_flags(agency, at=at)


def _asked(week: Week) -> str:
    """What is held against what, as a hash: the budgets themselves are not everybody's. Empty without a budget."""
    rows = list(_with_budget().order_by("pk").values_list("pk", *FIELDS.values()))
    asked = f"{week} {Agency.current().credit_model} {rows}"
    return hashlib.sha256(asked.encode()).hexdigest() if rows else ""


def _with_budget() -> CampaignQuerySet:
    none = Q(**dict.fromkeys(FIELDS.values()))
    return Campaign.objects.exclude(none)


def _set_flags(agency: Agency, *, at: datetime) -> None:
    today = agency.week_of(at)
    uses = budget_uses(_with_budget(), week=agency.last_complete_week(at), agency=agency)
    now = {(pk, use.kind): use for pk, parts in uses.items() for use in parts}
    up = _taken_down_or_up(now, today)
    for (pk, kind), use in now.items():
        if use.level and (pk, kind) not in up:
            Flag.objects.create(
                campaign_id=pk, kind=kind, threshold=use.level, raised_on=today.monday, figures=_as_json(use)
            )


def _taken_down_or_up(now: Mapping[tuple[int, FlagKind], BudgetUse], today: Week) -> set[tuple[int | None, FlagKind]]:
    """Take down the alerts that no longer hold; return those that stay up."""
    up = set()
    for flag in Flag.objects.select_for_update().open().filter(kind__in=BUDGETS):
        key = flag.campaign_id, FlagKind(flag.kind)
        if because := _why_it_falls(flag, now.get(key)):  # type: ignore[arg-type]
            flag.clear(max(today, Week(flag.raised_on)), because)
        else:
            up.add(key)
    return up


def _why_it_falls(flag: Flag, use: BudgetUse | None) -> FlagCleared | None:
    if use is None:
        return FlagCleared.NO_BUDGET
    threshold = flag.threshold or 0
    if use.level > threshold:
        return FlagCleared.OVERTAKEN
    return FlagCleared.WITHIN_LIMIT if use.level_kept < threshold else None


# -- the figures of the day it was raised -----------------------------------------------------------------------------


def _as_json(use: BudgetUse) -> dict[str, Any]:
    return {"used": use.used, "budget": use.budget, "leads_m": use.leads_millionths}


def use_then(flag: Flag) -> BudgetUse:
    """What was used when the alert was raised."""
    stored = flag.figures
    return BudgetUse(
        kind=FlagKind(flag.kind),
        budget=stored["budget"],
        used=stored["used"],
        used_before=stored["used"],
        leads_millionths=stored.get("leads_m", 0),
    )


# -- in words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BudgetAlert:
    """An alert that stands, with what is used now; None when the budget is gone, and the next look takes it down."""

    flag: Flag
    now: BudgetUse | None

    @property
    def campaign(self) -> Campaign:
        assert self.flag.campaign
        return self.flag.campaign

    @property
    def path(self) -> str:
        return self.campaign.get_absolute_url()

    @property
    def sentence(self) -> str:
        """`Shop: 85 % of its budget of hours is used (34 h of 40 h).`"""
        return budget_sentence(self.campaign, self.now or use_then(self.flag))


def budget_sentence(campaign: Campaign, use: BudgetUse) -> str:
    pattern = {
        FlagKind.HOURS_BUDGET: _("%(campaign)s: %(percent)s of its budget of hours is used (%(used)s of %(budget)s)."),
        FlagKind.SPEND_BUDGET: _("%(campaign)s: %(percent)s of its budget of bills is used (%(used)s of %(budget)s)."),
        FlagKind.COST_BUDGET: _("%(campaign)s: %(percent)s of its budget of costs is used (%(used)s of %(budget)s)."),
        FlagKind.LEAD_COST: _(
            "%(campaign)s: a lead costs %(used)s, %(percent)s of its target of %(budget)s (%(leads)s)."
        ),
    }[use.kind]
    return pattern % {
        "campaign": campaign,
        "percent": use.percent_words,
        "used": use.used_words,
        "budget": use.budget_words,
        "leads": use.alerted_leads,
    }


def open_alerts(
    week: Week, agency: Agency, *, kinds: Iterable[FlagKind] = BUDGETS, unanswered_on: date | None = None
) -> list[BudgetAlert]:
    """The alerts of these kinds that stand; with a day without those that were noted, or put off beyond it."""
    rows = Flag.objects.of_budgets().filter(kind__in=list(kinds))
    if unanswered_on is not None:
        awake = Q(snoozed_until=None) | Q(snoozed_until__lte=unanswered_on)
        rows = rows.filter(awake, acknowledged_at=None)
    flags = list(rows)
    now = uses_now(flags, week, agency)
    return [BudgetAlert(flag, now.get(flag.pk)) for flag in flags]


def uses_now(flags: Iterable[Flag], week: Week, agency: Agency) -> dict[int, BudgetUse]:
    """What is used now of the budget of each of these open flags, in one query for all."""
    flags = [flag for flag in flags if flag.campaign]
    campaigns = {flag.campaign_id: flag.campaign for flag in flags}
    uses = budget_uses(campaigns.values(), week=week, agency=agency, alerted=True)  # type: ignore[arg-type]
    found = {(pk, use.kind): use for pk, parts in uses.items() for use in parts}
    return {
        flag.pk: use
        for flag in flags
        if (use := found.get((flag.campaign_id, FlagKind(flag.kind))))  # type: ignore[arg-type]
    }
