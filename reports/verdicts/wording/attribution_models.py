"""Why an attribution model has no answer, in words."""

from django.utils.translation import gettext as _

from core import money
from reports.statistics.results import Refusal


def model_refusal(refusal: Refusal) -> str:
    """Why a model cannot be asked."""
    if refusal.reason in ("too_many_channels", "many_channels", "many_platforms"):
        return _("It can be worked out for up to %(needed)s platforms; there are %(found)s.") % {
            "needed": money.format_number(round(refusal.needed)),
            "found": money.format_number(round(refusal.found)),
        }
    return _("There are too few leads whose way through the platforms is known.")
