"""What the evidence says of a platform: what its work cost, what should have come back by now, what did, how sure.

Pure: an `Assessment` in, text out. Nothing here assumes that its reader knows any statistics.
"""

import math
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from reports.figures.formatting import cash, in_100, per_unit, range_for_each_unit
from reports.statistics.results import Assessment, WindowEstimate
from reports.statistics.states import VerdictState
from reports.verdicts.wording.refusals import refusal_sentences

# The thresholds of the evidence rule (reports/statistics/posterior.py, which pages must not load: it brings scipy).
ENOUGH = 3
RAISE_LOSING, LEAVE_LOSING = 0.95, 0.80
RAISE_EARNING, LEAVE_EARNING = 0.90, 0.70
ALL_BUT_ALL = 0.995
CENTS_THAT_SHOW = 50


def sentence(assessment: Assessment) -> str:
    """Why the platform is in its state: what the verdict rests on when that is unusual, the figures, how sure."""
    parts = [stands_in(assessment), *_figures(assessment)]
    return " ".join(part for part in parts if part)


def reason(assessment: Assessment) -> str:
    """The main figure behind the state, in one sentence."""
    now = assessment.now
    if assessment.state == VerdictState.TOO_EARLY:
        return next(iter(refusal_sentences(assessment.refusals)), "")
    if assessment.state == VerdictState.NO_SALES:
        return _unsold()
    if is_usual_sale_unknown(assessment):
        return refusal_sentences(assessment.refusals)[0]
    if assessment.rule == "plain" or now is None:
        return _spent(assessment)
    if assessment.state == VerdictState.INSUFFICIENT:
        return _little(now)
    if assessment.state == VerdictState.LOSING:
        return _due_and_came(now, assessment.target, by_itself=True)
    return _("Counting what is still to come, that makes %(range)s.") % {"range": _range(now)}


def stands_in(assessment: Assessment) -> str:
    """What the verdict rests on where it is not the platform's or the agency's own sales."""
    if assessment.rule == "typical_sale":
        return _(
            "No sale is known yet, so what a usual sale brings and the usual delay, both from the settings, stand in"
            " for what is not known."
        )
    if assessment.state == VerdictState.NO_SALES or is_usual_sale_unknown(assessment):
        return ""
    if assessment.rule == "plain":
        return _("No sale is known yet and the settings name no typical one, so only the plain rule can speak.")
    if assessment.delay is not None and assessment.delay.source == "guess":
        return _("There are too few sales to see how long returns take, so the usual delay of the settings stands in.")
    return ""


def is_usual_sale_unknown(assessment: Assessment) -> bool:
    """Whether nothing is said because nobody knows what a usual sale brings."""
    return any(refusal.reason == "usual_sale_unknown" for refusal in assessment.refusals)


def how_sure(assessment: Assessment) -> str:
    """The chance that the state is right, and what follows from it; nothing where no chance was worked out."""
    now = assessment.now
    if now is None or assessment.rule == "plain":
        return ""
    if assessment.state == VerdictState.LOSING:
        return _sure_of_losing(now, assessment.target)
    if assessment.state == VerdictState.EARNING:
        return _sure_of_earning(now, assessment.target)
    return _unsure(now, assessment.target) if assessment.state == VerdictState.WATCH else ""


# -- the figures, by state --------------------------------------------------------------------------------------------


def _figures(assessment: Assessment) -> list[str]:
    now = assessment.now
    if assessment.state == VerdictState.TOO_EARLY:
        return _too_early(assessment)
    if assessment.state == VerdictState.NO_SALES:
        return [_spent(assessment), _unsold()]
    if is_usual_sale_unknown(assessment):
        return [_spent(assessment), *refusal_sentences(assessment.refusals)]
    if assessment.rule == "plain" or now is None:
        return _by_the_plain_rule(assessment)
    if assessment.state == VerdictState.INSUFFICIENT:
        return [*_too_little(now), _still_flagged(assessment)]
    if assessment.state == VerdictState.LOSING:
        return [_cost(now), _due_and_came(now, assessment.target), how_sure(assessment)]
    return [_outlook(now), how_sure(assessment)]


def _too_early(assessment: Assessment) -> list[str]:
    missing = refusal_sentences(assessment.refusals) or [_("The records do not yet show how long returns take.")]
    return [_spent(assessment), *missing, _still_flagged(assessment)]


def _still_flagged(assessment: Assessment) -> str:
    if assessment.judged != VerdictState.LOSING:
        return ""
    return _("It stays flagged as losing until more can be said, for eight weeks at most.")


def _unsold() -> str:
    return _("It is judged once a sale is recorded, or once the settings say since when your sales are complete.")


def _by_the_plain_rule(assessment: Assessment) -> list[str]:
    said = [_spent(assessment)]
    if assessment.state == VerdictState.LOSING:
        said.append(_("Nothing of it has come back."))
    elif assessment.state == VerdictState.WATCH:
        said.append(_("Nothing of it has come back; if that is still so next week, it is called losing."))
    else:
        missing = refusal_sentences(assessment.refusals)
        said += missing or [_("That is less than the settings ask for before anything is said.")]
    return said


