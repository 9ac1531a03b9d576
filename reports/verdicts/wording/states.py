"""The states as words."""

from django.utils.translation import gettext_lazy

from reports.statistics.states import VerdictState

STATE_WORDS = {
    VerdictState.LOSING: gettext_lazy("Losing"),
    VerdictState.WATCH: gettext_lazy("Watch"),
    VerdictState.EARNING: gettext_lazy("Earning"),
    VerdictState.INSUFFICIENT: gettext_lazy("Too little to tell"),
    VerdictState.TOO_EARLY: gettext_lazy("Too early"),
    VerdictState.NO_DATA: gettext_lazy("No data"),
    VerdictState.NO_SALES: gettext_lazy("No sales recorded yet"),
}


def state_phrase(state: VerdictState) -> str:
    """The word as it stands within a sentence: `too early`."""
    word = str(STATE_WORDS[state])
    return word[:1].lower() + word[1:]
