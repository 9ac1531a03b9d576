"""What the evidence says of a platform: what its work cost, what should have come back by now, what did, how sure.

Pure: an `Assessment` in, text out. Nothing here assumes that its reader knows any statistics.
"""

from datetime import date

from django.utils.translation import gettext as _

from core import money
from core.templatetags.retour import day
from reports.figures.formatting import cash, for_each_unit
from reports.statistics.results import Assessment, WindowEstimate
from reports.statistics.states import VerdictState
from reports.verdicts.wording import return_lag, windows_of_work
from reports.verdicts.wording.certainty import how_sure
from reports.verdicts.wording.parts import (
    CENTS_THAT_SHOW,
    ENOUGH,
    came,
    months,
    return_range,
    spent,
    still_flagged,
    up_to,
    worth_in_sales,
)
from reports.verdicts.wording.refusals import refusal_sentences


def sentence(assessment: Assessment) -> str:
    """Why the platform is in its state: what the verdict rests on when that is unusual, the figures, how sure."""
    figures = _figures(assessment) if assessment.is_averaged else windows_of_work.figures(assessment)
    return " ".join(part for part in (stands_in(assessment), *figures, silence(assessment)) if part)


def reason(assessment: Assessment) -> str:
    """The main figure behind the state, in one sentence."""
    now = assessment.now
    if not assessment.is_averaged:
        return windows_of_work.reason(assessment)
    if assessment.state == VerdictState.NO_SALES:
        return _unsold()
    if now is None:
        return next(iter(refusal_sentences(assessment.refusals)), "")
    if assessment.state in (VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT):
        return _little(now)
    if assessment.state == VerdictState.LOSING:
        return _due_and_came(now, assessment.target)
    return _("All in all, that makes %(range)s.") % {"range": return_range(now)}


def stands_in(assessment: Assessment) -> str:
    """What the verdict rests on where it is not the platform's or the agency's own sales."""
    if not assessment.is_averaged:
        return windows_of_work.stands_in(assessment)
    if assessment.rule == "typical_sale" and assessment.now is not None:
        return _(
            "No sale is known yet, so what a usual sale brings and the usual delay, both from the settings, stand in"
            " for what is not known."
        )
    return ""


def is_usual_sale_unknown(assessment: Assessment) -> bool:
    """Whether nothing is said because nobody knows what a usual sale brings."""
    return any(refusal.reason == "usual_sale_unknown" for refusal in assessment.refusals)


def silence(assessment: Assessment) -> str:
    """That no sale is recorded for weeks in which many were due: it may be the records that are missing."""
    if assessment.silence is None:
        return ""
    weeks, due = assessment.silence, assessment.silence.due
    return _(
        "From %(first)s to %(last)s no sale is recorded, where about %(due)s were due: if records are missing, the"
        " settings can leave these weeks out."
    ) % {"first": weeks.first_week, "last": weeks.last_week, "due": money.format_number(round(due))}


def recorded_since(assessment: Assessment) -> str:
    """Since when sales count; nothing where none are recorded."""
    if assessment.recorded_since is None:
        return ""
    return _("What fell due and what came count from %(day)s on, since when sales are recorded.") % {
        "day": day(date.fromisoformat(assessment.recorded_since))
    }


# -- the figures, by state --------------------------------------------------------------------------------------------


def _figures(assessment: Assessment) -> list[str]:
    now = assessment.now
    if assessment.state == VerdictState.NO_SALES:
        return [spent(assessment), _unsold()]
    if now is None:
        return [spent(assessment), *refusal_sentences(assessment.refusals)]
    if assessment.state in (VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT):
        return _too_little(assessment, now)
    if assessment.state == VerdictState.LOSING:
        return [_cost(now), _due_and_came(now, assessment.target), how_sure(assessment)]
    all_in_all = _("All in all, that makes %(range)s.") % {"range": return_range(now)}
    return [_cost(now), _due_and_came(now, assessment.target), all_in_all, how_sure(assessment)]


def _unsold() -> str:
    return _("It is judged once sales are recorded.")


def _cost(now: WindowEstimate) -> str:
    return _("The work of the last %(months)s cost %(cost)s.") % {"months": months(now), "cost": cash(now.cost_cents)}


def _due_and_came(now: WindowEstimate, target: float) -> str:
    """What should have come back in the window, of this work and of older work, and what did."""
    due = cash(now.matured_cents * target)
    if target == 1:
        start = _("In that time about %(due)s should have come back, of this work and of older work") % {"due": due}
    else:
        start = _("To bring back %(target)s, about %(due)s should have come in in that time") % {
            "target": for_each_unit(target),
            "due": due,
        }
    return _("%(due)s; %(came)s.") % {"due": start, "came": came(now.returned_cents)}


def _too_little(assessment: Assessment, now: WindowEstimate) -> list[str]:
    """Young work, or little work: what should be back by now is too little to tell a trend from luck."""
    more = _("It can be told once about %(amount)s more of work has had its time to pay back.") % {
        "amount": cash(up_to(10_000, (ENOUGH - now.amount) * (now.usual_sale_cents or 0.0)))
    }
    is_early = assessment.state == VerdictState.TOO_EARLY
    pace = return_lag.half(assessment.delay) if is_early and assessment.delay else ""
    return [spent(assessment), _little(now), pace, more, still_flagged(assessment)]


def _little(now: WindowEstimate) -> str:
    due = now.amount * (now.usual_sale_cents or 0.0)
    if due < CENTS_THAT_SHOW:
        return _("None of its cost should have come back yet.")
    return _(
        "Of it about %(due)s should have come back by now: worth %(worth)s usual sales of %(sale)s, and it takes"
        " %(enough)s to tell a trend from luck."
    ) % {
        "due": cash(due),
        "worth": worth_in_sales(now),
        "sale": cash(now.usual_sale_cents or 0.0),
        "enough": money.format_number(ENOUGH),
    }
