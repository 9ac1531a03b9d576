"""What cohorts of work have brought so far, by cohort and age.

A triangle has one row per cohort (the month of the work), oldest first, and one column per age (0 is the month
itself, 1 the month after). Cells are money, in any one unit; a cell that lies in the future is not a number (NaN).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, IntArray, floats


@dataclass(frozen=True, slots=True)
class Triangle:
    """Money by cohort and age: ``cumulative`` has shape (cohorts, ages), NaN where nothing is known yet.

    Rows may have any length, and hold their known cells first. ``cohorts`` names the rows, oldest first.
    """

    cumulative: FloatArray
    cohorts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.cumulative.ndim != 2 or min(self.cumulative.shape) < 1:
            raise ValueError("a triangle has at least one cohort and one age")
        if np.isinf(self.cumulative).any():
            raise ValueError("the cells of a triangle are finite numbers or empty")
        if np.isnan(self.cumulative).all(axis=1).any():
            raise ValueError("every cohort of a triangle has at least one figure")
        if self.cohorts and len(self.cohorts) != len(self.cumulative):
            raise ValueError("a triangle names all of its cohorts or none")

    @classmethod
    def from_cumulative(cls, rows: Sequence[Sequence[float | None]], cohorts: Sequence[str] = ()) -> Self:
        """Build from rows in which each cell is the sum so far; None or a short row is what is not known yet."""
        return cls(_rectangle(rows), tuple(cohorts))

    @classmethod
    def from_incremental(cls, rows: Sequence[Sequence[float | None]], cohorts: Sequence[str] = ()) -> Self:
        """Build from rows in which each cell is what came at that age alone."""
        cells = _rectangle(rows)
        return cls(np.where(np.isnan(cells), np.nan, np.nancumsum(cells, axis=1)), tuple(cohorts))

    @property
    def known(self) -> BoolArray:
        return ~np.isnan(self.cumulative)

    @property
    def ages(self) -> int:
        return int(self.cumulative.shape[1])

    @property
    def incremental(self) -> FloatArray:
        """What came at each age alone, NaN where nothing is known yet."""
        return np.diff(np.where(self.known, self.cumulative, np.nan), axis=1, prepend=0.0)

    @property
    def latest_age(self) -> IntArray:
        """The age of each cohort's newest cell."""
        return latest_ages(self.cumulative)

    @property
    def latest(self) -> FloatArray:
        """What each cohort has brought so far."""
        return latest_of(self.cumulative)


def latest_ages(cumulative: FloatArray) -> IntArray:
    """Return the age of the newest known cell of each cohort: shape (..., cohorts)."""
    ages = cumulative.shape[-1]
    result: IntArray = ages - 1 - np.argmax(np.flip(~np.isnan(cumulative), axis=-1), axis=-1)
    return result


def latest_of(cumulative: FloatArray) -> FloatArray:
    """Return the newest known cell of each cohort: shape (..., cohorts)."""
    return np.take_along_axis(cumulative, latest_ages(cumulative)[..., None], axis=-1)[..., 0]


def steps(cumulative: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The cells before and after each step from an age to the next, 0 where a cohort has not made the step."""
    made = ~np.isnan(cumulative[..., 1:]) & ~np.isnan(cumulative[..., :-1])
    return np.where(made, cumulative[..., :-1], 0.0), np.where(made, cumulative[..., 1:], 0.0)


def _rectangle(rows: Sequence[Sequence[float | None]]) -> FloatArray:
    width = max((len(row) for row in rows), default=0)
    return floats([[*row, *[None] * (width - len(row))] for row in rows]).reshape(len(rows), width)
