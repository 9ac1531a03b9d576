"""How much the sales so far say about a platform, and the state that follows.

Sales come by chance: the number in a period is taken as Poisson with some extra spread, each worth something
different. Then the return R per 1 of matured cost, given the sales, is close to a gamma distribution (the conjugate
of the Poisson, with an exponential prior of mean 1 on R: Gelman et al., *Bayesian Data Analysis*, 3rd ed., 2.6). The
unit in which the sales count is phi, the variance of a sum of sales per unit of its mean (compound Poisson: Klugman,
Panjer and Willmot, *Loss Models*, 9.1).

Amounts are in any one unit, cents for instance; returns are per 1 of cost. Arrays broadcast, so that a simulation
asks the same functions as the application.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from reports.statistics.arrays import BoolArray, FloatArray, IntArray, Numbers, floats
from reports.statistics.chain_ladder import PERIODS_A_YEAR
from reports.statistics.states import UNJUDGED, VerdictState

# Months of work that are looked at: the next wider one while the evidence is thin.
WINDOW_MONTHS = (6, 12, 24)
# Matured cost in sales of the usual worth, below which nothing is said.
ENOUGH = 3.0
RAISE_LOSING, LEAVE_LOSING = 0.95, 0.80
RAISE_EARNING, LEAVE_EARNING = 0.90, 0.70
# Variance over mean of the number of sales a month, until there are enough months to tell.
USUAL_DISPERSION = 1.3
DISPERSION_MONTHS = 24
DISPERSION_SALES = 30


class Rule(StrEnum):
    """What a state rests on: the agency's own sales, its typical sale value, or the plain rule."""

    EVIDENCE = "evidence"
    TYPICAL_SALE = "typical_sale"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class WindowEvidence:
    """What one window of work says: ``returned`` is its net credited margin S, ``matured`` its cost x p(age), C*.

    ``phi`` is what one independent sale weighs. All three are in one unit of money; phi is positive.
    """

    returned: float
    matured: float
    phi: float
    months: int = 0

    @property
    def amount(self) -> float:
        """E = C* / phi: how many usual sales would have paid for the matured cost."""
        return self.matured / self.phi

    @property
    def is_enough(self) -> bool:
        return self.amount >= ENOUGH

    def p_below(self, target: float) -> float:
        """The probability that the true return is below the target."""
        return float(p_below(self.returned, self.matured, self.phi, target))

    def p_above(self, target: float) -> float:
        return 1.0 - self.p_below(target)

    def interval(self, *, level: float = 0.8) -> tuple[float, float]:
        """The bounds of the true return per 1, at that probability."""
        shape, rate = posterior(self.returned, self.matured, self.phi)
        low, high = special.gammaincinv(shape, np.array([(1 - level) / 2, (1 + level) / 2])) / rate
        return float(low), float(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEstimate:
    """A state and what it rests on. The probabilities are those of now; None under the plain rule or too early."""

    state: VerdictState
    rule: Rule
    p_below: float | None = None
    p_above: float | None = None


def periods_of(months: int) -> int:
    """Return how many months of four weeks a window of that many calendar months has: 6, 13 and 26."""
    return round(months * PERIODS_A_YEAR / 12)


def phi_of(values: Numbers, *, dispersion: float = USUAL_DISPERSION) -> float:
    """Return phi = sum v^2 / sum v + (D - 1) mean(v), in the unit of the sale values ``values``.

    The variance of a compound sum over its mean, for sales of values v whose number has variance D x mean. Refunded
    and free sales are for the caller to leave out: a value that is not positive raises ValueError, as does no sale.
    """
    sold = floats(values)
    if not sold.size or not (sold > 0).all():
        raise ValueError("phi needs at least one sale, and sales of a positive value")
    return float((sold**2).sum() / sold.sum() + (dispersion - 1) * sold.mean())


def dispersion_of(counts: Numbers) -> float:
    """Return variance / mean of the number of sales a month, at least 1; 1.3 until there are enough of both.

    Enough is 24 months and 30 sales. The sales should be those of all platforms: chance is the same for all of them.
    """
    by_month = floats(counts)
    if by_month.size < DISPERSION_MONTHS or by_month.sum() < DISPERSION_SALES:
        return USUAL_DISPERSION
    return max(1.0, float(by_month.var(ddof=1) / by_month.mean()))


def matured_cost(cost: Numbers, share: Numbers) -> FloatArray:
    """Return C* = sum of cost x p(age) over the last axis, the cohorts of a window, in the unit of cost."""
    result: FloatArray = np.sum(floats(cost) * floats(share), axis=-1)
    return result


def posterior(returned: Numbers, matured: Numbers, phi: Numbers) -> tuple[FloatArray, FloatArray]:
    """Return shape 1 + S/phi and rate 1 + E of the gamma distribution of the return per 1.

    More refunds than sales count as no sale: a shape below 1 would know more than no sale does.
    """
    weight = floats(phi)
    return 1.0 + np.maximum(floats(returned), 0.0) / weight, 1.0 + floats(matured) / weight


def p_below(returned: Numbers, matured: Numbers, phi: Numbers, target: Numbers) -> FloatArray:
    """Return P(R < target) for a target return per 1, with the sales as they are."""
    shape, rate = posterior(returned, matured, phi)
    result: FloatArray = special.gammainc(shape, rate * floats(target))
    return result


def narrowest_enough(windows: Sequence[WindowEvidence]) -> WindowEvidence:
    """Return the first window, narrowest first, with evidence enough; the widest when none has."""
    return next((window for window in windows if window.is_enough), windows[-1])


def next_states(previous: IntArray, below: FloatArray, below_before: FloatArray, enough: BoolArray) -> IntArray:
    """Return the states that follow, element by element.

    ``below`` and ``below_before`` are P(R < target) now and four weeks before, NaN when it is too early to say;
    ``previous`` are the states that ``last_judged`` keeps. States are given and returned as their codes. *Losing* is
    raised at .95 twice and left under .80, *earning* at .90 twice and left under .70.
    """
    stays_losing = (previous == VerdictState.LOSING.code) & (below >= LEAVE_LOSING)
    is_losing = stays_losing | ((below >= RAISE_LOSING) & (below_before >= RAISE_LOSING))
    stays_earning = (previous == VerdictState.EARNING.code) & (1 - below >= LEAVE_EARNING)
    is_earning = stays_earning | ((1 - below >= RAISE_EARNING) & (1 - below_before >= RAISE_EARNING))
    return np.select(
        [np.isnan(below), ~enough, is_losing, is_earning],
        [
            VerdictState.TOO_EARLY.code,
            VerdictState.INSUFFICIENT.code,
            VerdictState.LOSING.code,
            VerdictState.EARNING.code,
        ],
        VerdictState.WATCH.code,
    ).astype(np.int64)


def last_judged(previous: IntArray, states: IntArray) -> IntArray:
    """Return what to remember of the states: those of ``UNJUDGED`` judge nothing, the state before them goes on."""
    return np.where(np.isin(states, [state.code for state in UNJUDGED]), previous, states)


def estimate_state(
    now: WindowEvidence | None,
    before: WindowEvidence | None,
    *,
    target: float,
    previous: VerdictState = VerdictState.WATCH,
    rule: Rule = Rule.EVIDENCE,
) -> StateEstimate:
    """Return the state of a platform from the evidence now and four weeks before.

    None for evidence means too early to say. ``previous`` is the last state that was not *too early*: it holds a flag
    up while it is near the line.
    """
    if now is None:
        return StateEstimate(state=VerdictState.TOO_EARLY, rule=rule)
    below = now.p_below(target)
    below_before = before.p_below(target) if before is not None else np.nan
    state = next_states(np.array(previous.code), np.array(below), np.array(below_before), np.array(now.is_enough))
    return StateEstimate(state=VerdictState.from_code(int(state)), rule=rule, p_below=below, p_above=1 - below)


def estimate_plainly(*, cost: float, returned: float, target: float, minimum_cost: float) -> StateEstimate:
    """Return the state by the plain rule: what the hours cost against what came back, past a minimum cost.

    For an agency without any sale and without a typical sale value; amounts in one unit. Never *earning*: the plain
    rule knows nothing of chance, and is only to keep money from running out unseen.
    """
    if cost < minimum_cost or cost <= 0:
        return StateEstimate(state=VerdictState.INSUFFICIENT, rule=Rule.PLAIN)
    return StateEstimate(state=VerdictState.LOSING if returned < target * cost else VerdictState.WATCH, rule=Rule.PLAIN)
