import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from reports.statistics import response_fit
from reports.statistics.response_curve import from_line, student_quantile
from reports.statistics.response_fit import Curve, CurveReason, CurveRefusal
from reports.statistics.results import ResponseLine

# Weeks without chance are wanted here.
pytestmark = pytest.mark.filterwarnings("ignore:Perfect separation")

HOURS = np.tile([5.0, 10.0, 15.0, 20.0, 30.0, 40.0], 20)


def curve(hours: np.ndarray = HOURS, *, a: float = 2.0, b: float = 0.5, seed: int = 1) -> Curve:
    fitted = response_fit.fit(hours, np.random.default_rng(seed).poisson(a * hours**b))
    assert isinstance(fitted, Curve)
    return fitted


def exact(b: float = 0.5, **changes: object) -> Curve:
    """A curve of 2 x hours^b that knows itself almost exactly."""
    fitted = response_fit.fit(HOURS, 2 * HOURS**b)
    assert isinstance(fitted, Curve)
    return replace(fitted, **changes)


def test_a_curve_without_chance_is_found_exactly() -> None:
    fitted = exact(0.6)
    assert (math.exp(fitted.log_a), fitted.b) == (pytest.approx(2), pytest.approx(0.6))
    assert (fitted.weeks, fitted.left_out, fitted.least_hours, fitted.most_hours) == (120, 0, 5, 40)
    assert fitted.dispersion == 1


def test_the_error_is_that_of_a_poisson_regression() -> None:
    """The inverse of X' diag(mean) X, written out for two parameters."""
    fitted = exact()
    mean, logs = 2 * HOURS**0.5, np.log(HOURS)
    information = np.array([[mean.sum(), (mean * logs).sum()], [(mean * logs).sum(), (mean * logs**2).sum()]])
    assert np.array(fitted.covariance) == pytest.approx(np.linalg.inv(information), rel=1e-6)


def test_the_bounds_hold_the_truth_as_often_as_they_say() -> None:
    """Counts with variance 3 x mean: the quasi standard errors allow for it."""
    generator = np.random.default_rng(5)
    held = []
    for _ in range(300):
        mean = 1.5 * HOURS**0.5
        counts = generator.poisson(generator.gamma(mean / 2, 2.0))
        low, high = response_fit.fit(HOURS, counts).b_interval(level=0.8)
        held.append(low < 0.5 < high)
    assert 0.74 < np.mean(held) < 0.86


def test_weeks_without_hours_are_left_out_and_counted() -> None:
    fitted = response_fit.fit([*HOURS, 0, 0, 0], [*(2 * HOURS**0.5), 9, 0, 1])
    assert (fitted.weeks, fitted.left_out, fitted.b) == (120, 3, pytest.approx(0.5))


@pytest.mark.parametrize(
    ("hours", "results", "reason"),
    [
        pytest.param([10, 20] * 6, [1, 2] * 6, CurveReason.FEW_WEEKS, id="twelve weeks"),
        pytest.param([10, 20] * 10, [0, 0] * 10, CurveReason.NO_RETURN, id="nothing came"),
        pytest.param([20] * 30, [1, 2] * 15, CurveReason.SAME_HOURS, id="always the same hours"),
    ],
)
def test_some_weeks_cannot_be_fitted(hours: list, results: list, reason: CurveReason) -> None:
    refusal = response_fit.fit(hours, results)
    assert isinstance(refusal, CurveRefusal)
    assert refusal.reason is reason


@pytest.mark.parametrize(("hours", "results"), [([1, 2], [1]), ([-1, 2], [1, 1]), ([1, 2], [1, -1])])
def test_weeks_that_make_no_sense_are_errors(hours: list, results: list) -> None:
    with pytest.raises(ValueError, match="hours and results"):
        response_fit.fit(hours, results)


def test_enough_weeks_are_not_refused() -> None:
    assert response_fit.refusal_of(curve()) is None


@pytest.mark.parametrize(
    ("b", "a", "reason"),
    [
        pytest.param(0.5, 0.15, CurveReason.WIDE_ERROR, id="a wide error"),
        pytest.param(0.9, 1.0, CurveReason.NOT_BELOW_ONE, id="a bound above one"),
        pytest.param(0.9, 0.02, CurveReason.WIDE_ERROR, id="both"),
    ],
)
def test_a_refusal_says_how_many_more_weeks_would_be_enough(b: float, a: float, reason: CurveReason) -> None:
    """Weeks without chance, so that more of them shrink the error as promised."""
    few = response_fit.fit(HOURS[:36], a * HOURS[:36] ** b)
    refusal = response_fit.refusal_of(few)
    assert refusal.reason is reason
    assert refusal.variation > few.spread
    enough, nearly = (np.resize(HOURS, few.weeks + round(refusal.weeks_more * part)) for part in (1.05, 0.8))
    assert response_fit.refusal_of(response_fit.fit(enough, a * enough**b)) is None
    assert response_fit.refusal_of(response_fit.fit(nearly, a * nearly**b)) is not None


def test_a_refusal_says_how_much_variation_would_be_enough() -> None:
    few = response_fit.fit(HOURS[:36], 0.15 * HOURS[:36] ** 0.5)
    wider = np.exp(np.log(HOURS[:36]).mean() + (np.log(HOURS[:36] / HOURS[:36].mean())) * 1.02
                   * response_fit.refusal_of(few).variation / few.spread)  # fmt: skip
    # As many leads as before, only the hours differ more.
    results = 0.15 * wider**0.5
    assert response_fit.fit(wider, results).b_error < few.b_error


