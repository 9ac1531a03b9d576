"""How much the sales so far say about a platform, and the state that follows.

Sales come by chance: their number is taken as Poisson with some extra spread, each worth something different. Then the
return R per 1 of cost that fell due, given the delay, is close to a gamma distribution (the conjugate of the Poisson:
Gelman et al., *Bayesian Data Analysis*, 3rd ed., 2.6), in which sales count in units of phi (`sale_value`). What is not
known, the delay, phi and which attribution model is right, is averaged over: the return is a mixture of gammas.

Before any sale the return is expected at the target. That expectation is firm while the sales have not taught how long
they take, and loosens as they do: all platforms are silent at first, and silence would else look like a verdict.

Old evidence fades: a sale by its own date, cost by the day it fell due. So that the weights change no amount of
evidence but what is old in it, they are scaled by sum w / sum w^2 over the cost that fell due.

Amounts are in any one unit, cents for instance; returns are per 1 of cost.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from reports.statistics.arrays import FloatArray, IntArray, ratio
from reports.statistics.delay import DelayPosterior
from reports.statistics.sale_value import SaleValue
from reports.statistics.states import UNJUDGED, VerdictState

# What should have come back by now, in usual sales, below which nothing is said.
ENOUGH = 3.0
RAISE_LOSING, LEAVE_LOSING = 0.95, 0.80
RAISE_EARNING, LEAVE_EARNING = 0.90, 0.70
# How many sales the expectation counts as, at the end and in addition while nothing is known of the delay.
PRIOR_SALES, UNTAUGHT_SALES = 1.0, 2.0
NEGLIGIBLE = 1e-6


class Rule(StrEnum):
    """What a state rests on: the agency's own sales, its usual sale while there are none; once, the plain rule."""

    EVIDENCE = "evidence"
    TYPICAL_SALE = "typical_sale"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class ReturnPosterior:
    """The return per 1 as a mixture of gamma distributions, arrays over its components.

    ``delay`` is the place of each component on the grid of delays.
    """

    shape: FloatArray
    rate: FloatArray
    weight: FloatArray
    delay: IntArray

    @property
    def mean(self) -> float:
        return float(self.weight @ (self.shape / self.rate))

    def p_below(self, target: float) -> float:
        """The probability that the true return is below this."""
        return float(self.weight @ special.gammainc(self.shape, self.rate * target))

    def interval(self, *, level: float = 0.8) -> tuple[float, float]:
        """The bounds of the true return per 1, at that probability."""
        low, high = (self._quantile((1 + side * level) / 2) for side in (-1, 1))
        return low, high

    def _quantile(self, probability: float) -> float:
        """Between the extremes of the components: the mixture's distribution function rises."""
        from scipy import optimize

        def above(value: float) -> float:
            return self.p_below(value) - probability

        each = special.gammaincinv(self.shape, probability) / self.rate
        low, high = float(each.min()), float(each.max())
        if above(low) >= 0 or above(high) <= 0:  # the components are one, or as good as one
            return (low + high) / 2
        return float(optimize.brentq(above, low, high, xtol=low * 1e-15, rtol=1e-15))


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEvidence:
    """One platform's cost that fell due, for each delay of the grid (G): by its weight, and by its weight squared.

    ``returned`` is what was credited, each sale by its weight.
    """

    weighed: FloatArray
    squared: FloatArray
    returned: float

    @property
    def scale(self) -> FloatArray:
        """sum w / sum w^2."""
        scale = ratio(self.weighed, self.squared)
        return np.where(np.isfinite(scale), scale, 1.0)

    @property
    def due(self) -> FloatArray:
        """The cost that fell due, as evidence of today."""
        result: FloatArray = self.scale * self.weighed
        return result


def return_posterior(
    evidence: DueEvidence, delay: DelayPosterior, value: SaleValue, *, target: float
) -> ReturnPosterior:
    """Return the posterior of the return per 1, over all delays and all weights of a sale."""
    phi, phi_weight = value.weights()
    weight = delay.weight[:, None] * phi_weight
    prior = PRIOR_SALES + UNTAUGHT_SALES * (1 - delay.taught)
    shape = prior + np.maximum(evidence.returned, 0.0) * evidence.scale[:, None] / phi
    rate = prior / target + evidence.due[:, None] / phi
    place = np.broadcast_to(np.arange(len(delay.weight))[:, None], weight.shape)
    kept = weight > NEGLIGIBLE
    return ReturnPosterior(shape[kept], rate[kept], weight[kept] / weight[kept].sum(), place[kept])


def averaged(posteriors: Iterable[ReturnPosterior]) -> ReturnPosterior:
    """Return the mixture of these in equal parts; one that is given several times is held once, with its weight."""
    parts = list(posteriors)
    times = Counter(map(id, parts))
    distinct = list({id(part): part for part in parts}.values())
    return ReturnPosterior(
        np.concatenate([part.shape for part in distinct]),
        np.concatenate([part.rate for part in distinct]),
        np.concatenate([part.weight * times[id(part)] for part in distinct]) / len(parts),
        np.concatenate([part.delay for part in distinct]),
    )


def next_state(previous: VerdictState, below: float, below_before: float | None) -> VerdictState:
    """Return the state of a platform with evidence enough.

    ``below`` and ``below_before`` are P(R < target) now and four weeks before, None when there was nothing to judge;
    ``previous`` is what ``last_judged`` keeps. *Losing* is raised at .95 twice and left under .80, *earning* at .90
    twice and left under .70; from one of them to the other a platform goes through *watch*.
    """
    if previous is VerdictState.LOSING:
        return VerdictState.LOSING if below >= LEAVE_LOSING else VerdictState.WATCH
    if previous is VerdictState.EARNING:
        return VerdictState.EARNING if 1 - below >= LEAVE_EARNING else VerdictState.WATCH
    if below_before is None:
        return VerdictState.WATCH
    if min(below, below_before) >= RAISE_LOSING:
        return VerdictState.LOSING
    return VerdictState.EARNING if min(1 - below, 1 - below_before) >= RAISE_EARNING else VerdictState.WATCH


def last_judged(previous: VerdictState, state: VerdictState) -> VerdictState:
    """Return what to remember: a state of ``UNJUDGED`` judges nothing, the one before it goes on."""
    return previous if state in UNJUDGED else state
