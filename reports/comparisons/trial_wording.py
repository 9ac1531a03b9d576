"""What the weeks of a trial brought beside those before it, in sentences: what came, and never why."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models.catalogue import ComparedMeasure
from reports.comparisons.limit_trials import WEEKS_BEFORE
from reports.comparisons.records import (
    ComparisonData,
    ComparisonRecord,
    ComparisonResult,
    ComparisonSpec,
    Control,
    NotComparable,
    NotComparableReason,
)
from reports.comparisons.wording import MANY, amount, doubts, held_against, times, units


def answer(record: ComparisonRecord) -> list[str]:
    """What came beside what the weeks before led to expect, with its bounds, or what is missing to say it."""
    if record.data is None:
        return []
    if record.result is None:
        return [_missing(record.refusal, record.spec, record.data)]
    came = _came(record.spec, record.data)
    if record.result.is_wide:
        return [came, _("That is too few to hold them against the weeks before.")]
    against = (
        _("Held against what the other platforms brought in the same weeks.")
        if record.data.control_of != Control.NONE
        else _("Nothing else could be held against it, so the season and the market are in it.")
    )
    return [came, _difference(record.spec, record.result), against]


def _came(spec: ComparisonSpec, data: ComparisonData) -> str:
    return ngettext(
        "%(units)s in %(weeks)s week of the trial: %(during)s a week, after %(before)s a week before.",
        "%(units)s in %(weeks)s weeks of the trial: %(during)s a week, after %(before)s a week before.",
        len(data.run),
    ) % {
        "units": units(spec.counted, sum(data.run)),
        "weeks": len(data.run),
        "during": amount(sum(data.run) / len(data.run)),
        "before": amount(sum(data.before) / len(data.before)),
    }


def _difference(spec: ComparisonSpec, result: ComparisonResult) -> str:
    low, high = sorted((result.units_low, result.units_high), key=abs)
    words = {
        "units": units(spec.counted, result.units),
        "low": amount(low),
        "high": amount(high),
        "ratio": times(result.ratio),
        "fewer": amount(result.units_low),
        "more": amount(result.units_high),
    }
    if result.low > 1:
        return _("That is %(units)s more than those weeks led to expect (%(low)s to %(high)s).") % words
    if result.high < 1:
        return _("That is %(units)s fewer than those weeks led to expect (%(low)s to %(high)s).") % words
    return (
        _(
            "That is within what those weeks led to expect: the difference lies between %(fewer)s fewer and %(more)s"
            " more."
        )
        % words
    )


def facts(record: ComparisonRecord, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """How it was computed: what it was held against, what was expected, what the bounds mean."""
    spec, data, result = record.spec, record.data, record.result
    if data is None or result is None:
        return []
    expected = sum(count for count, during in zip(result.expected, data.during, strict=True) if during)
    return [
        (_("Counted"), _COUNTED[ComparedMeasure(spec.counted)]()),
        (_("Weeks before"), _weeks_before(data)),
        (_("Held against"), held_against(spec, data, names)),
        (
            _("Expected"),
            _("%(units)s, had all gone on as in the weeks before.") % {"units": units(spec.counted, expected)},
        ),
        *doubts(result),
    ]


_COUNTED: Mapping[ComparedMeasure, Callable[[], str]] = {
    ComparedMeasure.LEADS: lambda: _("Leads credited to the platform, in the week in which they came in."),
    ComparedMeasure.SALES: lambda: _("Sales credited to the platform, in the week of the work that brought them."),
}


def _weeks_before(data: ComparisonData) -> str:
    weeks = data.mondays[: len(data.before)]
    return _("%(weeks)s, from %(first)s to %(last)s.") % {
        "weeks": len(weeks),
        "first": weeks[0],
        "last": weeks[-1],
    }


def _missing(refusal: NotComparable | None, spec: ComparisonSpec, data: ComparisonData) -> str:
    """One sentence: what was found, and what would be needed."""
    assert refusal is not None
    words = {
        "many": MANY[ComparedMeasure(spec.counted)],
        "found": round(refusal.found),
        "needed": round(refusal.needed),
        "weeks": WEEKS_BEFORE,
        "units": units(spec.counted, sum(data.run)),
    }
    if refusal.reason == NotComparableReason.FEW_DURING:
        return (
            ngettext(
                "%(found)s whole week of the trial is over; with %(needed)s its %(many)s can be held against those of"
                " the weeks before.",
                "%(found)s whole weeks of the trial are over; with %(needed)s its %(many)s can be held against those of"
                " the weeks before.",
                round(refusal.found),
            )
            % words
        )
    if refusal.reason == NotComparableReason.FEW_BEFORE:
        return (
            ngettext(
                "Of the %(weeks)s weeks before, %(found)s has records; at least %(needed)s are needed to hold the trial"
                " against them.",
                "Of the %(weeks)s weeks before, %(found)s have records; at least %(needed)s are needed to hold the"
                " trial against them.",
                round(refusal.found),
            )
            % words
        )
    if refusal.reason == NotComparableReason.NOTHING_BEFORE:
        return _("No %(many)s in the weeks before, %(units)s in the trial: nothing to hold them against.") % words
    if refusal.reason == NotComparableReason.NOTHING_DURING:
        return _("No %(many)s in the weeks of the trial so far.") % words
    return _("These weeks cannot be compared.")
