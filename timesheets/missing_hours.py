"""Hours that are missing: weeks that nobody submitted, and hours that no rate covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, QuerySet, Sum

from core.weeks import Week
from timesheets.models import TimeEntry, Timesheet, User
from timesheets.presence import read_presence


@dataclass(frozen=True, slots=True)
class AwaitedWeek:
    """The people whose week is awaited, and those of them who have not submitted it; by name."""

    expected: Sequence[User]
    missing: Sequence[User]


def awaited(week: Week) -> AwaitedWeek:
    """Whose week is awaited: of all who are at work in it, and not away or on holiday all week."""
    expected = _expected(User.objects.at_work(week), week)
    sheets = Timesheet.objects.filter(week=week.monday, submitted_at__isnull=False)
    submitted = set(sheets.values_list("member_id", flat=True))
    return AwaitedWeek(expected, [person for person in expected if person.pk not in submitted])


def missing(week: Week) -> Sequence[User]:
    """People at work in this week who have not submitted it, by name."""
    return awaited(week).missing


def is_missing(member: User, week: Week) -> bool:
    """Whether this person is at work in the week and has not submitted it."""
    if Timesheet.objects.filter(member=member, week=week.monday, submitted_at__isnull=False).exists():
        return False
    return bool(_expected(User.objects.at_work(week).filter(pk=member.pk), week))


def _expected(people: QuerySet[User], week: Week) -> list[User]:
    found = list(people)
    presence = read_presence(week, week, members=found)
    return [person for person in found if not presence.is_away(person, week)]


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
