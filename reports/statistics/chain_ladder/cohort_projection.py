"""What each cohort has brought and will bring: by the chain ladder, or by Bornhuetter-Ferguson while it is young."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from reports.statistics.arrays import FloatArray, Numbers, floats
from reports.statistics.chain_ladder.bornhuetter import Bornhuetter, cape_cod
from reports.statistics.chain_ladder.intervals import counted_interval, lognormal_interval
from reports.statistics.chain_ladder.reliability import MAX_CV
from reports.statistics.chain_ladder.standard_errors import YOUNG_SHARE, ChainLadder, chain_ladder
from reports.statistics.chain_ladder.triangle import Triangle


class Method(StrEnum):
    CHAIN_LADDER = "chain_ladder"
    BORNHUETTER_FERGUSON = "bornhuetter_ferguson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What one cohort has brought and will bring, in money of the triangle's unit.

    ``low`` and ``high`` bound the ultimate with 80 %. ``breaks_even_at`` is the age at which the target is expected to
    be reached, None when it is not. ``cv`` is the standard error of the ultimate in parts of it.
    """

    cohort: str
    age: int
    share: float
    cost: float
    returned: float
    expected: float
    low: float
    high: float
    cv: float
    method: Method
    breaks_even_at: int | None

    @property
    def is_refused(self) -> bool:
        return not self.cv <= MAX_CV

    def per_unit(self, amount: float) -> float | None:
        """Return an amount per 1 of cost; None when nothing was spent."""
        return amount / self.cost if self.cost > 0 else None


def project(triangle: Triangle, cost: Numbers, *, target: float = 1.0, phi: float | None = None) -> list[Projection]:
    """Return what each cohort has brought and will bring, oldest first.

    ``cost`` is what each cohort cost, in the triangle's unit; ``target`` the return per 1 that counts as breaking
    even. Cohorts of which less than a fifth has come in take Bornhuetter-Ferguson with the Cape Cod prior, and so do
    those without any sale yet. With ``phi``, what a sale weighs, the intervals allow for money that comes in lumps.
    """
    costs = np.broadcast_to(floats(cost), triangle.latest.shape)
    ladder, capes = chain_ladder(triangle), cape_cod(triangle, costs)
    return [_projection(triangle, row, float(costs[row]), target, phi, ladder, capes) for row in range(len(costs))]


def _projection(
    triangle: Triangle,
    row: int,
    cost: float,
    target: float,
    phi: float | None,
    ladder: ChainLadder,
    capes: Bornhuetter,
) -> Projection:
    age, returned = int(triangle.latest_age[row]), float(triangle.latest[row])
    # The chain ladder multiplies what has come: of nothing it would make nothing, and be sure of it.
    is_young = not (ladder.share[age] >= YOUNG_SHARE and returned > 0)
    source = capes if is_young else ladder
    reserve, error = float(source.reserve[row]), float(source.standard_error[row])
    low, high = _interval(reserve, error, phi)
    whole = capes.prior[row] if is_young else ladder.ultimate[row]
    course = returned + whole * (ladder.share - ladder.share[age])
    return Projection(
        cohort=triangle.cohorts[row] if triangle.cohorts else str(row + 1),
        age=age,
        share=float(ladder.share[age]),
        cost=cost,
        returned=returned,
        expected=returned + reserve,
        low=returned + low,
        high=returned + high,
        cv=error / (returned + reserve) if returned + reserve > 0 else math.inf,
        method=Method.BORNHUETTER_FERGUSON if is_young else Method.CHAIN_LADDER,
        breaks_even_at=_first_age(np.where(triangle.known[row], triangle.cumulative[row], course), target * cost),
    )


def _interval(reserve: float, error: float, phi: float | None) -> tuple[float, float]:
    """The lognormal interval, and where money comes in lumps the wider of that and the counted one."""
    low, high = lognormal_interval(reserve, error)
    if phi is None:
        return low, high
    fewest, most = counted_interval(reserve, error, phi=phi)
    return min(low, fewest), max(high, most)


def _first_age(course: FloatArray, needed: float) -> int | None:
    reached = np.flatnonzero(course >= needed)
    return int(reached[0]) if len(reached) else None
