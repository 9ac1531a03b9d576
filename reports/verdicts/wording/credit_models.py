"""The credit models, each in a few words, for those who never heard of them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.agency import CreditModel
from core import money
from reports.statistics.results import Refusal

MARKOV, SHAPLEY = "markov", "shapley"

MODEL_NAMES = {
    **{model.value: model.label for model in CreditModel},
    MARKOV: gettext_lazy("Would be missed (Markov)"),
    SHAPLEY: gettext_lazy("Fair share (Shapley)"),
}
MODEL_MEANINGS = {
    CreditModel.FIRST.value: gettext_lazy("Where they first met the agency gets all of it."),
    CreditModel.LAST.value: gettext_lazy("Where they last met it gets all of it."),
    CreditModel.LINEAR.value: gettext_lazy("Every contact on the way gets the same."),
    CreditModel.POSITION.value: gettext_lazy("40 % to the first contact, 40 % to the last, the rest between them."),
    CreditModel.DECAY.value: gettext_lazy("The nearer to the sale, the more."),
    MARKOV: gettext_lazy("As much as would be lost if nobody had met it, seen from all leads, won or not."),
    SHAPLEY: gettext_lazy("What it adds to every mix of platforms, on average."),
}


def model_refusal(refusal: Refusal) -> str:
    """Why a model cannot be asked."""
    if refusal.reason in ("too_many_channels", "many_channels", "many_platforms"):
        return _("It can be worked out for up to %(needed)s platforms; there are %(found)s.") % {
            "needed": money.format_number(round(refusal.needed)),
            "found": money.format_number(round(refusal.found)),
        }
    return _("There are too few leads whose way through the platforms is known.")
