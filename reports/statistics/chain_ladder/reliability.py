"""Why a triangle should not be relied on, when it should not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from reports.statistics.arrays import ratio
from reports.statistics.chain_ladder.pattern import late_shares, shares
from reports.statistics.chain_ladder.standard_errors import grown_cv
from reports.statistics.chain_ladder.triangle import Triangle, steps

MIN_COHORTS = 6
MIN_SALES = 30
MAX_CV = 0.5
# What the last quarter of the ages may still bring: with more, the end of the data is not the end of the returns, p
# is too high, and work that is still to pay is condemned. Simulated: the part of platforms that return 1.50 and are
# flagged falls from 4 % to 1 %.
MAX_LATE_SHARE = 0.2
# So many sales should have come in a stretch of months that shows none: chance alone does it 7 times in 1,000.
SILENT_SALES = 5.0
# One silent month may be a holiday.
SILENT_MONTHS = 2
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class TriangleReason(StrEnum):
    FEW_COHORTS = "few_cohorts"
    FEW_SALES = "few_sales"
    EMPTY_COLUMN = "empty_column"
    WIDE_ERROR = "wide_error"
    OPEN_END = "open_end"
    CALENDAR_BREAK = "calendar_break"


@dataclass(frozen=True, slots=True)
class TriangleRefusal:
    """Why the method will not answer: what it found, what it would need, and where (ages or cohorts)."""

    reason: TriangleReason
    found: float
    needed: float
    where: tuple[str, ...] = ()


def refusals(triangle: Triangle, *, sales: int | None = None) -> list[TriangleRefusal]:
    """Return why the triangle should not be relied on; nothing when it may be.

    ``sales`` is the number of sales in it; None when it does not hold sales. The thresholds are this module's.
    """
    found = [_few_cohorts(triangle), _few_sales(sales), _empty_column(triangle), _calendar_break(triangle, sales)]
    if all(refusal is None or refusal.reason is not TriangleReason.EMPTY_COLUMN for refusal in found):
        found += [_wide_error(triangle), _open_end(triangle)]
    return [refusal for refusal in found if refusal is not None]


def _few_cohorts(triangle: Triangle) -> TriangleRefusal | None:
    found = len(triangle.cumulative)
    return TriangleRefusal(TriangleReason.FEW_COHORTS, found, MIN_COHORTS) if found < MIN_COHORTS else None


def _few_sales(sales: int | None) -> TriangleRefusal | None:
    if sales is None or sales >= MIN_SALES:
        return None
    return TriangleRefusal(TriangleReason.FEW_SALES, sales, MIN_SALES)


def _empty_column(triangle: Triangle) -> TriangleRefusal | None:
    before, _ = steps(triangle.cumulative)
    empty = np.flatnonzero(before.sum(axis=0) <= 0)
    return TriangleRefusal(TriangleReason.EMPTY_COLUMN, len(empty), 0, tuple(map(str, empty))) if len(empty) else None


def _wide_error(triangle: Triangle) -> TriangleRefusal | None:
    found = float(grown_cv(triangle.cumulative))
    return None if found <= MAX_CV else TriangleRefusal(TriangleReason.WIDE_ERROR, found, MAX_CV)


def _open_end(triangle: Triangle) -> TriangleRefusal | None:
    found = float(late_shares(shares(triangle.cumulative)))
    return None if found <= MAX_LATE_SHARE else TriangleRefusal(TriangleReason.OPEN_END, found, MAX_LATE_SHARE)


def _calendar_break(triangle: Triangle, sales: int | None) -> TriangleRefusal | None:
    """A cohort is missing, a row starts late, or months that should have brought sales brought none to anyone."""
    missing = _missing_cohorts(triangle.cohorts) + _late_starts(triangle)
    if missing:
        return TriangleRefusal(TriangleReason.CALENDAR_BREAK, len(missing), 0, missing)
    silent = _silent_sales(triangle, sales)
    return None if silent < SILENT_SALES else TriangleRefusal(TriangleReason.CALENDAR_BREAK, silent, SILENT_SALES)


def _missing_cohorts(cohorts: tuple[str, ...]) -> tuple[str, ...]:
    """The cohorts after a gap, when all are named by month, 2026-01."""
    months = [_MONTH.fullmatch(name) for name in cohorts]
    if not all(months):
        return ()
    numbers = [int(month[1]) * 12 + int(month[2]) for month in months if month]
    return tuple(cohorts[row] for row in range(1, len(cohorts)) if numbers[row] != numbers[row - 1] + 1)


def _late_starts(triangle: Triangle) -> tuple[str, ...]:
    """The cohorts with an unknown cell before a known one."""
    late = np.flatnonzero(triangle.known.sum(axis=1) <= triangle.latest_age)
    return tuple(triangle.cohorts[row] if triangle.cohorts else str(row + 1) for row in late)


def _silent_sales(triangle: Triangle, sales: int | None) -> float:
    """How many sales, at most, a stretch of silent months should have brought by what the other months did.

    A month is a diagonal: cohort + age. Without a number of sales nothing is said.
    """
    cells, total = triangle.incremental, float(triangle.latest.sum())
    if not sales or total <= 0:
        return 0.0
    month = np.add.outer(np.arange(len(cells)), np.arange(triangle.ages))
    heard = [bool(np.nan_to_num(cells[month == each]).any()) for each in range(int(month[triangle.known].max()) + 1)]
    loud = triangle.known & np.isin(month, np.flatnonzero(heard))
    usual = ratio(np.where(loud, cells, 0.0).sum(axis=0), loud.sum(axis=0).astype(np.float64))
    expected = np.where(triangle.known & ~loud, np.nan_to_num(usual), 0.0) * sales / total
    return max((float(expected[np.isin(month, run)].sum()) for run in _silent_runs(heard)), default=0.0)


def _silent_runs(heard: Sequence[bool]) -> list[list[int]]:
    """The stretches of silent months that are too long for a holiday."""
    runs: list[list[int]] = [[]]
    for month, is_heard in enumerate(heard):
        if is_heard:
            runs.append([])
        else:
            runs[-1].append(month)
    return [run for run in runs if len(run) >= SILENT_MONTHS]
