"""How long returns take, as sentences. Pure: a `ReturnLag` in, text out."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from core.templatetags.retour import percent
from reports.statistics.results import Range, ReturnLag

# The ages that are spoken of, in months.
TOLD_AGES = (6, 12)


def told_ages(delay: ReturnLag) -> list[int]:
    """The ages worth a word: 6 and 12 months where that says something, else the one by which half is in."""
    worth = [age for age in TOLD_AGES if age < len(delay.share) and 0.025 <= delay.share[age] < 0.975]
    return worth or [next((age for age, share in enumerate(delay.share) if share >= 0.5), len(delay.share) - 1)]


def sentence(delay: ReturnLag) -> str:
    """`After 6 months about 45 % of what work brings is in, after 12 months about 85 %.`"""
    first, *later = told_ages(delay)
    if first == 0:
        return _("Within the month of the work %(share)s of what it brings is in.") % {"share": about(delay.share[0])}
    said = ngettext(
        "After %(months)s month %(share)s of what work brings is in",
        "After %(months)s months %(share)s of what work brings is in",
        first,
    ) % {"months": first, "share": about(delay.share[first])}
    for age in later:
        said += _(", after %(months)s months %(share)s") % {"months": age, "share": about(delay.share[age])}
    return _("%(sentence)s.") % {"sentence": said}


def about(share: float) -> str:
    """`about 45 %`: rounded to five in a hundred, since nobody knows better."""
    if share < 0.025:
        return _("next to nothing")
    if share >= 0.975:
        return _("nearly all")
    return _("about %(share)s") % {"share": percent(Fraction(round(share * 20), 20))}


def source(delay: ReturnLag, platform: str) -> str:
    """Whose sales the pace was seen in."""
    sales = {"sales": money.format_number(delay.sales), "platform": platform}
    if delay.source == "own":
        return (
            ngettext(
                "Seen in %(sales)s sale of %(platform)s itself.",
                "Seen in %(sales)s sales of %(platform)s itself.",
                delay.sales,
            )
            % sales
        )
    if delay.source == "agency" and delay.half_months is not None:
        return (
            ngettext(
                "Seen in %(sales)s sale of all platforms, beside the usual delay of the settings.",
                "Seen in %(sales)s sales of all platforms, beside the usual delay of the settings.",
                delay.sales,
            )
            % sales
        )
    if delay.source == "agency":
        return (
            ngettext(
                "Seen in %(sales)s sale of all platforms together: those of %(platform)s alone do not show it yet.",
                "Seen in %(sales)s sales of all platforms together: those of %(platform)s alone do not show it yet.",
                delay.sales,
            )
            % sales
        )
    if delay.half_months is not None:
        return _("From the settings: there is no sale yet to see it by.")
    return _("Your own guess, from the settings: there are too few sales to see it.")


def half(delay: ReturnLag) -> str:
    """`Half of it is in after about 8 months, between 5 and 12.`"""
    if delay.half_months is None:
        return ""
    middle, low, high = (money.format_number(round(months)) for months in _months(delay.half_months))
    if low == high:
        return _("Half of it is in after about %(middle)s months.") % {"middle": middle}
    return _("Half of it is in after about %(middle)s months: four times in five, between %(low)s and %(high)s.") % {
        "middle": middle,
        "low": low,
        "high": high,
    }


def _months(half: Range) -> tuple[float, float, float]:
    return half.value, half.low, half.high
