"""The attribution models: how each shares a conversion's value among the touches before it. Pure: no Django, no clock.

A new model is a function of a `Journey` and a line in `PATH_MODELS`. Labels, choices and columns follow from the line;
docs/recipes/add-an-attribution-model.md says what its migration must do.

Weights and shares are whole numbers, so credits always sum exactly to what was shared.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

# One lead or one sale, in the unit in which fractions of them are credited.
MILLION = 1_000_000

_DAY = timedelta(days=1)
# Decay is computed in floating point; 48 bits drop the last ones, in which machines may differ.
DECAY_BITS = 48


@dataclass(frozen=True, slots=True)
class JourneyTouch:
    """One contact at an instant (all in UTC, or all without a zone); ``id`` orders touches of the same instant.

    A direct touch has no platform.
    """

    at: datetime
    id: int
    platform: int | None = None
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """The touches that share one conversion, in the order of `eligible`, and what a model may weigh them by.

    ``lead_at`` is the moment at which the lead came in: touches after it led from the lead to the sale.
    ``half_life_days`` is positive.
    """

    touches: Sequence[JourneyTouch]
    lead_at: datetime
    half_life_days: float


@dataclass(frozen=True, slots=True)
class AttributionModel:
    """A rule that shares credit. ``name`` is how it is stored and how its columns end: ten letters at most.

    ``label`` and ``meaning`` are what pages call it and say of it, to be translated where they are shown.
    """

    name: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PathModel(AttributionModel):
    """A model that shares each conversion by its own journey: credits and rollups have columns of it."""

    weigh: Callable[[Journey], list[int]]

    def weights(self, journey: Journey) -> list[int]:
        """Return one relative weight per touch; none for no touches.

        Only proportions count: share a total with `share`.
        """
        return self.weigh(journey) if journey.touches else []


def eligible(
    touches: Sequence[JourneyTouch],
    *,
    conversion_at: datetime,
    lookback_days: int,
    after: datetime | None = None,
) -> list[JourneyTouch]:
    """Return, in order of time, the touches that may be credited with a conversion.

    They are not after it and at most ``lookback_days`` before it, both limits included. ``after`` begins
    a journey of its own: touches at or before that instant led to an earlier conversion.
    """
    oldest = conversion_at - lookback_days * _DAY
    counted = (
        touch for touch in touches if oldest <= touch.at <= conversion_at and (after is None or touch.at > after)
    )
    return sorted(counted, key=attrgetter("at", "id"))


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` in proportion to ``weights`` by largest remainder, so that the parts sum exactly to it.

    Equal remainders go to the earlier part. A negative total, a refund, is the mirror of the positive one.
    No weights give no parts; weights that are all zero raise ValueError.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be positive or zero, and not all zero")
    if total < 0:
        return [-part for part in share(-total, weights)]
    parts, remainders = _floors(total, weights, whole)
    left = total - sum(parts)
    # sorted() is stable, which gives equal remainders to the earlier touch.
    for index in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:left]:
        parts[index] += 1
    return parts


def _floors(total: int, weights: Sequence[int], whole: int) -> tuple[list[int], list[int]]:
    divided = [divmod(total * weight, whole) for weight in weights]
    return [quotient for quotient, _ in divided], [remainder for _, remainder in divided]


# -- the models -------------------------------------------------------------------------------------------------------


def _first(journey: Journey) -> list[int]:
    return [1] + [0] * (len(journey.touches) - 1)


def _last(journey: Journey) -> list[int]:
    return [0] * (len(journey.touches) - 1) + [1]


def _linear(journey: Journey) -> list[int]:
    return [1] * len(journey.touches)


def _position(journey: Journey) -> list[int]:
    """40 % to the first, 40 % to the last, 20 % over those between; two touches halve it."""
    between = len(journey.touches) - 2
    if between < 1:
        return [1] * len(journey.touches)
    return [2 * between] + [1] * between + [2 * between]


def _decay(journey: Journey) -> list[int]:
    """2^(-age in days / half-life).

    Age is counted from the newest touch and not from the conversion: the proportions are the same,
    and a journey that lies many half-lives back does not vanish.
    """
    if not journey.half_life_days > 0:
        raise ValueError("the half-life must be more than 0 days")
    newest = journey.touches[-1].at
    return [_half_lives_to_weight((newest - touch.at) / _DAY / journey.half_life_days) for touch in journey.touches]


def _half_lives_to_weight(half_lives: float) -> int:
    return round(math.ldexp(2.0**-half_lives, DECAY_BITS))


def gettext_noop(message: str) -> str:
    """Mark a text for `make messages`; Django's own would end the purity of this module."""
    return message


PATH_MODELS = (
    PathModel(
        "first", gettext_noop("First touch"), gettext_noop("Where they first met the agency gets all of it."), _first
    ),
    PathModel("last", gettext_noop("Last touch"), gettext_noop("Where they last met it gets all of it."), _last),
    PathModel("linear", gettext_noop("Linear"), gettext_noop("Every contact on the way gets the same."), _linear),
    PathModel(
        "position",
        gettext_noop("Position 40/20/40"),
        gettext_noop("40 % to the first contact, 40 % to the last, the rest between them."),
        _position,
    ),
    PathModel("decay", gettext_noop("Time decay"), gettext_noop("The nearer to the sale, the more."), _decay),
)
# Models that look at all journeys at once and share out the value of them all: nothing of them is stored row by row.
# `reports.statistics.data_driven_attribution` computes them.
DATA_DRIVEN_MODELS = (
    AttributionModel(
        "markov",
        gettext_noop("Would be missed (Markov)"),
        gettext_noop("As much as would be lost if nobody had met it, seen from all leads, won or not."),
    ),
    AttributionModel(
        "shapley",
        gettext_noop("Fair share (Shapley)"),
        gettext_noop("What it adds to every mix of platforms, on average."),
    ),
)
MODELS: tuple[AttributionModel, ...] = (*PATH_MODELS, *DATA_DRIVEN_MODELS)
DEFAULT_MODEL = "linear"
