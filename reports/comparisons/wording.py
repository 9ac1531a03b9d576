"""A campaign's run against its baseline, in sentences for a director who knows no statistics."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from babel.lists import format_list
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models.catalogue import ComparedMeasure
from core import money
from core.week_names import week_name
from reports.comparisons.records import (
    ComparisonData,
    ComparisonRecord,
    ComparisonResult,
    ComparisonSpec,
    Control,
    Neighbourhood,
    NotComparable,
    NotComparableReason,
)
from reports.figures.formatting import cash, for_each_unit, hours
from reports.statistics.neighbours import Neighbours

# The plain ratio is told beside the estimate when they are further apart than this, or on two sides of 1.
TELLING = 1.05
MANY = {
    ComparedMeasure.LEADS: gettext_lazy("leads"),
    ComparedMeasure.QUALIFIED: gettext_lazy("qualified leads"),
    ComparedMeasure.SALES: gettext_lazy("sales"),
}


def units(counted: str, count: float) -> str:
    """`38 leads`, `1.5 qualified leads`, without a sign: with a decimal below ten."""
    number = math.ceil(abs(count))
    text = {
        ComparedMeasure.LEADS: ngettext("%(count)s lead", "%(count)s leads", number),
        ComparedMeasure.QUALIFIED: ngettext("%(count)s qualified lead", "%(count)s qualified leads", number),
        ComparedMeasure.SALES: ngettext("%(count)s sale", "%(count)s sales", number),
    }[ComparedMeasure(counted)]
    return text % {"count": amount(count)}


def amount(count: float) -> str:
    """A number of leads or sales without its sign: whole, but with a decimal below ten where it has one."""
    value = round(abs(count), 1)
    return money.format_number(Fraction(value), digits=1 if value < 10 and value % 1 else 0)


def times(ratio: float) -> str:
    """`0.89`, `1.32`, `2.4`, `15`."""
    return money.format_number(Fraction(ratio), digits=2 if ratio < 2 else 1 if ratio < 10 else 0)


# -- the answer -------------------------------------------------------------------------------------------------------


def answer(spec: ComparisonSpec, result: ComparisonResult) -> str:
    """What came on top of what was expected, with its bounds, or that it cannot be told."""
    since = _("Since it started") if spec.is_running else _("While it ran")
    words = {"since": since, "units": units(spec.counted, result.units), "many": MANY[ComparedMeasure(spec.counted)]}
    if result.is_wide_by_spells:
        return _("%(since)s, good and bad weeks came in spells too long to tell whether it changed anything.") % words
    if result.is_wide:
        return _("%(since)s, too few %(many)s came to tell whether it changed anything.") % words
    bounds = sorted((result.units_low, result.units_high), key=abs)
    words |= {"low": amount(bounds[0]), "high": amount(bounds[1]), "ratio": times(result.ratio)}
    if result.low > 1:
        return _("%(since)s, %(units)s more than expected (%(low)s to %(high)s), %(ratio)s times as many.") % words
    if result.high < 1:
        return _("%(since)s, %(units)s fewer than expected (%(low)s to %(high)s), %(ratio)s times as many.") % words
    words |= {"fewer": amount(result.units_low), "more": amount(result.units_high)}
    if result.units >= 0:
        return (
            _(
                "%(since)s, no clear effect: %(units)s more than expected, but anything"
                " from %(fewer)s fewer to %(more)s more is possible."
            )
            % words
        )
    return (
        _(
            "%(since)s, no clear effect: %(units)s fewer than expected, but anything"
            " from %(fewer)s fewer to %(more)s more is possible."
        )
        % words
    )


def against(data: ComparisonData) -> str:
    """What it was held against; without anything, that it is before and after only."""
    if data.control_of == Control.PLATFORMS:
        return _("Against what the other platforms did in the same weeks.")
    if data.control_of == Control.SALES:
        return _("Against all other sales in the same weeks.")
    why = (
        _("the other platforms had weeks with nothing, or next to nothing, to compare with")
        if data.others
        else _("the campaign is on every platform that has figures")
    )
    return _(
        "Before/after only: %(why)s. Whatever else changed in these weeks, the season or the market, is in it too."
    ) % {"why": why}


def plain_ratio(data: ComparisonData, result: ComparisonResult) -> str:
    """What after against before alone would say, where it says something else; else nothing."""
    apart = max(result.plain / result.ratio, result.ratio / result.plain)
    if apart <= TELLING and (result.plain > 1) == (result.ratio > 1):
        return ""
    plain = {"plain": times(result.plain)}
    if data.control_of == Control.NONE:
        return _("The plain before/after ratio is %(plain)s: it leaves out where things were going before.") % plain
    return (
        _("The plain before/after ratio is %(plain)s: it leaves out where things were going, here and elsewhere.")
        % plain
    )


def spells(result: ComparisonResult) -> str:
    """That neighbouring weeks are alike, and what it does to the bounds, where they were found to be; else nothing."""
    neighbours = result.neighbours
    if neighbours is None or neighbours.finding != Neighbours.ALIKE:
        return ""
    return _(
        "Good weeks follow good ones here, and bad ones bad ones, so the weeks tell less than their number: the bounds"
        " allow for it, and are %(times)s times as wide as they would be otherwise."
    ) % {"times": times(neighbours.widening)}


# -- money: for directors ---------------------------------------------------------------------------------------------


def gain(spec: ComparisonSpec, data: ComparisonData, result: ComparisonResult) -> str:
    """Whether it paid for itself."""
    if result.money is None:
        return _("These platforms brought no revenue in these weeks, so it is not known what one is worth in money.")
    estimate = result.money
    words = {
        "cost": cash(data.invested_cents),
        "gain": cash(estimate.gain),
        "loss": cash(-estimate.gain),
        "low": cash(estimate.low),
        "high": cash(estimate.high),
    }
    if estimate.low > 0:
        text = _("With its cost of %(cost)s taken off, it gained %(gain)s (%(low)s to %(high)s).") % words
    elif estimate.high < 0:
        text = _("With its cost of %(cost)s taken off, it lost %(loss)s (%(low)s to %(high)s).") % words
    else:
        text = (
            _(
                "Whether it paid for itself is not clear: with its cost of %(cost)s taken off, %(gain)s is the best"
                " estimate, and anything from %(low)s to %(high)s is possible."
            )
            % words
        )
    return " ".join(part for part in (text, _return(result), _unrated(data)) if part)


def _return(result: ComparisonResult) -> str:
    """The gain for each 1 of cost; none where nothing was paid, or less came than without it."""
    if result.money is None or result.money.roi is None or result.units < 0:
        return ""
    roi = result.money.roi
    words = {"returned": for_each_unit(1 + roi), "roi": money.format_number(Fraction(roi * 100))}
    if result.money.low > 0 or result.money.high < 0:
        return _("That is %(returned)s, ROI %(roi)s %%.") % words
    return _("By that estimate it is %(returned)s, ROI %(roi)s %%.") % words


def _unrated(data: ComparisonData) -> str:
    if not data.unrated_minutes:
        return ""
    return _("%(hours)s have no rate, so the true cost is higher.") % {"hours": hours(data.unrated_minutes)}


# -- how it was computed ----------------------------------------------------------------------------------------------


def facts(record: ComparisonRecord, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Pairs of a name and what is to know, from what was counted to what the bounds mean."""
    spec, data, result = record.spec, record.data, record.result
    assert data is not None
    pairs = [(_("Counted"), _counted(spec, data, names)), *_weeks(spec, data)]
    if result is None:
        return pairs
    pairs.append((_("Held against"), held_against(spec, data, names)))
    expected = sum(count for count, during in zip(result.expected, data.during, strict=True) if during)
    pairs.append((_("Expected without it"), _expected(spec, data, result, expected)))
    return [*pairs, *doubts(result)]


