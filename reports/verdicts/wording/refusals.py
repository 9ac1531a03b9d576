"""Why something is not said yet, and what is missing."""

import math
from collections.abc import Sequence

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from reports.statistics.results import Refusal

WEEKS_A_MONTH = 4
# Whose sales were too little, as `Refusal.source` says it.
AGENCY = "agency"
PLACES_SHOWN = 3
# A number of weeks beyond this, or from fewer sales, would claim more than the records show.
FARTHEST_WEEKS = 104
SALES_FOR_A_PACE = 3


def refusal_sentences(refusals: Sequence[Refusal]) -> list[str]:
    """Why the pace of the returns cannot be seen, what is missing, and how long that takes where it is known.

    A platform is judged by its own sales or else by those of all platforms: where both are too few, only the latter
    are named, because they will be enough first.
    """
    worded = _of_the_agency(refusals) or list(refusals)
    counted = [refusal for refusal in worded if refusal.reason in _COUNTS]
    others = [refusal_sentence(refusal) for refusal in worded if refusal.reason not in _COUNTS]
    sentences = [_too_few(counted) if counted else "", _when(counted), *others]
    return [sentence for sentence in sentences if sentence]


def _of_the_agency(refusals: Sequence[Refusal]) -> list[Refusal]:
    return [refusal for refusal in refusals if refusal.source == AGENCY]


def refusal_sentence(refusal: Refusal) -> str:
    """One reason; a reason that is not known by name is said in general."""
    if refusal.reason in _COUNTS:
        return _too_few([refusal])
    if not math.isfinite(refusal.found):  # too little even to say how far off it is
        return _something(refusal)
    return _SENTENCES.get(refusal.reason, _something)(refusal)


def _too_few(counted: Sequence[Refusal]) -> str:
    what = {
        "what": format_list([_COUNTS[refusal.reason](refusal) for refusal in counted], locale=money.current_locale())
    }
    if counted[0].source == AGENCY:
        return _("How long returns take cannot be seen yet: over all platforms, it takes %(what)s.") % what
    return _("How long returns take cannot be seen yet: it takes %(what)s.") % what


def _few_cohorts(refusal: Refusal) -> str:
    return _("%(needed)s months of work (%(found)s so far)") % _counts(refusal)


def _few_sales(refusal: Refusal) -> str:
    return _("%(needed)s sales (%(found)s so far)") % _counts(refusal)


_COUNTS = {"few_cohorts": _few_cohorts, "few_sales": _few_sales}


def _empty_column(_refusal: Refusal) -> str:
    return _("So little has come back so far that no pace can be seen in it.")


def _wide_error(refusal: Refusal) -> str:
    return _(
        "The sales so far are so uneven that what is still to come could be off by %(found)s; %(needed)s would do."
    ) % {
        "found": _percent(refusal.found),
        "needed": _percent(refusal.needed),
    }


def _open_end(refusal: Refusal) -> str:
    return _(
        "Even the oldest work is still bringing sales, so the end of the returns is not in sight: %(found)s of them"
        " came in its latest months, at most %(needed)s would do."
    ) % {"found": _percent(refusal.found), "needed": _percent(refusal.needed)}


def _calendar_break(refusal: Refusal) -> str:
    if refusal.where:
        return _("The records have a gap: %(where)s.") % {"where": _places(refusal.where)}
    return _(
        "For months no sale is recorded where about %(found)s were due. Were they entered elsewhere, or does the record"
        " begin in the middle?"
    ) % {"found": money.format_number(round(refusal.found))}


def _minimum_spend(refusal: Refusal) -> str:
    return _("The plain rule speaks from %(needed)s on, and %(found)s was spent.") % {
        "found": money.format_money(round(refusal.found), digits=0),
        "needed": money.format_money(round(refusal.needed), digits=0),
    }


def _usual_sale_unknown(refusal: Refusal) -> str:
    return _(
        "Nobody has said what a usual sale brings, and it takes %(needed)s sales to see it (%(found)s so far)."
    ) % _counts(refusal)


def _something(_refusal: Refusal) -> str:
    return _("The records do not yet show how long returns take.")


_SENTENCES = {
    "empty_column": _empty_column,
    "wide_error": _wide_error,
    "open_end": _open_end,
    "calendar_break": _calendar_break,
    "minimum_spend": _minimum_spend,
    "usual_sale_unknown": _usual_sale_unknown,
}


def _when(counted: Sequence[Refusal]) -> str:
    """How many weeks that takes; nothing where it cannot be told of one of them, or nothing is to be counted."""
    weeks = [_weeks_more(refusal) for refusal in counted]
    if not weeks or None in weeks:
        return ""
    longest = max(more or 0 for more in weeks)
    if longest > FARTHEST_WEEKS:
        return _("At the pace so far, that is not within two years.")
    if any(refusal.reason == "few_sales" and refusal.found < SALES_FOR_A_PACE for refusal in counted):
        return _("So few sales show no pace yet, so nobody can say when that will be.")
    return ngettext(
        "At the pace so far, that is about %(weeks)s week away.",
        "At the pace so far, that is about %(weeks)s weeks away.",
        longest,
    ) % {"weeks": money.format_number(longest)}


def _weeks_more(refusal: Refusal) -> int | None:
    if refusal.reason == "few_cohorts":
        return round(refusal.needed - refusal.found) * WEEKS_A_MONTH
    return refusal.weeks_more


def _counts(refusal: Refusal) -> dict[str, str]:
    return {"found": money.format_number(round(refusal.found)), "needed": money.format_number(round(refusal.needed))}


def _percent(share: float) -> str:
    return _("%(number)s %%") % {"number": money.format_number(round(share * 100))}


def _places(where: Sequence[str]) -> str:
    shown = list(where[:PLACES_SHOWN])
    if more := len(where) - len(shown):
        shown.append(ngettext("%(more)s more", "%(more)s more", more) % {"more": more})
    return str(format_list(shown, locale=money.current_locale()))
