"""Weeks as people type them."""

from datetime import date

import pytest

from core.dates import DateError
from core.typed_weeks import NoSuchWeek, NoWeek, read_week
from core.weeks import Week

NEAR = date(2026, 11, 18)


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-W47", "2026-w47", "2026W47", "2026-47", "202647", "2026 S47", "2026-S47"),
        *(
            "W47",
            "w47",
            "47",
            " 47 ",
            "S47",
            "s 47",
            "KW 47",
            "week 47",
            "Semaine 47",
            "sem. 47",
            "W47 2026",
            "S47/2026",
        ),
        *("2026-11-16", "2026-11-22", "18/11/2026", "18.11.2026", "18 Nov 2026", "18 novembre 2026"),
    ],
)
def test_they_all_mean_the_same_week(typed):
    assert read_week(typed, near=NEAR) == Week.parse("2026-W47")


@pytest.mark.parametrize(
    ("typed", "near", "week"),
    [
        ("W1", date(2026, 12, 20), "2027-W01"),
        ("W1", date(2026, 1, 20), "2026-W01"),
        ("52", date(2027, 1, 4), "2026-W52"),
        ("W53", date(2027, 6, 1), "2026-W53"),
    ],
)
def test_without_a_year_it_is_the_nearest(typed, near, week):
    assert str(read_week(typed, near=near)) == week


@pytest.mark.parametrize(
    "typed", ["", "soon", "47.5", "-3", "W", "2026", "W471", "2026-W471", "2026-13-01", "\x00", "4" * 999]
)
def test_what_is_no_week_is_none(typed):
    with pytest.raises(NoWeek):
        read_week(typed, near=NEAR)


@pytest.mark.parametrize(("typed", "number", "year"), [("2025-W53", 53, 2025), ("W0", 0, None), ("54", 54, None)])
def test_a_week_that_is_not_there_is_named(typed, number, year):
    with pytest.raises(NoSuchWeek) as refused:
        read_week(typed, near=NEAR)
    assert (refused.value.number, refused.value.year) == (number, year)


def test_a_day_that_may_be_another_is_not_guessed():
    with pytest.raises(DateError, match="ambiguous"):
        read_week("02/03/2026", near=NEAR)
