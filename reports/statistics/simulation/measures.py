"""What is counted: how often platforms of a known return are flagged, how often states change, what intervals hold."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from reports.statistics.arrays import BoolArray, FloatArray, IntArray
from reports.statistics.assess import Reading
from reports.statistics.evidence import mixture
from reports.statistics.inputs import WEEKS_A_MONTH
from reports.statistics.projection import LEVEL, Prediction
from reports.statistics.simulation.judging import JudgedWeek, judged_weeks
from reports.statistics.simulation.records import Records
from reports.statistics.simulation.worlds import WEEKS, DrawnAgency, World, draw
from reports.statistics.states import UNJUDGED, VerdictState

# The weeks at whose end intervals are held against what came: after 12, 18 and 24 months.
LOOKS = (51, 77, 103)
QUARTER_WEEKS = 13
# Months of which fewer sales than this are to come have no interval worth the name.
LEAST_SALES = 0.05
UNJUDGED_CODES = tuple(state.code for state in UNJUDGED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where what truly came lies in what was predicted, from 0 to 1: of a month, the total, the quarter, the return.

    A probability integral transform, randomised where sums of few sales have steps (Czado, Gneiting and Held 2009).
    """

    what: str
    week: int
    row: int
    at: float


@dataclass(frozen=True, slots=True)
class JudgedAgency:
    """One run: states and flags, of shape (weeks, platforms), and the places of what came."""

    states: IntArray
    flagged: BoolArray
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The parts of what came that lay inside the 80 % interval, below it and above it, of so many."""

    inside: float
    below: float
    above: float
    number: int


@dataclass(frozen=True)
class WorldRates:
    """All runs of a world; the arrays have the shape (runs, weeks, platforms)."""

    world: World
    states: IntArray
    flagged: BoolArray
    places: tuple[Place, ...]

    @property
    def runs(self) -> int:
        return len(self.states)

    def ever_flagged(self, weeks: int) -> FloatArray:
        """The part of runs in which each platform was flagged within so many weeks."""
        result: FloatArray = self.flagged[:, :weeks].any(axis=1).mean(axis=0)
        return result

    def flagged_at(self, weeks: int) -> FloatArray:
        """The part that is flagged at the end of so many weeks."""
        result: FloatArray = self.flagged[:, weeks - 1].mean(axis=0)
        return result

    def earning_at(self, weeks: int) -> FloatArray:
        result: FloatArray = (self.states[:, weeks - 1] == VerdictState.EARNING.code).mean(axis=0)
        return result

    def wrongly_flagged(self, weeks: int) -> float:
        """The part of platforms that pay, and were flagged at some time within so many weeks."""
        pays = np.array(self.world.true_returns()) >= 1
        return float(self.ever_flagged(weeks)[pays].mean())

    def changes_a_year(self, weeks: int) -> FloatArray:
        """How often a year the state that is shown changed, from the first judgement on."""
        states = self.states[:, :weeks]
        was_judged = np.maximum.accumulate(~np.isin(states, UNJUDGED_CODES), axis=1)
        changes = (states[:, 1:] != states[:, :-1]) & was_judged[:, :-1]
        result: FloatArray = changes.sum(axis=1).mean(axis=0) * WEEKS / 2 / weeks
        return result

    def coverage(self, what: str, *, week: int | None = None, row: int | None = None) -> Coverage:
        """How often the intervals held what came, at one look or all, of one platform or all that bring anything."""
        returns = self.world.true_returns()
        found = (place for place in self.places if place.what == what and returns[place.row] > 0)
        at = np.array([place.at for place in found if week in (None, place.week) and row in (None, place.row)])
        if not len(at):
            return Coverage(np.nan, np.nan, np.nan, 0)
        below, above = float((at < (1 - LEVEL) / 2).mean()), float((at > (1 + LEVEL) / 2).mean())
        return Coverage(1 - below - above, below, above, len(at))


def measure(world: World, *, seed: int, runs: int, jobs: int = 1) -> WorldRates:
    """Draw and judge that many agencies. The figures do not depend on how many processes share the work."""
    each = partial(judge, world, seed)
    if jobs == 1:
        found = [each(run) for run in range(runs)]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            found = list(pool.map(each, range(runs)))
    return together(world, found)


def together(world: World, found: Sequence[JudgedAgency]) -> WorldRates:
    return WorldRates(
        world,
        np.stack([run.states for run in found]),
        np.stack([run.flagged for run in found]),
        tuple(place for run in found for place in run.places),
    )


def judge(world: World, seed: int, run: int) -> JudgedAgency:
    """Draw one agency and judge it week by week."""
    generator = np.random.default_rng([seed, run])
    agency = draw(world, generator)
    truth = Truth(agency)
    states, flagged, places = [], [], []
    for week in judged_weeks(agency):
        states.append([state.code for state in week.states])
        flagged.append(week.is_flagged)
        if week.week in LOOKS:
            places += list(_places(week, truth, generator))
    return JudgedAgency(np.array(states), np.array(flagged), tuple(places))


class Truth:
    """What will have come of the work of each week, under the agency's attribution model."""

    def __init__(self, agency: DrawnAgency) -> None:
        self.returns = agency.world.true_returns()
        self._credits = Records(agency, with_lost=True).credits
        self._cents = agency.cents[self._credits.sale] * self._credits.default_share

    def to_come(self, row: int, worked: tuple[int, int], paid: tuple[int, int | None]) -> float:
        """The cents of one platform, worked for and paid within these weeks; the ends are not included."""
        credits = self._credits
        last = np.inf if paid[1] is None else paid[1]
        wanted = (credits.platform == row) & (credits.worked >= worked[0]) & (credits.worked < worked[1])
        return float(self._cents[wanted & (credits.paid >= paid[0]) & (credits.paid < last)].sum())


def _places(judged: JudgedWeek, truth: Truth, generator: np.random.Generator) -> Iterator[Place]:
    for row, reading in enumerate(judged.readings):
        if not reading.now.can_judge:
            continue
        yield Place("return", judged.week, row, mixture(reading.posteriors).p_below(truth.returns[row]))
        for what, drawn, came in _predicted(reading, judged.week, row, truth):
            at = float((drawn < came).mean() + generator.random() * (drawn == came).mean())
            yield Place(what, judged.week, row, at)


def _predicted(reading: Reading, week: int, row: int, truth: Truth) -> Iterator[tuple[str, FloatArray, float]]:
    """What was predicted to come still, as draws, and what came."""
    now = reading.now
    assert now.value
    rows = now.rows
    prediction = Prediction.of(mixture(reading.posteriors), now.delay.grid, now.value, rows.cost[row], now.share)
    later, start = week + 1, rows.now - week
    yield "total", prediction.to_come(slice(None), 0, None), truth.to_come(row, (0, later), (later, None))
    quarter = (later, later + QUARTER_WEEKS)
    yield "quarter", prediction.to_come(slice(None), 0, QUARTER_WEEKS), truth.to_come(row, (0, later), quarter)
    for first in range(rows.now + 1 - WEEKS_A_MONTH * (later // WEEKS_A_MONTH), rows.now + 1, WEEKS_A_MONTH):
        worked = slice(first, first + WEEKS_A_MONTH)
        drawn = prediction.to_come(worked, 0, None)
        if drawn.mean() >= LEAST_SALES * now.value.mean:
            month = (first - start, first - start + WEEKS_A_MONTH)
            yield "month", drawn, truth.to_come(row, month, (later, None))
