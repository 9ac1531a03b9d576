import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from reports.statistics import posterior
from reports.statistics.posterior import Rule, WindowEvidence
from reports.statistics.states import VerdictState

amounts = st.floats(0, 1e7)


def losing(matured: float = 10_000, returned: float = 0) -> WindowEvidence:
    return WindowEvidence(returned=returned, matured=matured, phi=1_000)


def test_phi_is_the_sale_for_sales_of_one_size() -> None:
    assert posterior.phi_of([500, 500, 500], dispersion=1) == 500
    assert posterior.phi_of([500, 500, 500]) == pytest.approx(500 * 1.3)


def test_phi_weighs_big_sales_more() -> None:
    assert posterior.phi_of([100, 900], dispersion=1.5) == pytest.approx((100**2 + 900**2) / 1000 + 0.5 * 500)


def test_phi_is_the_variance_of_a_sum_of_sales_over_its_mean() -> None:
    generator = np.random.default_rng(3)
    counts = generator.poisson(generator.gamma(8 / 0.5, 0.5, 20_000))
    values = generator.lognormal(0, 0.6, counts.sum())
    sums = np.add.reduceat(np.append(values, 0), np.minimum(np.cumsum(counts) - counts, len(values)))[counts > 0]
    sums = np.concatenate([sums, np.zeros((counts == 0).sum())])
    assert sums.var() / sums.mean() == pytest.approx(posterior.phi_of(values, dispersion=1.5), rel=0.05)


@pytest.mark.parametrize("values", [[], [0.0], [100, -5]])
def test_phi_needs_sales_that_are_worth_something(values: list) -> None:
    with pytest.raises(ValueError, match="at least one sale"):
        posterior.phi_of(values)


def test_the_spread_of_counts_is_usual_until_there_are_enough() -> None:
    assert posterior.dispersion_of([0, 9] * 11) == posterior.USUAL_DISPERSION
    assert posterior.dispersion_of([0] * 29 + [29]) == posterior.USUAL_DISPERSION
    assert posterior.dispersion_of([0, 9] * 20) == pytest.approx(4.5 * 40 / 39)
    assert posterior.dispersion_of([5] * 30) == 1


def test_only_matured_cost_counts() -> None:
    assert posterior.matured_cost([1000, 1000, 1000], [1.0, 0.5, 0.1]) == pytest.approx(1600)


def test_the_posterior_is_prior_times_likelihood() -> None:
    """Without any sale size: 3 sales where r would bring 5 r, exponential prior of mean 1."""

    def density(r: float) -> float:
        return math.exp(-r) * stats.poisson.pmf(3, 5 * r)

    below = integrate.quad(density, 0, 1)[0] / integrate.quad(density, 0, 60)[0]
    assert WindowEvidence(returned=3, matured=5, phi=1).p_below(1) == pytest.approx(below, rel=1e-7)


def test_without_a_sale_the_evidence_grows_with_cost_alone() -> None:
    assert losing(3_000).p_below(1) == pytest.approx(1 - math.exp(-4))
    assert losing(3_000).amount == 3


@given(returned=amounts, matured=amounts, phi=st.floats(1, 1e6), target=st.floats(0.1, 10))
def test_probabilities_are_probabilities(returned: float, matured: float, phi: float, target: float) -> None:
    found = WindowEvidence(returned, matured, phi)
    assert 0 <= found.p_below(target) <= 1
    assert found.p_below(target) + found.p_above(target) == pytest.approx(1)
    assert found.p_below(target) <= found.p_below(2 * target)


def test_more_refunds_than_sales_are_no_sale() -> None:
    assert losing(returned=-5_000).p_below(1) == losing().p_below(1)


def test_the_interval_holds_what_it_says() -> None:
    found = losing(20_000, 10_000)
    low, high = found.interval()
    assert (found.p_below(low), found.p_below(high)) == (pytest.approx(0.1), pytest.approx(0.9))


def test_the_narrowest_window_with_evidence_is_taken() -> None:
    thin, enough, wide = (
        WindowEvidence(0, matured, 1_000, months) for matured, months in [(2e3, 6), (4e3, 12), (8e3, 24)]
    )
    assert posterior.narrowest_enough([thin, enough, wide]) is enough
    assert posterior.narrowest_enough([thin, thin]) is thin


def states(belows: list[float], *, enough: bool = True, start: VerdictState = VerdictState.WATCH) -> list[str]:
    """The states of a platform evaluated every four weeks with these P(R < target)."""
    found, previous, before = [], np.array(start.code), np.array(np.nan)
    for below in belows:
        state = posterior.next_states(previous, np.array(below), before, np.array(enough))
        previous = posterior.last_judged(previous, state)
        before = np.array(below)
        found.append(VerdictState.from_code(int(state)).value)
    return found


