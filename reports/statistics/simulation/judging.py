"""A drawn agency judged week by week, by the functions that judge in the application."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    """What is remembered of a platform: how it was judged last, in which week, and whether a flag is up."""

    judged: VerdictState = VerdictState.WATCH
    judged_in: int = 0
    is_flagged: bool = False

    def previous(self, week: int) -> VerdictState:
        """The last judgement, unless it is too old to hold in this week."""
        return VerdictState.WATCH if self._is_old(week) else self.judged

    def take(self, state: VerdictState, week: int) -> None:
        if state not in UNJUDGED:
            self.judged, self.judged_in, self.is_flagged = state, week, state is VerdictState.LOSING
        elif self._is_old(week):
            self.is_flagged = False

    def _is_old(self, week: int) -> bool:
        return week - self.judged_in >= MOST_UNJUDGED


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
        readings = tuple(
            Reading(now, before, row, shares, standing.previous(week)) for row, standing in enumerate(standings)
        )
        states = tuple(reading.state for reading in readings)
        for standing, state in zip(standings, states, strict=True):
            standing.take(state, week)
        flagged = tuple(standing.is_flagged for standing in standings)
        yield JudgedWeek(week=week, readings=readings, states=states, is_flagged=flagged)


def rules_of(world: World) -> AssessmentRules:
    """The settings that an agency of this world has."""
    delay, spread = world.usual_delay
    return AssessmentRules(
        target=TARGET,
        usual_sale=world.usual_sale,
        usual_delay=delay,
        delay_spread=spread,
        lookback_weeks=world.lookback_days / 7,
    )
