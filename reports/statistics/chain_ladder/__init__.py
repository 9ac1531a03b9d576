"""Chain ladder, Mack's errors, Bornhuetter-Ferguson: for `manage.py triangle`; no verdict uses them."""

from reports.statistics.chain_ladder.bornhuetter import Bornhuetter, bornhuetter_ferguson, cape_cod
from reports.statistics.chain_ladder.intervals import LEVEL, lognormal_interval
from reports.statistics.chain_ladder.pattern import (
    development_factors,
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
from reports.statistics.chain_ladder.standard_errors import ChainLadder, chain_ladder, grown_cv, mack
from reports.statistics.chain_ladder.triangle import Triangle

__all__ = [
    "LEVEL",
    "MAX_CV",
    "MAX_LATE_SHARE",
    "MIN_COHORTS",
    "MIN_SALES",
    "SILENT_SALES",
    "Bornhuetter",
    "ChainLadder",
    "Triangle",
    "TriangleReason",
    "TriangleRefusal",
    "bornhuetter_ferguson",
    "cape_cod",
    "chain_ladder",
    "development_factors",
    "grown_cv",
    "late_shares",
    "lognormal_interval",
    "mack",
    "refusals",
    "shares",
]