def test_a_wide_b_above_one_asks_for_weeks_to_see_it_clearly() -> None:
    few = response_fit.fit(HOURS[:18], 0.01 * HOURS[:18] ** 1.1)
    refusal = response_fit.refusal_of(few)
    assert refusal.reason is CurveReason.WIDE_ERROR
    assert few.b_error * math.sqrt(few.weeks / (few.weeks + refusal.weeks_more)) <= 0.25


def test_no_number_of_weeks_helps_a_b_above_one() -> None:
    refusal = response_fit.refusal_of(exact(1.2))
    assert refusal.reason is CurveReason.NOT_BELOW_ONE
    assert (refusal.weeks_more, refusal.variation) == (None, None)


def test_the_next_lead_costs_the_average_over_b() -> None:
    cost = response_fit.marginal_cost(exact(), average_cost=100)
    assert cost.value == pytest.approx(200)
    assert cost.low < 200 < cost.high
    assert response_fit.marginal_cost(replace(exact(), b=0.0), average_cost=100).value == math.inf


def test_the_marginal_hour_is_the_slope_of_the_curve() -> None:
    fitted = exact()
    slope = (fitted.expected(20.001) - fitted.expected(19.999)) / 0.002
    assert fitted.marginal(20) == pytest.approx(slope)
    assert response_fit.marginal_return(fitted, average_return=3).value == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("average_return", "expected"),
    [
        pytest.param(2.0, 20.0, id="the next hour just pays"),
        pytest.param(2.4, 28.8, id="room for more"),
        pytest.param(1.2, 7.2, id="too many already"),
        pytest.param(9.0, 40.0, id="never more than was observed"),
        pytest.param(0.1, 5.0, id="never less than was observed"),
        pytest.param(0.0, 5.0, id="nothing comes back"),
    ],
)
def test_the_line_is_where_the_next_hour_stops_paying(average_return: float, expected: float) -> None:
    """h* = h (b R)^(1/(1-b)) = 20 (R/2)^2 for b = 1/2."""
    assert response_fit.break_even_hours(exact(), hours=20, average_return=average_return) == pytest.approx(expected)


def test_at_the_line_the_next_hour_costs_what_it_brings() -> None:
    fitted, hour, lead = exact(), 40.0, 200.0
    average_return = fitted.expected(20) * lead / (20 * hour)
    line_hours = response_fit.break_even_hours(fitted, hours=20, average_return=average_return)
    assert fitted.marginal(line_hours) * lead == pytest.approx(hour)


def test_there_is_no_line_without_diminishing_returns() -> None:
    assert response_fit.break_even_hours(exact(1.1), hours=20, average_return=2) is None
    assert response_fit.break_even_hours(replace(exact(), b=-0.2), hours=20, average_return=2) == 5


def test_what_if_says_what_is_saved_and_given_up() -> None:
    answer = response_fit.what_if(exact(), hours=30, fewer=20, cost_of_hour=40, value_of_lead=150)
    lost = 2 * (math.sqrt(30) - math.sqrt(10))
    assert (answer.hours, answer.saved) == (10, 800)
    assert answer.leads.value == pytest.approx(lost)
    assert answer.leads.low < lost < answer.leads.high
    assert answer.revenue.value == pytest.approx(lost * 150)
    assert not answer.is_outside


def test_what_if_knows_its_limits() -> None:
    none_left = response_fit.what_if(exact(), hours=30, fewer=30, cost_of_hour=40, value_of_lead=150)
    assert none_left.is_outside
    assert none_left.leads.value == pytest.approx(2 * math.sqrt(30))
    assert response_fit.what_if(exact(), hours=30, fewer=0, cost_of_hour=40, value_of_lead=150).leads.value == 0
    with pytest.raises(ValueError, match="between none and all"):
        response_fit.what_if(exact(), hours=30, fewer=31, cost_of_hour=40, value_of_lead=150)


def test_what_if_holds_the_truth_as_often_as_it_says() -> None:
    truth = 2 * (math.sqrt(30) - math.sqrt(10))
    answers = [
        response_fit.what_if(curve(seed=seed), hours=30, fewer=20, cost_of_hour=40, value_of_lead=1).leads
        for seed in range(200)
    ]
    assert 0.72 < np.mean([each.low < truth < each.high for each in answers]) < 0.88


# -- without numpy and scipy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("freedom", [11, 20, 102, 1_000])
def test_the_quantile_is_that_of_students_t(level: float, freedom: int) -> None:
    assert student_quantile(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), abs=1e-5)


def test_the_band_around_the_curve_holds_the_truth_as_often_as_it_says() -> None:
    """At both ends of the hours and between them."""
    held = []
    for seed in range(200):
        fitted = curve(seed=seed)
        for hours in (5.0, 18.0, 40.0):
            low, middle, high = fitted.bounds(hours)
            assert middle == fitted.expected(hours)
            held.append(low < 2 * math.sqrt(hours) < high)
    assert 0.74 < np.mean(held) < 0.86


def test_a_stored_line_gives_the_same_curve_again() -> None:
    fitted = curve()
    stored = ResponseLine(
        log_a=fitted.log_a, b=fitted.b, covariance=fitted.covariance, dispersion=fitted.dispersion, weeks=fitted.weeks,
        least_hours=fitted.least_hours, most_hours=fitted.most_hours, spread=fitted.spread,
    )  # fmt: skip
    assert from_line(stored) == fitted


def test_without_a_fit_there_is_no_curve() -> None:
    assert from_line(ResponseLine()) is None


def test_asking_a_curve_loads_neither_numpy_nor_scipy() -> None:
    """They cost a web process a second and a hundred megabytes, for a few multiplications."""
    asked = "import sys, reports.statistics.response_curve\n"
    asked += "print([one for one in ('numpy', 'scipy') if one in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
