"""How long returns take: what cohorts of work have brought so far, and what is still to come."""

from reports.statistics.chain_ladder.bornhuetter import Bornhuetter, bornhuetter_ferguson, cape_cod
from reports.statistics.chain_ladder.cohort_projection import Method, Projection, project
from reports.statistics.chain_ladder.intervals import LEVEL, counted_interval, lognormal_interval
from reports.statistics.chain_ladder.pattern import (
    PERIODS_A_YEAR,
    development_factors,
    guessed_shares,
    late_shares,
    shares,
)
from reports.statistics.chain_ladder.reliability import (
    MAX_CV,
    MAX_LATE_SHARE,
    MIN_COHORTS,
    MIN_SALES,
    SILENT_SALES,
    TriangleReason,
    TriangleRefusal,
    refusals,
)
from reports.statistics.chain_ladder.standard_errors import YOUNG_SHARE, ChainLadder, chain_ladder, grown_cv, mack
from reports.statistics.chain_ladder.triangle import Triangle, from_first_return, pooled

__all__ = [
    "LEVEL",
    "MAX_CV",
    "MAX_LATE_SHARE",
    "MIN_COHORTS",
    "MIN_SALES",
    "PERIODS_A_YEAR",
    "SILENT_SALES",
    "YOUNG_SHARE",
    "Bornhuetter",
    "ChainLadder",
    "Method",
    "Projection",
    "Triangle",
    "TriangleReason",
    "TriangleRefusal",
    "bornhuetter_ferguson",
    "cape_cod",
    "chain_ladder",
    "counted_interval",
    "development_factors",
    "from_first_return",
    "grown_cv",
    "guessed_shares",
    "late_shares",
    "lognormal_interval",
    "mack",
    "pooled",
    "project",
    "refusals",
    "shares",
]
