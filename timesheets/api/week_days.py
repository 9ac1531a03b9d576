"""A week day by day, with what it is measured against: one's own, and for whoever sees the team everybody's."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from core.access import EVERYONE, STEERING
from core.api.access import READ, BearerToken
from core.api.paging import Number
from core.weeks import Week
from timesheets import grid
from timesheets.api.asked import member_of, person_of, week_at
from timesheets.models import TimeEntry, Timesheet, User


class WeekDayOut(Schema):
    """`off` says why no hours are expected, as the page does: a weekend, a holiday, away; else it is empty."""

    day: date
    minutes: int
    off: str


class ReopeningOut(Schema):
    """Why a week that was submitted is open again."""

    at: datetime
    by_name: str
    reason: str


class WeekDaysOut(Schema):
    """`expected_minutes` are those of a usual week of this person where `is_usual`, else those of the contract."""

    person: int
    week: str
    minutes: int
    expected_minutes: int
    is_usual: bool
    days: list[WeekDayOut]
    reopening: ReopeningOut | None


router = Router(tags=["Weeks"])
READER, TEAM_READER = BearerToken(f"hours:{READ}", EVERYONE), BearerToken(f"hours:{READ}", STEERING)


@router.get("/weeks/{week}/days", response=WeekDaysOut, auth=READER, url_name="own_week_days", summary="One's own days")
def read_own_days(request: HttpRequest, week: str) -> Any:
    return show_days(member_of(request), week_at(week))


@router.get(
    "/people/{int:pk}/weeks/{week}/days",
    response=WeekDaysOut,
    auth=TEAM_READER,
    url_name="person_week_days",
    summary="A person's days",
)
def read_days(request: HttpRequest, pk: Number, week: str) -> Any:
    return show_days(person_of(pk), week_at(week))


def show_days(person: User, week: Week) -> WeekDaysOut:
    sheet = grid.build(member=person, week=week, today=timezone.localdate())
    logged: dict[date, int] = {}
    for day, minutes in TimeEntry.objects.of(person).filter(week=week.monday).values_list("day", "minutes"):
        logged[day] = logged.get(day, 0) + minutes
    days = [
        WeekDayOut(day=day, minutes=logged.get(day, 0), off=str(column.off))
        for day, column in zip(week.days, sheet.columns, strict=True)
    ]
    return WeekDaysOut(
        person=person.pk,
        week=str(week),
        minutes=sum(logged.values()),
        expected_minutes=sheet.expected.minutes,
        is_usual=sheet.expected.is_usual,
        days=days,
        reopening=show_reopening(sheet.timesheet),
    )


def show_reopening(sheet: Timesheet | None) -> ReopeningOut | None:
    record = sheet.reopening if sheet else None
    if record is None:
        return None
    by_name = str(record.history_user) if record.history_user else ""
    return ReopeningOut(at=record.history_date, by_name=by_name, reason=record.reopen_reason)
