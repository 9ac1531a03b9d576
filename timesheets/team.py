"""The team's week on one screen: who logged what, and who has not handed it in."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from campaigns.weeks import Week
from timesheets.models import TimeEntry, Timesheet, User


class WeekState(models.TextChoices):
    """Where a person's week stands."""

    SUBMITTED = "submitted", _("Submitted")
    OPEN = "open", _("Open")
    MISSING = "missing", _("Missing")


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """One line: minutes in the order of the team's platforms, then their sum."""

    person: User
    minutes: list[int]
    total: int
    state: WeekState
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """Everyone at work or with hours in the week, by name; platforms are (name, colour) with hours in it."""

    week: Week
    platforms: list[tuple[str, int]]
    people: list[PersonWeek]
    totals: list[int]
    total: int

    def counts(self) -> dict[str, int]:
        """How many people's weeks are in each state."""
        return {state.value: sum(one.state == state for one in self.people) for state in WeekState}


def of_week(week: Week, *, today: date) -> TeamWeek:
    """Read the team's week in three statements. A week is missing when it is over and was not submitted."""
    logged = (
        TimeEntry.objects.in_week(week)
        .order_by()
        .values_list("member_id", "platform__name", "platform__colour")
        .annotate(total=Sum("minutes"))
    )
    minutes = {(member_id, (name, colour)): total for member_id, name, colour, total in logged}
    platforms = sorted({platform for _member, platform in minutes})
    submitted = dict(Timesheet.objects.filter(week=week.monday).values_list("member_id", "submitted_at"))
    with_hours = {member_id for member_id, _platform in minutes}
    people = list(User.objects.at_work(week) | User.objects.filter(pk__in=with_hours))
    lines = [_line(person, platforms, minutes, submitted.get(person.pk), week.sunday < today) for person in people]
    totals = [sum(line.minutes[position] for line in lines) for position in range(len(platforms))]
    return TeamWeek(week, platforms, lines, totals, sum(totals))


def _line(
    person: User,
    platforms: list[tuple[str, int]],
    minutes: dict[tuple[int, tuple[str, int]], int],
    submitted_at: datetime | None,
    is_over: bool,
) -> PersonWeek:
    logged = [minutes.get((person.pk, platform), 0) for platform in platforms]
    state = WeekState.SUBMITTED if submitted_at else WeekState.MISSING if is_over else WeekState.OPEN
    return PersonWeek(person, logged, sum(logged), state, submitted_at)
