"""Flags as pages show them: why they were raised, the figures then, the figures now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Agency
from core import money
from core.templatetags.retour import day, moment
from core.week_names import week_name
from core.weeks import Week
from reports.figures import formatting, time_allocation
from reports.figures.budgets import BudgetUse
from reports.models import BUDGETS, Flag, FlagCleared, FlagKind
from reports.statistics.states import VerdictState
from reports.verdicts import wording
from reports.verdicts.budget_flags import budget_sentence, use_then, uses_now
from reports.verdicts.case import Case, case_from_json
from reports.verdicts.records import StoredVerdict, latest_verdicts

MOST_WEEKS_SNOOZED = 52


@dataclass(frozen=True)
class FlagView:
    """A flag and what the last verdict says.

    `own_now` is the own brand's last week, `budget_now` what is used of a campaign's budget.
    """

    flag: Flag
    now: StoredVerdict | None
    is_snoozed: bool
    own_now: time_allocation.OwnShare | None = None
    budget_now: BudgetUse | None = None

    @cached_property
    def then(self) -> Case | None:
        """The case it was raised on, read where somebody looks at it."""
        return case_from_json(self.flag.figures) if self.flag.platform_id else None

    @property
    def state(self) -> str:
        """The state whose colour and word stand beside it."""
        return VerdictState.LOSING.value if self.flag.kind == FlagKind.LOSING else VerdictState.WATCH.value

    @property
    def is_over_limit(self) -> bool:
        return bool(self.flag.kind == FlagKind.OVER_LIMIT)

    @property
    def is_own_brand(self) -> bool:
        """Whether it calls out the agency itself, and no platform."""
        return bool(self.flag.kind == FlagKind.OWN_BRAND)

    @property
    def is_budget(self) -> bool:
        """Whether it calls out a campaign's budget, and no platform."""
        return self.flag.kind in BUDGETS

    @property
    def subject(self) -> str:
        """What it calls out: the platform, the campaign or the agency itself."""
        return _("the own brand") if self.is_own_brand else str(self.flag.platform or self.flag.campaign)

    @property
    def threshold_words(self) -> str:
        """The threshold of a budget that was reached: `80 %`."""
        return _("%(number)s %%") % {"number": self.flag.threshold}

    @property
    def sentence(self) -> str:
        """One line for the dashboard: since when, or how much of a budget is used."""
        if self.is_budget:
            assert self.flag.campaign
            return budget_sentence(self.flag.campaign, self.budget_now or use_then(self.flag))
        if self.is_own_brand:
            return _("The own brand has taken more of the hours than its limit since %(week)s.") % {
                "week": week_name(self.flag.raised_on)
            }
        pattern = (
            _("%(platform)s has been above its weekly hours since %(week)s.")
            if self.is_over_limit
            else _("%(platform)s has been losing since %(week)s.")
        )
        return pattern % {"platform": self.flag.platform, "week": week_name(self.flag.raised_on)}

    @property
    def then_words(self) -> str:
        if self.is_budget:
            return _use_words(use_then(self.flag))
        if self.is_own_brand:
            return time_allocation.own_share_words(time_allocation.OwnShare.from_json(self.flag.figures))
        return _words(self.then, over_limit=self.is_over_limit)

    @property
    def now_words(self) -> str:
        if self.is_budget:
            return _use_words(self.budget_now) if self.budget_now else ""
        if self.own_now:
            return time_allocation.own_share_words(self.own_now)
        return _words(self.now.case if self.now else None, over_limit=self.is_over_limit)

    @property
    def then_plain(self) -> str:
        """What the plain rule said on the day it was raised; nothing where that was all there was."""
        return wording.plain_rule_note(self.then) if self.then and self.is_losing else ""

    @property
    def now_plain(self) -> str:
        return self.now.plain_rule if self.now and self.is_losing else ""

    @property
    def is_losing(self) -> bool:
        return bool(self.flag.kind == FlagKind.LOSING)

    @property
    def cleared_words(self) -> str:
        """Why it was taken down; nothing where that was not recorded."""
        if self.is_budget and self.flag.cleared_because == FlagCleared.WITHIN_LIMIT:
            return _("Less of the budget is used again, or it was raised.")
        return {
            FlagCleared.ABOVE_LINE.value: _("It is back above the line."),
            FlagCleared.UNJUDGED.value: _("No longer judged: eight weeks passed without a judgement."),
            FlagCleared.RULE_GONE.value: _("The rule that raised it is no longer used."),
            FlagCleared.GIVEN_UP.value: _("Nothing is spent on it any more."),
            FlagCleared.WITHIN_LIMIT.value: _("The hours are within the limit again."),
            FlagCleared.OVERTAKEN.value: _("The next threshold was reached."),
            FlagCleared.NO_BUDGET.value: _("There is no such budget any more."),
        }.get(self.flag.cleared_because, "")

    @property
    def can_be_taken_back(self) -> bool:
        return self.flag.acknowledged_at is not None or self.is_snoozed


