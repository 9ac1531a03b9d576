"""On which days people are at work: not at weekends or on holidays, nor on days away, nor before or after their time.

A day is counted whole, half or not at all; when somebody works within it is nobody's business here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from campaigns.models import Agency
from campaigns.working_days import WorkCalendar, work_calendar
from core.statements import Given, Statement
from core.weeks import Week
from timesheets.models import Absence, User

NOBODY_AWAY: Mapping[date, Fraction] = {}


@dataclass(frozen=True, slots=True)
class Presence:
    """The agency's calendar, and how much of which days each person is away, by the person's number."""

    calendar: WorkCalendar
    away: Mapping[int, Mapping[date, Fraction]]

    def away_on(self, member: User, day: date) -> Fraction:
        return self.away.get(member.pk, NOBODY_AWAY).get(day, Fraction(0))

    def days(self, member: User, week: Week) -> Fraction:
        """The days of this week on which the person is at work."""
        worked = [day for day in self._employed(member, week) if day not in self.calendar.free]
        away = self.away.get(member.pk, NOBODY_AWAY)
        return len(worked) - sum((away[day] for day in worked if day in away), Fraction(0))

    def all_days(self, week: Week) -> int:
        """The days that a week has without holidays and absences."""
        return len(self.calendar.weekdays(week))

    def share(self, member: User, week: Week) -> Fraction:
        """The part of the week that the person is at work, 0 to 1."""
        return self.days(member, week) / self.all_days(week)

    def is_away(self, member: User, week: Week) -> bool:
        """Whether nothing is expected: each day on which the person would work is a holiday or spent away."""
        away, free = self.away.get(member.pk, NOBODY_AWAY), self.calendar.free
        if not away and not self.has_holiday(week):
            return False  # as of nearly everybody in nearly every week
        days = self._employed(member, week)
        return bool(days) and all(day in free or away.get(day, 0) == 1 for day in days)

    def has_holiday(self, week: Week) -> bool:
        return any(day in self.calendar.free for day in self.calendar.weekdays(week))

    def those_there(self, people: Iterable[Any], week: Week) -> list[Any]:
        """The people without those who are away all week; of thousands, hardly anybody has to be looked at."""
        has_holiday = self.has_holiday(week)
        return [
            person for person in people if not (has_holiday or person.pk in self.away) or not self.is_away(person, week)
        ]

    def _employed(self, member: User, week: Week) -> list[date]:
        last = member.left_on or date.max
        return [day for day in self.calendar.weekdays(week) if member.joined_on <= day <= last]


def read_presence(
    first: Week, last: Week, *, members: Collection[User] | None = None, agency: Agency | None = None
) -> Presence:
    """Who is at work in these weeks, both included: of these people, or of all. At most three statements."""
    away: dict[int, dict[date, Fraction]] = defaultdict(dict)
    for absence in _absences(first.monday, last.sunday, members):
        away[absence.member_id] |= dict(absence.days())
    return Presence(work_calendar(first.monday, last.sunday, agency=agency), away)


def _absences(first: date, last: date, members: Collection[User] | None) -> Iterable[Absence]:
    if members is None:
        return Absence.objects.between(first, last)
    if len(members) == 1:  # as the page of a week asks
        (member,) = members
        return ABSENCES_OF_ONE.rows(member=member.pk, first=first, last=last)
    return Absence.objects.between(first, last).filter(member__in=[member.pk for member in members])


ABSENCES_OF_ONE = Statement(
    lambda: Absence.objects.filter(
        member=Given("member"), first_day__lte=Given("last"), last_day__gte=Given("first")
    ).order_by()
)
