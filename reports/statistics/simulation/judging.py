"""A drawn agency judged week by week, by the functions that judge in the application."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.statistics import posterior
from reports.statistics.assess import Reading, shares_of
from reports.statistics.evidence import AssessmentRules, Look, look
from reports.statistics.inputs import WEEKS_A_MONTH
from reports.statistics.simulation.records import Records
from reports.statistics.simulation.worlds import RETURNS, WEEKS, DrawnAgency, World
from reports.statistics.states import UNJUDGED, VerdictState

TARGET = 1.0
# After so many weeks without a judgement a flag falls, and what was judged before is forgotten.
MOST_UNJUDGED = 8


@dataclass
class Standing:
    """What is remembered of a platform: the last state that was judged, and for how long nothing was."""

    judged: VerdictState = VerdictState.WATCH
    unjudged: int = 0

    @property
    def is_flagged(self) -> bool:
        return self.judged is VerdictState.LOSING

    def take(self, state: VerdictState) -> None:
        self.unjudged = self.unjudged + 1 if state in UNJUDGED else 0
        self.judged = posterior.last_judged(self.judged, state)
        if self.unjudged >= MOST_UNJUDGED:
            self.judged = VerdictState.WATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWeek:
    """One week: its number, and one value for each platform."""

    week: int
    readings: tuple[Reading, ...]
    states: tuple[VerdictState, ...]
    is_flagged: tuple[bool, ...]


def judged_weeks(agency: DrawnAgency, *, weeks: Sequence[int] = range(WEEKS)) -> Iterator[JudgedWeek]:
    """Judge the agency at the end of these weeks. What was seen four weeks before is not computed anew."""
    records, rules = Records(agency), rules_of(agency.world)
    standings = [Standing() for _ in RETURNS]
    looks: dict[int, Look] = {}
    for week in weeks:
        rows = records.until(week)
        shares = shares_of(rows.paths)
        before = looks.pop(week - WEEKS_A_MONTH, None) or look(rows.month_ago(), rules)
        now = looks[week] = look(rows, rules)
        readings = tuple(Reading(now, before, row, shares, standing.judged) for row, standing in enumerate(standings))
        states = tuple(reading.state for reading in readings)
        for standing, state in zip(standings, states, strict=True):
            standing.take(state)
        flagged = tuple(standing.is_flagged for standing in standings)
        yield JudgedWeek(week=week, readings=readings, states=states, is_flagged=flagged)


def rules_of(world: World) -> AssessmentRules:
    """The settings that an agency of this world has."""
    delay, spread = world.usual_delay
    return AssessmentRules(target=TARGET, usual_sale=world.usual_sale, usual_delay=delay, delay_spread=spread)