def _spent(assessment: Assessment) -> str:
    return _("%(spent)s spent so far.") % {"spent": cash(assessment.spent_cents)}


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
        start = _("To bring back %(target)s for each 1, about %(due)s should have come in by now") % {
            "target": per_unit(target),
            "due": due,
        }
    return _("%(due)s; %(came)s.") % {"due": start, "came": _came(now.returned_cents)}


def _came(returned_cents: float) -> str:
    if returned_cents <= -CENTS_THAT_SHOW:
        return _("more was refunded than came, by %(amount)s") % {"amount": cash(-returned_cents)}
    return (
        _("%(amount)s did") % {"amount": cash(returned_cents)}
        if returned_cents >= CENTS_THAT_SHOW
        else _("nothing did")
    )


def _outlook(now: WindowEstimate) -> str:
    """How much of what the work will bring is in, and the bounds of the whole."""
    if now.matured_share >= ALL_BUT_ALL:
        return _("What the work of the last %(months)s will bring is in. Allowing for luck, that is %(range)s.") % {
            "months": months(now),
            "range": _range(now),
        }
    return _(
        "Of what the work of the last %(months)s will bring, about %(share)s %% is in. Counting what is still to come,"
        " that makes %(range)s."
    ) % {"months": months(now), "share": money.format_number(round(now.matured_share * 100)), "range": _range(now)}


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
        "amount": cash(_up_to(10_000, (ENOUGH - now.amount) * now.phi_cents))
    }
    return [_cost(now), due, more]


def _little(now: WindowEstimate) -> str:
    if now.matured_cents < CENTS_THAT_SHOW:
        return _("None of its cost should have come back yet.")
    return _("What should have come back by now is worth %(worth)s usual sales; it takes %(enough)s to tell.") % {
        "worth": worth_in_sales(now),
        "enough": ENOUGH,
    }


def worth_in_sales(now: WindowEstimate) -> str:
    """How many usual sales the matured cost is worth, rounded down: 2.96 of 3 is not 3."""
    return money.format_number(Fraction(math.floor(now.amount * 10), 10), digits=1)


def _up_to(step: int, value: float) -> int:
    return math.ceil(value / step) * step


# -- how sure ---------------------------------------------------------------------------------------------------------


def _sure_of_losing(now: WindowEstimate, target: float) -> str:
    said = {"falls_short": _falls_short(target), "chance": in_100(now.p_below), "leave": round(LEAVE_LOSING * 100)}
    if now.p_below >= RAISE_LOSING:
        return _("Bad luck alone would not explain it: the chance that it %(falls_short)s is %(chance)s.") % said
    was = _("The chance that it %(falls_short)s was higher and is now %(chance)s;") % said
    return " ".join((was, _("below %(leave)s it is no longer called losing.") % said))


def _sure_of_earning(now: WindowEstimate, target: float) -> str:
    said = {"pays": _pays(target), "chance": in_100(now.p_above), "leave": round(LEAVE_EARNING * 100)}
    if now.p_above >= RAISE_EARNING:
        return _("The chance that it %(pays)s is %(chance)s.") % said
    was = _("The chance that it %(pays)s was higher and is now %(chance)s;") % said
    return " ".join((was, _("below %(leave)s it is no longer called earning.") % said))


def _unsure(now: WindowEstimate, target: float) -> str:
    """On the fence, or sure but only since now: a state is given once it was as sure four weeks before."""
    if now.p_below >= RAISE_LOSING:
        said = {"falls_short": _falls_short(target), "chance": in_100(now.p_below), "raise": round(RAISE_LOSING * 100)}
        is_now = _("The chance that it %(falls_short)s is %(chance)s;") % said
        return " ".join((is_now, _("once it has been %(raise)s or more for four weeks, it is called losing.") % said))
    said = {"pays": _pays(target), "chance": in_100(now.p_above), "raise": round(RAISE_EARNING * 100)}
    if now.p_above >= RAISE_EARNING:
        is_now = _("The chance that it %(pays)s is %(chance)s;") % said
        return " ".join((is_now, _("once it has been %(raise)s or more for four weeks, it is called earning.") % said))
    return _("The chance that it %(pays)s is %(chance)s: not sure enough either way.") % said


def _falls_short(target: float) -> str:
    return _("loses money") if target == 1 else _("misses its target")


def _pays(target: float) -> str:
    return _("pays for itself") if target == 1 else _("reaches its target")


# -- parts ------------------------------------------------------------------------------------------------------------


def months(now: WindowEstimate) -> str:
    """The width of the window: `12 months`."""
    return ngettext("%(count)s month", "%(count)s months", now.months) % {"count": now.months}


def _range(now: WindowEstimate) -> str:
    return range_for_each_unit(now.returned.low, now.returned.high)
