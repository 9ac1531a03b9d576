"""The evidence rule against platforms whose true return is known: a reduced form here, all of it in `make soak`."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from reports.statistics import simulation
from reports.statistics.simulation import OTHERS, RUNS, SALES_TO_BREAK_EVEN, TRUE_RETURNS, Delay, Rates, World

SEED = 20260101


def judged(
    true_return: float, *, sales: float = 5.0, delay: Delay | None = None, others: float = 0.0, runs: int = 400
) -> Rates:
    world = World(sales=sales, true_return=true_return, delay=delay, others=others)
    return simulation.rates(world, runs=runs, generator=np.random.default_rng(SEED))


def test_the_drawn_platforms_bring_back_what_they_should() -> None:
    """5 sales a month to break even, a return of 1.5: 7.5 sales a month with variance 1.3 x mean, worth 1.5 x cost."""
    world = World(sales=5, true_return=1.5)
    sales = simulation._sold(world, 7.5, 2_000, np.random.default_rng(SEED))
    numbers = sales.number[:, :, 0]
    assert numbers.mean() == pytest.approx(7.5 * 12 / 13, rel=0.01)
    assert numbers.var() / numbers.mean() == pytest.approx(1.3, rel=0.03)
    assert sales.money[:, :, 0].mean() == pytest.approx(1.5, rel=0.02)


def test_delays_are_as_long_as_they_should_be() -> None:
    months = Delay().periods(100_000, np.random.default_rng(SEED)) * 12 / 13
    assert (months.mean(), months.std()) == (pytest.approx(8, rel=0.01), pytest.approx(4, rel=0.02))
    shares = Delay().shares(26)
    assert (np.diff(shares) > 0).all()
    assert shares[0] < 0.001
    assert shares[-1] > 0.99


def test_only_the_past_is_seen() -> None:
    sales = simulation._sold(World(sales=5, true_return=1, delay=Delay()), 5, 50, np.random.default_rng(SEED))
    known = sales.until(9)
    assert known.money.shape == (50, 10, 10)
    assert not known.money[:, ~simulation.known_at(9)].any()
    assert simulation._cash(sales.money)[:, :10].sum() == pytest.approx(known.money.sum())


def test_a_platform_without_any_sale_is_always_flagged() -> None:
    assert judged(0.0).flagged_12 == 1
    assert judged(0.0, sales=1.5).flagged_24 == 1
    assert judged(0.0, delay=Delay()).flagged_24 == 1


def test_without_delay_the_bad_are_flagged_and_the_good_are_not() -> None:
    assert judged(0.5).flagged_12 > 0.88
    assert judged(1.5).flagged_24 < 0.05
    assert judged(2.0).flagged_24 < 0.01


def test_with_an_estimated_delay_the_bad_are_flagged_and_the_good_are_not() -> None:
    assert judged(0.5, delay=Delay(), others=OTHERS, runs=200).flagged_24 > 0.90
    assert judged(2.0, delay=Delay(), others=OTHERS, runs=200).flagged_24 < 0.03
    assert judged(3.0, delay=Delay(), runs=200).flagged_24 < 0.02


def test_flags_of_the_evidence_rule_do_not_flap() -> None:
    found = judged(1.0)
    assert found.flips < 0.6
    assert found.flips < found.plain_flips / 3


def test_the_plain_rule_condemns_what_pays_late() -> None:
    found = judged(2.0, delay=Delay(), runs=200)
    assert found.plain_12 > 0.99
    assert found.flagged_12 < 0.02


def test_the_table_has_a_line_for_each_world() -> None:
    world = World(sales=5, true_return=1, delay=Delay(), others=10)
    text = simulation.table([(world, judged(1.0, runs=5))])
    assert len(text.splitlines()) == 2
    assert "8+-4 m" in text


@pytest.mark.soak
@pytest.mark.parametrize("sales", SALES_TO_BREAK_EVEN)
@pytest.mark.parametrize(
    ("delay", "others"),
    [
        pytest.param(None, 0.0, id="no delay"),
        pytest.param(None, OTHERS, id="no delay, sale values from all platforms"),
        pytest.param(Delay(), 0.0, id="delay estimated from its own sales"),
        pytest.param(Delay(), OTHERS, id="delay estimated from all platforms"),
    ],
)
def test_a_good_platform_is_rarely_flagged_and_a_worthless_one_always(
    sales: float, delay: Delay | None, others: float, record_property: Callable[[str, object], None]
) -> None:
    rows = [
        (world, simulation.rates(world, runs=RUNS, generator=np.random.default_rng(SEED)))
        for world in (World(sales=sales, true_return=each, delay=delay, others=others) for each in TRUE_RETURNS)
    ]
    record_property("platforms simulated", RUNS * len(rows))
    record_property("error rates", simulation.table(rows))
    by_return = {world.true_return: found for world, found in rows}
    assert by_return[0.0].flagged_24 > 0.99
    assert by_return[3.0].flagged_24 < 0.03
    assert _falls([found.flagged_24 for found in by_return.values()])


def _falls(parts: Sequence[float]) -> bool:
    """Whether better platforms are flagged less often, but for chance of two points."""
    return all(later <= earlier + 0.02 for earlier, later in zip(parts, parts[1:], strict=False))
