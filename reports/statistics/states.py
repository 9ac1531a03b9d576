"""The states of a platform: what a verdict says of it, by the evidence or by the plain rule."""

from enum import StrEnum


class VerdictState(StrEnum):
    """The plain rule never says *insufficient* or *no sales*; the evidence rule never says *no data*.

    *No sales*: nobody recorded a sale yet, or said since when all of them are, so silence is no evidence.
    """

    LOSING = "losing"
    WATCH = "watch"
    EARNING = "earning"
    INSUFFICIENT = "insufficient"
    TOO_EARLY = "too_early"
    NO_DATA = "no_data"
    NO_SALES = "no_sales"

    @property
    def code(self) -> int:
        """The state as a number, so that arrays can hold it."""
        return _STATES.index(self)

    @classmethod
    def from_code(cls, code: int) -> "VerdictState":
        """Return the state of a number that an array holds."""
        return _STATES[code]


_STATES = tuple(VerdictState)
# What is no judgement: the state before it goes on, and no platform is called out by it.
UNJUDGED = (VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT, VerdictState.NO_SALES)
