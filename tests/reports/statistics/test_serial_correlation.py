"""Bounds that know that neighbouring weeks are alike: a reduced form here, docs/method.md's table in `make soak`."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from scipy import stats

from reports.statistics import interrupted_time_series, serial_correlation
from reports.statistics.arrays import FloatArray
from reports.statistics.interrupted_time_series import SeriesComparison
from reports.statistics.neighbours import Neighbours
from reports.statistics.serial_correlation import WeightedFit

SEED = 20261129
# Weeks before and during, and the season that is allowed for; a campaign's page does where there is a year before.
SPANS = [((26, 13), None), ((52, 26), None), ((52, 26), 52)]
CORRELATIONS = [0.0, 0.6, 0.85]
# What the leads are held against: nothing, others with the same good and bad weeks, others
# without them.
CONTROLS = ["nothing", "others that share it", "others that do not"]
RUNS = 2_000


@dataclass(frozen=True)
class World:
    """Ten leads a week, times noise of sd .35 on the logarithm that each week hands on to the next; 60 elsewhere."""

    before: int
    during: int
    correlation: float
    ratio: float = 1.0
    control: str = "nothing"

    def noise(self, generator: np.random.Generator) -> FloatArray:
        drawn = generator.normal(size=self.before + self.during)
        for week in range(1, len(drawn)):
            drawn[week] *= np.sqrt(1 - self.correlation**2)
            drawn[week] += self.correlation * drawn[week - 1]
        return np.exp(0.35 * drawn - 0.35**2 / 2)

    def compared(self, seed: int, **options: object) -> SeriesComparison:
        generator = np.random.default_rng((SEED, seed, self.before, round(100 * self.correlation)))
        noise, active = self.noise(generator), np.arange(self.before + self.during) >= self.before
        counts = generator.poisson(10 * noise * np.where(active, self.ratio, 1.0))
        others = generator.poisson(60 * (noise if self.control == "others that share it" else np.ones_like(noise)))
        control = None if self.control == "nothing" else np.maximum(others, 1)
        compared = interrupted_time_series.compare(counts, active, control=control, **options)
        assert isinstance(compared, SeriesComparison)
        return compared

    def held(self, runs: int, **options: object) -> float:
        found = [self.compared(seed, **options) for seed in range(runs)]
        return float(np.mean([each.low < self.ratio < each.high for each in found]))


def fit_of(counts: FloatArray, means: FloatArray, time: FloatArray) -> WeightedFit:
    roots = np.sqrt(means)
    design = np.column_stack([np.ones_like(time), time >= np.median(time), time - time.mean()])
    return WeightedFit((counts - means) / roots, design * roots[:, None], roots, time)


@pytest.fixture
def fit() -> WeightedFit:
    """Thirty weeks of different means, with a gap of five weeks on the clock."""
    generator = np.random.default_rng(SEED)
    means = generator.uniform(2, 20, 30)
    return fit_of(generator.poisson(means), means, np.r_[0:20, 25:35].astype(float))


# -- arithmetic -------------------------------------------------------------------------------------------------------


def test_the_recursion_is_what_whole_matrices_give(fit: WeightedFit) -> None:
    kinds = serial_correlation._Kinds.all()
    squares, determinants = serial_correlation._explained_by(fit, kinds)
    variances = serial_correlation._variances(fit, fit.lever(1), kinds)
    for index in (0, 1, 27, 50):
        covariance = covariance_of(fit, float(kinds.correlations[index]), float(kinds.shares[index]))
        inverse = np.linalg.inv(covariance)
        information = fit.design.T @ inverse @ fit.design
        slopes = fit.design.T @ inverse @ fit.residuals
        left = fit.residuals @ inverse @ fit.residuals - slopes @ np.linalg.solve(information, slopes)
        assert squares[index] == pytest.approx(left)
        assert determinants[index] == pytest.approx(
            sum(np.linalg.slogdet(each)[1] for each in (covariance, information))
        )
        assert variances[index] == pytest.approx(fit.lever(1) @ covariance @ fit.lever(1))


def covariance_of(fit: WeightedFit, correlation: float, share: float) -> FloatArray:
    carried = np.outer(fit.roots, fit.roots) * correlation ** np.abs(fit.time[:, None] - fit.time)
    carried *= len(carried) / np.trace(carried)
    return (1 - share) * np.eye(len(carried)) + share * carried


def test_the_test_of_residuals_is_what_whole_matrices_give(fit: WeightedFit) -> None:
    neighbours = (np.abs(fit.time[:, None] - fit.time) == 1) / 2
    projection = np.eye(30) - fit.design @ np.linalg.solve(fit.design.T @ fit.design, fit.design.T)
    left = projection @ neighbours
    mean = np.trace(left) / fit.freedom
    variance = 2 * (np.trace(left @ left) - fit.freedom * mean**2) / (fit.freedom * (fit.freedom + 2))
    found = fit.residuals @ neighbours @ fit.residuals / (fit.residuals @ fit.residuals) - mean
    tested = serial_correlation.residual_test(fit)
    assert tested.autocorrelation == pytest.approx(found)
    assert tested.p_value == pytest.approx(2 * stats.norm.sf(abs(found) / np.sqrt(variance)))


def test_one_width_reaches_as_far_as_students_t() -> None:
    single = serial_correlation.ErrorMixture(np.ones(1), np.array([0.2]), 17)
    assert single.reach(0.95) == pytest.approx(0.2 * 2.1098, abs=1e-5)
    same = serial_correlation.ErrorMixture(np.array([0.3, 0.7]), np.array([0.2, 0.2]), 17)
    assert same.reach(0.95) == pytest.approx(single.reach(0.95))


def test_two_widths_reach_between_them() -> None:
    mixed = serial_correlation.ErrorMixture(np.array([0.7, 0.3]), np.array([0.1, 0.3]), 17)
    reach = mixed.reach(0.95)
    assert 0.1 * 2.11 < reach < 0.3 * 2.11
    assert 2 * (0.7 * stats.t.sf(reach / 0.1, 17) + 0.3 * stats.t.sf(reach / 0.3, 17)) == pytest.approx(0.05)


# -- the test of the residuals ----------------------------------------------------------------------------------------


def test_weeks_in_good_and_bad_spells_are_called_alike() -> None:
    counts = [14, 15, 13, 14, 6, 5, 6, 7] * 5
    found = interrupted_time_series.compare(counts, [0] * 26 + [1] * 14)
    assert found.residuals.finding is Neighbours.ALIKE
    assert found.residuals.autocorrelation > 0.5
    assert found.residuals.p_value < 0.001
    assert found.widening > 1.3


def test_a_good_week_before_each_bad_one_is_called_alternating() -> None:
    found = interrupted_time_series.compare([14, 6] * 20, [0] * 26 + [1] * 14)
    assert found.residuals.finding is Neighbours.ALTERNATING
    assert found.residuals.autocorrelation < -0.5


@pytest.mark.parametrize(
    ("counts", "time"),
    [
        pytest.param([4] * 12 + [8] * 4, None, id="counts that fit exactly"),
        pytest.param([4, 6, 3, 5, 7, 2, 5, 4, 6, 5], range(0, 20, 2), id="no two neighbours"),
    ],
)
def test_where_there_is_nothing_to_test_nothing_is_found(counts: list, time: range | None) -> None:
    found = interrupted_time_series.compare(counts, [0] * (len(counts) - 4) + [1] * 4, time=time)
    assert found.residuals.finding is Neighbours.NO_SIGN


@pytest.mark.parametrize("before", [10, 26, 52])
def test_independent_weeks_are_called_alike_or_alternating_as_seldom_as_the_test_says(before: int) -> None:
    world = World(before, before // 2, correlation=0.0)
    found = [world.compared(seed, independent=True).residuals.finding for seed in range(400)]
    assert 0.02 < np.mean([each is not Neighbours.NO_SIGN for each in found]) < 0.09


# -- what the bounds make of it ---------------------------------------------------------------------------------------


def test_counts_that_fit_exactly_have_the_bounds_of_independent_weeks() -> None:
    counts, during = [4] * 12 + [8] * 8, [0] * 12 + [1] * 8
    found = interrupted_time_series.compare(counts, during)
    alone = interrupted_time_series.compare(counts, during, independent=True)
    assert (found.low, found.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
    assert found.widening == pytest.approx(1)


def test_the_ratio_itself_is_that_of_independent_weeks() -> None:
    found, alone = World(26, 13, 0.85).compared(1), World(26, 13, 0.85).compared(1, independent=True)
    assert found.rate_ratio == alone.rate_ratio
    assert (found.normal_low, found.normal_high) == (alone.normal_low, alone.normal_high)
    assert found.low < alone.low < alone.high < found.high
    assert alone.widening == 1


@pytest.mark.parametrize("unit", [0.001, 100, 41_200])
def test_a_series_of_money_has_the_bounds_of_its_counts_whatever_the_unit(unit: float) -> None:
    """Ten and eleven sales in turn, each of the same worth: less than chance would have them differ."""
    counts, during = np.array([10, 11] * 20), [0] * 26 + [1] * 14
    sold = interrupted_time_series.compare(counts, during)
    earned = interrupted_time_series.compare(unit * counts, during, unit=unit)
    assert earned.dispersion == sold.dispersion == 1
    assert (earned.low, earned.high) == (pytest.approx(sold.low), pytest.approx(sold.high))
    assert earned.expected == pytest.approx(unit * sold.expected)
    assert earned.incremental == pytest.approx(unit * sold.incremental)


@pytest.mark.parametrize("unit", [0, -1, np.inf, np.nan])
def test_a_unit_is_a_positive_number(unit: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        interrupted_time_series.compare([1, 2], [0, 1], unit=unit)


@pytest.mark.parametrize(
    ("world", "at_least", "at_most"),
    [
        pytest.param(World(26, 13, 0.0), 0.94, 0.995, id="39 weeks, independent"),
        pytest.param(World(26, 13, 0.6, 1.3), 0.90, 0.98, id="39 weeks, alike"),
        pytest.param(World(26, 13, 0.85), 0.88, 0.98, id="39 weeks, very much alike"),
        pytest.param(World(26, 13, 0.85, 1.3, "others that share it"), 0.94, 0.995, id="39 weeks, a good control"),
        pytest.param(World(52, 26, 0.85, 1.3, "others that do not"), 0.92, 0.98, id="78 weeks, a control of no help"),
    ],
)
def test_the_bounds_hold_the_truth_about_as_often_as_they_say(world: World, at_least: float, at_most: float) -> None:
    assert at_least <= world.held(250) <= at_most


def test_bounds_for_independent_weeks_are_far_too_narrow_for_weeks_that_are_alike() -> None:
    assert World(52, 26, 0.85).held(200, independent=True) < 0.75


def test_a_placebo_on_real_neighbours_shows_an_effect_less_often() -> None:
    """Sunspots by year: nobody did anything, and bad years follow bad years. A start is made up every five years."""
    from statsmodels.datasets import sunspots

    spots = sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
    windows = [spots[first : first + 39] for first in range(0, len(spots) - 39, 5)]
    during = np.arange(39) >= 26

    def shown(**options: bool) -> float:
        found = [interrupted_time_series.compare(window, during, **options) for window in windows]
        return float(np.mean([each.low > 1 or each.high < 1 for each in found]))

    assert shown(independent=True) > 0.15
    assert shown() < 0.05


# -- the table of docs/method.md --------------------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(("span", "season"), SPANS, ids=str)
def test_soak_the_bounds_hold_the_truth_as_often_as_the_method_says(
    span: tuple[int, int], season: int | None, control: str, record_property: Callable[[str, object], None]
) -> None:
    worlds = [World(*span, *each, control) for each in product(CORRELATIONS, (1.0, 1.3))]
    rows = [(world, [world.compared(seed, season=season) for seed in range(RUNS)]) for world in worlds]
    record_property("weeks compared", RUNS * len(rows) * sum(span))
    record_property("how often the bounds hold", "\n".join(line(*row) for row in rows))
    held = [share_held(world, found) for world, found in rows]
    assert min(held) > 0.90
    assert max(held) < 0.985


def share_held(world: World, found: list[SeriesComparison]) -> float:
    return float(np.mean([each.low < world.ratio < each.high for each in found]))


def line(world: World, found: list[SeriesComparison]) -> str:
    """One line of the table: coverage now and for independent weeks, effects shown, what the test says, the width."""
    misses = [abs(math.log(world.ratio / each.rate_ratio)) for each in found]
    reaches = [math.log(each.high / each.rate_ratio) / each.widening for each in found]
    alone = np.mean([miss < reach for miss, reach in zip(misses, reaches, strict=True)])
    shown = np.mean([not each.low < 1 < each.high for each in found])
    alike = np.mean([each.residuals.finding is Neighbours.ALIKE for each in found])
    wide = np.median([each.widening for each in found])
    return (
        f"{world.correlation:>5}{world.ratio:>5}  held {share_held(world, found):.1%}, for independent weeks"
        f" {alone:.1%}; shown {shown:.1%}; called alike {alike:.1%}; {wide:.2f} times as wide"
    )