def doubts(result: ComparisonResult) -> list[tuple[str, str]]:
    """What the bounds mean, and whether neighbouring weeks are alike."""
    pairs = [(_("Bounds"), _bounds(result))]
    return [*pairs, (_("Neighbouring weeks"), _neighbouring(result.neighbours))] if result.neighbours else pairs


def _counted(spec: ComparisonSpec, data: ComparisonData, names: Mapping[int, str]) -> str:
    return _("%(many)s credited to %(platforms)s, where this campaign has hours, spend or contacts") % {
        "many": str(MANY[ComparedMeasure(spec.counted)]).capitalize(),
        "platforms": _list(data.platforms, names),
    }


def _weeks(spec: ComparisonSpec, data: ComparisonData) -> list[tuple[str, str]]:
    weeks = data.mondays
    before = len(data.before)
    pairs = [
        (_("Baseline"), _stretch(spec, [week_name(week) for week in weeks[:before]], data.before)),
        (_("Run"), _stretch(spec, [week_name(week) for week in weeks[before:]], data.run)),
    ]
    if data.unrecorded:
        pairs[0] = (pairs[0][0], " ".join((pairs[0][1], unrecorded(data.unrecorded))))
    return pairs


def _stretch(spec: ComparisonSpec, weeks: Sequence[str], counts: Sequence[float]) -> str:
    if not weeks:
        return _("No whole week.")
    return ngettext(
        "%(weeks)s whole week, %(first)s: %(units)s.",
        "%(weeks)s whole weeks, %(first)s to %(last)s: %(units)s, %(mean)s a week.",
        len(weeks),
    ) % {
        "weeks": len(weeks),
        "first": weeks[0],
        "last": weeks[-1],
        "units": units(spec.counted, sum(counts)),
        "mean": amount(sum(counts) / len(counts)),
    }


