"""A verdict in a few words: how sure it is, or what is lacking. Pure: a `Case` in, text out."""

from django.utils.translation import gettext as _

from reports.figures.formatting import in_100
from reports.statistics.results import Assessment
from reports.statistics.states import VerdictState
from reports.verdicts.case import Case
from reports.verdicts.wording.evidence import is_usual_sale_unknown
from reports.verdicts.wording.parts import ENOUGH, worth_in_sales

# Usual sales: what is less would be told as 0.0 of them.
LEAST_WORTH = 0.1


def clause(case: Case) -> str:
    """`96 in 100 that it loses`, `0.9 of 3 usual sales’ worth due`."""
    if case.state is VerdictState.NO_DATA:
        return _("nothing spent")
    if case.assessment is None:
        return _("by the plain rule alone")
    if case.state is VerdictState.NO_SALES:
        return _("no sale recorded")
    if case.state in (VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT):
        return _little(case.assessment)
    return _how_sure(case.assessment)


def _little(assessment: Assessment) -> str:
    if assessment.now is None:
        return (
            _("a usual sale is not known") if is_usual_sale_unknown(assessment) else _("the records say too little yet")
        )
    if assessment.now.amount < LEAST_WORTH:
        return _("hardly anything due yet")
    return _("%(worth)s of %(enough)s usual sales’ worth due") % {
        "worth": worth_in_sales(assessment.now),
        "enough": ENOUGH,
    }


def _how_sure(assessment: Assessment) -> str:
    """The chance of the likelier side."""
    now = assessment.now
    if now is None or assessment.rule == "plain":
        return _("by the plain rule alone")
    if now.p_below > now.p_above:
        pattern = _("%(chance)s that it loses") if assessment.target == 1 else _("%(chance)s that it misses its target")
        return pattern % {"chance": in_100(now.p_below)}
    pattern = _("%(chance)s that it earns") if assessment.target == 1 else _("%(chance)s that it reaches its target")
    return pattern % {"chance": in_100(now.p_above)}
