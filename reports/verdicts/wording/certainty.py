"""How sure a verdict is, and what follows from that, in words. Pure: a `WindowEstimate` in, text out."""

from django.utils.translation import gettext as _

from reports.figures.formatting import in_100
from reports.statistics.results import Assessment, WindowEstimate
from reports.statistics.states import VerdictState

# The thresholds of the evidence rule (reports/statistics/posterior.py, which pages must not load: it brings scipy).
RAISE_LOSING, LEAVE_LOSING = 0.95, 0.80
RAISE_EARNING, LEAVE_EARNING = 0.90, 0.70


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
