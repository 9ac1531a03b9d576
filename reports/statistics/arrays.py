"""What every module of the method takes and gives."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
# What numpy accepts as an array: numbers, nested sequences of them, arrays.
Numbers: TypeAlias = npt.ArrayLike


def floats(values: Any) -> FloatArray:
    """Return a new array of 64-bit floats; anything that is not a number raises ValueError or TypeError."""
    return np.array(values, dtype=np.float64)


def ratio(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Divide element by element, without a warning where it gives infinity or no number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: FloatArray = np.divide(upper, lower)
    return result
