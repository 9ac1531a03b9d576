"""Amounts, hours and chances as sentences write them."""

import math
from fractions import Fraction

from babel.numbers import get_currency_name
from django.utils.translation import gettext as _

from campaigns.attribution import MILLION
from core import money
from reports.figures.totals import Figures

# Nothing that is estimated is certain: beyond these, "more than" and "less than" are said.
SUREST, LEAST_SURE = 99, 1


def cash(cents: int | float | Fraction | None) -> str:
    return money.format_money(None if cents is None else Fraction(cents), digits=0)


def known_cost(figures: Figures) -> str:
    """The cost; with `≥` where hours without a rate are missing from it, a dash where none of it is known."""
    known = figures.known_cost_cents
    return f"≥{cash(known)}" if figures.unrated_minutes and known is not None else cash(known)


def hours(minutes: int | Fraction) -> str:
    """Minutes as whole hours: `96 h`."""
    return money.format_whole_hours(minutes)


def exact_hours(minutes: int) -> str:
    """Minutes as hours, with two decimals where they are not whole: `96 h`, `10.50 h`."""
    return _("%(hours)s h") % {"hours": money.format_number(Fraction(minutes, 60), digits=2 if minutes % 60 else 0)}


def credited_count(millionths: int) -> str:
    """Leads or sales: whole counts without decimals, shared ones with two."""
    return money.format_number(Fraction(millionths, MILLION), digits=2 if millionths % MILLION else 0)


def signed(value: Fraction | None, digits: int = 2) -> str:
    """A difference with its sign: `+0.11`, `−0.06`; no figure is a dash."""
    if value is None:
        return money.NO_FIGURE
    text = money.format_number(abs(value), digits=digits)
    if money.to_decimal(value, digits) == 0:
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def shows_a_part(millionths: int | None) -> bool:
    """Whether `count` shows a decimal: below ten, where it tells something from nothing."""
    return millionths is not None and millionths % MILLION != 0 and abs(millionths) < 10 * MILLION


def count(millionths: int | None) -> str:
    """Leads or sales, in millionths: whole, but with a decimal where they are few and shared."""
    if millionths is None:
        return money.NO_FIGURE
    return money.format_number(Fraction(millionths, MILLION), digits=1 if shows_a_part(millionths) else 0)


def per_unit(ratio: Fraction | float | None) -> str:
    return money.format_money(None if ratio is None else Fraction(ratio) * 100, digits=2)


def back_per_unit() -> str:
    """The name of a return: `Back per €1`."""
    return _("Back per %(unit)s") % {"unit": money.one_unit()}


def unit_name() -> str:
    """One of the agency's currency: `euro`."""
    return str(get_currency_name(money.currency(), count=1, locale=money.current_locale()))


def for_each_unit(returned: Fraction | float | None) -> str:
    """`1.04 € for each euro`, in the agency's currency."""
    return _("{amount} for each {unit}").format(amount=per_unit(returned), unit=unit_name())


def range_for_each_unit(low: float, high: float) -> str:
    """`1.40 € to 2.10 € for each euro`."""
    return _("{low} to {high} for each {unit}").format(low=per_unit(low), high=per_unit(high), unit=unit_name())


def in_100(probability: float) -> str:
    """A chance as `97 in 100`, rounded down so that no threshold seems to be reached that is not."""
    whole = math.floor(probability * 100)
    if whole < LEAST_SURE:
        return _("less than %(chance)s in 100") % {"chance": LEAST_SURE}
    if probability * 100 > SUREST:
        return _("more than %(chance)s in 100") % {"chance": SUREST}
    return _("%(chance)s in 100") % {"chance": whole}
