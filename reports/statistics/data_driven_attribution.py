"""Two models that let the data share the credit: Markov removal effects and Shapley values.

A path is the order in which leads met the platforms; it comes with how many of them were won (``conversions``), what
the won ones were worth (``value``) and how many were lost (``nulls``).

Sources: Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey: lessons learned from graph-based
online attribution modeling", International Journal of Research in Marketing 33 (2016); Kemeny and Snell, *Finite
Markov Chains*, 3.3 (absorption in closed form); Shapley, "A value for n-person games" (1953); Zhao, Mahboobi and
Bagheri, "Shapley value methods for attribution modeling in online advertising" (2018).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reports.statistics.arrays import FloatArray

SEPARATOR = ">"
# Exact Shapley values ask every set of channels: 4,096 of them for 12.
MAX_SHAPLEY = 12


@dataclass(frozen=True, slots=True)
class ChannelPath:
    """One order of steps and what became of the leads that took it; counts and value are not negative."""

    steps: tuple[str, ...]
    conversions: float
    value: float = 0.0
    nulls: float = 0.0

    def __post_init__(self) -> None:
        if not self.steps or not all(self.steps):
            raise ValueError("a path has at least one step, and no step without a name")
        amounts = (self.conversions, self.value, self.nulls)
        if not all(math.isfinite(amount) and amount >= 0 for amount in amounts):
            raise ValueError("conversions, value and nulls are numbers, and not negative")
        if self.value and not self.conversions:
            raise ValueError("a path that nobody was won on has no value")


@dataclass(frozen=True, slots=True)
class ChannelCredit:
    """What one channel is given: its removal effect (Markov only), conversions, and value in the unit of the paths."""

    conversions: float
    value: float
    removal_effect: float | None = None
    removal_effect_value: float | None = None


class TooManyChannels(ValueError):
    """More channels than exact Shapley values can be computed for."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """An absorbing chain: moves between channels (n x n), from the start (n), and to the end from each channel (n).

    ``reward`` is what is expected on leaving each channel for the end: the chance of a sale, or its worth.
    """

    moves: FloatArray
    start: FloatArray
    reward: FloatArray

    def worth(self, removed: int | None = None) -> float:
        """What one journey is expected to end with: s (I - Q)^-1 r; those that reach the removed channel are lost."""
        keep = np.arange(len(self.start)) != (-1 if removed is None else removed)
        moves = self.moves[np.ix_(keep, keep)]
        return float(self.start[keep] @ np.linalg.solve(np.eye(len(moves)) - moves, self.reward[keep]))


def split_path(text: str) -> tuple[str, ...]:
    """Return the steps of a path as it is written, ``a > b > c``; spaces around a step do not count."""
    return tuple(step.strip() for step in text.split(SEPARATOR))


def channels_of(paths: Iterable[ChannelPath]) -> list[str]:
    """Return the channels in the order in which they first appear."""
    return list(dict.fromkeys(step for path in paths for step in path.steps))


def markov(paths: Sequence[ChannelPath]) -> dict[str, ChannelCredit]:
    """Return the credit of each channel by its removal effect in a Markov chain of order 1, lost paths included.

    The effect of removing a channel is the part of all conversions that would be lost if every journey ended where it
    meets the channel: 1 - P(conversion without it) / P(conversion). Conversions are shared in proportion to the
    effects; value likewise, by its own effects, in which each ending is worth its mean. Nothing won gives no credit.
    """
    channels = channels_of(paths)
    conversions, value = sum(path.conversions for path in paths), sum(path.value for path in paths)
    by_count = _removal_effects(_chain(paths, channels, lambda path: path.conversions))
    by_value = _removal_effects(_chain(paths, channels, lambda path: path.value))
    shares = zip(channels, by_count, by_value, strict=True)
    return {
        channel: ChannelCredit(
            conversions=_part(conversions, effect, by_count),
            value=_part(value, effect_value, by_value),
            removal_effect=effect,
            removal_effect_value=effect_value,
        )
        for channel, effect, effect_value in shares
    }


def shapley(paths: Sequence[ChannelPath]) -> dict[str, ChannelCredit]:
    """Return the Shapley value of each channel: its mean contribution over all orders in which channels may join.

    A set of channels is worth the conversions (the value) of the leads that met no other channel (Zhao et al.).
    Raises TooManyChannels above 12.
    """
    channels = channels_of(paths)
    by_count = shapley_values(len(channels), _worths(paths, channels, lambda path: path.conversions))
    by_value = shapley_values(len(channels), _worths(paths, channels, lambda path: path.value))
    return {
        channel: ChannelCredit(conversions=count, value=value)
        for channel, count, value in zip(channels, by_count, by_value, strict=True)
    }


# By the names that `campaigns.attribution.DATA_DRIVEN_MODELS` gives them.
MODELS: Mapping[str, Callable[[Sequence[ChannelPath]], dict[str, ChannelCredit]]] = {
    "markov": markov,
    "shapley": shapley,
}


def shapley_values(players: int, worths: FloatArray) -> list[float]:
    """Return the Shapley value of each player, exactly, from the worth of every set of players.

    ``worths`` has 2^players values; bit i of an index tells whether player i is in the set, and the empty set comes
    first. phi_i = sum over sets S without i of |S|! (n-|S|-1)! / n! (v(S and i) - v(S)).
    """
    if players > MAX_SHAPLEY:
        raise TooManyChannels(f"{players} channels: exact Shapley values are computed for at most {MAX_SHAPLEY}")
    sets = np.arange(1 << players)
    sizes = np.array([index.bit_count() for index in range(1 << players)])
    weight = np.array([1 / (players * math.comb(players - 1, size)) for size in range(players)])
    values = []
    for player in range(players):
        without = sets[(sets >> player) & 1 == 0]
        gained = worths[without | (1 << player)] - worths[without]
        values.append(float(weight[sizes[without]] @ gained))
    return values


def _chain(paths: Sequence[ChannelPath], channels: Sequence[str], outcome: Callable[[ChannelPath], float]) -> _Chain:
    """Count the moves of all leads and turn them into probabilities.

    A path counts as often as leads took it, won or lost, whatever the outcome asked for.
    """
    index = {channel: position for position, channel in enumerate(channels)}
    moves, start, reward = (np.zeros(shape) for shape in ((len(index), len(index)), len(index), len(index)))
    ends = np.zeros(len(index))
    for path in paths:
        leads, steps = path.conversions + path.nulls, [index[step] for step in path.steps]
        start[steps[0]] += leads
        for here, there in pairwise(steps):
            moves[here, there] += leads
        ends[steps[-1]] += leads
        reward[steps[-1]] += outcome(path)
    leaving = _divisor(moves.sum(axis=1) + ends)
    return _Chain(moves / leaving[:, None], start / _divisor(start.sum()), reward / leaving)


def _divisor(counts: FloatArray) -> FloatArray:
    """1 instead of 0: a channel that no lead met, in a path without any, leads nowhere."""
    return np.where(counts > 0, counts, 1.0)


def _removal_effects(chain: _Chain) -> list[float]:
    whole = chain.worth()
    if whole <= 0:
        return [0.0] * len(chain.start)
    return [1 - chain.worth(removed=channel) / whole for channel in range(len(chain.start))]


def _part(total: float, effect: float, effects: Sequence[float]) -> float:
    whole = sum(effects)
    return total * effect / whole if whole > 0 else 0.0


def _worths(
    paths: Sequence[ChannelPath], channels: Sequence[str], outcome: Callable[[ChannelPath], float]
) -> FloatArray:
    """The worth of every set of channels: the outcomes of the paths that stay inside it."""
    if len(channels) > MAX_SHAPLEY:
        raise TooManyChannels(f"{len(channels)} channels: exact Shapley values are computed for at most {MAX_SHAPLEY}")
    bits: Mapping[str, int] = {channel: 1 << position for position, channel in enumerate(channels)}
    worths = np.zeros(1 << len(channels))
    for path in paths:
        worths[sum(bits[step] for step in set(path.steps))] += outcome(path)
    # Sum over subsets, one channel at a time.
    for bit in bits.values():
        inside = np.flatnonzero(np.arange(len(worths)) & bit)
        worths[inside] += worths[inside ^ bit]
    return worths
