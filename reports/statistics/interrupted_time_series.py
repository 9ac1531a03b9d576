"""Before and after: what a campaign added to what would have come anyway.

Counts by period (weeks, months) before and during the action, as a Poisson regression with log link: level, trend,
the action, the season where there is a year of each, and a control series as offset where there is one. Source:
Lopez Bernal, Cummins and Gasparrini, "Interrupted time series regression for the evaluation of public health
interventions: a tutorial", International Journal of Epidemiology 46 (2017). The bounds allow for neighbouring periods
that are alike (docs/adr/0020-bounds-allow-for-weeks-that-are-alike.md).
"""

import math
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, Numbers, floats
from reports.statistics.serial_correlation import ResidualTest, WeightedFit, coefficient_error, residual_test

MIN_BEFORE, MIN_DURING = 6, 3
LEVEL = 0.95
# No ratio or bound is told beyond exp(this), nor below its inverse: counts that say nothing give any number.
MOST_LOG = 30.0
# A mean below this is taken for it where residuals are measured by it: nothing is expected there, and nothing came.
LEAST_MEAN = 1e-9


class SeriesReason(StrEnum):
    FEW_BEFORE = "few_before"
    FEW_DURING = "few_during"
    NOTHING_BEFORE = "nothing_before"
    NOTHING_DURING = "nothing_during"
    SHORT_FOR_SEASON = "short_for_season"


@dataclass(frozen=True, slots=True)
class SeriesRefusal:
    """Why there is no comparison: the periods or counts found, and those needed."""

    reason: SeriesReason
    found: float
    needed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesComparison:
    """The action against what would have come without it.

    ``rate_ratio`` is 1 when nothing changed; ``low`` and ``high`` bound it at ``level``, and allow for neighbouring
    periods that are alike. ``normal_low`` and ``normal_high`` are the bounds of the normal distribution for independent
    periods, as published tables often have them. ``residuals`` is the test of whether neighbours are alike, and
    ``widening`` how many times as wide the bounds are as for independent periods by Student's t. ``naive`` is the plain
    ratio of the mean rates (counts over control, where there is one), which a trend deceives. ``dispersion`` is the
    variance over that of chance alone. ``observed`` and ``expected`` hold, per period of the action, what came and what
    would have come without it, ``expected_before`` the same before it. Without a control the comparison is
    *before/after only*.
    """

    rate_ratio: float
    low: float
    high: float
    normal_low: float
    normal_high: float
    naive: float
    dispersion: float
    residuals: ResidualTest
    widening: float
    level: float
    has_control: bool
    observed: FloatArray
    expected: FloatArray
    expected_before: FloatArray

    @property
    def incremental(self) -> float:
        """Units that came on top of what was expected, over the whole action."""
        return float(self.observed.sum()) * (1 - 1 / self.rate_ratio)

    @property
    def incremental_interval(self) -> tuple[float, float]:
        """The bounds of the incremental units, those of the rate ratio carried over."""
        total = float(self.observed.sum())
        return total * (1 - 1 / self.low), total * (1 - 1 / self.high)


@dataclass(frozen=True, slots=True)
class Gain:
    """Incremental units x price x margin - invested, with its bounds; money in the unit of the price."""

    value: float
    low: float
    high: float
    invested: float

    @property
    def roi(self) -> float | None:
        """The gain in parts of what was invested: 0.1 when 1.10 came back for each 1.00; None without investment."""
        return self.value / self.invested if self.invested > 0 else None


