"""When local-time jobs are next due. Pure: no Django, no clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY, FRIDAY = 0, 4
WORKING_HOURS = range(5, 23)  # those that can be chosen: at none of them clocks are changed


def next_daily(after: datetime, *, hour: int, zone: ZoneInfo) -> datetime:
    """The first instant after `after` at which clocks in `zone` show this hour; in UTC."""
    day = after.astimezone(zone).date()
    return next(due for due in (_at(day + timedelta(days=n), hour, zone) for n in range(3)) if due > after)


def next_weekly(after: datetime, *, weekday: int, hour: int, zone: ZoneInfo) -> datetime:
    """The first instant after `after` at which it is this weekday (Monday is 0) and this hour in `zone`; in UTC."""
    day = after.astimezone(zone).date()
    day += timedelta(days=(weekday - day.weekday()) % 7)
    return next(due for due in (_at(day + timedelta(days=7 * n), hour, zone) for n in range(3)) if due > after)


def hour_in_week(monday: date, *, weekday: int, hour: int, zone: ZoneInfo) -> datetime:
    """The instant of this weekday (Monday is 0) and hour in `zone`, in the week of this Monday; in UTC."""
    return _at(monday + timedelta(days=weekday), hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    # An hour that a clock change skips is read as the instant an hour of winter time later; one that comes twice, as
    # the first of the two. Neither happens at the hours used here.
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
