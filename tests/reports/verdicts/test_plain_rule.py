from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.weeks import Week
from reports.statistics.states import VerdictState
from reports.verdicts.plain_rule import (
    Doubt,
    DoubtCode,
    PlainRuleEvidence,
    Window,
    flag_should_clear,
    judge,
    minutes_over_limit,
)

LAST_WEEK = Week.parse("2026-W46")
COST = 1_000_00


def evidence(now: int = COST, before: int = COST, **changes: object) -> PlainRuleEvidence:
    """Evidence of a settled platform that cost 1,000.00 twice and brought back ``now`` and ``before`` cents."""
    settled = PlainRuleEvidence(
        now=Window(Fraction(COST), now),
        before=Window(Fraction(COST), before),
        target=Fraction(1),
        margin=Fraction(1),
        weeks=13,
        last_week=LAST_WEEK,
        first_cost_week=LAST_WEEK.plus(-60),
        settling_weeks=13,
        minutes=20 * 60,
    )
    return replace(settled, **changes)


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [
        pytest.param(COST, COST, VerdictState.EARNING, id="exactly at the target twice"),
        pytest.param(COST - 1, COST - 1, VerdictState.LOSING, id="a cent below twice"),
        pytest.param(COST - 1, COST, VerdictState.WATCH, id="a cent below in the last only"),
        pytest.param(COST, COST - 1, VerdictState.EARNING, id="back at the target"),
        pytest.param(COST + 1, 0, VerdictState.EARNING, id="a cent above after nothing"),
        pytest.param(0, 0, VerdictState.LOSING, id="no revenue at all"),
        pytest.param(-500, -500, VerdictState.LOSING, id="refunds only"),
    ],
)
def test_the_state_follows_two_weekly_evaluations(now: int, before: int, state: VerdictState) -> None:
    judgement = judge(evidence(now, before))
    assert judgement.state is state
    assert judgement.is_flagged == (state is VerdictState.LOSING)


@pytest.mark.parametrize(
    ("revenue", "target", "margin", "state"),
    [
        pytest.param(2_500_00, "1", "0.4", VerdictState.EARNING, id="break-even at one over the margin"),
        pytest.param(2_499_99, "1", "0.4", VerdictState.LOSING, id="a cent under it"),
        pytest.param(3_000_00, "1.2", "0.4", VerdictState.EARNING, id="a higher target, met exactly"),
        pytest.param(2_999_99, "1.2", "0.4", VerdictState.LOSING, id="a higher target, missed"),
        pytest.param(9_999_99, "1", "0", VerdictState.LOSING, id="no margin, no return"),
    ],
)
def test_margin_and_target_move_the_line(revenue: int, target: str, margin: str, state: VerdictState) -> None:
    assert judge(evidence(revenue, revenue, target=Fraction(target), margin=Fraction(margin))).state is state


@pytest.mark.parametrize(
    ("weeks_ago", "state", "left"),
    [
        pytest.param(0, VerdictState.TOO_EARLY, 12, id="started last week"),
        pytest.param(11, VerdictState.TOO_EARLY, 1, id="twelve weeks old"),
        pytest.param(12, VerdictState.LOSING, 0, id="thirteen weeks old"),
    ],
)
def test_a_young_platform_is_not_judged(weeks_ago: int, state: VerdictState, left: int) -> None:
    judgement = judge(evidence(0, 0, first_cost_week=LAST_WEEK.plus(-weeks_ago)))
    assert (judgement.state, judgement.settled_in_weeks) == (state, left)
    assert judgement.return_now == 0


def test_without_cost_there_is_no_verdict_and_no_return() -> None:
    nothing = Window(Fraction(0), 5_000)
    assert judge(evidence(first_cost_week=None)).state is VerdictState.NO_DATA
    judgement = judge(replace(evidence(), now=nothing))
    assert (judgement.state, judgement.return_now) == (VerdictState.NO_DATA, None)


def test_a_platform_taken_up_again_is_watched_before_it_is_flagged() -> None:
    judgement = judge(replace(evidence(now=0), before=Window(Fraction(0), 0)))
    assert (judgement.state, judgement.return_before) == (VerdictState.WATCH, None)


def test_the_return_is_revenue_after_margin_over_cost() -> None:
    judgement = judge(evidence(now=1_100_00, before=610_00))
    assert (judgement.return_now, judgement.return_before) == (Fraction(11, 10), Fraction(61, 100))
    assert (judgement.shortfall_cents, judgement.revenue_needed_cents_per_week) == (0, None)
    assert judgement.minutes_less_per_week is None


