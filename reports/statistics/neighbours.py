"""What a regression's residuals show of neighbouring periods. Plain, so that pages word it without numpy."""

from enum import StrEnum


class Neighbours(StrEnum):
    """What the residuals show of neighbouring periods."""

    ALIKE = "alike"
    ALTERNATING = "alternating"
    NO_SIGN = "no_sign"
