"""The team's week on one screen: who logged what, and who has not handed it in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import models
from django.db.models import Min, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency, Platform
from core.weeks import Week
from timesheets.models import Reminder, TimeEntry, Timesheet, User
from timesheets.presence import read_presence

WEEKS_LOOKED_BACK = 8

# What a line needs to know of a person: to read thousands of them whole takes twice as long.
FIELDS_OF_A_LINE = (
    *("name", "email", "joined_on", "known_since", "left_on", "is_active", "logs_hours", "weekly_minutes"),
)

PlatformLabel = tuple[str, int]  # name and colour


class WeekState(models.TextChoices):
    """Where a person's week stands."""

    APPROVED = "approved", _("Approved")
    SUBMITTED = "submitted", _("Submitted")
    OPEN = "open", _("Open")
    MISSING = "missing", _("Missing")
    AWAY = "away", _("Away")


class PersonWeek(NamedTuple):
    """One line: minutes in the order of the team's platforms, then their sum. A tuple: there may be thousands."""

    person: User
    minutes: Sequence[int]
    total: int
    state: WeekState
    sheet: Timesheet | None
    reminder: Reminder | None
    can_approve: bool
    is_missing: bool  # at work in the week, over or not, and has not submitted it

    @property
    def has_submitted(self) -> bool:
        """Whether there is something to approve or to reopen."""
        return self.sheet is not None and bool(self.sheet.is_locked or self.sheet.submitted_through)

    @property
    def awaits_approval(self) -> bool:
        """Whether there is something that the reader may approve."""
        return self.sheet is not None and bool(self.sheet.awaits_approval and self.can_approve)


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """Everyone at work or with hours in the week, by name; platforms are (name, colour) with hours in it."""

    week: Week
    platforms: list[PlatformLabel]
    people: list[PersonWeek]
    totals: list[int]
    total: int

    def counts(self) -> dict[str, int]:
        """How many people's weeks are in each state."""
        return {state.value: sum(line.state == state for line in self.people) for state in WeekState}


def people_of(week: Week) -> list[User]:
    """Everyone of whom the team's page of this week may speak: who may log hours, and who has some in it; by name."""
    with_hours = TimeEntry.objects.in_week(week).order_by().values("member")
    people = User.objects.filter(models.Q(is_active=True) | models.Q(pk__in=with_hours))
    return list(people.only(*FIELDS_OF_A_LINE))


def of_week(
    week: Week, *, today: date, reader: User, agency: Agency | None = None, people: Sequence[User] | None = None
) -> TeamWeek:
    """Read the team's week in six statements, and those of an agency or of the people (`people_of`) not given.

    A week is missing when it is over and was not submitted. Nothing here takes more than a moment for each person:
    there may be thousands, of whom a page shows fifty.
    """
    platforms, minutes = _logged(week)
    people = people_of(week) if people is None else people
    sheets = {row.member_id: row for row in Timesheet.objects.filter(week=week.monday).select_related("approved_by")}
    reminders = {row.member_id: row for row in Reminder.objects.filter(week=week.monday).order_by("due_at", "pk")}
    presence, nothing = read_presence(week, week, agency=agency), [0] * len(platforms)
    own, is_director, is_over = reader.pk, reader.is_director, week.sunday < today
    has_holiday = presence.has_holiday(week)
    lines = [
        line_of(
            person,
            week,
            minutes=minutes.get(pk, nothing),
            sheet=sheets.get(pk),
            reminder=reminders.get(pk),
            is_away=(has_holiday or pk in presence.away) and presence.is_away(person, week),
            is_over=is_over,
            can_approve=is_director or pk != own,
        )
        for pk, person in ((person.pk, person) for person in people)
        if pk in minutes or person.is_at_work(week)
    ]
    totals = [sum(column) for column in zip(*minutes.values(), strict=True)]
    return TeamWeek(week, platforms, lines, totals, sum(totals))


def _logged(week: Week) -> tuple[list[PlatformLabel], dict[int, list[int]]]:
    """The platforms with hours in the week, by name, and each person's minutes in their order. Two statements."""
    logged = list(
        TimeEntry.objects.in_week(week)
        .order_by()
        .values_list("member_id", "platform_id")
        .annotate(total=Sum("minutes"))
    )
    found = Platform.objects.filter(pk__in={platform for _member, platform, _total in logged})
    platforms = sorted(found.values_list("name", "colour", "pk"))
    position = {pk: index for index, (_name, _colour, pk) in enumerate(platforms)}
    minutes: dict[int, list[int]] = defaultdict(lambda: [0] * len(platforms))
    for member, platform, total in logged:
        minutes[member][position[platform]] = total
    return [(name, colour) for name, colour, _pk in platforms], minutes


def line_of(
    person: User,
    week: Week,
    *,
    minutes: Sequence[int],
    sheet: Timesheet | None,
    reminder: Reminder | None,
    is_away: bool,
    is_over: bool,
    can_approve: bool,
) -> PersonWeek:
    """Where one person's week stands, and what its reader may do with it."""
    is_locked = sheet is not None and sheet.is_locked
    return PersonWeek(
        person=person,
        minutes=minutes,
        total=sum(minutes),
        state=_state(sheet, is_away=is_away, is_over=is_over),
        sheet=sheet,
        reminder=reminder,
        can_approve=can_approve,
        is_missing=not is_locked and not is_away and person.is_at_work(week),
    )


def _state(sheet: Timesheet | None, *, is_away: bool, is_over: bool) -> WeekState:
    if sheet and sheet.is_locked:
        return WeekState.APPROVED if sheet.is_approved else WeekState.SUBMITTED
    if is_away:
        return WeekState.AWAY
    return WeekState.MISSING if is_over else WeekState.OPEN


@dataclass(frozen=True, slots=True)
class Behind:
    """A person with weeks that are over and not submitted, oldest first."""

    person: User
    weeks: list[Week]


def behind(last: Week, *, agency: Agency | None = None, people: Sequence[User] | None = None) -> list[Behind]:
    """Who has not submitted which of the eight weeks up to `last`, by name; of `people_of` a week, or of all.

    Weeks before the first that anybody has a timesheet for do not count: the agency was not using Retour yet.
    """
    began = Timesheet.objects.aggregate(first=Min("week"))["first"]
    if began is None or Week(began) > last:
        return []
    weeks = list(Week.range(max(last.plus(1 - WEEKS_LOOKED_BACK), Week(began)), last))
    sheets = Timesheet.objects.filter(week__in=[week.monday for week in weeks], submitted_at__isnull=False)
    submitted = set(sheets.values_list("member_id", "week"))
    presence = read_presence(weeks[0], last, agency=agency)

    def is_awaited(person: User, week: Week) -> bool:
        if (person.pk, week.monday) in submitted:  # most are, and it is told at once
            return False
        return person.is_at_work(week) and not presence.is_away(person, week)

    asked = User.objects.filter(is_active=True).only(*FIELDS_OF_A_LINE) if people is None else people
    late = [Behind(person, [week for week in weeks if is_awaited(person, week)]) for person in asked]
    return [person for person in late if person.weeks]
