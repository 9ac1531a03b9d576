from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.attribution import (
    DATA_DRIVEN_MODELS,
    MODELS,
    PATH_MODELS,
    Journey,
    JourneyTouch,
    PathModel,
    eligible,
    share,
)
from campaigns.models import Agency
from reports.statistics import data_driven_attribution

SEO, DIRECT, GOOGLE_ADS, CRM = range(4)
SALE_AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)

# user, session, instant, platform, whether the session converted
SESSIONS = [
    ("A", 1, datetime(2021, 7, 20, 15, 0), SEO, False),
    ("A", 2, datetime(2022, 1, 20, 15, 0), DIRECT, False),
    ("A", 3, datetime(2022, 1, 20, 16, 0), GOOGLE_ADS, False),
    ("A", 4, datetime(2022, 1, 20, 17, 0), DIRECT, True),
    ("B", 5, datetime(2022, 1, 21, 17, 0), SEO, False),
    ("B", 6, datetime(2022, 1, 21, 20, 0), DIRECT, False),
    ("C", 7, datetime(2022, 2, 21, 21, 0), DIRECT, False),
    ("C", 8, datetime(2022, 2, 21, 22, 0), CRM, False),
    ("C", 9, datetime(2022, 2, 21, 23, 0), DIRECT, True),
    ("D", 10, datetime(2022, 2, 21, 23, 1), SEO, False),
    ("D", 11, datetime(2022, 2, 21, 23, 11), DIRECT, False),
    ("D", 12, datetime(2022, 2, 21, 23, 21), DIRECT, True),
    ("D", 13, datetime(2022, 2, 22, 1, 0), DIRECT, False),
    ("D", 14, datetime(2022, 2, 27, 1, 0), DIRECT, False),
    ("D", 15, datetime(2022, 2, 27, 2, 0), SEO, False),
    ("D", 16, datetime(2022, 2, 27, 3, 0), DIRECT, True),
]

# Published credits, in conversions: seo, direct, google_ads, crm.
PUBLISHED = [
    pytest.param("first", (2.0, 2.0, 0.0, 0.0), id="first"),
    pytest.param("last", (0.0, 4.0, 0.0, 0.0), id="last"),
    pytest.param("linear", (0.83333, 2.58333, 0.25, 0.33333), id="linear"),
    pytest.param("position", (0.9, 2.8, 0.1, 0.2), id="position"),
    pytest.param("decay", (0.61034, 2.72300, 0.33333, 0.33333), id="decay"),
]

all_models = st.sampled_from([model.name for model in PATH_MODELS])
ages = st.lists(st.integers(0, 400 * 86_400), max_size=12)
BY_NAME: dict[str, PathModel] = {model.name: model for model in PATH_MODELS}
some_weights = st.lists(st.integers(0, 10**15), min_size=1, max_size=20).filter(any)
totals = st.integers(-(10**30), 10**30)


def conversions() -> list[tuple[datetime, list[JourneyTouch]]]:
    """Each conversion with its own journey: a user's next one starts after the sale before it."""
    found = []
    for user in "ABCD":
        touches = [JourneyTouch(at, session, platform) for owner, session, at, platform, _ in SESSIONS if owner == user]
        previous = None
        for owner, _, at, _, converted in SESSIONS:
            if owner == user and converted:
                found.append((at, eligible(touches, conversion_at=at, lookback_days=365, after=previous)))
                previous = at
    return found


def weights(model: str, touches: Sequence[JourneyTouch], *, half_life_days: float = 7) -> list[int]:
    """Of a lead that came in with its first touch."""
    lead_at = touches[0].at if touches else SALE_AT
    return BY_NAME[model].weights(Journey(touches, lead_at, half_life_days))


def aged(*days: float) -> list[JourneyTouch]:
    return [JourneyTouch(SALE_AT - timedelta(days=age), number) for number, age in enumerate(days)]


@pytest.mark.parametrize(("model", "published"), PUBLISHED)
def test_the_published_credits_of_four_conversions_come_out(model: str, published: tuple[float, ...]) -> None:
    credit: dict[int | None, Fraction] = defaultdict(Fraction)
    for _, journey in conversions():
        parts = weights(model, journey, half_life_days=7)
        for touch, part in zip(journey, parts, strict=True):
            credit[touch.platform] += Fraction(part, sum(parts))
    assert [round(float(credit[platform]), 5) for platform in range(4)] == list(published)
    assert sum(credit.values()) == 4


@pytest.mark.parametrize(("model", "published"), PUBLISHED)
def test_the_published_credits_come_out_in_millionths(model: str, published: tuple[float, ...]) -> None:
    credit: dict[int | None, int] = defaultdict(int)
    for _, journey in conversions():
        parts = share(1_000_000, weights(model, journey, half_life_days=7))
        for touch, part in zip(journey, parts, strict=True):
            credit[touch.platform] += part
    assert [credit[platform] / 1_000_000 for platform in range(4)] == pytest.approx(published, abs=7e-6)
    assert sum(credit.values()) == 4_000_000


def test_decay_shares_a_sale_over_five_touches_to_the_cent() -> None:
    parts = share(1_200_000, weights("decay", aged(38, 33, 26, 8, 0), half_life_days=7))
    assert parts == [17_519, 28_744, 57_488, 341_704, 754_545]
    assert sum(parts) == 1_200_000


