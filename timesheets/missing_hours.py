"""Hours that are missing: weeks that nobody submitted, and hours that no rate covers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Sum

from campaigns.models import Agency
from campaigns.working_days import work_calendar
from core.weeks import Week
from timesheets.models import Absence, TimeEntry, Timesheet, User
from timesheets.presence import Presence


@dataclass(frozen=True, slots=True)
class AwaitedWeek:
    """The people whose week is awaited, and those of them who have not submitted it; by name."""

    expected: Sequence[User]
    missing: Sequence[User]


def awaited(week: Week) -> AwaitedWeek:
    """Whose week is awaited: of all who are at work in it, and not away or on holiday all week."""
    at_work = User.objects.at_work(week)
    return AwaitedWeek(_expected(at_work, week), _expected(_without_timesheet(at_work, week), week))


def missing(week: Week, *, agency: Agency | None = None) -> Sequence[User]:
    """People at work in this week who have not submitted it, by name. Two statements, where the agency is given."""
    return _expected(_without_timesheet(User.objects.at_work(week), week), week, agency)


def is_missing(member: User, week: Week) -> bool:
    """Whether this person is at work in the week and has not submitted it."""
    at_work = User.objects.at_work(week).filter(pk=member.pk)
    return bool(_expected(_without_timesheet(at_work, week), week))


def _without_timesheet(people: QuerySet[User], week: Week) -> QuerySet[User]:
    submitted = Timesheet.objects.filter(member=OuterRef("pk"), week=week.monday, submitted_at__isnull=False)
    return people.exclude(Exists(submitted))


def _expected(people: QuerySet[User], week: Week, agency: Agency | None = None) -> list[User]:
    """Those who are not away all week. The people come with their absences: a row for each, one for who has none."""
    during = Q(absences__first_day__lte=week.sunday, absences__last_day__gte=week.monday)
    rows = people.alias(absence=FilteredRelation("absences", condition=during)).annotate(
        away_from=F("absence__first_day"), away_until=F("absence__last_day"), is_half=F("absence__is_half")
    )
    found: dict[int, User] = {}
    away: dict[int, dict[date, Fraction]] = defaultdict(dict)
    for row in rows:
        found.setdefault(row.pk, row)
        if row.away_from:
            absence = Absence(first_day=row.away_from, last_day=row.away_until, is_half=row.is_half)
            away[row.pk] |= dict(absence.days())
    presence = Presence(work_calendar(week.monday, week.sunday, agency=agency), away)
    return [person for person in found.values() if not presence.is_away(person, week)]


@dataclass(frozen=True, slots=True)
class UnratedHours:
    """Minutes of a person on days that no rate covers, and the first of those days."""

    member_id: int
    name: str
    minutes: int
    since: date


def without_rate(first: Week, last: Week) -> Sequence[UnratedHours]:
    """Who has hours without a rate in these weeks, both included; by name. For the director's eyes only."""
    rows = (
        TimeEntry.objects.without_rate()
        .in_weeks(first, last)
        .order_by()
        .values("member_id", "member__name")
        .annotate(total=Sum("minutes"), since=Min("day"))
        .order_by(F("member__name"), "member_id")
    )
    return [UnratedHours(row["member_id"], row["member__name"], row["total"], row["since"]) for row in rows]


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
