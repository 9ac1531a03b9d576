"""Hours that are missing: weeks that nobody submitted, and hours that no rate covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Min, OuterRef, QuerySet, Sum

from core.weeks import Week
from timesheets.models import TimeEntry, Timesheet, User


def missing(week: Week) -> list[User]:
    """People at work in this week who have not submitted it, by name."""
    return list(_missing(week))


def is_missing(member: User, week: Week) -> bool:
    """Whether this person is at work in the week and has not submitted it."""
    return _missing(week).filter(pk=member.pk).exists()


def _missing(week: Week) -> QuerySet[User]:
    submitted = Timesheet.objects.filter(member=OuterRef("pk"), week=week.monday, submitted_at__isnull=False)
    return User.objects.at_work(week).filter(~Exists(submitted))


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
