"""The plain rule that says whether a platform pays for itself. Pure: no Django, no clock.

The outcome is codes and numbers; sentences are made where they are shown. Amounts are in cents.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from core.weeks import Week
from reports.figures.totals import return_per_unit, round_half_up
from reports.statistics.states import VerdictState


class DoubtCode(StrEnum):
    ONE_SALE = "one_sale"
    UNRATED_HOURS = "unrated_hours"


@dataclass(frozen=True, slots=True)
class Window:
    """The exact cost and the credited revenue, in cents, of the weeks that one evaluation looks at."""

    cost: Fraction
    revenue_cents: int

    def is_below(self, *, target: Fraction, margin: Fraction) -> bool:
        """Return whether it brought back less than the target; exactly at the target is not below.

        Compared without dividing, so that a window without cost is below only when refunds outweigh its sales.
        """
        return self.revenue_cents * margin < target * self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRuleEvidence:
    """All that the rule looks at for one platform.

    ``now`` is the window of ``weeks`` weeks that ends with ``last_week``, ``before`` the one that ended a week
    earlier. ``target`` is a return per unit of money, ``margin`` the gross margin between 0 and 1. Minutes, spend and
    the biggest sale are those of ``now``; ``unrated_minutes`` are part of ``minutes`` and cost nothing for want of
    a rate. ``biggest_sale_cents`` is what this platform was credited with of it.
    """

    now: Window
    before: Window
    target: Fraction
    margin: Fraction
    weeks: int
    last_week: Week
    first_cost_week: Week | None
    settling_weeks: int
    minutes: int = 0
    unrated_minutes: int = 0
    spend_cents: int = 0
    last_week_minutes: int = 0
    weekly_limit_minutes: int | None = None
    biggest_sale_cents: int = 0
    biggest_sale: int | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to distrust the figures: ``share`` is of the revenue (one sale) or of the minutes (unrated hours)."""

    code: DoubtCode
    share: Fraction
    sale: int | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The state and what it rests on.

    ``shortfall_cents`` is what is missing from the target after margin, over the whole window. The two ways out,
    more revenue a week or fewer minutes a week, are rounded up so that they suffice; each is None where it
    cannot be enough or nothing is short.
    """

    state: VerdictState
    return_now: Fraction | None
    return_before: Fraction | None
    shortfall_cents: int = 0
    revenue_needed_cents_per_week: int | None = None
    minutes_less_per_week: int | None = None
    over_limit_minutes: int = 0
    settled_in_weeks: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_flagged(self) -> bool:
        return self.state is VerdictState.LOSING


def judge(evidence: PlainRuleEvidence) -> Judgement:
    """Apply the rule to one platform."""
    judgement = Judgement(
        state=_state(evidence),
        return_now=_return(evidence, evidence.now),
        return_before=_return(evidence, evidence.before),
        over_limit_minutes=minutes_over_limit(evidence.last_week_minutes, evidence.weekly_limit_minutes),
        settled_in_weeks=_weeks_to_settle(evidence),
        doubts=tuple(_doubts(evidence)),
    )
    return _with_ways_out(judgement, evidence) if _is_below(evidence, evidence.now) else judgement


def flag_should_clear(evidence: PlainRuleEvidence) -> bool:
    """Return whether a raised flag may go: two evaluations running at or above the target.

    Twice, as for raising, so that a platform around the target does not flap. One without cost any more is not
    below it, so a platform that was given up clears too.
    """
    return not _is_below(evidence, evidence.now) and not _is_below(evidence, evidence.before)


def minutes_over_limit(minutes: int, limit: int | None) -> int:
    """Return by how much a week's minutes exceed the weekly limit; 0 without a limit."""
    return 0 if limit is None else max(0, minutes - limit)


def _state(evidence: PlainRuleEvidence) -> VerdictState:
    if evidence.now.cost <= 0 or evidence.first_cost_week is None:
        return VerdictState.NO_DATA
    if _weeks_to_settle(evidence) > 0:
        return VerdictState.TOO_EARLY
    if not _is_below(evidence, evidence.now):
        return VerdictState.EARNING
    return VerdictState.LOSING if _is_below(evidence, evidence.before) else VerdictState.WATCH


def _weeks_to_settle(evidence: PlainRuleEvidence) -> int:
    """Weeks until the first cost is as old as the settling time, its own week counted as the first."""
    if evidence.first_cost_week is None:
        return 0
    age = evidence.first_cost_week.weeks_until(evidence.last_week) + 1
    return max(0, evidence.settling_weeks - age)


def _is_below(evidence: PlainRuleEvidence, window: Window) -> bool:
    return window.is_below(target=evidence.target, margin=evidence.margin)


def _return(evidence: PlainRuleEvidence, window: Window) -> Fraction | None:
    return return_per_unit(cost=window.cost, revenue_cents=window.revenue_cents, margin=evidence.margin)


def _with_ways_out(judgement: Judgement, evidence: PlainRuleEvidence) -> Judgement:
    returned = evidence.now.revenue_cents * evidence.margin
    return replace(
        judgement,
        shortfall_cents=round_half_up(evidence.target * evidence.now.cost - returned),
        revenue_needed_cents_per_week=_revenue_needed_per_week(evidence),
        minutes_less_per_week=_minutes_less_per_week(evidence),
    )


def _revenue_needed_per_week(evidence: PlainRuleEvidence) -> int | None:
    """(target x cost / margin - revenue) / weeks; None when no sale leaves a margin."""
    if evidence.margin <= 0:
        return None
    needed = evidence.target * evidence.now.cost / evidence.margin - evidence.now.revenue_cents
    return math.ceil(needed / evidence.weeks)


def _minutes_less_per_week(evidence: PlainRuleEvidence) -> int | None:
    """Minutes at their average cost until cost = margin x revenue / target, with the same revenue.

    None when the spend alone is more than that, so that not even zero hours would do.
    """
    rated_minutes = evidence.minutes - evidence.unrated_minutes
    labour = evidence.now.cost - evidence.spend_cents
    if evidence.target <= 0 or rated_minutes <= 0 or labour <= 0:
        return None
    bearable = evidence.margin * evidence.now.revenue_cents / evidence.target
    if bearable < evidence.spend_cents:
        return None
    minutes = (evidence.now.cost - bearable) * rated_minutes / labour
    return math.ceil(minutes / evidence.weeks)


def _doubts(evidence: PlainRuleEvidence) -> list[Doubt]:
    return [doubt for doubt in (_one_sale(evidence), _unrated_hours(evidence)) if doubt is not None]


def _one_sale(evidence: PlainRuleEvidence) -> Doubt | None:
    """One sale carries the verdict when the return would be below the target without it."""
    now, biggest = evidence.now, evidence.biggest_sale_cents
    if biggest <= 0 or now.cost <= 0 or now.revenue_cents <= 0 or _is_below(evidence, now):
        return None
    if not _is_below(evidence, replace(now, revenue_cents=now.revenue_cents - biggest)):
        return None
    return Doubt(DoubtCode.ONE_SALE, share=Fraction(biggest, now.revenue_cents), sale=evidence.biggest_sale)


def _unrated_hours(evidence: PlainRuleEvidence) -> Doubt | None:
    if evidence.unrated_minutes <= 0:
        return None
    share = Fraction(evidence.unrated_minutes, evidence.minutes)
    return Doubt(DoubtCode.UNRATED_HOURS, share=share, minutes=evidence.unrated_minutes)