def held_against(spec: ComparisonSpec, data: ComparisonData, names: Mapping[int, str]) -> str:
    if data.control_of == Control.NONE:
        return _("Nothing: before/after only.")
    before = len(data.before)
    words = {
        "many": str(MANY[ComparedMeasure(spec.counted)]).capitalize(),
        "platforms": _list(data.others, names),
        "before": amount(sum(data.control[:before]) / before),
        "during": amount(sum(data.control[before:]) / (len(data.control) - before)),
    }
    if data.control_of == Control.PLATFORMS:
        return _("%(many)s of %(platforms)s: %(before)s a week before, %(during)s during the run.") % words
    return _("All other sales: %(before)s a week before, %(during)s during the run.") % words


def _expected(spec: ComparisonSpec, data: ComparisonData, result: ComparisonResult, expected: float) -> str:
    words = {"units": units(spec.counted, expected)}
    parts = [_("%(units)s, had the trend gone on as before.") % words]
    if data.control_of != Control.NONE:
        parts = [_("%(units)s, had they moved with the others, and the trend beside them gone on as before.") % words]
    if result.has_season:
        parts.append(_("The season of the year is allowed for."))
    return " ".join(parts)


def _bounds(result: ComparisonResult) -> str:
    spread = (
        _("Weeks differ %(spread)s times as much as by chance alone, which is allowed for.")
        % {"spread": times(result.dispersion)}
        if result.dispersion > 1
        else _("Weeks differ no more than by chance.")
    )
    return " ".join((_("They hold the truth about 19 times in 20."), spread))


def _neighbouring(neighbours: Neighbourhood) -> str:
    """What the test of the residuals found, how often chance alone finds as much, and how wide the bounds became."""
    correlation = money.format_number(Fraction(neighbours.autocorrelation), digits=2)
    wide = _("The bounds are %(times)s times as wide as for weeks that have nothing to do with each other.") % {
        "times": times(neighbours.widening)
    }
    if neighbours.finding == Neighbours.NO_SIGN:
        none = _(
            "Nothing shows that they are alike (correlation %(correlation)s). That it may not show is allowed for."
        )
        return f"{none % {'correlation': correlation}} {wide}"
    words = {"correlation": correlation, "cases": max(1, math.ceil(100 * neighbours.p_value))}
    found = _(
        "They are alike: beyond what is expected, the correlation of a week with the next is %(correlation)s. Weeks"
        " that have nothing to do with each other show as much in at most %(cases)s of 100 cases."
    )
    if neighbours.finding == Neighbours.ALTERNATING:
        found = _(
            "Good and bad ones take turns: beyond what is expected, the correlation of a week with the next is"
            " %(correlation)s. Weeks that have nothing to do with each other show as much in at most %(cases)s of 100"
            " cases."
        )
    return f"{found % words} {wide}"


