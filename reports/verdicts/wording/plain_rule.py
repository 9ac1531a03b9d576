"""What the plain rule says: what the last weeks cost against what came in during them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from reports.figures.formatting import cash, hours
from reports.statistics.states import VerdictState
from reports.verdicts.plain_rule import Doubt, DoubtCode, Judgement, PlainRuleEvidence
from reports.verdicts.wording.states import state_phrase

# -- beside the verdict -----------------------------------------------------------------------------------------------


def result(judgement: Judgement, evidence: PlainRuleEvidence) -> str:
    """Its state and why, in one line: `losing – the last 13 weeks cost 4,200 € more than they brought.`"""
    parts = [
        _("%(state)s – %(why)s") % {"state": state_phrase(judgement.state), "why": _shortly(judgement, evidence)},
        *(doubt(each) for each in judgement.doubts if each.code is DoubtCode.ONE_SALE),
    ]
    return " ".join(parts)


def _shortly(judgement: Judgement, evidence: PlainRuleEvidence) -> str:
    """The weeks it looks at and by how much they are above or below; begins in the middle of a sentence."""
    if judgement.state is VerdictState.NO_DATA:
        said = ngettext(
            "nothing was spent in the last week.", "nothing was spent in the last %(weeks)s weeks.", evidence.weeks
        )
    elif judgement.state is VerdictState.TOO_EARLY:
        said = ngettext(
            "it needs %(more)s week more before it is looked at.",
            "it needs %(more)s weeks more before it is looked at.",
            judgement.settled_in_weeks,
        )
    elif judgement.state is VerdictState.EARNING:
        said = _above(evidence)
    else:
        said = _below(evidence)
    if judgement.state is VerdictState.WATCH:
        said = " ".join((said, _("A week earlier that was not so.")))
    gain = evidence.now.revenue_cents * evidence.margin - evidence.now.cost
    return said % {
        "weeks": evidence.weeks,
        "more": judgement.settled_in_weeks,
        "gain": cash(gain),
        "loss": cash(-gain),
        "shortfall": cash(judgement.shortfall_cents),
    }


def _above(evidence: PlainRuleEvidence) -> str:
    if evidence.now.revenue_cents * evidence.margin < evidence.now.cost:  # the target is below break-even
        return ngettext(
            "the last week cost %(loss)s more than it brought, and still reached its target.",
            "the last %(weeks)s weeks cost %(loss)s more than they brought, and still reached their target.",
            evidence.weeks,
        )
    return ngettext(
        "the last week brought %(gain)s more than it cost.",
        "the last %(weeks)s weeks brought %(gain)s more than they cost.",
        evidence.weeks,
    )


def _below(evidence: PlainRuleEvidence) -> str:
    if evidence.target == 1:
        return ngettext(
            "the last week cost %(loss)s more than it brought.",
            "the last %(weeks)s weeks cost %(loss)s more than they brought.",
            evidence.weeks,
        )
    return ngettext(
        "the last week was %(shortfall)s short of its target.",
        "the last %(weeks)s weeks were %(shortfall)s short of their target.",
        evidence.weeks,
    )


# -- on its own, where nothing else is known --------------------------------------------------------------------------


def why(judgement: Judgement, evidence: PlainRuleEvidence) -> str:
    """Why the plain rule says so, in full sentences, with the ways out."""
    if judgement.state is VerdictState.NO_DATA:
        return _no_data(evidence)
    if judgement.state is VerdictState.TOO_EARLY:
        return _too_early(judgement, evidence)
    if judgement.state is VerdictState.EARNING:
        return _earning(evidence)
    start = (
        _("Cost %(shortfall)s more than it brought.")
        if evidence.target == 1
        else _("%(shortfall)s short of its target.")
    )
    start = start % {"shortfall": cash(judgement.shortfall_cents)}
    if judgement.state is VerdictState.WATCH:
        start = " ".join((start, _("This week only: a week earlier it was not below.")))
    return " ".join((start, way_out(judgement)))


def _no_data(evidence: PlainRuleEvidence) -> str:
    if evidence.unrated_minutes:
        return _("Its hours have no rate, so nothing can be said.")
    return ngettext(
        "No hours and no spend in the last week.", "No hours and no spend in %(weeks)s weeks.", evidence.weeks
    ) % {"weeks": evidence.weeks}


def _too_early(judgement: Judgement, evidence: PlainRuleEvidence) -> str:
    assert evidence.first_cost_week
    age = evidence.first_cost_week.weeks_until(evidence.last_week) + 1
    started = ngettext("Started %(age)s week ago.", "Started %(age)s weeks ago.", age) % {"age": age}
    wait = ngettext(
        "Too early to judge for %(weeks)s week more.",
        "Too early to judge for %(weeks)s weeks more.",
        judgement.settled_in_weeks,
    ) % {"weeks": judgement.settled_in_weeks}
    return f"{started} {wait}"


def _earning(evidence: PlainRuleEvidence) -> str:
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


def doubt(reason: Doubt) -> str:
    share = money.format_number(reason.share * 100)
    if reason.code is DoubtCode.ONE_SALE:
        return _("One sale is %(share)s %% of this revenue: without it the platform would be below its target.") % {
            "share": share
        }
    return _("%(hours)s have no rate, so the true cost is higher.") % {"hours": hours(reason.minutes)}
