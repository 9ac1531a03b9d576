"""The bounds of what is still to come, with a given probability."""

import math

from scipy import stats

LEVEL = 0.8


def lognormal_interval(reserve: float, standard_error: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the bounds of what is still to come, from a lognormal of that mean and standard error (Mack 1993, 1999).

    sigma^2 = ln(1 + (se/R)^2), mu = ln R - sigma^2 / 2. A reserve that is not positive has no logarithm: normal.
    """
    z = float(stats.norm.ppf((1 + level) / 2))
    if not reserve > 0:
        return reserve - z * standard_error, reserve + z * standard_error
    variance = math.log1p((standard_error / reserve) ** 2)
    middle = math.log(reserve) - variance / 2
    return math.exp(middle - z * math.sqrt(variance)), math.exp(middle + z * math.sqrt(variance))
