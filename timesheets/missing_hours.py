"""Hours that are missing: weeks that nobody submitted, and hours that no rate covers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Sum

from campaigns.models import Agency
from campaigns.working_days import work_calendar
from core.statements import GIVEN_WEEK, Given, Statement
from core.weeks import Week
from timesheets.models import Absence, TimeEntry, Timesheet, User
from timesheets.presence import Presence

# How a person is named, from when to when they are there, and whether they are reminded.
FIELDS = ("name", "email", "joined_on", "left_on", "gets_reminders")


@dataclass(frozen=True, slots=True)
class AwaitedWeek:
    """The people whose week is awaited, and those of them who have not submitted it; by name."""

    expected: Sequence[User]
    missing: Sequence[User]


def awaited(week: Week) -> AwaitedWeek:
    """Whose week is awaited: of all who are at work in it, and not away or on holiday all week."""
    at_work = User.objects.at_work(week)
    missing = _without_timesheet(at_work, week)
    return AwaitedWeek(_expected(_with_absences(at_work, week), week), _expected(_with_absences(missing, week), week))


def missing(week: Week) -> Sequence[User]:
    """People at work in this week who have not submitted it, by name."""
    return _expected(_with_absences(_without_timesheet(User.objects.at_work(week), week), week), week)


def missing_names(week: Week, *, agency: Agency | None = None) -> Sequence[str]:
    """How those people are named, in the same order. Two statements, where the agency is given."""
    rows = map(_MissingPerson._make, _MISSING.rows(monday=week.monday, sunday=week.sunday))
    return [str(person) for person in _expected(rows, week, agency)]


def is_missing(member: User, week: Week) -> bool:
    """Whether this person is at work in the week and has not submitted it."""
    at_work = User.objects.at_work(week).filter(pk=member.pk)
    return bool(_expected(_with_absences(_without_timesheet(at_work, week), week), week))


def _without_timesheet(people: QuerySet[User], week: Week) -> QuerySet[User]:
    submitted = Timesheet.objects.filter(member=OuterRef("pk"), week=week.monday, submitted_at__isnull=False)
    return people.exclude(Exists(submitted))


def _with_absences(people: QuerySet[User], week: Week) -> QuerySet[Any, Any]:
    """The people with their absences of the week: a row for each, one for who has none.

    No more of them is read than who asks needs: of thousands the rest would take twice as long.
    """
    during = Q(absences__first_day__lte=week.sunday, absences__last_day__gte=week.monday)
    return (
        people.only(*FIELDS)
        .alias(absence=FilteredRelation("absences", condition=during))
        .annotate(away_from=F("absence__first_day"), away_until=F("absence__last_day"), is_half=F("absence__is_half"))
    )


class _MissingPerson(NamedTuple):
    """What names a person and says whether the week is awaited: to make objects of thousands would take a page long."""

    pk: int
    name: str
    email: str
    joined_on: date
    left_on: date | None
    away_from: date | None
    away_until: date | None
    is_half: bool | None

    def __str__(self) -> str:
        return self.name or self.email


_MISSING: Statement[Any] = Statement(
    lambda: _with_absences(_without_timesheet(User.objects.at_work(GIVEN_WEEK), GIVEN_WEEK), GIVEN_WEEK).values_list(
        *_MissingPerson._fields
    )
)


def _expected(rows: Iterable[Any], week: Week, agency: Agency | None = None) -> list[Any]:
    """Those of the people who are not away all week, from their rows with absences."""
    found: dict[int, Any] = {}
    away: dict[int, dict[date, Fraction]] = defaultdict(dict)
    for row in rows:
        found.setdefault(row.pk, row)
        if row.away_from:
            absence = Absence(first_day=row.away_from, last_day=row.away_until, is_half=row.is_half)
            away[row.pk] |= dict(absence.days())
    presence = Presence(work_calendar(week.monday, week.sunday, agency=agency), away)
    return presence.those_there(found.values(), week)


@dataclass(frozen=True, slots=True)
class UnratedHours:
    """Minutes of a person on days that no rate covers, and the first of those days."""

    member_id: int
    name: str
    minutes: int
    since: date


def without_rate(first: Week, last: Week) -> Sequence[UnratedHours]:
    """Who has hours without a rate in these weeks, both included; by name. For the director's eyes only."""
    rows = _UNRATED.rows(first=first.monday, last=last.monday)
    return [UnratedHours(row["member_id"], row["member__name"], row["total"], row["since"]) for row in rows]


def _unrated() -> QuerySet[Any, Any]:
    entries: QuerySet[Any, Any] = TimeEntry.objects.without_rate().filter(
        week__gte=Given("first"), week__lte=Given("last")
    )
    by_person = entries.order_by().values("member_id", "member__name")
    sums: QuerySet[Any, Any] = by_person.annotate(total=Sum("minutes"), since=Min("day"))
    return sums.order_by(F("member__name"), "member_id")


_UNRATED = Statement(_unrated)


@dataclass(frozen=True, slots=True)
class UnratedOfWeek:
    """Who has hours without a rate in one week, all together; `name` where it is one person."""

    people: int
    minutes: int
    name: str


def unrated_of(week: Week) -> UnratedOfWeek | None:
    """None where a rate covers every hour of the week. For the director's eyes only."""
    rows = TimeEntry.objects.without_rate().in_week(week)
    sums = rows.order_by().aggregate(
        people=Count("member", distinct=True), minutes=Sum("minutes"), name=Min("member__name")
    )
    return UnratedOfWeek(sums["people"], sums["minutes"], sums["name"]) if sums["people"] else None
