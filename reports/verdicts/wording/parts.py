"""Parts of the sentences about evidence. Pure: text out."""

import math
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from reports.figures.formatting import cash, range_for_each_unit
from reports.statistics.results import Assessment, WindowEstimate
from reports.statistics.states import VerdictState

# In usual sales: what should have come back by now, below which nothing is said (reports/statistics/posterior.py).
ENOUGH = 3
CENTS_THAT_SHOW = 50


def spent(assessment: Assessment) -> str:
    """What all work of the platform cost so far."""
    return _("%(spent)s spent so far.") % {"spent": cash(assessment.spent_cents)}


def still_flagged(assessment: Assessment) -> str:
    """Of a platform that cannot be judged now: that its flag stays for a while."""
    if assessment.judged != VerdictState.LOSING:
        return ""
    return _("It stays flagged as losing until more can be said, for eight weeks at most.")


def came(returned_cents: float) -> str:
    """What came back, as the end of a sentence."""
    if returned_cents <= -CENTS_THAT_SHOW:
        return _("more was refunded than came, by %(amount)s") % {"amount": cash(-returned_cents)}
    return (
        _("%(amount)s did") % {"amount": cash(returned_cents)}
        if returned_cents >= CENTS_THAT_SHOW
        else _("nothing did")
    )


def worth_in_sales(now: WindowEstimate) -> str:
    """How many usual sales the matured cost is worth, rounded down: 2.96 of 3 is not 3."""
    return money.format_number(Fraction(math.floor(now.amount * 10), 10), digits=1)


def up_to(step: int, value: float) -> int:
    """Return the value rounded up to whole steps."""
    return math.ceil(value / step) * step


def months(now: WindowEstimate) -> str:
    """The width of the window: `12 months`."""
    return ngettext("%(count)s month", "%(count)s months", now.months) % {"count": now.months}


def return_range(now: WindowEstimate) -> str:
    """What 1 brings back, with its bounds."""
    return range_for_each_unit(now.returned.low, now.returned.high)
