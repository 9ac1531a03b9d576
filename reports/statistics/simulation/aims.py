"""What the method is to reach at 5 sales a month and a delay of eight months, and what it does reach."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reports.statistics.simulation.measures import WorldRates
from reports.statistics.simulation.worlds import BASE, RETURNS

AIMED_AT = (BASE.name, "setting-half", "setting-double")
YEAR, YEAR_AND_A_HALF, TWO_YEARS = 52, 78, 104
COVERED = ("month", "total", "return", "quarter")


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure that is to lie within these bounds, both included."""

    text: str
    figure: float
    low: float
    high: float

    @property
    def is_reached(self) -> bool:
        return self.low <= self.figure <= self.high


def aims_of(figures: WorldRates) -> tuple[Aim, ...]:
    """The aims of this world; none for those beyond them."""
    return tuple(_aims(figures)) if figures.world.name in AIMED_AT else ()


def _aims(figures: WorldRates) -> Iterator[Aim]:
    of, is_right = RETURNS.index, figures.world.setting == 1
    within = {weeks: figures.ever_flagged(weeks) for weeks in (YEAR, YEAR_AND_A_HALF, TWO_YEARS)}
    for true_return in (1.5, 2.0):
        found = within[TWO_YEARS][of(true_return)]
        yield Aim(f"return {true_return:g} ever flagged within 24 months", found, 0, 0.02 if is_right else 0.05)
    yield Aim("return 0.5 flagged within 18 months", within[YEAR_AND_A_HALF][of(0.5)], 0.75, 1)
    yield Aim("return 0.5 flagged within 24 months", within[TWO_YEARS][of(0.5)], 0.92, 1)
    yield Aim("return 0.5 flagged at the end of 24 months", figures.flagged_at(TWO_YEARS)[of(0.5)], 0.92, 1)
    yield _changes(figures, 24, TWO_YEARS)
    if is_right:
        # Whoever says that sales take twice as long as they do waits longer for the first judgement.
        yield Aim("return 0 flagged within 12 months", within[YEAR][of(0.0)], 0.95, 1)
        yield _changes(figures, 12, YEAR)
    yield from _coverage(figures)


def _changes(figures: WorldRates, months: int, weeks: int) -> Aim:
    changes = figures.changes_a_year(weeks)
    most = int(np.argmax(changes))
    text = f"state changes a year in {months} months, most of all at return {RETURNS[most]:g}"
    return Aim(text, float(changes[most]), 0, 1.5)


def _coverage(figures: WorldRates) -> Iterator[Aim]:
    for what in COVERED:
        found = figures.coverage(what)
        yield Aim(f"80 % intervals that held the {what}", found.inside, 0.74, 0.88)
        yield Aim(f"least misses of the {what} on a side, as a part of all", min(found.below, found.above), 0.001, 1)
