import math
import subprocess
import sys

import numpy as np
import pytest

from reports.statistics import interrupted_time_series
from reports.statistics.interrupted_time_series import SeriesComparison, SeriesReason, SeriesRefusal
from reports.statistics.neighbours import Neighbours
from tests.reports.statistics.published import SICILY_BAN, SICILY_EVENTS, SICILY_POPULATION

AFTER = np.arange(104) >= 72


def sicily(**options: object) -> SeriesComparison:
    compared = interrupted_time_series.compare(SICILY_EVENTS, SICILY_BAN, control=SICILY_POPULATION, **options)
    assert isinstance(compared, SeriesComparison)
    return compared


def generated(ratio: float, *, seed: int = 1, trend: float = 0.004, season: float = 0.0, spread: float = 1.5) -> list:
    """Two years of weekly counts around 40, with an action in the last 32 weeks that multiplies them by ``ratio``."""
    weeks = np.arange(104)
    mean = 40 * np.exp(trend * weeks + season * np.sin(2 * np.pi * weeks / 52)) * np.where(AFTER, ratio, 1.0)
    generator = np.random.default_rng(seed)
    return generator.poisson(generator.gamma(mean / (spread - 1), spread - 1)).tolist()


def test_the_published_smoking_ban_is_found() -> None:
    found = sicily()
    assert found.rate_ratio == pytest.approx(0.89438, abs=5e-6)
    assert found.dispersion == pytest.approx(3.5592, abs=5e-5)
    assert (found.normal_low, found.normal_high) == (pytest.approx(0.83919, abs=5e-6), pytest.approx(0.95319, abs=5e-6))
    assert found.naive == pytest.approx(1.034, abs=5e-4)


def test_students_t_is_a_little_wider_than_the_published_normal_interval() -> None:
    found = sicily(independent=True)
    assert (found.low, found.high) == (pytest.approx(0.83801, abs=5e-6), pytest.approx(0.95453, abs=5e-6))


def test_months_of_one_season_are_alike_until_the_season_is_allowed_for() -> None:
    """The published bounds took the months for independent: without the season, they are not."""
    found, seasonal = sicily(), sicily(season=12)
    assert found.residuals.finding is Neighbours.ALIKE
    assert found.widening > 1.5
    assert seasonal.residuals.finding is Neighbours.NO_SIGN
    assert found.residuals.autocorrelation > seasonal.residuals.autocorrelation
    assert found.widening > seasonal.widening > 1


@pytest.mark.parametrize("options", [{"independent": True}, {"season": 12}], ids=["as published", "with the season"])
def test_the_naive_ratio_has_the_wrong_sign_where_a_trend_hides_the_action(options: dict) -> None:
    found = sicily(**options)
    assert found.naive > 1 > found.high
    low, high = found.incremental_interval
    assert low < found.incremental < high < 0


def test_the_season_can_be_allowed_for() -> None:
    found = sicily(season=12)
    assert found.dispersion < sicily().dispersion
    assert 0.8 < found.low < found.rate_ratio < found.high < 1


def test_what_was_expected_and_what_came_differ_by_the_ratio() -> None:
    found = sicily()
    assert found.observed.sum() == sum(SICILY_EVENTS[36:])
    # The model fits the sum of the periods of the action exactly, since it has a parameter of its own.
    assert found.expected.sum() * found.rate_ratio == pytest.approx(found.observed.sum())
    assert found.incremental == pytest.approx(found.observed.sum() - found.expected.sum())


@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.4])
def test_known_ratios_lie_in_the_interval_as_often_as_it_says(ratio: float) -> None:
    found = [interrupted_time_series.compare(generated(ratio, seed=seed), AFTER) for seed in range(150)]
    assert 0.90 < np.mean([each.low < ratio < each.high for each in found]) <= 1
    assert np.mean([math.log(each.rate_ratio) for each in found]) == pytest.approx(math.log(ratio), abs=0.03)