def _words(case: Case | None, *, over_limit: bool) -> str:
    """The figures: hours beside their limit, or the evidence, or what the plain rule compares where it stands alone."""
    if case is None:
        return ""
    evidence = case.evidence
    if over_limit:
        limit = evidence.weekly_limit_minutes
        return _("%(hours)s in the week, limit %(limit)s") % {
            "hours": money.format_hours(evidence.last_week_minutes),
            "limit": money.format_hours(limit) if limit is not None else _("none"),
        }
    if case.assessment is not None:
        return wording.sentence(case)
    return _("%(back)s: cost %(cost)s, revenue %(revenue)s") % {
        "back": formatting.for_each_unit(case.judgement.return_now),
        "cost": formatting.cash(evidence.now.cost),
        "revenue": formatting.cash(evidence.now.revenue_cents),
    }


def _use_words(use: BudgetUse) -> str:
    said = {"percent": use.percent_words, "used": use.used_words, "budget": use.budget_words}
    if use.kind == FlagKind.LEAD_COST:
        words = _("%(percent)s: a lead costs %(used)s, target %(budget)s, %(leads)s")
        return words % {**said, "leads": use.alerted_leads}
    return _("%(percent)s: %(used)s of %(budget)s") % said


def flag_views(
    flags: Iterable[Flag],
    verdicts: Mapping[int, StoredVerdict],
    at: datetime,
    budgets: Mapping[int, BudgetUse] | None = None,
    *,
    agency: Agency | None = None,
    tells_own_share: bool = True,
) -> list[FlagView]:
    """The flags with what they say; `budgets` is what is used now by flag, where it was read already.

    Without `tells_own_share` it is left out what the own brand takes of the hours now, which must be added up.
    """
    flags = list(flags)
    budgets_now = budgets if budgets is not None else _budgets_now(flags, at, agency)
    has_own = tells_own_share and any(flag.kind == FlagKind.OWN_BRAND for flag in flags)
    own_now = time_allocation.last_own_share(at, agency) if has_own else None
    return [
        FlagView(
            flag=flag,
            now=verdicts.get(flag.platform_id or 0),
            is_snoozed=bool(flag.snoozed_until and flag.snoozed_until > at.date()),
            own_now=own_now if flag.kind == FlagKind.OWN_BRAND else None,
            budget_now=budgets_now.get(flag.pk),
        )
        for flag in flags
    ]


def _budgets_now(flags: Sequence[Flag], at: datetime, agency: Agency | None) -> dict[int, BudgetUse]:
    flags = [flag for flag in flags if flag.kind in BUDGETS and flag.cleared_on is None]
    if not flags:
        return {}
    agency = agency or Agency.current()
    return uses_now(flags, agency.last_complete_week(at), agency)


def flag_lists() -> dict[str, QuerySet[Any, Any]]:
    """All flags, newest first: those that are up, and those that are over; and the answers that were taken back."""
    rows = Flag.objects.select_related("platform", "campaign", "acknowledged_by")
    return {
        "open": rows.filter(cleared_on=None),
        "past": rows.exclude(cleared_on=None).order_by("-cleared_on", "-pk"),
        "answers": _taken_back(),
    }


def views_of_lists(open_flags: Iterable[Flag], past: Iterable[Flag], week: Week, at: datetime) -> dict[str, Any]:
    """What the page says of these flags, as the verdicts of this week or the last before it have it."""
    verdicts = latest_verdicts(week)
    return {
        "open_views": flag_views(open_flags, verdicts, at),
        "past_views": flag_views(past, verdicts, at),
        "judged": max(verdicts.values(), key=lambda verdict: verdict.week, default=None),
    }


# -- answers taken back -----------------------------------------------------------------------------------------------


def take_back(flag: Flag, *, by: Any) -> bool:
    """Withdraw the answer to a flag, and keep a record of it; False when there was none."""
    answer = _answer(flag)
    if not answer:
        return False
    with transaction.atomic():
        flag.take_back()
        LogEntry.objects.log_actions(by.pk, [flag], CHANGE, change_message=answer, single_object=True)
    return True


def _answer(flag: Flag) -> str:
    """What had been answered, in the words of the record."""
    parts = []
    if flag.acknowledged_at:
        parts.append(_("Acknowledged %(when)s") % {"when": moment(flag.acknowledged_at)})
    if flag.acknowledged_by:
        parts.append(str(flag.acknowledged_by))
    if flag.note:
        parts.append(_("“%(note)s”") % {"note": flag.note})
    if flag.snoozed_until:
        parts.append(_("Snoozed until %(day)s") % {"day": day(flag.snoozed_until)})
    return " · ".join(parts)


def _taken_back() -> QuerySet[LogEntry]:
    kind = ContentType.objects.get_for_model(Flag)
    rows = LogEntry.objects.filter(content_type=kind, action_flag=CHANGE).select_related("user")
    return rows.order_by("-action_time", "-pk")
