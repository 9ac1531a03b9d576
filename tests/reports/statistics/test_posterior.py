"""The return per 1 given the sales, and the states that follow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from reports.statistics import posterior
from reports.statistics.delay import DelayPosterior, Delays, delay_grid, learn
from reports.statistics.posterior import DueEvidence, ReturnPosterior
from reports.statistics.sale_value import SaleValue
from reports.statistics.states import VerdictState

GRID = delay_grid(8.0, 4.0, 104)
NO_SALES = learn(GRID, Delays(np.array([], dtype=int), np.array([], dtype=int), np.array([])), ((0, 52),), 51)
SURE = SaleValue(mean=1.0, variation=0.7, dispersion=1.3, log_error=0.0)
amounts = st.floats(0, 1e7)


def known(mean_at: int = 150) -> DelayPosterior:
    """A delay that is wholly known: one point of the grid."""
    weight = np.zeros(len(GRID.mean))
    weight[mean_at] = 1.0
    return DelayPosterior(GRID, weight, sales=500.0)


def evidence(due: float, returned: float, *, fading: float = 1.0) -> DueEvidence:
    """So much cost that fell due, whatever the delay; with ``fading``, all of it that old."""
    every = np.full(len(GRID.mean), float(due))
    return DueEvidence(weighed=every * fading, squared=every * fading**2, returned=returned * fading)


def below(due: float, returned: float, *, target: float = 1.0, delay: DelayPosterior | None = None) -> float:
    found = posterior.return_posterior(evidence(due, returned), delay or known(), SURE, target=target)
    return found.p_below(target)


def test_the_posterior_is_prior_times_likelihood():
    """Sales weigh 2: 3 of them where r would bring 5 r; the delay is known, so the prior is exponential."""
    assert SURE.phi == pytest.approx(2.0)
    assert known().taught == pytest.approx(1)

    def density(r: float) -> float:
        return math.exp(-r) * stats.poisson.pmf(3, 5 * r)

    expected = integrate.quad(density, 0, 1)[0] / integrate.quad(density, 0, 60)[0]
    assert below(10, 6) == pytest.approx(expected, rel=1e-7)


def test_without_a_sale_the_evidence_grows_with_the_cost_that_fell_due():
    assert below(6, 0) == pytest.approx(1 - math.exp(-4))
    assert below(60, 0) > below(6, 0)


def test_silence_says_less_while_nobody_knows_how_long_sales_take():
    assert below(6, 0, delay=NO_SALES) < 0.95 < below(6, 0)


@given(due=amounts, returned=amounts, phi=st.floats(1, 1e6), target=st.floats(0.1, 10))
def test_probabilities_are_probabilities(due, returned, phi, target):
    value = SaleValue(mean=phi / 2, variation=0.7, dispersion=1.3, log_error=0.4)
    found = posterior.return_posterior(evidence(due, returned), known(), value, target=target)
    assert -1e-12 <= found.p_below(target) <= 1 + 1e-12
    assert found.p_below(target) <= found.p_below(2 * target) + 1e-12
    low, high = found.interval()
    assert 0 <= low < high


@given(st.lists(st.tuples(st.floats(1, 1e3), st.floats(1e-3, 1e6), st.floats(0.01, 1)), min_size=1, max_size=20))
def test_the_bounds_leave_a_tenth_on_either_side(components):
    shape, rate, weight = (np.array(each) for each in zip(*components, strict=True))
    found = ReturnPosterior(shape, rate, weight / weight.sum(), np.zeros(len(weight), dtype=int))
    low, high = found.interval()
    assert found.p_below(low) == pytest.approx(0.1, abs=1e-9)
    assert found.p_below(high) == pytest.approx(0.9, abs=1e-9)


def test_a_bound_is_found_in_few_steps(monkeypatch):
    found = posterior.return_posterior(evidence(40, 10), NO_SALES, SURE, target=1.0)
    steps: list[float] = []
    p_below = ReturnPosterior.p_below
    monkeypatch.setattr(ReturnPosterior, "p_below", lambda self, at: steps.append(at) or p_below(self, at))
    found.interval()
    assert 2 < len(steps) <= 40


def test_more_refunds_than_sales_are_no_sale():
    assert below(10, -5_000) == below(10, 0)


def test_old_evidence_of_one_age_says_as_much_as_if_it_were_new():
    """Weights change what counts beside what, not how much there is of it."""
    new, old = (
        posterior.return_posterior(evidence(40, 10, fading=fading), known(), SURE, target=1.0) for fading in (1.0, 0.25)
    )
    assert old.p_below(1.0) == pytest.approx(new.p_below(1.0))


def test_the_interval_holds_what_it_says_and_fits_the_probability():
    found = posterior.return_posterior(evidence(20, 10), NO_SALES, SURE, target=1.0)
    low, high = found.interval()
    assert (found.p_below(low), found.p_below(high)) == (pytest.approx(0.1), pytest.approx(0.9))
    assert low < found.mean < high


def test_a_mixture_of_models_is_as_sure_as_they_are_on_average():
    sure, unsure = (
        posterior.return_posterior(evidence(40, returned), known(), SURE, target=1.0) for returned in (0, 30)
    )
    mixed = posterior.averaged([sure, unsure])
    assert mixed.p_below(1.0) == pytest.approx((sure.p_below(1.0) + unsure.p_below(1.0)) / 2)
    assert isinstance(mixed, ReturnPosterior)


# -- states ------------------------------------------------------------------------------------------------------------


def states(belows: list[float | None]) -> list[str]:
    """The states of a platform evaluated every four weeks with these P(R < target); None is too early to judge."""
    found: list[str] = []
    previous, before = VerdictState.WATCH, None
    for each in belows:
        state = VerdictState.TOO_EARLY if each is None else posterior.next_state(previous, each, before)
        previous, before = posterior.last_judged(previous, state), each
        found.append(state.value)
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
        pytest.param([0.96, 0.96, None], ["watch", "losing", "too_early"], id="no longer known"),
        pytest.param([0.96, 0.96, None, 0.85], ["watch", "losing", "too_early", "losing"], id="silence clears nothing"),
        pytest.param([0.96, 0.96, None, 0.75], ["watch", "losing", "too_early", "watch"], id="what follows it may"),
    ],
)
def test_states_are_confirmed_and_do_not_flap(belows, expected):
    assert states(belows) == expected


@pytest.mark.parametrize("unjudged", [VerdictState.TOO_EARLY, VerdictState.INSUFFICIENT, VerdictState.NO_SALES])
def test_what_is_no_judgement_leaves_the_one_before_it(unjudged):
    for before in (VerdictState.LOSING, VerdictState.EARNING):
        assert posterior.last_judged(before, unjudged) is before
        assert posterior.last_judged(before, VerdictState.WATCH) is VerdictState.WATCH