def test_a_control_series_takes_a_common_shock_away() -> None:
    """Everything sold twice as well from the start of the action on: the action itself did nothing."""
    shock = np.where(AFTER, 2.0, 1.0)
    counts = np.array(generated(1.0)) * shock
    alone = interrupted_time_series.compare(counts, AFTER)
    beside = interrupted_time_series.compare(counts, AFTER, control=200 * shock)
    assert alone.low > 1.5
    assert not alone.has_control
    assert beside.has_control
    assert beside.low < 1 < beside.high


def seasonal(seed: int, *, mean: float, ratio: float, before: int = 13, during: int = 26) -> list:
    """So many weeks around ``mean``, 30 % up and down with a season that starts anywhere."""
    weeks = np.arange(before + during)
    season = np.exp(0.3 * np.sin(2 * np.pi * (weeks + np.random.default_rng(seed).integers(52)) / 52))
    means = mean * season * np.where(weeks >= before, ratio, 1.0)
    generator = np.random.default_rng((seed, int(mean), round(10 * ratio)))
    return generator.poisson(generator.gamma(means / 0.3, 0.3)).tolist()


def held_in_a_season(elsewhere: float, runs: int, *, before: int = 13, during: int = 26) -> tuple[float, float]:
    """How often a true 1.3 lies in the bounds, and in those of independent weeks; 0 elsewhere is no control."""
    active = np.arange(before + during) >= before
    held, alone = [], []
    for seed in range(runs):
        counts = seasonal(seed, mean=10, ratio=1.3, before=before, during=during)
        others = seasonal(seed, mean=elsewhere, ratio=1.0, before=before, during=during) if elsewhere else None
        control = np.maximum(others, 1) if others else None
        compared = interrupted_time_series.compare(counts, active, control=control)
        held.append(compared.low < 1.3 < compared.high)
        alone.append(abs(math.log(1.3 / compared.rate_ratio)) < independent_reach(compared))
    return float(np.mean(held)), float(np.mean(alone))


def independent_reach(compared: SeriesComparison) -> float:
    """How far from the logarithm of the ratio the bounds of independent periods lie."""
    return math.log(compared.high / compared.rate_ratio) / compared.widening


def test_the_widening_leads_back_to_the_bounds_of_independent_weeks() -> None:
    found, alone = sicily(), sicily(independent=True)
    assert independent_reach(found) == pytest.approx(math.log(alone.high / alone.rate_ratio))


def test_a_control_repairs_what_a_season_does_to_the_bounds() -> None:
    """The second table of docs/method.md, reduced: 13 weeks before, 26 during."""
    held, alone = held_in_a_season(0, 200)
    assert alone + 0.08 < held < 0.92
    assert held_in_a_season(60, 200) > (0.92, 0.90)


@pytest.mark.soak
@pytest.mark.parametrize(("before", "during"), [(8, 13), (13, 26), (8, 48)])
def test_soak_a_season_is_allowed_for_as_often_as_the_method_says(before, during, record_property) -> None:
    found = {elsewhere: held_in_a_season(elsewhere, 2_000, before=before, during=during) for elsewhere in (0, 10, 60)}
    record_property("weeks compared", 6_000 * (before + during))
    record_property("how often the bounds hold, and those of independent weeks", str(found))
    assert found[0][0] > found[0][1]
    assert min(found[10][0], found[60][0]) > 0.93


def test_dispersion_is_never_below_one() -> None:
    assert interrupted_time_series.compare([10, 11] * 20, [0] * 26 + [1] * 14).dispersion == 1


def test_without_a_trend_the_ratio_is_the_plain_one() -> None:
    found = interrupted_time_series.compare(generated(1.3, trend=0), AFTER, trend=False)
    assert found.rate_ratio == pytest.approx(found.naive)


def test_the_gain_is_units_times_price_times_margin_less_what_was_invested() -> None:
    found = interrupted_time_series.compare(generated(1.4), AFTER)
    gain = interrupted_time_series.gain(found, price=200, margin=0.4, invested=5_000)
    assert gain.value == pytest.approx(found.incremental * 80 - 5_000)
    assert gain.low < gain.value < gain.high


