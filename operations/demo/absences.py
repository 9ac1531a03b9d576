"""When the demo's people are away: the weeks in which they logged nothing, and a few days to come."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from core.weeks import Week
from operations.demo import hours
from operations.demo.people import LATE, MANAGER, MEMBER, UNSUBMITTED, DemoPerson
from operations.demo.plan import Plan
from timesheets.models import Absence

WEEKS_BACK = 26
HALF_DAY = 3  # of the current week: the manager's Thursday afternoon
DAYS_TO_COME, WEEKS_AHEAD = 2, 3  # the member's, a Monday and Tuesday


def write(plan: Plan, staff: Sequence[DemoPerson]) -> None:
    Absence.objects.bulk_create([*_whole_weeks(plan, staff), *_soon(plan, staff)])


def _whole_weeks(plan: Plan, staff: Sequence[DemoPerson]) -> Iterator[Absence]:
    """A holiday of two weeks is two of one, as people type them."""
    for week in Week.range(max(plan.first, plan.ago(WEEKS_BACK - 1)), plan.until):
        there = {person.row for person in hours.present(plan, staff, week)}
        unwritten = {LATE, UNSUBMITTED} if week == plan.until else set()  # these two have only not written theirs
        for person in staff:
            if person.is_at_work(week) and person.row not in there | unwritten:
                yield Absence(member=person.user, first_day=week.days[0], last_day=week.days[4])


def _soon(plan: Plan, staff: Sequence[DemoPerson]) -> Iterator[Absence]:
    half = plan.until.next.days[HALF_DAY]
    first = plan.until.plus(WEEKS_AHEAD).monday
    yield Absence(member=staff[MANAGER].user, first_day=half, last_day=half, is_half=True)
    yield Absence(member=staff[MEMBER].user, first_day=first, last_day=first + timedelta(days=DAYS_TO_COME - 1))
