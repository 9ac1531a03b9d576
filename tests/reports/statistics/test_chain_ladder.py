import math

import numpy as np
import pytest

from reports.statistics import chain_ladder
from reports.statistics.chain_ladder import Triangle, TriangleReason
from tests.reports.statistics.published import RAA, TAYLOR_ASHE

raa = Triangle.from_cumulative(RAA)
# Ten cohorts that bring the same in the same time: nothing to doubt.
STEADY = [[400.0, 1000.0, 1200.0]] * 8 + [[400.0, 1000.0], [400.0]]
MONTHS = [f"2025-{month:02}" for month in range(1, 11)]


def test_the_published_factors_are_found() -> None:
    published = [2.99936, 1.62352, 1.27089, 1.17167, 1.11338, 1.04193, 1.03326, 1.01694, 1.00922]
    assert chain_ladder.development_factors(raa.cumulative) == pytest.approx(published, abs=6e-6)


def test_the_published_reserve_and_its_errors_are_found() -> None:
    ladder = chain_ladder.chain_ladder(raa)
    assert ladder.total_reserve == pytest.approx(52135.23, abs=0.01)
    assert ladder.total_standard_error == pytest.approx(26909.01, abs=0.01)
    assert ladder.standard_error.round().tolist() == [0, 206, 623, 747, 1469, 2002, 2209, 5358, 6333, 24566]


def test_the_newest_row_has_the_published_interval() -> None:
    ladder = chain_ladder.chain_ladder(raa)
    assert ladder.reserve[-1] == pytest.approx(16339, abs=0.5)
    low, high = chain_ladder.lognormal_interval(ladder.reserve[-1], ladder.standard_error[-1])
    # Published from rounded figures.
    assert (low, high) == (pytest.approx(2246, rel=5e-4), pytest.approx(36449, rel=5e-4))


def test_a_second_published_triangle_agrees() -> None:
    ladder = chain_ladder.chain_ladder(Triangle.from_cumulative(TAYLOR_ASHE))
    assert ladder.total_reserve == pytest.approx(18_680_856, abs=1)
    assert ladder.total_standard_error == pytest.approx(2_447_095, abs=1)


def test_bornhuetter_ferguson_and_cape_cod_agree_with_published_figures() -> None:
    assert chain_ladder.bornhuetter_ferguson(raa, 20000).total_reserve == pytest.approx(53716.60, abs=0.01)
    capes = chain_ladder.cape_cod(raa, 20000)
    assert capes.ratio == pytest.approx(1.100514, abs=1e-6)
    assert capes.total_reserve == pytest.approx(59115.89, abs=0.01)


def test_incremental_and_cumulative_cells_are_the_same_triangle() -> None:
    steps = [np.diff(row, prepend=0).tolist() for row in RAA]
    assert np.allclose(Triangle.from_incremental(steps).cumulative, raa.cumulative, equal_nan=True)
    assert np.nansum(raa.incremental) == raa.latest.sum()


def test_shares_are_the_inverse_of_the_factors_still_to_come() -> None:
    share = chain_ladder.shares(raa.cumulative)
    assert share[-1] == 1
    assert share[0] == pytest.approx(1 / math.prod(chain_ladder.development_factors(raa.cumulative)))
    assert (np.diff(share) > 0).all()


def test_rows_need_not_be_a_month_apart() -> None:
    """Three cohorts that know every age, one that knows two: the last step has a variance of its own."""
    triangle = Triangle.from_cumulative([[10, 20, 40], [10, 22, 44], [10, 18, 36.5], [12, 25]])
    ladder = chain_ladder.chain_ladder(triangle)
    assert ladder.factors == pytest.approx([85 / 42, 120.5 / 60])
    assert ladder.reserve[:3] == pytest.approx([0, 0, 0])
    assert ladder.ultimate[3] == pytest.approx(25 * 120.5 / 60)
    factor = 120.5 / 60
    sigma2 = sum(c * (n / c - factor) ** 2 for c, n in [(20, 40), (22, 44), (18, 36.5)]) / 2
    assert ladder.sigma2[1] == pytest.approx(sigma2)
    mse = ladder.ultimate[3] ** 2 * sigma2 / factor**2 * (1 / 25 + 1 / 60)
    assert ladder.standard_error[3] == pytest.approx(math.sqrt(mse))
    assert ladder.total_standard_error == pytest.approx(math.sqrt(mse))


