"""The states as words."""

from django.utils.translation import gettext_lazy

from reports.verdicts.plain_rule import State

STATE_WORDS = {
    State.LOSING: gettext_lazy("Losing"),
    State.WATCH: gettext_lazy("Watch"),
    State.EARNING: gettext_lazy("Earning"),
    State.INSUFFICIENT: gettext_lazy("Too little to tell"),
    State.TOO_EARLY: gettext_lazy("Too early"),
    State.NO_DATA: gettext_lazy("No data"),
}


def state_phrase(state: State) -> str:
    """The word as it stands within a sentence: `too early`."""
    word = str(STATE_WORDS[state])
    return word[:1].lower() + word[1:]