def test_break_even_takes_more_revenue_or_fewer_hours() -> None:
    """13 weeks at 130 h a week for 45.00, and 20,000.00 of revenue at 80 % margin.

    Cost 76,050.00. Break-even revenue 95,062.50, so 75,062.50 / 13 = 5,774.04 a week more (rounded up).
    Bearable cost 16,000.00, so 60,050.00 / 45.00 / 13 = 102.65 h = 6,159 minutes a week less (rounded up).
    """
    losing = evidence(
        now=20_000_00,
        before=20_000_00,
        margin=Fraction(4, 5),
        minutes=13 * 130 * 60,
    )
    losing = replace(losing, now=replace(losing.now, cost=Fraction(13 * 130 * 45_00)))
    judgement = judge(losing)
    assert judgement.shortfall_cents == 60_050_00
    assert judgement.revenue_needed_cents_per_week == 5_774_04
    assert judgement.minutes_less_per_week == 6_159


@pytest.mark.parametrize(
    ("changes", "minutes_less"),
    [
        pytest.param({"spend_cents": 500_00}, 93, id="all hours when the spend alone is bearable"),
        pytest.param({"spend_cents": 500_01}, None, id="a cent more spend and zero hours would not do"),
        pytest.param({"spend_cents": 1_000_00}, None, id="no labour cost to save"),
        pytest.param({"minutes": 0}, None, id="no hours to save"),
        pytest.param({"minutes": 1_200, "unrated_minutes": 1_200}, None, id="no hour with a rate"),
        pytest.param({"target": Fraction(0)}, None, id="no target"),
    ],
)
def test_fewer_hours_are_offered_only_where_they_would_do(changes: dict[str, object], minutes_less: int | None) -> None:
    assert judge(evidence(now=500_00, before=0, **changes)).minutes_less_per_week == minutes_less


@given(
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(1, 10**6),
    st.fractions(Fraction(1, 100), 1, max_denominator=100),
    st.fractions(Fraction(1, 10), 5, max_denominator=100),
    st.integers(1, 52),
)
def test_following_either_way_out_reaches_the_target(
    labour: int, spend: int, revenue: int, minutes: int, margin: Fraction, target: Fraction, weeks: int
) -> None:
    now = Window(Fraction(labour + spend), revenue)
    state = evidence(margin=margin, target=target, weeks=weeks, minutes=minutes, spend_cents=spend)
    state = replace(state, now=now, before=now)
    judgement = judge(state)
    if judgement.revenue_needed_cents_per_week is not None:
        more = replace(now, revenue_cents=revenue + weeks * judgement.revenue_needed_cents_per_week)
        assert judge(replace(state, now=more)).state is VerdictState.EARNING
    if judgement.minutes_less_per_week is not None:
        saved = Fraction(labour, minutes) * weeks * judgement.minutes_less_per_week
        assert not replace(now, cost=now.cost - saved).is_below(target=target, margin=margin)


@pytest.mark.parametrize(
    ("biggest", "doubts"),
    [
        pytest.param(300_00, (), id="without it still at the target"),
        pytest.param(
            300_01, (Doubt(DoubtCode.ONE_SALE, Fraction(300_01, 1_300_00), sale=7),), id="without it a cent below"
        ),
        pytest.param(0, (), id="no sale"),
    ],
)
def test_a_verdict_carried_by_one_sale_is_doubted(biggest: int, doubts: tuple[Doubt, ...]) -> None:
    judgement = judge(evidence(now=1_300_00, biggest_sale_cents=biggest, biggest_sale=7))
    assert judgement.state is VerdictState.EARNING
    assert judgement.doubts == doubts


def test_a_losing_platform_does_not_owe_its_verdict_to_a_sale() -> None:
    assert judge(evidence(now=900_00, biggest_sale_cents=900_00, biggest_sale=7)).doubts == ()


def test_hours_without_a_rate_are_a_doubt_even_when_they_are_all_there_is() -> None:
    free = replace(evidence(unrated_minutes=1_200), now=Window(Fraction(0), 0))
    judgement = judge(free)
    assert judgement.state is VerdictState.NO_DATA
    assert judgement.doubts == (Doubt(DoubtCode.UNRATED_HOURS, Fraction(1), minutes=1_200),)


@pytest.mark.parametrize(
    ("now", "before", "clears"),
    [
        pytest.param(COST, COST, True, id="exactly at the target twice"),
        pytest.param(COST, COST - 1, False, id="at the target once"),
        pytest.param(COST - 1, COST, False, id="below again"),
        pytest.param(COST - 1, COST - 1, False, id="still losing"),
    ],
)
def test_a_flag_clears_after_two_evaluations_at_the_target(now: int, before: int, clears: bool) -> None:
    assert flag_should_clear(evidence(now, before)) is clears


def test_the_flag_of_a_platform_that_was_given_up_clears() -> None:
    nothing = Window(Fraction(0), 0)
    assert flag_should_clear(replace(evidence(), now=nothing, before=nothing))


@pytest.mark.parametrize(
    ("minutes", "limit", "over"),
    [(600, None, 0), (600, 600, 0), (601, 600, 1), (0, 0, 0), (5, 0, 5)],
)
def test_hours_over_the_weekly_limit_are_counted(minutes: int, limit: int | None, over: int) -> None:
    assert minutes_over_limit(minutes, limit) == over
    assert judge(evidence(last_week_minutes=minutes, weekly_limit_minutes=limit)).over_limit_minutes == over
