"""What version 1 stored of the evidence, in its words: it looked at windows of work, and refused without a delay.

Pure: an `Assessment` in, text out.
"""

from django.utils.translation import gettext as _

from core import money
from reports.figures.formatting import cash, for_each_unit
from reports.statistics.results import Assessment, WindowEstimate
from reports.statistics.states import VerdictState
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

ALL_BUT_ALL = 0.995


def reason(assessment: Assessment) -> str:
    """The main figure behind the state, in one sentence."""
    now = assessment.now
    if assessment.state == VerdictState.TOO_EARLY:
        return next(iter(refusal_sentences(assessment.refusals)), "")
    if assessment.rule == "plain" or now is None:
        return spent(assessment)
    if assessment.state == VerdictState.INSUFFICIENT:
        return _little(now)
    if assessment.state == VerdictState.LOSING:
        return _due_and_came(now, assessment.target, by_itself=True)
    return _("Counting what is still to come, that makes %(range)s.") % {"range": return_range(now)}


def stands_in(assessment: Assessment) -> str:
    """What the verdict rests on where it is not the platform's or the agency's own sales."""
    if assessment.rule == "typical_sale":
        return _(
            "No sale is known yet, so what a usual sale brings and the usual delay, both from the settings, stand in"
            " for what is not known."
        )
    if assessment.rule == "plain":
        return _("No sale is known yet and the settings name no typical one, so only the plain rule can speak.")
    if assessment.delay is not None and assessment.delay.source == "guess":
        return _("There are too few sales to see how long returns take, so the usual delay of the settings stands in.")
    return ""


def figures(assessment: Assessment) -> list[str]:
    """The figures behind the state, sentence by sentence."""
    now = assessment.now
    if assessment.state == VerdictState.TOO_EARLY:
        return _too_early(assessment)
    if assessment.rule == "plain" or now is None:
        return _by_the_plain_rule(assessment)
    if assessment.state == VerdictState.INSUFFICIENT:
        return [*_too_little(now), still_flagged(assessment)]
    if assessment.state == VerdictState.LOSING:
        return [_cost(now), _due_and_came(now, assessment.target), how_sure(assessment)]
    return [_outlook(now), how_sure(assessment)]


def _too_early(assessment: Assessment) -> list[str]:
    missing = refusal_sentences(assessment.refusals) or [_("The records do not yet show how long returns take.")]
    return [spent(assessment), *missing, still_flagged(assessment)]


def _by_the_plain_rule(assessment: Assessment) -> list[str]:
    said = [spent(assessment)]
    if assessment.state == VerdictState.LOSING:
        said.append(_("Nothing of it has come back."))
    elif assessment.state == VerdictState.WATCH:
        said.append(_("Nothing of it has come back; if that is still so next week, it is called losing."))
    else:
        missing = refusal_sentences(assessment.refusals)
        said += missing or [_("That is less than the settings ask for before anything is said.")]
    return said


def _cost(now: WindowEstimate) -> str:
    return _("The work of the last %(months)s cost %(cost)s.") % {"months": months(now), "cost": cash(now.cost_cents)}


def _due_and_came(now: WindowEstimate, target: float, *, by_itself: bool = False) -> str:
    """What should have come back by now, and what did."""
    due = cash(now.matured_cents * target)
    if target == 1 and not by_itself and now.matured_share >= ALL_BUT_ALL:
        start = _("All of that should have come back by now")
    elif target == 1 and not by_itself:
        start = _("About %(due)s of that should have come back by now") % {"due": due}
    elif target == 1:
        start = _("About %(due)s should have come back by now") % {"due": due}
    else:
        start = _("To bring back %(target)s, about %(due)s should have come in by now") % {
            "target": for_each_unit(target),
            "due": due,
        }
    return _("%(due)s; %(came)s.") % {"due": start, "came": came(now.returned_cents)}


def _outlook(now: WindowEstimate) -> str:
    """How much of what the work will bring is in, and the bounds of the whole."""
    if now.matured_share >= ALL_BUT_ALL:
        return _("What the work of the last %(months)s will bring is in. Allowing for luck, that is %(range)s.") % {
            "months": months(now),
            "range": return_range(now),
        }
    return _(
        "Of what the work of the last %(months)s will bring, about %(share)s %% is in. Counting what is still to come,"
        " that makes %(range)s."
    ) % {
        "months": months(now),
        "share": money.format_number(round(now.matured_share * 100)),
        "range": return_range(now),
    }


def _too_little(now: WindowEstimate) -> list[str]:
    worth = {"worth": worth_in_sales(now), "enough": ENOUGH}
    if now.matured_cents < CENTS_THAT_SHOW:
        due = _("None of that should have come back yet.")
    else:
        due = _(
            "About %(due)s of that should have come back by now: worth %(worth)s usual sales, and it takes %(enough)s"
            " to tell a trend from luck."
        ) % {"due": cash(now.matured_cents), **worth}
    more = _("It can be told once about %(amount)s more of work has had its time to pay back.") % {
        "amount": cash(up_to(10_000, (ENOUGH - now.amount) * now.phi_cents))
    }
    return [_cost(now), due, more]


def _little(now: WindowEstimate) -> str:
    if now.matured_cents < CENTS_THAT_SHOW:
        return _("None of its cost should have come back yet.")
    return _("What should have come back by now is worth %(worth)s usual sales; it takes %(enough)s to tell.") % {
        "worth": worth_in_sales(now),
        "enough": ENOUGH,
    }
