"""Many journeys at once: the models of `campaigns/attribution.py` on flat arrays, to the same whole numbers. Pure.

A model that has no arrays here is asked journey by journey, so that a new one needs none. Numbers are 64-bit: where a
product of an amount and a weight would be longer, its remainder is still exact (`_floors` says why).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from campaigns.attribution import DECAY_BITS, Journey, JourneyTouch, PathModel, share

IntArray = npt.NDArray[np.int64]

MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_A_DAY = timedelta(days=1) // MICROSECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Up to these, `_floors` is exact: an estimate is wrong by less than 2, and twice the weights of a journey fit 63 bits.
LARGEST_TOTAL = 1 << 50
LARGEST_WHOLE = 1 << 61


@dataclass(frozen=True)
class Journeys:
    """The touches of many journeys one after the other, in the order of `eligible`; no journey is empty.

    ``starts`` tells where each journey begins. Instants are in microseconds since 1970; no platform or campaign is 0.
    """

    starts: IntArray
    half_life_days: float
    lead_at: IntArray
    at: IntArray
    id: IntArray
    platform: IntArray
    campaign: IntArray

    @cached_property
    def sizes(self) -> IntArray:
        """How many touches each journey has."""
        return np.diff(self.starts, append=len(self.at))

    @cached_property
    def size(self) -> IntArray:
        """For each touch, how many its journey has."""
        return np.repeat(self.sizes, self.sizes)

    @cached_property
    def place(self) -> IntArray:
        """For each touch, how many come before it."""
        return np.arange(len(self.at)) - np.repeat(self.starts, self.sizes)

    def one_by_one(self) -> Iterator[Journey]:
        for start, end in pairwise([*self.starts.tolist(), len(self.at)]):
            rows = (column[start:end].tolist() for column in (self.at, self.id, self.platform, self.campaign))
            touches = [
                JourneyTouch(_instant(at), pk, platform or None, campaign or None)
                for at, pk, platform, campaign in zip(*rows, strict=True)
            ]
            yield Journey(touches, lead_at=_instant(int(self.lead_at[start])), half_life_days=self.half_life_days)


def _instant(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def shares(model: PathModel, journeys: Journeys, *totals: IntArray) -> list[IntArray]:
    """Share totals, one for each journey, as `campaigns.attribution.share` does by the weights of this model."""
    if weigh := WEIGHTS.get(model.name):
        weights = weigh(journeys)
        whole = np.add.reduceat(weights, journeys.starts)
        if all(_fits(total, whole) for total in totals):
            return [_share(total, weights, whole, journeys) for total in totals]
    by_journey = [model.weights(journey) for journey in journeys.one_by_one()]
    return [_share_one_by_one(total, by_journey) for total in totals]


def _fits(total: IntArray, whole: IntArray) -> bool:
    """Whether `_floors` is exact for these."""
    is_small = (total >= -LARGEST_TOTAL) & (total <= LARGEST_TOTAL)
    return bool(is_small.all() and (whole <= LARGEST_WHOLE).all())


def _share_one_by_one(totals: IntArray, weights: list[list[int]]) -> IntArray:
    parts = (part for total, each in zip(totals.tolist(), weights, strict=True) for part in share(total, each))
    return np.fromiter(parts, dtype=np.int64)


def _share(total: IntArray, weights: IntArray, whole: IntArray, journeys: Journeys) -> IntArray:
    """By largest remainder, equal remainders to the earlier touch; a negative total mirrors the positive one."""
    sizes = journeys.sizes
    parts, remainders = _floors(np.repeat(np.abs(total), sizes), weights, np.repeat(whole, sizes))
    left = np.repeat(np.abs(total) - np.add.reduceat(parts, journeys.starts), sizes)
    unfinished = np.flatnonzero(left)
    journey = np.repeat(np.arange(len(sizes)), sizes)[unfinished]
    order = np.lexsort((-remainders[unfinished], journey))  # stable
    # Sorted or not, a journey has the same places, so that its places are the ranks of its sorted touches.
    parts[unfinished[order[journeys.place[unfinished] < left[unfinished]]]] += 1
    signed: IntArray = parts * np.repeat(np.sign(total), sizes)
    return signed


def _floors(total: IntArray, weights: IntArray, whole: IntArray) -> tuple[IntArray, IntArray]:
    """total * weight divided by the whole: what is whole of it, and the remainder.

    The product may have more than 64 bits. The quotient is estimated in floating point and is wrong by less than 2, so
    the remainder that belongs to the estimate is less than twice the whole away from the right one: it fits 64 bits,
    and arithmetic modulo 2^64 brings it out exactly whatever was cut off on the way. It then corrects the estimate.
    """
    parts = (total.astype(np.float64) * weights / whole).astype(np.int64)
    remainders = total * weights - parts * whole
    wrong_by = remainders // whole
    return parts + wrong_by, remainders - wrong_by * whole


# -- the models -------------------------------------------------------------------------------------------------------


def _first(journeys: Journeys) -> IntArray:
    weights: IntArray = (journeys.place == 0).astype(np.int64)
    return weights


def _last(journeys: Journeys) -> IntArray:
    weights: IntArray = (journeys.place == journeys.size - 1).astype(np.int64)
    return weights


def _linear(journeys: Journeys) -> IntArray:
    return np.ones_like(journeys.at)


def _position(journeys: Journeys) -> IntArray:
    between = journeys.size - 2
    is_end = (journeys.place == 0) | (journeys.place == journeys.size - 1)
    return np.where((between < 1) | ~is_end, 1, 2 * between)


def _decay(journeys: Journeys) -> IntArray:
    if not journeys.half_life_days > 0:
        raise ValueError("the half-life must be more than 0 days")
    newest = np.repeat(journeys.at[journeys.starts + journeys.sizes - 1], journeys.sizes)
    half_lives = (newest - journeys.at) / MICROSECONDS_A_DAY / journeys.half_life_days
    # Python's power and not numpy's, whose last bit may be another one.
    powers = np.array([2.0**-number for number in half_lives.tolist()])
    weights: IntArray = np.rint(np.ldexp(powers, DECAY_BITS)).astype(np.int64)
    return weights


WEIGHTS: dict[str, Callable[[Journeys], IntArray]] = {
    "first": _first,
    "last": _last,
    "linear": _linear,
    "position": _position,
    "decay": _decay,
}