def compare(
    counts: Numbers,
    during: Numbers,
    *,
    control: Numbers | None = None,
    time: Numbers | None = None,
    trend: bool = True,
    season: int | None = None,
    level: float = LEVEL,
    unit: float = 1.0,
    independent: bool = False,
) -> SeriesComparison | SeriesRefusal:
    """Compare the periods of an action with those before it, in order of time.

    ``counts`` is what came in each period; ``during`` is 1 or True in the periods of the action. ``control`` is what
    the action cannot have touched, other platforms' leads or a population, positive: its logarithm is the offset.
    ``time`` is the number of each period, for series with a gap; 0, 1, 2 and so on without it. ``season`` is the number
    of periods in a year, for one pair of harmonics. ``trend`` False drops the straight line, for series too short to
    have one. ``unit`` is the size of one of what is counted, 1 for leads or sales, the money that one brings for a
    series of money: chance makes at least so many of them come and go. ``independent`` takes the periods for
    independent, as most published tables do.
    """
    if not 0 < unit < math.inf:
        raise ValueError("the unit must be a positive number")
    came, active = floats(counts) / unit, floats(during) > 0
    base = np.ones_like(came) if control is None else floats(control)
    _check(came, active, base)
    refusal = _cannot_compare(came, active, season)
    if refusal is not None:
        return refusal
    when = np.arange(len(came), dtype=np.float64) if time is None else floats(time)
    design = _design(active, when, trend=trend, season=season)
    fitted = _fit(came, design, base)
    weighted = _weighted(came, design, floats(fitted.fittedvalues), when)
    dispersion = max(1.0, float(fitted.pearson_chi2 / fitted.df_resid))
    log_ratio = float(fitted.params[1])
    error = math.sqrt(max(0.0, float(fitted.normalized_cov_params[1, 1]) * dispersion))
    by_t, by_normal = (factor * error for factor in _factors(level, fitted.df_resid))
    reach = by_t if independent else coefficient_error(weighted, 1).reach(level)
    expected = unit * floats(fitted.fittedvalues) / np.where(active, _exp(log_ratio), 1.0)
    return SeriesComparison(
        rate_ratio=_exp(log_ratio),
        low=_exp(log_ratio - reach),
        high=_exp(log_ratio + reach),
        normal_low=_exp(log_ratio - by_normal),
        normal_high=_exp(log_ratio + by_normal),
        naive=float(came[active].sum() / base[active].sum() / (came[~active].sum() / base[~active].sum())),
        dispersion=dispersion,
        residuals=residual_test(weighted),
        widening=reach / by_t if by_t > 0 else 1.0,
        level=level,
        has_control=control is not None,
        observed=unit * came[active],
        expected=expected[active],
        expected_before=expected[~active],
    )


def gain(comparison: SeriesComparison, *, price: float, margin: float, invested: float) -> Gain:
    """Return incremental units x price x margin - invested, money in the unit of ``price``, margin between 0 and 1."""
    worth = price * margin
    low, high = comparison.incremental_interval
    return Gain(comparison.incremental * worth - invested, low * worth - invested, high * worth - invested, invested)


def _fit(counts: FloatArray, design: FloatArray, control: FloatArray) -> Any:
    """The Poisson regression; the library is loaded here, so that only what fits has to bear its weight."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    with warnings.catch_warnings():
        # Counts that fit exactly are no fault here: the dispersion is held at 1.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        return sm.GLM(counts, design, family=sm.families.Poisson(), offset=np.log(control)).fit()


def _weighted(counts: FloatArray, design: FloatArray, means: FloatArray, time: FloatArray) -> WeightedFit:
    """The regression as its last step saw it: rows of variance 1 by chance."""
    roots = np.sqrt(np.maximum(means, LEAST_MEAN))
    return WeightedFit((counts - means) / roots, design * roots[:, None], roots, time)


def _factors(level: float, freedom: float) -> tuple[float, float]:
    """How many standard errors the interval reaches by Student's t and by the normal distribution."""
    from scipy import stats

    upper = (1 + level) / 2
    return float(stats.t.ppf(upper, freedom)), float(stats.norm.ppf(upper))


def _exp(value: float) -> float:
    return math.exp(max(-MOST_LOG, min(MOST_LOG, value)))


def _check(counts: FloatArray, active: BoolArray, control: FloatArray) -> None:
    if counts.ndim != 1 or counts.shape != active.shape or counts.shape != control.shape:
        raise ValueError("counts, during and control must have one value per period each")
    if not (counts >= 0).all():
        raise ValueError("counts cannot be negative")
    if not (control > 0).all():
        raise ValueError("a control series must be positive in every period")


def _cannot_compare(counts: FloatArray, active: BoolArray, season: int | None) -> SeriesRefusal | None:
    before, during = int((~active).sum()), int(active.sum())
    conditions = (
        (before < MIN_BEFORE, SeriesRefusal(SeriesReason.FEW_BEFORE, before, MIN_BEFORE)),
        (during < MIN_DURING, SeriesRefusal(SeriesReason.FEW_DURING, during, MIN_DURING)),
        (season is not None and before < season, SeriesRefusal(SeriesReason.SHORT_FOR_SEASON, before, season or 0)),
        (not counts[~active].any(), SeriesRefusal(SeriesReason.NOTHING_BEFORE, 0, 1)),
        (not counts[active].any(), SeriesRefusal(SeriesReason.NOTHING_DURING, 0, 1)),
    )
    return next((refusal for holds, refusal in conditions if holds), None)


def _design(active: BoolArray, time: FloatArray, *, trend: bool, season: int | None) -> FloatArray:
    """Columns: level, action, then trend and season as wanted. Time is centred, so that it is well scaled."""
    columns = [np.ones_like(time), active.astype(np.float64)]
    if trend:
        columns.append((time - time.mean()) / len(time))
    if season:
        columns += [np.sin(2 * np.pi * time / season), np.cos(2 * np.pi * time / season)]
    return np.column_stack(columns)
