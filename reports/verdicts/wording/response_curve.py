"""Hours against leads as sentences: where the next hour stops paying, and why that cannot be said. Pure."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from reports.figures.formatting import cash, per_unit
from reports.statistics.results import Range, Refusal, ResponseLine

# A remedy beyond these is none: ten years of weeks; hours that go up fivefold and down to a fifth.
MOST_WEEKS = 520
WEEKS_AS_YEARS = 104
MOST_VARIATION = math.log(5)
# Within this part of the observed hours' edge, the line stands at the edge.
AT_THE_EDGE = 0.005


def answer(line: ResponseLine) -> str:
    """Where the next hour stops paying, in one sentence; "" when no line is drawn."""
    stop, now = line.break_even_hours, {"now": hours(line.hours_now)}
    if line.refusal is not None:
        return ""
    if stop is None:
        return _("What a lead brings is not known yet, so nobody can say at how many hours the next one stops paying.")
    if _is_at_the_most(line, stop):
        most = now | {"most": hours(line.most_hours)}
        return _("Up to %(most)s a week, the most that was tried, the next hour still pays; now it is %(now)s.") % most
    if _is_at_the_fewest(line, stop):
        least = now | {"least": hours(line.least_hours)}
        return _("Even at %(least)s a week, the fewest tried, the next hour does not pay; now it is %(now)s.") % least
    if line.hours_now > stop:
        return _("Beyond about %(stop)s a week the next hour does not pay; now it is %(now)s.") % (
            now | {"stop": hours(stop)}
        )
    return _("Up to about %(stop)s a week the next hour pays; now it is %(now)s.") % (now | {"stop": hours(stop)})


def mark(line: ResponseLine) -> str:
    """What stands beside the line in the drawing."""
    stop = line.break_even_hours
    if stop is not None and _is_at_the_most(line, stop):
        return _("next hour still pays")
    if stop is not None and _is_at_the_fewest(line, stop):
        return _("next hour does not pay")
    return _("next hour stops paying")


def _is_at_the_most(line: ResponseLine, stop: float) -> bool:
    return stop >= line.most_hours * (1 - AT_THE_EDGE)


def _is_at_the_fewest(line: ResponseLine, stop: float) -> bool:
    return stop <= line.least_hours * (1 + AT_THE_EDGE)


def doubling(line: ResponseLine) -> str:
    """What twice the hours would bring."""
    if line.b is None or line.refusal is not None:
        return ""
    return _("Twice the hours bring about %(times)s times the leads.") % {
        "times": money.format_number(Fraction(2**line.b), digits=1)
    }


def hours(value: float) -> str:
    """`30 h`, `7.5 h` below ten."""
    digits = 1 if abs(value) < 10 and round(value, 1) % 1 else 0
    return _("%(hours)s h") % {"hours": money.format_number(Fraction(value), digits=digits)}


def exponent(b: float | None) -> str:
    return "" if b is None else money.format_number(Fraction(b), digits=2)


def exponent_bounds(line: ResponseLine) -> str:
    if line.b_low is None or line.b_high is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": exponent(line.b_low), "high": exponent(line.b_high)}


def cash_range(bounds: Range) -> str:
    """`190 € to 320 €`, of cents; without an upper bound, `190 € or more`."""
    return _between(bounds, cash)


def per_unit_range(bounds: Range) -> str:
    return _between(bounds, per_unit)


def count_range(bounds: Range) -> str:
    """`1.2 to 3.4`: leads a week."""
    return _between(bounds, count)


def count(value: float) -> str:
    return money.format_number(Fraction(value), digits=1)


def cash_or_more(bounds: Range) -> str:
    """The figure itself; where it knows no end, what it is at least."""
    return cash(bounds.value) if math.isfinite(bounds.value) else _between(bounds, cash)


def _between(bounds: Range, written: Callable[[float], str]) -> str:
    if not math.isfinite(bounds.high):
        return _("%(low)s or more") % {"low": written(bounds.low)}
    return _("%(low)s to %(high)s") % {"low": written(bounds.low), "high": written(bounds.high)}


# -- refusals ---------------------------------------------------------------------------------------------------------


def refusal_words(line: ResponseLine) -> list[str]:
    """Why no line is drawn, and what would be enough; nothing when one is."""
    if line.refusal is None:
        return []
    why = _REASONS.get(line.refusal.reason, _not_enough)(line.refusal)
    return [one for one in (why, _remedy(line, line.refusal)) if one]


def _few_weeks(refusal: Refusal) -> str:
    return _("%(found)s of the %(needed)s weeks with hours that it takes to compare more hours with fewer.") % {
        "found": money.format_number(round(refusal.found)),
        "needed": money.format_number(round(refusal.needed)),
    }


def _no_return(_refusal: Refusal) -> str:
    return _("No lead came in these weeks, so more hours cannot be compared with fewer.")


def _same_hours(_refusal: Refusal) -> str:
    return _("The hours are the same every week, so nobody can see what more or fewer of them would do.")


def _wide_error(_refusal: Refusal) -> str:
    return _("The weeks with more hours and those with fewer do not differ clearly enough yet to draw a line.")


def _not_below_one(refusal: Refusal) -> str:
    if refusal.weeks_more is None:
        return _(
            "Twice the hours bring at least twice the leads: no point is in sight where the next hour stops paying."
        )
    return _(
        "It may be that twice the hours bring twice the leads, so no point can be named where the next stops paying."
    )


def _not_enough(_refusal: Refusal) -> str:
    return _("The weeks do not say enough yet to draw a line.")


_REASONS: Mapping[str, Callable[[Refusal], str]] = {
    "few_weeks": _few_weeks,
    "no_return": _no_return,
    "same_hours": _same_hours,
    "wide_error": _wide_error,
    "not_below_one": _not_below_one,
}


def _remedy(line: ResponseLine, refusal: Refusal) -> str:
    """How many more weeks would do, or how far the hours would have to vary on purpose."""
    weeks = _weeks(refusal.weeks_more)
    varied = _variation(line, refusal.variation)
    if weeks and varied:
        return _("Enough would be %(weeks)s, or %(varied)s.") % {"weeks": weeks, "varied": varied}
    if weeks or varied:
        return _("Enough would be %(one)s.") % {"one": weeks or varied}
    if refusal.weeks_more is None:
        return ""
    return _("More weeks like these would not be enough in ten years.")


def _weeks(weeks: int | None) -> str:
    if weeks is None or weeks > MOST_WEEKS:
        return ""
    if weeks > WEEKS_AS_YEARS:
        return _("about %(years)s more years of weeks like these") % {"years": money.format_number(round(weeks / 52))}
    return ngettext("about %(weeks)s more week like these", "about %(weeks)s more weeks like these", weeks) % {
        "weeks": money.format_number(weeks)
    }


def _variation(line: ResponseLine, wanted: float | None) -> str:
    """Two kinds of weeks whose hours vary as much as is wanted: e^wanted times those of now, and as many times less.

    Half of the weeks at each make a standard deviation of the logarithm of exactly that.
    """
    if wanted is None or wanted > MOST_VARIATION or line.hours_now <= 0:
        return ""
    return _("as many weeks again, by turns of about %(few)s and about %(many)s") % {
        "few": hours(line.hours_now * math.exp(-wanted)),
        "many": hours(line.hours_now * math.exp(wanted)),
    }
