from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.totals import Figures, break_even_roas, change, round_half_up

amounts = st.integers(-(10**15), 10**15)
some_figures = st.builds(Figures, *[amounts] * 8)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0, 0),
        (7, 7),
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(5, 2), 3),
        (Fraction(49, 100), 0),
        (Fraction(-149, 100), -1),
        (Decimal("2.5"), 3),
        (Decimal("-2.4999"), -2),
        (10**30 + Fraction(1, 2), 10**30 + 1),
    ],
)
def test_a_half_is_rounded_up_and_mirrored_below_zero(value: Fraction | Decimal | int, rounded: int) -> None:
    assert round_half_up(value) == rounded


def test_one_tenth_more_back_than_spent_is_a_return_on_investment_of_ten_percent() -> None:
    figures = Figures(spend_cents=100, revenue_cents=110)
    assert figures.return_per_unit(Fraction(1)) == Fraction(11, 10)
    assert figures.roi(Fraction(1)) == Fraction(1, 10)
    assert figures.roas == Fraction(11, 10)


def test_at_break_even_roas_the_return_is_exactly_one() -> None:
    margin = Fraction(2, 5)
    figures = Figures(spend_cents=1_000, revenue_cents=2_500)
    assert figures.roas == break_even_roas(margin) == Fraction(5, 2)
    assert figures.return_per_unit(margin) == 1
    assert figures.roi(margin) == 0


def test_labour_is_rounded_once_over_the_sum_and_not_per_entry() -> None:
    third_of_a_cent = Figures(minutes=1, labour_cent_minutes=20)
    assert third_of_a_cent.cost_cents == 0
    assert Figures.total([third_of_a_cent] * 3).cost_cents == 1
    assert Figures.total([third_of_a_cent] * 3).cost == 1


@pytest.mark.parametrize(
    ("figures", "known"),
    [
        (Figures(minutes=60, unrated_minutes=60), (None, None)),
        (Figures(minutes=60, unrated_minutes=60, spend_cents=500), (500, None)),
        (Figures(minutes=90, unrated_minutes=60, labour_cent_minutes=60_000), (1_000, 1_000)),
        (Figures(minutes=60), (0, 0)),
        (Figures(), (0, 0)),
    ],
    ids=["no rate", "no rate, but spend", "a part has a rate", "a rate of nothing", "nothing"],
)
def test_an_unknown_cost_is_none_and_not_zero(figures: Figures, known: tuple[int | None, int | None]) -> None:
    assert (figures.known_cost_cents, figures.known_labour_cents) == known


def test_cost_is_labour_and_spend() -> None:
    figures = Figures(minutes=90, labour_cent_minutes=90 * 4_500, spend_cents=1_000)
    assert figures.hours == Fraction(3, 2)
    assert (figures.labour_cents, figures.cost_cents) == (6_750, 7_750)


def test_cost_per_lead_is_taken_from_the_exact_cost_and_credited_leads() -> None:
    figures = Figures(labour_cent_minutes=60 * 10_000, leads_millionths=3_000_000, qualified_millionths=1_500_000)
    assert figures.cost_per_lead_cents == 3_333
    assert figures.cost_per_qualified_cents == 6_667


def test_division_by_nothing_is_no_figure() -> None:
    costly = Figures(spend_cents=100)
    free = Figures(leads_millionths=1_000_000, revenue_cents=100)
    assert (costly.cost_per_lead_cents, costly.cost_per_qualified_cents) == (None, None)
    assert (free.roas, free.return_per_unit(Fraction(1)), free.roi(Fraction(1))) == (None, None, None)
    assert free.cost_per_lead_cents is None
    assert break_even_roas(Fraction(0)) is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (110, 100, Fraction(1, 10)),
        (90, 120, Fraction(-1, 4)),
        (5, 0, None),
        (5, -5, None),
        (None, 5, None),
        (5, None, None),
    ],
)
def test_a_change_needs_something_to_compare_with(
    now: int | None, before: int | None, expected: Fraction | None
) -> None:
    assert change(now, before) == expected


@given(st.lists(some_figures, max_size=6))
def test_sums_of_sums_are_exact_in_any_order(parts: list[Figures]) -> None:
    total = Figures.total(parts)
    assert total == Figures.total(reversed(parts))
    assert total.cost == sum((part.cost for part in parts), start=Fraction(0))
    assert (total - total).is_empty


@given(some_figures)
def test_figures_are_read_back_from_what_is_stored(figures: Figures) -> None:
    assert Figures.from_json(figures.to_json()) == figures


def test_figures_stored_by_other_versions_are_read() -> None:
    """The short names have always been those of stored figures; what this version does not know is left out."""
    stored = {"minutes": 60, "leads_m": 1_500_000, "sales_m": 2_000_000, "revenue_cents": 9, "of_another_version": 1}
    figures = Figures(minutes=60, leads_millionths=1_500_000, sales_millionths=2_000_000, revenue_cents=9)
    assert Figures.from_json(stored) == figures
    assert set(stored) - set(figures.to_json()) == {"of_another_version"}
