"""What a sale is worth and weighs, from none, one, and many."""

import numpy as np
import pytest

from reports.statistics import sale_value
from reports.statistics.sale_value import dispersion_of, estimate


def test_without_a_sale_the_usual_one_weighs_two_and_a_third_of_itself():
    value = estimate([], [], usual=1_000)
    assert value is not None
    assert (value.mean, value.phi) == (1_000, pytest.approx(2_300))


@pytest.mark.parametrize("only", [200.0, 5_000.0])
def test_one_sale_moves_what_a_usual_one_is_by_a_tenth(only):
    value = estimate([only], [1], usual=2_000)
    assert value is not None
    assert value.mean == pytest.approx((only + 10 * 2_000) / 11)
    assert 0.85 < value.phi / (2.3 * 2_000) < 1.35


def test_a_few_sales_tell_nothing_where_nobody_said_what_a_usual_one_brings():
    assert estimate([200.0] * 4, [4], usual=None) is None
    assert estimate([200.0] * 5, [5], usual=None) is not None


def test_phi_is_the_variance_of_a_sum_of_sales_over_its_mean():
    generator = np.random.default_rng(3)
    counts = generator.poisson(generator.gamma(8 / 0.5, 0.5, 20_000))
    values = generator.lognormal(0, 0.6, counts.sum())
    sums = np.add.reduceat(np.append(values, 0), np.minimum(np.cumsum(counts) - counts, len(values)))[counts > 0]
    sums = np.concatenate([sums, np.zeros((counts == 0).sum())])
    value = estimate(values, counts, usual=1.0)
    assert value is not None
    assert value.phi == pytest.approx(sums.var() / sums.mean(), rel=0.05)


def test_few_sales_leave_the_weight_of_one_in_doubt():
    one, many = estimate([1_000.0], [1], usual=1_000), estimate([1_000.0] * 90, [90], usual=1_000)
    assert one is not None
    assert many is not None
    assert one.log_error == pytest.approx(np.sqrt(np.log(2)) / np.sqrt(11))
    assert one.log_error > 2.5 * many.log_error
    amounts, weights = one.weights()
    assert weights.sum() == pytest.approx(1)
    assert amounts[1] == pytest.approx(one.phi)


def test_the_spread_of_counts_is_drawn_to_the_usual_one():
    assert dispersion_of([]) == dispersion_of([7]) == dispersion_of([0, 0, 0]) == sale_value.USUAL_DISPERSION
    assert dispersion_of([5] * 2_000) == pytest.approx(1, abs=0.01)
    spread = np.random.default_rng(1).poisson(np.random.default_rng(2).gamma(8 / 2, 2, 3_000))
    assert dispersion_of(spread) == pytest.approx(3, rel=0.1)
    assert dispersion_of([0, 9] * 6) == pytest.approx((24 * 1.3 + 11 * 9) / (24 + 11))


def test_sales_that_grow_are_no_chance():
    assert dispersion_of(np.arange(40)) < sale_value.USUAL_DISPERSION