# Model, number of touches, and what each gets of a hundred.
SHARES = [
    ("first", 3, [100, 0, 0]),
    ("last", 3, [0, 0, 100]),
    ("linear", 4, [25, 25, 25, 25]),
    ("position", 1, [100]),
    ("position", 2, [50, 50]),
    ("position", 3, [40, 20, 40]),
    ("position", 6, [40, 5, 5, 5, 5, 40]),
    ("decay", 1, [100]),
]


def test_no_model_is_left_out() -> None:
    assert {model for model, *_ in SHARES} == set(BY_NAME)


@pytest.mark.parametrize(("model", "count", "percents"), SHARES)
def test_each_model_shares_a_hundred(model: str, count: int, percents: list[int]) -> None:
    assert share(100, weights(model, aged(*range(count, 0, -1)), half_life_days=7)) == percents


def test_a_touch_one_half_life_older_weighs_half() -> None:
    assert share(300, weights("decay", aged(10, 3), half_life_days=7)) == [100, 200]


def test_decay_survives_a_journey_that_lies_many_half_lives_back() -> None:
    assert share(100, weights("decay", aged(360, 360), half_life_days=0.001)) == [50, 50]


@pytest.mark.parametrize("half_life", [0, -1, float("nan")])
def test_decay_refuses_a_half_life_that_is_not_positive(half_life: float) -> None:
    with pytest.raises(ValueError, match="half-life"):
        weights("decay", aged(1), half_life_days=half_life)


def test_a_touch_counts_from_the_oldest_day_of_the_window_to_the_conversion_itself() -> None:
    second = 1 / 86_400
    touches = aged(365 + second, 365, 1, 0, -second)
    counted = eligible(touches, conversion_at=SALE_AT, lookback_days=365)
    assert [touch.id for touch in counted] == [1, 2, 3]


def test_touches_of_the_same_instant_are_ordered_by_their_id() -> None:
    touches = [JourneyTouch(SALE_AT, 2, platform=None), JourneyTouch(SALE_AT, 1, platform=7), JourneyTouch(SALE_AT, 3)]
    journey = eligible(touches, conversion_at=SALE_AT, lookback_days=365)
    assert [touch.id for touch in journey] == [1, 2, 3]
    assert weights("first", journey, half_life_days=7) == [1, 0, 0]
    assert weights("last", journey, half_life_days=7) == [0, 0, 1]


@pytest.mark.parametrize(
    ("total", "parts", "expected"),
    [
        pytest.param(10, [1, 1, 1], [4, 3, 3], id="equal remainders go to the earliest"),
        pytest.param(-10, [1, 1, 1], [-4, -3, -3], id="a refund mirrors the sale"),
        pytest.param(0, [1, 2], [0, 0], id="nothing"),
        pytest.param(1, [1, 2], [0, 1], id="one cent to the larger remainder"),
        pytest.param(5, [0, 1], [0, 5], id="no weight, no part"),
        pytest.param(5, [], [], id="nobody to share among"),
    ],
)
def test_a_total_is_shared_by_largest_remainder(total: int, parts: list[int], expected: list[int]) -> None:
    assert share(total, parts) == expected


@pytest.mark.parametrize("parts", [[0], [0, 0], [2, -1]])
def test_weights_that_cannot_share_are_refused(parts: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        share(100, parts)


@given(totals, some_weights)
def test_parts_sum_to_the_total_and_stay_within_one_of_their_exact_share(total: int, parts: list[int]) -> None:
    shared = share(total, parts)
    assert sum(shared) == total
    whole = sum(parts)
    assert all(abs(got - Fraction(total * weight, whole)) < 1 for got, weight in zip(shared, parts, strict=True))


@given(totals, some_weights)
def test_a_refund_takes_back_exactly_what_the_sale_gave(total: int, parts: list[int]) -> None:
    assert [sold + refunded for sold, refunded in zip(share(total, parts), share(-total, parts), strict=True)] == [
        0
    ] * len(parts)


@given(all_models, ages, st.integers(1, 400), st.integers(0, 10**12))
def test_every_model_gives_the_whole_conversion_to_the_eligible_touches(
    model: str, seconds: list[int], lookback_days: int, total: int
) -> None:
    touches = aged(*(age / 86_400 for age in seconds))
    journey = eligible(touches, conversion_at=SALE_AT, lookback_days=lookback_days)
    shared = share(total, weights(model, journey, half_life_days=lookback_days / 4))
    assert len(shared) == len(journey)
    assert sum(shared) == (total if journey else 0)


@given(all_models, ages, st.randoms())
def test_the_order_in_which_touches_arrive_changes_nothing(model: str, seconds: list[int], random: object) -> None:
    touches = aged(*(age / 86_400 for age in seconds))
    shuffled = list(touches)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (eligible(some, conversion_at=SALE_AT, lookback_days=365) for some in (touches, shuffled))
    assert one == other


def test_every_name_is_short_enough_for_the_settings_and_there_once() -> None:
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= Agency._meta.get_field("credit_model").max_length


def test_what_computes_the_data_driven_models_has_their_names() -> None:
    assert [model.name for model in DATA_DRIVEN_MODELS] == list(data_driven_attribution.MODELS)
