"""Journeys on arrays share as the models say, to the last unit and whatever the amounts."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.attribution import MILLION, PATH_MODELS, Journey, JourneyTouch, PathModel, share
from campaigns.models import Agency
from core.numbers import MAX_CENTS
from reports.attribution import credit_rules, journeys
from reports.attribution.credit_rules import CreditRules
from reports.attribution.journeys import EPOCH, MICROSECOND, Journeys

LATEST = datetime(2199, 12, 31, tzinfo=UTC)
MOMENTS = st.integers(-(10**15), (LATEST - EPOCH) // MICROSECOND)
# Few distinct instants, so that many touches tie; and any.
AGES = st.one_of(st.integers(0, 3).map(lambda days: days * 86_400_000_000), st.integers(0, 3650 * 86_400_000_000))
CENTS = st.one_of(st.integers(-MAX_CENTS, MAX_CENTS), st.sampled_from([-MAX_CENTS, MAX_CENTS, MAX_CENTS - 1, 0, 1, -1]))
JOURNEY = st.tuples(MOMENTS, st.lists(AGES, min_size=1, max_size=9), CENTS)
HALF_LIVES = st.sampled_from([0.25, 1.0, 7.0, 30.25, 91.25, 365.0, 912.5])


def plain(moment: int, ages: list[int], half_life_days: float) -> Journey:
    instants = sorted(moment - age for age in ages)
    touches = [
        JourneyTouch(EPOCH + at * MICROSECOND, number, number % 3 or None, number % 2 or None)
        for number, at in enumerate(instants, 1)
    ]
    return Journey(touches, lead_at=EPOCH + moment * MICROSECOND, half_life_days=half_life_days)


def numbers(values) -> journeys.IntArray:
    return np.array(list(values), dtype=np.int64)


def arrays(each: list[Journey], half_life_days: float) -> Journeys:
    touches = [(journey, touch) for journey in each for touch in journey.touches]
    sizes = [len(journey.touches) for journey in each]
    return Journeys(
        starts=numbers(accumulate([0, *sizes[:-1]])) if each else numbers([]),
        half_life_days=half_life_days,
        lead_at=numbers((journey.lead_at - EPOCH) // MICROSECOND for journey, _touch in touches),
        at=numbers((touch.at - EPOCH) // MICROSECOND for _journey, touch in touches),
        id=numbers(touch.id for _journey, touch in touches),
        platform=numbers(touch.platform or 0 for _journey, touch in touches),
        campaign=numbers(touch.campaign or 0 for _journey, touch in touches),
    )


def wanted(model: PathModel, each: list[Journey], totals: list[int]) -> list[int]:
    return [part for journey, total in zip(each, totals, strict=True) for part in share(total, model.weights(journey))]


@pytest.mark.parametrize("model", PATH_MODELS, ids=lambda model: model.name)
@given(cases=st.lists(JOURNEY, max_size=8), half_life_days=HALF_LIVES)
@example(cases=[(0, [0, 1, 86_400_000_000 * 3650], MAX_CENTS)], half_life_days=0.25)
@example(cases=[(0, [0] * 9, -MAX_CENTS), (0, [5, 4, 3], 1)], half_life_days=912.5)
def test_arrays_share_as_the_plain_model_does(model, cases, half_life_days):
    each = [plain(moment, ages, half_life_days) for moment, ages, _cents in cases]
    cents = [amount for *_journey, amount in cases]
    many = arrays(each, half_life_days)
    found = journeys.shares(model, many, numbers(cents), numbers([MILLION] * len(each)))
    assert found[0].tolist() == wanted(model, each, cents)
    assert found[1].tolist() == wanted(model, each, [MILLION] * len(each))


def test_a_product_of_more_than_64_bits_is_divided_exactly():
    """48 bits of weight times 50 of cents; one cent more or less would show."""
    journey = plain(0, [0, 86_400_000_000, 2 * 86_400_000_000], 7.0)
    decay = PATH_MODELS[-1]
    assert max(decay.weights(journey)) * MAX_CENTS > 2**96
    for cents in range(MAX_CENTS - 50, MAX_CENTS + 1):
        (found,) = journeys.shares(decay, arrays([journey], 7.0), numbers([cents]))
        assert found.tolist() == wanted(decay, [journey], [cents])


@pytest.mark.parametrize("cents", [journeys.LARGEST_TOTAL + 1, 2**62, -(2**62)])
def test_amounts_beyond_any_that_can_be_entered_are_shared_one_by_one(cents):
    journey = plain(0, [0, 1, 86_400_000_000], 7.0)
    for model in PATH_MODELS:
        (found,) = journeys.shares(model, arrays([journey], 7.0), numbers([cents]))
        assert found.tolist() == wanted(model, [journey], [cents])


def test_so_many_touches_that_their_weights_grow_large_are_shared_one_by_one(monkeypatch):
    monkeypatch.setattr(journeys, "LARGEST_WHOLE", 1 << 40)
    each = [plain(0, list(range(20)), 7.0)]
    (found,) = journeys.shares(PATH_MODELS[-1], arrays(each, 7.0), numbers([12_345]))
    assert found.tolist() == wanted(PATH_MODELS[-1], each, [12_345])


def test_a_model_without_arrays_is_asked_journey_by_journey():
    def by_all_it_knows(journey: Journey) -> list[int]:
        return [
            1 + (touch.platform or 5) + (touch.campaign or 7) + (touch.at <= journey.lead_at)
            for touch in journey.touches
        ]

    model = PathModel("new", "", "", by_all_it_knows)
    each = [plain(5, [0, 1, 9], 7.0), plain(7, [4], 7.0)]
    (found,) = journeys.shares(model, arrays(each, 7.0), numbers([1000, -33]))
    assert found.tolist() == wanted(model, each, [1000, -33])


# -- weeks and days by the agency's clock -----------------------------------------------------------------------------

ZONES = (
    "Europe/Paris",
    "America/Toronto",
    "UTC",
    "America/St_Johns",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
)
CHANGES = [  # of the clock in one of these, the last two at midnight
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2010, 11, 7, 2, 31, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2017, 10, 15, 3, tzinfo=UTC),
]
NEAR_A_CHANGE = st.builds(
    lambda change, seconds: (change - EPOCH) // MICROSECOND + seconds * 1_000_000,
    st.sampled_from(CHANGES),
    st.integers(-90_000, 90_000),
)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
ANY_MOMENT = st.integers((EARLIEST - EPOCH) // MICROSECOND, (LATEST - EPOCH) // MICROSECOND)


@given(zone=st.sampled_from(ZONES), moments=st.lists(st.one_of(NEAR_A_CHANGE, ANY_MOMENT), max_size=20))
def test_weeks_of_many_instants_are_those_of_each(zone, moments):
    rules = CreditRules(agency=Agency(time_zone=zone), general_id=1)
    weeks = rules.weeks_of(numbers(moments)).tolist()
    assert weeks == [
        rules.agency.week_of(EPOCH + moment * MICROSECOND).monday.toordinal() - EPOCH.toordinal() for moment in moments
    ]


@given(zone=st.sampled_from(ZONES), days=st.lists(st.dates(EARLIEST.date(), LATEST.date()), max_size=20))
def test_the_ends_of_many_days_are_those_of_each(zone, days):
    rules = CreditRules(agency=Agency(time_zone=zone), general_id=1)
    ends = rules.ends_of(numbers(day.toordinal() - EPOCH.toordinal() for day in days))
    assert [EPOCH + end * MICROSECOND for end in ends.tolist()] == [rules.end_of(day) for day in days]
    for day, end in zip(days, ends.tolist(), strict=True):
        assert (EPOCH + end * MICROSECOND).astimezone(ZoneInfo(zone)).date() == day
        assert (EPOCH + (end + 1) * MICROSECOND).astimezone(ZoneInfo(zone)).date() > day


def test_the_monday_of_a_day_before_1970_is_found():
    day = datetime(1931, 6, 3, tzinfo=UTC)
    (monday,) = credit_rules.mondays(numbers([(day - EPOCH).days])).tolist()
    assert EPOCH + timedelta(days=monday) == datetime(1931, 6, 1, tzinfo=UTC)
