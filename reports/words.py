"""Judgements as sentences for a director."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import money
from reports.evaluation import Case
from reports.verdict import Doubt, DoubtCode, Evidence, Judgement, State

STATE_WORDS = {
    State.LOSING: gettext_lazy("Losing"),
    State.WATCH: gettext_lazy("Watch"),
    State.EARNING: gettext_lazy("Earning"),
    State.TOO_EARLY: gettext_lazy("Too early"),
    State.NO_DATA: gettext_lazy("No data"),
}


def cash(cents: int | Fraction) -> str:
    return money.format_money(cents, digits=0)


def hours(minutes: int | Fraction) -> str:
    return _("%(hours)s h") % {"hours": money.format_number(Fraction(minutes) / 60)}


def per_unit(ratio: Fraction | None) -> str:
    return money.format_money(None if ratio is None else ratio * 100, digits=2)


def sentence(case: Case) -> str:
    """Why the platform is in its state, with the figures it rests on, and what to doubt."""
    parts = [_why(case.judgement, case.evidence), *(_doubt(doubt) for doubt in case.judgement.doubts)]
    if case.depends_on_model:
        parts.append(_("This depends on the credit model."))
    return " ".join(part for part in parts if part)


def _why(judgement: Judgement, evidence: Evidence) -> str:
    if judgement.state is State.NO_DATA:
        return _no_data(evidence)
    if judgement.state is State.TOO_EARLY:
        return _too_early(judgement, evidence)
    if judgement.state is State.EARNING:
        return _earning(judgement, evidence)
    start = (
        _("Cost %(shortfall)s more than it brought.")
        if evidence.target == 1
        else _("%(shortfall)s short of its target.")
    )
    start = start % {"shortfall": cash(judgement.shortfall_cents)}
    if judgement.state is State.WATCH:
        start = " ".join((start, _("This week only: a week earlier it was not below.")))
    return " ".join((start, way_out(judgement)))


def _no_data(evidence: Evidence) -> str:
    if evidence.unrated_minutes:
        return _("Its hours have no rate, so nothing can be said.")
    return ngettext(
        "No hours and no spend in the last week.", "No hours and no spend in %(weeks)s weeks.", evidence.weeks
    ) % {"weeks": evidence.weeks}


def _too_early(judgement: Judgement, evidence: Evidence) -> str:
    assert evidence.first_cost_week
    age = evidence.first_cost_week.weeks_until(evidence.last_week) + 1
    started = ngettext("Started %(age)s week ago.", "Started %(age)s weeks ago.", age) % {"age": age}
    wait = ngettext(
        "Too early to judge for %(weeks)s week more.",
        "Too early to judge for %(weeks)s weeks more.",
        judgement.settled_in_weeks,
    ) % {"weeks": judgement.settled_in_weeks}
    return f"{started} {wait}"


def _earning(judgement: Judgement, evidence: Evidence) -> str:
    gain = evidence.now.revenue_cents * evidence.margin - evidence.now.cost
    if gain < 0:  # the target is below break-even
        return _("Above its target, though it cost %(loss)s more than it brought.") % {"loss": cash(-gain)}
    return _("Brought %(gain)s more than it cost.") % {"gain": cash(gain)}


def way_out(judgement: Judgement) -> str:
    """What break-even would take: more revenue a week, or fewer hours. Rounded up, so that what is read suffices."""
    if judgement.revenue_needed_cents_per_week is None:
        return ""
    revenue = cash(_up_to(100, judgement.revenue_needed_cents_per_week))
    if judgement.minutes_less_per_week is None:
        return _("The target needs %(revenue)s a week more; fewer hours alone would not reach it.") % {
            "revenue": revenue
        }
    return _("The target needs %(revenue)s a week more, or %(hours)s a week less.") % {
        "revenue": revenue,
        "hours": hours(_up_to(60, judgement.minutes_less_per_week)),
    }


def _up_to(step: int, value: int) -> int:
    return -(-value // step) * step


def _doubt(doubt: Doubt) -> str:
    share = money.format_number(doubt.share * 100)
    if doubt.code is DoubtCode.ONE_SALE:
        return _("One sale is %(share)s %% of this revenue: without it the platform would be below its target.") % {
            "share": share
        }
    return _("%(hours)s have no rate, so the true cost is higher.") % {"hours": hours(doubt.minutes)}