def test_many_triangles_at_once_give_what_each_gives_alone() -> None:
    both = np.stack([raa.cumulative, Triangle.from_cumulative(TAYLOR_ASHE).cumulative])
    ultimate, mse, total = chain_ladder.mack(both)
    for index, cells in enumerate(both):
        alone = chain_ladder.mack(cells)
        assert ultimate[index] == pytest.approx(alone[0])
        assert mse[index] == pytest.approx(alone[1])
        assert total[index] == pytest.approx(float(alone[2]))


def test_money_that_takes_months_leaves_a_share_of_nothing_at_first() -> None:
    late = [[0, 0, 30, 60], [0, 0, 40, 70], [0, 0, 35], [0, 0], [0]]
    triangle = Triangle.from_cumulative(late)
    assert chain_ladder.shares(triangle.cumulative)[:2].tolist() == [0, 0]


def test_refunds_do_not_break_the_interval() -> None:
    assert chain_ladder.lognormal_interval(-100, 50) == pytest.approx(
        (-100 - 1.28155 * 50, -100 + 1.28155 * 50), abs=1e-3
    )
    assert chain_ladder.lognormal_interval(0, 0) == (0, 0)
    assert chain_ladder.lognormal_interval(100, 0) == pytest.approx((100, 100))


@pytest.mark.parametrize(
    ("rows", "names", "problem"),
    [
        pytest.param([], [], "at least one", id="no row"),
        pytest.param([[None, None]], [], "at least one figure", id="a row without a figure"),
        pytest.param([[1.0, math.inf]], [], "finite", id="infinite"),
        pytest.param([[1.0], [2.0]], ["a"], "names all", id="too few names"),
    ],
)
def test_what_is_no_triangle_is_refused(rows: list, names: list, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Triangle.from_cumulative(rows, names)


def test_a_steady_triangle_is_not_refused() -> None:
    assert chain_ladder.refusals(Triangle.from_cumulative(STEADY, MONTHS), sales=120) == []


def test_published_triangles_are_not_refused() -> None:
    assert chain_ladder.refusals(raa) == []
    assert chain_ladder.refusals(Triangle.from_cumulative(TAYLOR_ASHE)) == []


@pytest.mark.parametrize(
    ("rows", "names", "sales", "reason", "where"),
    [
        pytest.param(STEADY[-5:], (), 60, TriangleReason.FEW_COHORTS, (), id="five cohorts"),
        pytest.param(STEADY, (), 29, TriangleReason.FEW_SALES, (), id="29 sales"),
        pytest.param(
            [[0, 10, 20]] * 4 + [[0, 10]] * 4 + [[0]], (), 60, TriangleReason.EMPTY_COLUMN, ("0",), id="an empty column"
        ),
        pytest.param(
            [[90, 91, 92], [1, 2, 200], [90, 91], [1, 200], [90, 90], [1, 200], [200]],
            (),
            60,
            TriangleReason.WIDE_ERROR,
            (),
            id="no pattern in it",
        ),
        pytest.param(
            [[10, 20, 40, 80]] * 5 + [[10, 20, 40], [10, 20], [10]],
            (),
            60,
            TriangleReason.OPEN_END,
            (),
            id="far from its end",
        ),
        pytest.param(
            STEADY,
            [*MONTHS[:4], *[f"2025-{m:02}" for m in range(6, 12)]],
            60,
            TriangleReason.CALENDAR_BREAK,
            ("2025-06",),
            id="a month is missing",
        ),
        pytest.param(
            [[None, 1000, 1200], *STEADY[1:]],
            (),
            60,
            TriangleReason.CALENDAR_BREAK,
            ("1",),
            id="a row that starts late",
        ),
    ],
)
def test_each_refusal_names_its_reason(
    rows: list, names: tuple, sales: int, reason: TriangleReason, where: tuple
) -> None:
    found = {
        refusal.reason: refusal for refusal in chain_ladder.refusals(Triangle.from_cumulative(rows, names), sales=sales)
    }
    assert reason in found
    assert found[reason].where == where


def test_data_that_starts_in_the_middle_is_refused() -> None:
    """Hours from January on, but a sales ledger that begins in June."""
    usual = [400.0, 600.0, 200.0]
    steps = [[usual[age] * (cohort + age >= 5) for age in range(min(3, 12 - cohort))] for cohort in range(12)]
    refusals = chain_ladder.refusals(Triangle.from_incremental(steps), sales=60)
    assert [refusal.reason for refusal in refusals] == [TriangleReason.CALENDAR_BREAK]
    assert refusals[0].found > chain_ladder.SILENT_SALES
