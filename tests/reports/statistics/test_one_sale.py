"""One sale entered, voided or moved never turns *losing* into *earning*, nor back."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.statistics import assess, posterior
from reports.statistics.assess import Shares
from reports.statistics.states import VerdictState
from tests.reports.statistics.agency import MODELS, RULES, Sale, agency

USUAL = 100_000.0
OPPOSITES = {VerdictState.LOSING, VerdictState.EARNING}
# What the work of each month cost: the same in all, a stop, a start, a rise.
COURSES = ("steady", "stopped", "started", "rising")


@dataclass(frozen=True)
class Work:
    """Platforms, months, what a month costs in usual sales, and the sales that came of it, drawn with the seed."""

    seed: int
    platforms: int
    months: int
    cost: float
    course: str
    true_return: float
    delay: float

    def costs(self) -> list[list[float]]:
        by_month = np.full(self.months, self.cost * USUAL)
        turn = self.months // 2
        if self.course == "stopped":
            by_month[turn:] = 0
        elif self.course == "started":
            by_month[:turn] = 0
        elif self.course == "rising":
            by_month *= np.linspace(0.1, 2, self.months)
        return [by_month.tolist()] * self.platforms

    def sales(self) -> list[Sale]:
        generator = np.random.default_rng(self.seed)
        found: list[Sale] = []
        for platform, costs in enumerate(self.costs()):
            for month, cost in enumerate(costs):
                for _ in range(generator.poisson(self.true_return * cost / USUAL)):
                    age = int(generator.gamma(4, self.delay / 4))
                    found.append((platform, month, age, float(USUAL * generator.lognormal(-0.35, 0.83))))
        return [sale for sale in found if sale[1] + sale[2] < self.months]


@dataclass(frozen=True)
class Change:
    """Which sale goes and where another comes, as parts of all there are; ``worth`` in usual sales."""

    verb: str
    which: float
    platform: float
    month: float
    age: float
    worth: float

    def of(self, sales: list[Sale], work: Work) -> list[Sale]:
        changed, worth = list(sales), self.worth * USUAL
        if self.verb != "enter" and changed:
            worth = changed.pop(int(self.which * len(changed)))[3]
        if self.verb != "void":
            month = int(self.month * work.months)
            age = int(self.age * (work.months - month))
            changed.append((int(self.platform * work.platforms), month, age, worth))
        return changed


PART = st.floats(0, 0.999)
WORKS = st.builds(
    Work,
    seed=st.integers(0, 10_000),
    platforms=st.integers(1, 2),
    months=st.integers(5, 18),
    cost=st.sampled_from([0.5, 1.0, 3.0, 5.0]),
    course=st.sampled_from(COURSES),
    true_return=st.sampled_from([0.0, 0.2, 0.5, 1.0, 2.0]),
    delay=st.sampled_from([1.0, 3.0, 6.0, 10.0]),
)
CHANGES = st.builds(
    Change,
    verb=st.sampled_from(["enter", "void", "move"]),
    which=PART,
    platform=PART,
    month=PART,
    age=PART,
    worth=st.sampled_from([0.1, 1.0, 3.0, 10.0, 30.0, 100.0]),
)
JUDGED = st.sampled_from([VerdictState.WATCH, VerdictState.LOSING, VerdictState.EARNING])


def work(seed: int, months: int, cost: float, course: str, true_return: float, delay: float) -> Work:
    return Work(seed, 1, months, cost, course, true_return, delay)


def entered(month: float, age: float, worth: float) -> Change:
    return Change("enter", 0, 0, month, age, worth)


# Where one sale did turn a verdict round: long after work stopped, when old cost counts for little and it for all; and
# when the platform was earning before, which less evidence keeps up than it takes to raise it.
LONG_STOPPED = work(4100, 27, 3.0, "stopped", 0.5, 1.0), entered(0.15, 0.88, 100.0)
STOPPED = work(9281, 13, 3.0, "stopped", 0.2, 3.0), entered(0.66, 0.85, 30.0)
STEADY = work(692, 18, 1.0, "steady", 0.5, 1.0), entered(0.61, 0.91, 30.0)


def states(work: Work, sales: list[Sale], previous: VerdictState) -> list[VerdictState]:
    platforms = range(1, work.platforms + 1)
    found = assess.assess(
        agency(work.costs(), sales),
        RULES,
        Shares({}, {}),
        previous=dict.fromkeys(platforms, previous),
        plain=dict.fromkeys(platforms, dict.fromkeys(MODELS, "watch")),
        inputs_until="2026-11-15",
    )
    return [VerdictState(found[platform].state) for platform in platforms]


def is_turned_round(work: Work, change: Change, previous: VerdictState) -> bool:
    sales = work.sales()
    before, after = (states(work, each, previous) for each in (sales, change.of(sales, work)))
    return any({*pair} == OPPOSITES for pair in zip(before, after, strict=True))


@given(work=WORKS, change=CHANGES, previous=JUDGED)
@example(work=LONG_STOPPED[0], change=LONG_STOPPED[1], previous=VerdictState.WATCH)
@example(work=STOPPED[0], change=STOPPED[1], previous=VerdictState.EARNING)
@example(work=STEADY[0], change=STEADY[1], previous=VerdictState.EARNING)
@settings(max_examples=25, derandomize=True)
def test_one_sale_does_not_turn_a_verdict_round(work: Work, change: Change, previous: VerdictState) -> None:
    assert not is_turned_round(work, change, previous)


@pytest.mark.soak
@given(work=WORKS, change=CHANGES, previous=JUDGED)
@settings(max_examples=2_000)
def test_no_sale_of_thousands_does(work: Work, change: Change, previous: VerdictState) -> None:
    assert not is_turned_round(work, change, previous)


@pytest.mark.parametrize(
    ("previous", "below"), [(VerdictState.LOSING, 0.01), (VerdictState.EARNING, 0.99)], ids=["losing", "earning"]
)
def test_from_one_side_to_the_other_a_platform_goes_through_watch(previous: VerdictState, below: float) -> None:
    state = posterior.next_state(previous, below, below)
    assert state is VerdictState.WATCH
    assert {previous, posterior.next_state(state, below, below)} == OPPOSITES
