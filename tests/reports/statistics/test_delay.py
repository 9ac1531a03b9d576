"""How long sales take: what the likelihood allows for, and what the prior does."""

import numpy as np
import pytest
from scipy import integrate, stats

from reports.statistics import delay
from reports.statistics.delay import WEEKS_A_MONTH, Delays, delay_grid, learn

GRID = delay_grid(8.0, 4.0, 520)


def seen(worked, paid) -> Delays:
    return Delays(np.array(worked, dtype=np.int64), np.array(paid, dtype=np.int64), np.ones(len(worked)))


def drawn(mean: float, number: int = 400, weeks: int = 104, seed: int = 1) -> Delays:
    """Sales of work spread over all weeks, after a gamma delay of that mean in months; what is to come is unseen."""
    generator = np.random.default_rng(seed)
    worked = generator.integers(0, weeks, number)
    paid = worked + np.floor(generator.random(number) + generator.gamma(4, mean * WEEKS_A_MONTH / 4, number)).astype(
        int
    )
    return seen(worked[paid < weeks], paid[paid < weeks])


def mean_of(posterior) -> float:
    return float(np.exp(posterior.weight @ np.log(posterior.grid.mean)))


def test_an_age_is_the_part_of_a_delay_that_ends_in_its_week():
    """By integration: work at any moment of its week, and a gamma delay of 8 months that varies by half."""
    point = 25 * len(delay.VARIATIONS) + 2
    variation = 0.5
    assert GRID.mean[point] == pytest.approx(8)
    of_weeks = stats.gamma(1 / variation**2, scale=GRID.mean[point] * WEEKS_A_MONTH * variation**2)
    for age in (0, 10, 40):
        by_then = integrate.quad(lambda part, age=age: of_weeks.cdf(age + part), 0, 1)[0]
        assert GRID.arrived[0, point, age + 1] == pytest.approx(by_then, rel=1e-6)


def test_without_a_sale_the_settings_stand_wrong_by_a_factor_of_two():
    posterior = learn(GRID, seen([], []), ((0, 52),), 51)
    deviation = np.sqrt(posterior.weight @ np.log(GRID.mean / 8) ** 2)
    assert mean_of(posterior) == pytest.approx(8, rel=0.01)
    assert deviation == pytest.approx(np.log(2), rel=0.05)
    assert (posterior.taught, posterior.sales) == (pytest.approx(0, abs=1e-9), 0)


@pytest.mark.parametrize("setting", [4.0, 8.0, 16.0])
def test_many_sales_tell_the_delay_whatever_the_settings(setting):
    posterior = learn(delay_grid(setting, setting / 2, 520), drawn(8.0), ((0, 104),), 103)
    assert mean_of(posterior) == pytest.approx(8, rel=0.25)
    assert posterior.taught > 0.9


def test_young_work_can_only_show_short_delays_and_that_is_allowed_for():
    """Half a year of work, sales after eight months: those that are seen took three months on average."""
    young = drawn(8.0, number=300, weeks=26)
    assert (young.paid - young.worked).mean() < 4 * WEEKS_A_MONTH
    assert mean_of(learn(GRID, young, ((0, 26),), 25)) > 6


def test_a_gap_in_the_records_costs_its_weeks_and_nothing_more():
    whole = drawn(5.0, number=600)
    recorded = ((0, 40), (60, 104))
    told = learn(GRID, whole, recorded, 103)
    assert told.sales == float(delay.is_recorded(whole.paid, recorded).sum())
    assert mean_of(told) == pytest.approx(mean_of(learn(GRID, whole, ((0, 104),), 103)), rel=0.1)


def test_records_that_begin_late_do_not_make_delays_long():
    """Sales are recorded from week 52 on: of the work before it only those that took long were seen."""
    late = drawn(5.0, number=800)
    only = Delays(*(each[late.paid >= 52] for each in (late.worked, late.paid, late.share)))
    assert mean_of(learn(GRID, only, ((52, 104),), 103)) == pytest.approx(5, rel=0.2)
    assert mean_of(learn(GRID, only, ((0, 104),), 103)) > 5.9


def test_what_falls_due_is_counted_in_recorded_weeks_alone():
    everything = delay.due(GRID, ((0, 104),), 103)
    parts = [delay.due(GRID, ((start, end),), 103) for start, end in ((0, 30), (30, 104))]
    assert np.allclose(everything, sum(parts))
    assert np.allclose(everything[:, 103 - np.arange(104)], GRID.arrived[0, :, 1:105])
    assert (delay.due(GRID, ((200, 300),), 103) == 0).all()


def test_evidence_counts_half_after_nine_months_by_the_week_it_fell_due():
    for power in (1, 2):
        by_week = [
            delay.due(GRID, ((week, week + 1),), 103) * delay.faded(np.array(103 - week), power) for week in range(104)
        ]
        assert np.allclose(delay.due(GRID, ((0, 104),), 103, power=power), sum(by_week))
    assert delay.faded(np.array([0, 39, 78])).tolist() == [1, 0.5, 0.25]


def test_nothing_is_credited_after_the_lookback():
    """The families end there, so that a sale that can still come is one that can still be credited."""
    short = delay_grid(8.0, 4.0, 520, longest=365 / 7)
    assert short.arrived[0, :, 54:] == pytest.approx(1.0)
    assert (short.arrived[0, :, 20] >= GRID.arrived[0, :, 20]).all()
    whole = drawn(8.0, number=600)
    within = whole.paid - whole.worked < 52
    cut = Delays(*(each[within] for each in (whole.worked, whole.paid, whole.share)))
    known, unknown = (mean_of(learn(grid, cut, ((0, 104),), 103)) for grid in (short, GRID))
    assert unknown < known
    assert known == pytest.approx(8, rel=0.2)