def _list(platforms: Sequence[int], names: Mapping[int, str]) -> str:
    return str(format_list([names.get(platform_id, "?") for platform_id in platforms], locale=money.current_locale()))


# -- refusals ---------------------------------------------------------------------------------------------------------


def refusal_sentences(record: ComparisonRecord) -> list[str]:
    """Why nothing is said, and what is missing."""
    refusal, data = record.refusal, record.data
    assert refusal is not None
    sentences = [_refusal(refusal, record.spec, data)]
    if refusal.reason == NotComparableReason.FEW_BEFORE and data and data.unrecorded:
        sentences.append(unrecorded(data.unrecorded))
    return sentences


def unrecorded(weeks: int) -> str:
    return ngettext(
        "%(weeks)s week of it lies before anything was recorded here and is left out.",
        "%(weeks)s weeks of it lie before anything was recorded here and are left out.",
        weeks,
    ) % {"weeks": weeks}


def _refusal(refusal: NotComparable, spec: ComparisonSpec, data: ComparisonData | None) -> str:
    """One sentence; a reason that is not known by name is said in general."""
    if refusal.reason in _OF_ITS_WEEKS:
        return _OF_ITS_WEEKS[refusal.reason](refusal)
    if refusal.reason in _OF_ITS_COUNTS:
        return _OF_ITS_COUNTS[refusal.reason](spec, data)
    return str(_OF_ITS_KIND.get(refusal.reason, _("These weeks cannot be compared.")))


def _few_before(refusal: NotComparable) -> str:
    return ngettext(
        "The baseline has %(found)s whole week with figures; at least %(needed)s are needed.",
        "The baseline has %(found)s whole weeks with figures; at least %(needed)s are needed.",
        round(refusal.found),
    ) % _weeks_found(refusal)


def _few_during(refusal: NotComparable) -> str:
    return ngettext(
        "The run has %(found)s whole week so far; at least %(needed)s are needed.",
        "The run has %(found)s whole weeks so far; at least %(needed)s are needed.",
        round(refusal.found),
    ) % _weeks_found(refusal)


def _weeks_found(refusal: NotComparable) -> dict[str, int]:
    return {"found": round(refusal.found), "needed": round(refusal.needed)}


def _nothing_before(spec: ComparisonSpec, data: ComparisonData | None) -> str:
    return _("No %(many)s in the baseline, so there is nothing to hold the %(units)s of the run against.") % {
        "many": MANY[ComparedMeasure(spec.counted)],
        "units": units(spec.counted, sum(data.run) if data else 0),
    }


def _nothing_during(spec: ComparisonSpec, data: ComparisonData | None) -> str:
    return _("No %(many)s in the run, after %(units)s in the baseline.") % {
        "many": MANY[ComparedMeasure(spec.counted)],
        "units": units(spec.counted, sum(data.before) if data else 0),
    }


_OF_ITS_KIND: Mapping[str, Promise] = {
    NotComparableReason.NOT_BEFORE: gettext_lazy(
        "The baseline must end before the run starts: as the dates are, they overlap."
    ),
    NotComparableReason.SERVES: gettext_lazy(
        "This campaign serves customers: it is not there to bring leads or sales, so they are not compared."
    ),
    NotComparableReason.NO_PLATFORM: gettext_lazy(
        "It has no hours, spend or contacts yet, so nobody knows on which platforms to count."
    ),
}
_OF_ITS_WEEKS: Mapping[str, Callable[[NotComparable], str]] = {
    NotComparableReason.FEW_BEFORE: _few_before,
    NotComparableReason.FEW_DURING: _few_during,
}
_OF_ITS_COUNTS: Mapping[str, Callable[[ComparisonSpec, ComparisonData | None], str]] = {
    NotComparableReason.NOTHING_BEFORE: _nothing_before,
    NotComparableReason.NOTHING_DURING: _nothing_during,
}