@pytest.mark.parametrize(
    ("counts", "during", "season", "reason"),
    [
        pytest.param([5] * 15, [0] * 5 + [1] * 10, None, SeriesReason.FEW_BEFORE, id="five periods before"),
        pytest.param([5] * 15, [0] * 13 + [1] * 2, None, SeriesReason.FEW_DURING, id="two periods during"),
        pytest.param([5] * 40, [0] * 30 + [1] * 10, 52, SeriesReason.SHORT_FOR_SEASON, id="no whole year before"),
        pytest.param([0] * 10 + [5] * 10, [0] * 10 + [1] * 10, None, SeriesReason.NOTHING_BEFORE, id="nothing before"),
        pytest.param([5] * 10 + [0] * 10, [0] * 10 + [1] * 10, None, SeriesReason.NOTHING_DURING, id="nothing during"),
    ],
)
def test_each_refusal_names_its_reason(counts: list, during: list, season: int | None, reason: SeriesReason) -> None:
    refusal = interrupted_time_series.compare(counts, during, season=season)
    assert isinstance(refusal, SeriesRefusal)
    assert refusal.reason is reason


@pytest.mark.parametrize(
    ("counts", "during", "control", "problem"),
    [
        pytest.param([1, 2], [0], None, "one value per period", id="lengths"),
        pytest.param([1, -2], [0, 1], None, "negative", id="negative"),
        pytest.param([1, 2], [0, 1], [1, 0], "positive in every period", id="an empty control"),
    ],
)
def test_series_that_make_no_sense_are_errors(counts: list, during: list, control: list | None, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        interrupted_time_series.compare(counts, during, control=control)


def test_weeks_between_baseline_and_action_count_as_time() -> None:
    """A doubling every ten weeks, no action at all: with the gap left out of the clock, the step would be an effect."""
    weeks = np.r_[0:12, 30:42]
    counts, during = 5 * 2 ** (weeks / 10), weeks >= 30
    assert interrupted_time_series.compare(counts, during, time=weeks).rate_ratio == pytest.approx(1, abs=1e-6)
    assert interrupted_time_series.compare(counts, during).rate_ratio > 2


def test_what_was_expected_is_told_for_the_baseline_too() -> None:
    found = interrupted_time_series.compare([4] * 12 + [8] * 8, [0] * 12 + [1] * 8)
    assert found.expected_before == pytest.approx(np.full(12, 4))
    assert found.expected == pytest.approx(np.full(8, 4))


def test_a_tenth_more_back_than_was_put_in_is_a_return_of_ten_per_cent() -> None:
    """1.10 back for each 1.00: 11 units on top, worth 100 each at a margin of 50 %, for 500 invested."""
    doubled = interrupted_time_series.compare([1] * 11 + [2] * 11, [0] * 11 + [1] * 11)
    assert doubled.incremental == pytest.approx(11)
    gain = interrupted_time_series.gain(doubled, price=100, margin=0.5, invested=500)
    assert gain.value == pytest.approx(50)
    assert gain.roi == pytest.approx(0.10)
    assert interrupted_time_series.gain(doubled, price=100, margin=0.5, invested=0).roi is None


def test_counts_that_say_next_to_nothing_give_numbers_all_the_same() -> None:
    generator = np.random.default_rng(3)
    for _ in range(60):
        counts = generator.poisson(0.15, 14)
        found = interrupted_time_series.compare(counts, np.arange(14) >= 9)
        if isinstance(found, SeriesComparison):
            bounds = (found.low, found.rate_ratio, found.high, found.incremental, *found.incremental_interval)
            assert np.isfinite(bounds).all()
            assert 0 < found.low <= found.rate_ratio <= found.high


def test_who_only_shows_a_comparison_does_not_load_the_regression() -> None:
    loads = "import sys, reports.statistics.interrupted_time_series\n"
    loads += "print(sorted({'statsmodels', 'scipy'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True).stdout == "[]\n"
