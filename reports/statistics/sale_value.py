"""What a sale is worth, and what one weighs as evidence.

A sum of sales that come by chance has the variance phi x its mean: phi = E[v^2] / E[v] + (D - 1) E[v] for sales worth v
whose number has variance D x mean (compound sums: Klugman, Panjer and Willmot, *Loss Models*, 9.1). A few sales tell
phi badly: the first one alone gives less than half of it in 60 draws of 100. So what the agency calls a usual sale
counts as ten sales, which vary as much as they are large, and the doubt that is left is carried along.
"""

from dataclasses import dataclass

import numpy as np

from reports.statistics.arrays import FloatArray, Numbers, floats

# How many sales, or months of their number, the settings count as.
PRIOR_SALES = 10.0
PRIOR_MONTHS = 24.0
# Squared coefficient of variation of what sales bring, and variance over mean of their monthly number, at first.
USUAL_VARIATION = 1.0
USUAL_DISPERSION = 1.3
# Without a usual sale in the settings, so many sales tell what one brings.
ENOUGH_SALES = 5
# Standard deviation of the logarithm of a lognormal value that varies as much as it is large.
LOG_DEVIATION = float(np.sqrt(np.log1p(USUAL_VARIATION)))
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleValue:
    """The mean value of a sale, its squared coefficient of variation, D, and phi, all as estimated.

    ``log_error`` is the standard error of log phi. Amounts are in the unit of the values.
    """

    mean: float
    variation: float
    dispersion: float
    log_error: float

    @property
    def phi(self) -> float:
        return self.mean * (1 + self.variation + self.dispersion - 1)

    def weights(self) -> tuple[FloatArray, FloatArray]:
        """Return values of phi and how likely each is: three points of Gauss and Hermite."""
        return self.phi * np.exp(self.log_error * _NODES), _WEIGHTS / _WEIGHTS.sum()


def estimate(values: Numbers, counts: Numbers, *, usual: float | None) -> SaleValue | None:
    """Return what a sale is worth from all that were made; None where too few tell it and nobody said.

    ``values`` are those of sales that brought something, ``counts`` their number by month. ``usual`` is what the
    agency calls a usual sale.
    """
    sold = floats(values)
    if usual is None and len(sold) < ENOUGH_SALES:
        return None
    said = PRIOR_SALES if usual is not None else 0.0
    expected = usual if usual is not None else float(sold.mean())
    number, money = len(sold) + said, float(sold.sum()) + said * expected
    squares = float((sold**2).sum()) + PRIOR_SALES * expected**2 * (1 + USUAL_VARIATION)
    weighed = float(sold.sum()) + PRIOR_SALES * expected
    mean = money / number
    return SaleValue(
        mean=mean,
        variation=max(squares / weighed / mean - 1, 0.01),
        dispersion=dispersion_of(counts),
        log_error=LOG_DEVIATION / float(np.sqrt(number)),
    )


def dispersion_of(counts: Numbers) -> float:
    """Return variance / mean of the number of sales a month, at least 1, drawn to the usual 1.3 while months are few.

    The variance is half the mean square of the steps from month to month (von Neumann 1941): sales that grow, as those
    of a new agency do, are no chance.
    """
    by_month = floats(counts)
    steps = len(by_month) - 1
    if steps < 1 or by_month.sum() <= 0:
        return USUAL_DISPERSION
    found = float((np.diff(by_month) ** 2).mean() / 2 / by_month.mean())
    return max(1.0, (PRIOR_MONTHS * USUAL_DISPERSION + steps * found) / (PRIOR_MONTHS + steps))
