import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.statistics import data_driven_attribution
from reports.statistics.data_driven_attribution import ChannelPath, TooManyChannels

# The published toy: one journey won, two lost.
TOY = [ChannelPath(("C1", "C2", "C3"), 1, 100), ChannelPath(("C1",), 0, 0, 1), ChannelPath(("C2", "C3"), 0, 0, 1)]
channels = st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple)
lost_paths = st.builds(ChannelPath, channels, st.just(0), st.just(0), st.integers(0, 20))
won_paths = st.builds(ChannelPath, channels, st.integers(1, 20), st.integers(0, 20), st.integers(0, 20))
some_paths = st.lists(lost_paths | won_paths, min_size=1, max_size=12)


def test_the_published_removal_effects_are_found() -> None:
    credits = data_driven_attribution.markov(TOY)
    assert [credits[channel].removal_effect for channel in ("C1", "C2", "C3")] == pytest.approx([0.5, 1, 1])
    assert [credits[channel].conversions for channel in ("C1", "C2", "C3")] == pytest.approx([0.2, 0.4, 0.4])
    assert [credits[channel].value for channel in ("C1", "C2", "C3")] == pytest.approx([20, 40, 40])


def test_without_lost_paths_an_effect_is_the_part_of_journeys_through_a_channel() -> None:
    credits = data_driven_attribution.markov([ChannelPath(("a", "b"), 3), ChannelPath(("b",), 1)])
    assert (credits["a"].removal_effect, credits["b"].removal_effect) == pytest.approx((0.75, 1))


def test_meeting_a_channel_twice_in_a_row_changes_nothing() -> None:
    once = data_driven_attribution.markov([ChannelPath(("a", "b"), 2, 0, 3), ChannelPath(("b",), 1, 0, 1)])
    twice = data_driven_attribution.markov(
        [ChannelPath(("a", "a", "b", "b"), 2, 0, 3), ChannelPath(("b", "b", "b"), 1, 0, 1)]
    )
    assert [credit.removal_effect for credit in twice.values()] == pytest.approx(
        [credit.removal_effect for credit in once.values()]
    )


def test_value_follows_the_journeys_that_were_worth_it() -> None:
    credits = data_driven_attribution.markov([ChannelPath(("a",), 5, 5_000), ChannelPath(("b",), 5, 50)])
    assert (credits["a"].conversions, credits["b"].conversions) == pytest.approx((5, 5))
    assert (credits["a"].value, credits["b"].value) == pytest.approx((5_000, 50))


def test_the_closed_form_is_where_walking_the_chain_arrives() -> None:
    """Removal effects by 40,000 random walks over the counted moves."""
    won = [
        ChannelPath(("a", "b", "c"), 4, 0, 6),
        ChannelPath(("b", "a"), 3, 0, 2),
        ChannelPath(("c",), 1, 0, 9),
        ChannelPath(("a", "c"), 2, 0, 4),
    ]
    moves: dict[str, Counter] = {}
    for path in won:
        steps = ["start", *path.steps]
        for here, there in itertools.pairwise(steps):
            moves.setdefault(here, Counter())[there] += path.conversions + path.nulls
        moves.setdefault(steps[-1], Counter()).update({"won": path.conversions, "lost": path.nulls})
    walker = random.Random(2)

    def wins(removed: str = "") -> int:
        count = 0
        for _ in range(40_000):
            place = "start"
            while place not in ("won", "lost", removed):
                place = walker.choices(list(moves[place]), list(moves[place].values()))[0]
            count += place == "won"
        return count

    whole = wins()
    for channel, credit in data_driven_attribution.markov(won).items():
        assert credit.removal_effect == pytest.approx(1 - wins(channel) / whole, abs=0.02)


@given(some_paths)
def test_credits_sum_to_what_was_won(read: list[ChannelPath]) -> None:
    for model in (data_driven_attribution.markov, data_driven_attribution.shapley):
        credits = model(read).values()
        won = sum(path.conversions for path in read)
        value = sum(path.value for path in read)
        assert math.fsum(credit.conversions for credit in credits) == pytest.approx(won, abs=1e-9)
        assert math.fsum(credit.value for credit in credits) == pytest.approx(value, abs=1e-9)


@given(some_paths)
def test_effects_are_parts(read: list[ChannelPath]) -> None:
    assert all(-1e-9 <= credit.removal_effect <= 1 + 1e-9 for credit in data_driven_attribution.markov(read).values())


def test_nothing_won_gives_no_credit() -> None:
    credits = data_driven_attribution.markov([ChannelPath(("a", "b"), 0, 0, 5)])
    assert [(credit.conversions, credit.removal_effect) for credit in credits.values()] == [(0, 0), (0, 0)]


def test_a_path_that_nobody_took_changes_nothing() -> None:
    assert (
        data_driven_attribution.markov([*TOY, ChannelPath(("C9",), 0)])["C1"]
        == data_driven_attribution.markov(TOY)["C1"]
    )


def test_shapley_values_of_the_glove_game() -> None:
    """Shapley's own kind of example: two left gloves (0, 1) and a right one (2), a pair is worth 1."""
    worths = np.array([float(index & 4 > 0 and index & 3 > 0) for index in range(8)])
    assert data_driven_attribution.shapley_values(3, worths) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_shapley_is_the_mean_over_all_orders() -> None:
    worths = np.random.default_rng(1).random(16)
    worths[0] = 0
    gained = np.zeros(4)
    for order in itertools.permutations(range(4)):
        inside = 0
        for player in order:
            gained[player] += worths[inside | 1 << player] - worths[inside]
            inside |= 1 << player
    assert data_driven_attribution.shapley_values(4, worths) == pytest.approx(gained / 24)


def test_shapley_shares_a_journey_equally_among_those_it_met() -> None:
    """The worth of a set is a sum over journeys, so that the value is one too."""
    credits = data_driven_attribution.shapley([ChannelPath(("a", "b", "a"), 6, 60), ChannelPath(("b",), 1, 5)])
    assert (credits["a"].conversions, credits["b"].conversions) == pytest.approx((3, 4))
    assert (credits["a"].value, credits["b"].value) == pytest.approx((30, 35))


def test_shapley_is_exact_for_twelve_channels_and_refused_for_more() -> None:
    twelve = tuple("abcdefghijkl")
    assert data_driven_attribution.shapley([ChannelPath(twelve, 12)])["l"].conversions == pytest.approx(1)
    with pytest.raises(TooManyChannels, match="13 channels"):
        data_driven_attribution.shapley([ChannelPath((*twelve, "m"), 1)])


@pytest.mark.parametrize("steps", [(), ("a", "")])
def test_a_path_has_named_steps(steps: tuple) -> None:
    with pytest.raises(ValueError, match="at least one step"):
        ChannelPath(steps, 1)


@pytest.mark.parametrize("amounts", [(-1, 0, 0), (1, math.nan, 0), (1, 0, math.inf)])
def test_a_path_has_counts(amounts: tuple) -> None:
    with pytest.raises(ValueError, match="not negative"):
        ChannelPath(("a",), *amounts)


def test_a_value_needs_a_conversion() -> None:
    with pytest.raises(ValueError, match="has no value"):
        ChannelPath(("a",), 0, 100, 1)
