"""Whether neighbouring periods are alike, and how unsure a regression is when they are.

A good week is often followed by another good one: each then says less than it would alone, and an error that takes
periods for independent is too small, the more so the fewer there are. How alike they are cannot be known from a few
dozen periods, so no single estimate of it is used: the error is averaged over how alike they may be, each weighted by
how well it explains the residuals (the restricted likelihood, the scale integrated out).

Sources: Zeger, "A regression model for time series of counts", Biometrika 75 (1988), for a variance of which one part
is chance of the period alone and the other carries over; Harville, "Bayesian inference for variance components using
only error contrasts", Biometrika 61 (1974), for the weights; Harvey, "Forecasting, structural time series models and
the Kalman filter" (1989), for the recursion; Durbin and Watson, "Testing for serial correlation in
least squares regression", Biometrika 37 (1950), for the test.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray
from reports.statistics.neighbours import Neighbours

# What is believed of the periods before any is seen. It was chosen by simulation, so that the bounds hold the truth as
# often as they say with neighbours of correlation 0, .6 and .85 (docs/method.md); nothing in it is an estimate.
INDEPENDENT = 0.7
# How long a good or a bad spell lasts on average where periods are alike, in periods, each as likely: a spell of
# length L is a correlation of 1 - 1 / L between neighbours.
SPELLS = tuple(range(2, 21, 2))
# What part of the variance carries over to the neighbours, each as likely; the rest is the chance of a period alone.
SHARES = (0.55, 0.65, 0.75, 0.85, 0.95)
# Residuals whose squares add up to less than this for each period are rounding errors of counts that fit exactly.
FITS_EXACTLY = 1e-6
# A test says "alike" when independent periods would look so in fewer cases than this.
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class ResidualTest:
    """The correlation of each residual with the next, freed from what the fit itself brings about, and its p-value.

    ``p_value`` is the chance, between 0 and 1, that independent periods show a correlation at least as far from 0.
    """

    autocorrelation: float
    p_value: float

    @property
    def finding(self) -> Neighbours:
        if self.p_value >= SIGNIFICANT:
            return Neighbours.NO_SIGN
        return Neighbours.ALIKE if self.autocorrelation > 0 else Neighbours.ALTERNATING


@dataclass(frozen=True)
class WeightedFit:
    """A log-linear regression of counts as weighted least squares: one row per period, each of variance 1 by chance.

    ``residuals`` are those of Pearson; ``design`` is the design with each row times the root of its mean; ``roots`` are
    those roots; ``time`` is the number of each period, so that a gap counts as time.
    """

    residuals: FloatArray
    design: FloatArray
    roots: FloatArray
    time: FloatArray

    @property
    def freedom(self) -> int:
        """Periods less what was fitted to them."""
        return int(self.design.shape[0] - self.design.shape[1])

    @cached_property
    def fits_exactly(self) -> bool:
        return float(self.residuals @ self.residuals) < FITS_EXACTLY * len(self.residuals)

    @cached_property
    def steps(self) -> FloatArray:
        """Periods from each to the next: more than 1 across a gap."""
        return np.diff(self.time)

    def lever(self, column: int) -> FloatArray:
        """How much each residual moves the coefficient."""
        moved: FloatArray = np.linalg.solve(self.design.T @ self.design, self.design.T)[column]
        return moved


@dataclass(frozen=True, slots=True)
class ErrorMixture:
    """The error of a coefficient: Student's t of several widths, each as likely as its weight says."""

    weights: FloatArray
    widths: FloatArray
    freedom: int

    def reach(self, level: float) -> float:
        """How far from the estimate bounds of this level lie."""
        from scipy import optimize, stats

        def missing(distance: float) -> float:
            inside = 1 - 2 * stats.t.sf(distance / self.widths, self.freedom)
            return float(self.weights @ inside) - level

        single = float(stats.t.ppf((1 + level) / 2, self.freedom))
        nearest, farthest = single * float(self.widths.min()), single * float(self.widths.max())
        if missing(farthest) <= 0:  # all of one width, but for rounding
            return farthest
        return nearest if missing(nearest) >= 0 else float(optimize.brentq(missing, nearest, farthest))


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Ways in which periods may be alike, side by side; the first is not at all."""

    beliefs: FloatArray
    correlations: FloatArray
    shares: FloatArray

    @classmethod
    def all(cls) -> "_Kinds":
        spells = np.repeat(np.array(SPELLS, dtype=np.float64), len(SHARES))
        belief = (1 - INDEPENDENT) / len(spells)
        return cls(
            beliefs=np.concatenate([[INDEPENDENT], np.full(len(spells), belief)]),
            correlations=np.concatenate([[0.0], 1 - 1 / spells]),
            shares=np.concatenate([[0.0], np.tile(SHARES, len(SPELLS))]),
        )


def residual_test(fit: WeightedFit) -> ResidualTest:
    """Test the residuals for correlation of neighbours, by the exact mean and variance of independent ones."""
    from scipy import stats

    linked = (fit.steps == 1)[:, None]
    if fit.fits_exactly or not linked.any():
        return ResidualTest(0.0, 1.0)
    basis = np.linalg.qr(fit.design)[0]
    of_basis = _neighbours(basis, linked)
    inner = basis.T @ of_basis
    mean = -float(np.trace(inner)) / fit.freedom
    squares = float(_links(linked)) - 2 * float((of_basis**2).sum()) + float((inner**2).sum())
    variance = 2 * (squares - fit.freedom * mean**2) / (fit.freedom * (fit.freedom + 2))
    residuals = fit.residuals[:, None]
    found = float((residuals * _neighbours(residuals, linked)).sum() / (residuals**2).sum()) - mean
    return ResidualTest(found, float(2 * stats.norm.sf(abs(found) / math.sqrt(variance))))


def _neighbours(columns: FloatArray, linked: BoolArray) -> FloatArray:
    """Half the sum of the two neighbours of each period; across a gap there is none."""
    halves = np.zeros_like(columns)
    halves[1:] += np.where(linked, columns[:-1], 0) / 2
    halves[:-1] += np.where(linked, columns[1:], 0) / 2
    return halves


def _links(linked: BoolArray) -> float:
    """The squares of the halves that link neighbours: each link stands there twice."""
    return float(linked.sum()) / 2


def coefficient_error(fit: WeightedFit, column: int) -> ErrorMixture:
    """Return the error of one coefficient, as it was estimated, for periods that may be alike.

    The dispersion is at least 1 whichever way they are alike: counts vary by chance at least. Counts that fit exactly
    leave nothing to learn from, and are taken for independent.
    """
    kinds = _Kinds.all()
    squares, determinants = _explained_by(fit, kinds)
    dispersion = np.maximum(squares / fit.freedom, 1.0)
    widths = np.sqrt(dispersion * _variances(fit, fit.lever(column), kinds))
    if fit.fits_exactly:
        return ErrorMixture(np.ones(1), widths[:1], fit.freedom)
    likelihoods = -(determinants + fit.freedom * np.log(squares)) / 2
    weights = kinds.beliefs * np.exp(likelihoods - likelihoods.max())
    return ErrorMixture(weights / weights.sum(), widths, fit.freedom)


def _explained_by(fit: WeightedFit, kinds: _Kinds) -> tuple[FloatArray, FloatArray]:
    """What is left of the squares by each kind, and the logarithm of the determinants of the restricted likelihood.

    By recursion over the periods: quick, and without the threads of a linear algebra library, which wait for each
    other on a busy machine.
    """
    rows, sizes = _innovations(np.column_stack([fit.design, fit.residuals]), _loadings(fit), fit.steps, kinds)
    products = np.einsum("tki,tkj->kij", rows, rows)
    information, slopes = products[:, :-1, :-1], products[:, :-1, -1:]
    explained = (slopes * np.linalg.solve(information, slopes)).sum(axis=(1, 2))
    squares = np.maximum(products[:, -1, -1] - explained, FITS_EXACTLY)
    return squares, np.log(sizes).sum(axis=0) + np.linalg.slogdet(information)[1]


def _loadings(fit: WeightedFit) -> FloatArray:
    """How much of what carries over is in each Pearson residual: it multiplies the mean, so it grows with its root."""
    return fit.roots / math.sqrt(float((fit.roots**2).mean()))


def _innovations(
    columns: FloatArray, loadings: FloatArray, steps: FloatArray, kinds: _Kinds
) -> tuple[FloatArray, FloatArray]:
    """Each row less what the rows before it foretell, in units of its own spread, and the variance of that (Kalman)."""
    state, variance = np.zeros((len(kinds.shares), columns.shape[1])), kinds.shares
    rows, sizes = [], []
    for index, (row, loading) in enumerate(zip(columns, loadings, strict=True)):
        if index:
            kept = kinds.correlations ** steps[index - 1]
            state, variance = kept[:, None] * state, kept**2 * variance + (1 - kept**2) * kinds.shares
        size = loading**2 * variance + 1 - kinds.shares
        surprise = row - loading * state
        gain = loading * variance / size
        state, variance = state + gain[:, None] * surprise, variance * (1 - gain * loading)
        rows.append(surprise / np.sqrt(size)[:, None])
        sizes.append(size)
    return np.array(rows), np.array(sizes)


def _variances(fit: WeightedFit, lever: FloatArray, kinds: _Kinds) -> FloatArray:
    """The variance of what the lever makes of residuals of each kind, of dispersion 1."""
    carried, alike = np.zeros_like(kinds.shares), np.zeros_like(kinds.shares)
    for index, moved in enumerate(lever * _loadings(fit)):
        carried = carried * kinds.correlations ** fit.steps[index - 1] if index else carried
        alike = alike + moved**2 + 2 * moved * carried
        carried = carried + moved
    return (1 - kinds.shares) * float((lever**2).sum()) + kinds.shares * alike
