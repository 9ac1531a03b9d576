"""How many leads time may erase within 30 nights before a director is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.erasure_limit import ConfirmedErasures, ErasedAt, first_excess, limit_of

AT = datetime(2026, 11, 18, 2, tzinfo=UTC)


def night(number: int) -> datetime:
    """Tonight is 0, the night before -1."""
    return AT + timedelta(days=number)


@pytest.mark.parametrize(("leads", "limit"), [(0, 50), (1000, 50), (1019, 50), (1020, 51), (30_000, 1500)])
def test_the_limit_is_the_larger_of_fifty_and_five_percent(leads, limit):
    assert limit_of(leads) == limit


@pytest.mark.parametrize(
    ("nights", "expected"),
    [
        ({}, None),
        ({0: 50}, None),
        ({0: 51}, 0),
        ({-1: 30, 0: 21}, 0),  # the nights before count
        ({-29: 30, 0: 21}, 0),
        ({-30: 30, 0: 21}, None),  # thirty nights later they do not
        ({0: 10, 12: 41}, 12),  # asked as soon as it is seen coming
        ({-20: 40, 9: 11}, 9),
        ({-20: 40, 10: 11}, None),
        ({-9: 60, 0: 0}, 0),
        ({-9: 60, 22: 51}, 22),
    ],
)
def test_the_first_night_whose_thirty_nights_are_too_many(nights, expected):
    erasures = [ErasedAt(night(number), leads) for number, leads in nights.items()]
    assert first_excess(erasures, [], limit=50, since=AT) == (None if expected is None else night(expected))


@pytest.mark.parametrize(
    ("nights", "confirmed", "expected"),
    [
        ({0: 80}, (0, 80), None),
        ({0: 131}, (0, 80), 0),  # 51 more than was agreed to
        ({0: 130}, (0, 80), None),
        ({30: 80}, (0, 80), None),
        ({31: 80}, (0, 80), 31),  # it holds for thirty days
        ({-5: 80, 0: 50}, (-5, 80), None),  # what was agreed to counts no more
        ({-5: 80, 0: 51}, (-5, 80), 0),
    ],
)
def test_what_a_director_confirmed_does_not_count(nights, confirmed, expected):
    erasures = [ErasedAt(night(number), leads) for number, leads in nights.items()]
    confirmation = ConfirmedErasures(night(confirmed[0]), confirmed[1])
    found = first_excess(erasures, [confirmation], limit=50, since=AT)
    assert found == (None if expected is None else night(expected))