@pytest.mark.parametrize(
    ("belows", "expected"),
    [
        pytest.param([0.96, 0.96], ["watch", "losing"], id="losing needs two"),
        pytest.param([0.96, 0.94, 0.96], ["watch"] * 3, id="one in between resets it"),
        pytest.param([0.95, 0.95, 0.80, 0.79], ["watch", "losing", "losing", "watch"], id="left under .80"),
        pytest.param([0.95, 0.95, 0.79, 0.95, 0.95], ["watch", "losing", "watch", "watch", "losing"], id="again twice"),
        pytest.param([0.10, 0.10], ["watch", "earning"], id="earning needs two"),
        pytest.param([0.05, 0.05, 0.29, 0.31], ["watch", "earning", "earning", "watch"], id="left under .70"),
        pytest.param([0.5, 0.5], ["watch", "watch"], id="neither"),
        pytest.param([0.96, 0.96, math.nan], ["watch", "losing", "too_early"], id="no longer known"),
        pytest.param(
            [0.96, 0.96, math.nan, 0.85], ["watch", "losing", "too_early", "losing"], id="a refusal clears nothing"
        ),
        pytest.param(
            [0.96, 0.96, math.nan, 0.75], ["watch", "losing", "too_early", "watch"], id="but what follows it may"
        ),
    ],
)
def test_states_are_confirmed_and_do_not_flap(belows: list[float], expected: list[str]) -> None:
    assert states(belows) == expected


@pytest.mark.parametrize("unjudged", [VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT, VerdictState.NO_SALES])
def test_what_is_no_judgement_leaves_the_one_before_it(unjudged: VerdictState) -> None:
    before = np.array([state.code for state in (VerdictState.LOSING, VerdictState.EARNING)])
    assert posterior.last_judged(before, np.array([unjudged.code] * 2)).tolist() == before.tolist()
    watch = np.array([VerdictState.WATCH.code] * 2)
    assert posterior.last_judged(before, watch).tolist() == watch.tolist()


def test_little_evidence_is_insufficient_whatever_it_says() -> None:
    assert states([0.99, 0.99], enough=False) == ["insufficient", "insufficient"]


def test_a_reading_says_what_it_rests_on() -> None:
    reading = posterior.estimate_state(losing(), losing(), target=1, rule=Rule.TYPICAL_SALE)
    assert (reading.state, reading.rule) == (VerdictState.LOSING, Rule.TYPICAL_SALE)
    assert reading.p_below == pytest.approx(1 - math.exp(-11))
    assert reading.p_below + reading.p_above == pytest.approx(1)


@pytest.mark.parametrize(
    ("now", "before", "previous", "state"),
    [
        pytest.param(None, None, VerdictState.WATCH, VerdictState.TOO_EARLY, id="nothing known"),
        pytest.param(losing(2_999), losing(2_999), VerdictState.WATCH, VerdictState.INSUFFICIENT, id="E just under 3"),
        pytest.param(losing(3_000), losing(2_999), VerdictState.WATCH, VerdictState.LOSING, id="E of 3"),
        pytest.param(losing(), None, VerdictState.WATCH, VerdictState.WATCH, id="first evaluation"),
        pytest.param(losing(), None, VerdictState.LOSING, VerdictState.LOSING, id="a flag stays up"),
        pytest.param(
            losing(10_000, 30_000), losing(10_000, 30_000), VerdictState.WATCH, VerdictState.EARNING, id="earning"
        ),
    ],
)
def test_a_reading_follows_the_rule(
    now: WindowEvidence, before: WindowEvidence, previous: VerdictState, state: VerdictState
) -> None:
    assert posterior.estimate_state(now, before, target=1, previous=previous).state is state


@pytest.mark.parametrize(
    ("cost", "returned", "state"),
    [
        pytest.param(999, 0, VerdictState.INSUFFICIENT, id="under the minimum"),
        pytest.param(1_000, 0, VerdictState.LOSING, id="past it without a sale"),
        pytest.param(1_000, 1_000, VerdictState.WATCH, id="at the target"),
        pytest.param(0, 0, VerdictState.INSUFFICIENT, id="no cost"),
    ],
)
def test_the_plain_rule_stands_in_past_a_minimum(cost: float, returned: float, state: VerdictState) -> None:
    reading = posterior.estimate_plainly(cost=cost, returned=returned, target=1, minimum_cost=1_000 if cost else 0)
    assert (reading.state, reading.rule, reading.p_below) == (state, Rule.PLAIN, None)


def test_two_hundred_and_twenty_hours_a_week_without_a_sale_are_flagged_soon() -> None:
    """At 40 an hour and a typical sale of 5,000: seven weeks until evidence is enough, confirmed four weeks later."""
    weekly, typical = 220 * 40.0, 5_000.0
    weeks = [WindowEvidence(0, weekly * week, typical) for week in range(1, 20)]
    flagged = [
        week
        for week in range(4, 19)
        if posterior.estimate_state(weeks[week], weeks[week - 4], target=1).state is VerdictState.LOSING
    ]
    assert flagged[0] + 1 <= 8
