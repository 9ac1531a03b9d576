"""Bend the amounts of the sales until the figures tell the story. Pure: no database, no clock.

By the plain rule at the end of the last complete week: Facebook loses, LinkedIn and the newsletter earn, X / Twitter
falls below its target this very week, Pinterest is too young to judge. The evidence says the same of Facebook and
LinkedIn, and that of the newsletter and Pinterest too little is known. Only work that reaches new customers counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# Revenue per 1 of cost in the last window.
TARGETS: Mapping[str, float] = {
    "Facebook": 0.31,
    "X / Twitter": 0.96,
    "LinkedIn": 1.87,
    "Pinterest": 0.12,
    "Newsletter": 1.3,
    "Search": 1.3,
    "Events": 1.25,
}
# What earlier windows must at least have brought, so that nothing was flagged by chance.
FLOORS: Mapping[str, float] = {
    "X / Twitter": 1.04,
    "LinkedIn": 1.25,
    "Newsletter": 1.1,
    "Search": 1.12,
    "Events": 1.1,
}
ROUNDS = 2000
STEP_CENTS = 1000
LEAST_CENTS = 30_000


@dataclass(frozen=True)
class Flow:
    """What a sale or refund brings in one week: cents, and how they are shared among platforms in parts of 1.

    `week` counts back from the last complete week, which is 0. `source` names the sales that are scaled together.
    """

    source: str | None
    week: int
    cents: int
    parts: Mapping[str | None, float]


Costs = Callable[[str, int], float]  # cents of a platform in a week, counted back


def scales(flows: Sequence[Flow], cost: Costs, *, window: int) -> dict[str, float]:
    """Return by what to multiply the sales of each source so that the last window returns the targets.

    A journey over several platforms credits all of them, so that the factors depend on each other: they are found by
    the multiplicative steps of expectation maximisation, which keep them positive.
    """
    now = [flow for flow in flows if 0 <= flow.week < window]
    wanted = {platform: target * _sum(cost, platform, 0, window) for platform, target in TARGETS.items()}
    found = dict.fromkeys(TARGETS, 1.0)
    for _ in range(ROUNDS):
        brought = {platform: _credited(now, platform, found) for platform in TARGETS}
        short = {platform: wanted[platform] / brought[platform] if brought[platform] else 1.0 for platform in TARGETS}
        for source in found:
            found[source] *= _pull(now, source, short)
    return found


def top_ups(flows: Sequence[Flow], cost: Costs, *, window: int, earlier: int) -> list[tuple[str, int, int]]:
    """Return the sales (platform, week counted back, cents) that lift earlier windows to their floors.

    Each falls in the oldest week of its window, which no later window holds.
    """
    added: list[tuple[str, int, int]] = []
    for platform, floor in FLOORS.items():
        revenue = dict.fromkeys(range(window + earlier), 0.0)
        for flow in flows:
            if flow.week in revenue:
                revenue[flow.week] += flow.cents * flow.parts.get(platform, 0)
        for back in range(1, earlier + 1):
            short = floor * _sum(cost, platform, back, window) - sum(revenue[back + week] for week in range(window))
            oldest = back + window - 1
            if short > 0:
                cents = rounded(short)
                revenue[oldest] += cents
                added.append((platform, oldest, cents))
    return added


def rounded(cents: float) -> int:
    """An amount as offers have them: whole tens, and not too small."""
    return max(LEAST_CENTS, round(cents / STEP_CENTS) * STEP_CENTS)


def _sum(cost: Costs, platform: str, back: int, window: int) -> float:
    return sum(cost(platform, back + week) for week in range(window))


def _credited(flows: Sequence[Flow], platform: str, found: Mapping[str, float]) -> float:
    return sum(found.get(flow.source or "", 1.0) * flow.cents * flow.parts.get(platform, 0) for flow in flows)


def _pull(flows: Sequence[Flow], source: str, short: Mapping[str, float]) -> float:
    """The mean of what its platforms lack, by how much this source gives each."""
    mine = [flow for flow in flows if flow.source == source]
    given = {platform: sum(flow.cents * flow.parts.get(platform, 0) for flow in mine) for platform in short}
    whole = sum(given.values())
    return sum(given[platform] * short[platform] for platform in short) / whole if whole > 0 else 1.0
