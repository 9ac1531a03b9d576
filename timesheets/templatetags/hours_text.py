"""Hours as the reader writes them, and differences of money."""

from fractions import Fraction

from django import template

from campaigns import money
from timesheets.hours import written
from timesheets.models import User

register = template.Library()


@register.filter
def written_for(minutes: int, reader: User) -> str:
    """Minutes in the reader's notation; a dash for none."""
    return written(minutes, reader) if minutes else money.NO_FIGURE


@register.filter
def signed_cash(cents: "int | Fraction") -> str:
    """A difference: `+1,120 €`, or with a minus sign."""
    return f"{'+' if cents > 0 else ''}{money.format_money(cents, digits=0)}"
