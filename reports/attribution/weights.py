"""How a conversion's value is shared among the touches before it. Pure: no Django, no clock.

Weights and shares are whole numbers, so credits always sum exactly to what was shared.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

# One lead or one sale, in the unit in which fractions of them are credited.
MILLION = 1_000_000

_DAY = timedelta(days=1)
# Decay is computed in floating point; 48 bits drop the last ones, in which machines may differ.
_DECAY_BITS = 48


class Model(StrEnum):
    """The five attribution models; linear is the default."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    DECAY = "decay"


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact at an instant (all in UTC, or all without a zone); ``id`` orders touches of the same instant.

    A direct touch has no platform.
    """

    at: datetime
    id: int
    platform: int | None = None
    campaign: int | None = None


def eligible(
    touches: Sequence[Touch],
    *,
    conversion_at: datetime,
    lookback_days: int,
    after: datetime | None = None,
) -> list[Touch]:
    """Return, in order of time, the touches that may be credited with a conversion.

    They are not after it and at most ``lookback_days`` before it, both limits included. ``after`` begins
    a journey of its own: touches at or before that instant led to an earlier conversion.
    """
    oldest = conversion_at - lookback_days * _DAY
    counted = (
        touch for touch in touches if oldest <= touch.at <= conversion_at and (after is None or touch.at > after)
    )
    return sorted(counted, key=attrgetter("at", "id"))


def weights(model: Model, journey: Sequence[Touch], *, half_life_days: float) -> list[int]:
    """Return one relative weight per touch of a journey that ``eligible`` has ordered; none for no touches.

    Only proportions count: share a total with ``share``. Half-life is in days, positive, used by decay only.
    """
    if not journey:
        return []
    return _MODELS[model](journey, half_life_days)


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


def _first(journey: Sequence[Touch], _half_life_days: float) -> list[int]:
    return [1] + [0] * (len(journey) - 1)


def _last(journey: Sequence[Touch], _half_life_days: float) -> list[int]:
    return [0] * (len(journey) - 1) + [1]


def _linear(journey: Sequence[Touch], _half_life_days: float) -> list[int]:
    return [1] * len(journey)


def _position(journey: Sequence[Touch], _half_life_days: float) -> list[int]:
    """40 % to the first, 40 % to the last, 20 % over those between; two touches halve it."""
    between = len(journey) - 2
    if between < 1:
        return [1] * len(journey)
    return [2 * between] + [1] * between + [2 * between]


def _decay(journey: Sequence[Touch], half_life_days: float) -> list[int]:
    """2^(-age in days / half-life).

    Age is counted from the newest touch and not from the conversion: the proportions are the same,
    and a journey that lies many half-lives back does not vanish.
    """
    if not half_life_days > 0:
        raise ValueError("the half-life must be more than 0 days")
    newest = journey[-1].at
    return [_half_lives_to_weight((newest - touch.at) / _DAY / half_life_days) for touch in journey]


def _half_lives_to_weight(half_lives: float) -> int:
    return round(math.ldexp(2.0**-half_lives, _DECAY_BITS))


_MODELS: dict[Model, Callable[[Sequence[Touch], float], list[int]]] = {
    Model.FIRST: _first,
    Model.LAST: _last,
    Model.LINEAR: _linear,
    Model.POSITION: _position,
    Model.DECAY: _decay,
}
