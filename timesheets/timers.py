"""A timer on a row: one for each person, kept in the database, so that it survives a closed browser.

Its minutes, rounded up, are added to the cell of the day on which it was started, by the agency's clock. One that ran
over midnight is never split or guessed: its member says what to do. All under the member's lock.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Platform
from timesheets import hours
from timesheets.models import TimeEntry, Timer, Timesheet, User, lock_member


class Overnight(Exception):
    """The timer was started on an earlier day: its member must say what to do with it."""


@dataclass(frozen=True, slots=True)
class Landed:
    """Minutes that a timer added to a cell, and what the cell holds since."""

    cell: hours.HoursCell
    minutes: int
    saved: hours.Saved


def running(member: User) -> Timer | None:
    """The member's timer with the names of its row, or None."""
    return Timer.objects.filter(member=member).select_related("platform", "campaign__client").first()


def elapsed(timer: Timer, *, at: datetime) -> int:
    """Seconds since the start; never less than none, whatever a clock that was set back says."""
    return max(0, int((at - timer.started_at).total_seconds()))


def is_overnight(timer: Timer, *, at: datetime) -> bool:
    return timezone.localdate(timer.started_at) < timezone.localdate(at)


def minutes_to_midnight(timer: Timer) -> int:
    """Whole minutes, rounded up, from the start to the end of its day."""
    day = timezone.localdate(timer.started_at)
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone())
    return _whole((midnight - timer.started_at).total_seconds())


def start(*, member: User, platform: Platform, campaign: Campaign, at: datetime) -> Landed | None:
    """Start on this row. A timer of today on another row stops and lands first, and is returned; Overnight otherwise.

    Starting where it runs already changes nothing. Raises Locked when today was submitted.
    """
    today = timezone.localdate(at)
    with transaction.atomic():
        lock_member(member.pk)
        timer, landed, platform_id = running(member), None, hours.by_now(platform.pk)
        if timer and (timer.platform_id, timer.campaign_id) == (platform_id, campaign.pk):
            return None
        if any(sheet.locks(today) for sheet in Timesheet.objects.filter(member=member, week=_monday(today))):
            raise hours.Locked(_("Today was submitted: it takes no more hours."))
        if timer:
            landed = _stop(timer, at=at)
        Timer.objects.create(member=member, platform_id=platform_id, campaign=campaign, started_at=at)
    return landed


def stop(*, member: User, pk: int, at: datetime) -> Landed | None:
    """Stop this timer and add its minutes to today's cell; None when it is stopped already.

    Raises Overnight when it was started on an earlier day, Refused when the cell cannot take them: it then runs on.
    """
    with transaction.atomic():
        timer = _held(member, pk)
        return _stop(timer, at=at) if timer else None


def settle(*, member: User, pk: int, minutes: int | None) -> Landed | None:
    """End a timer that ran over midnight: with these minutes on the day it was started, or up to midnight when None."""
    with transaction.atomic():
        timer = _held(member, pk)
        return _land(timer, minutes_to_midnight(timer) if minutes is None else minutes) if timer else None


def discard(*, member: User, pk: int) -> None:
    """End a timer and log nothing."""
    with transaction.atomic():
        if timer := _held(member, pk):
            timer.delete()


def _held(member: User, pk: int) -> Timer | None:
    """This timer, if it still is the member's, under the member's lock: so a second click finds nothing to stop."""
    lock_member(member.pk)
    return Timer.objects.select_related("member").filter(member=member, pk=pk).first()


def _stop(timer: Timer, *, at: datetime) -> Landed:
    if is_overnight(timer, at=at):
        raise Overnight
    return _land(timer, _whole(elapsed(timer, at=at)))


def _land(timer: Timer, minutes: int) -> Landed:
    """Add the minutes to what the cell holds, and end the timer."""
    day = timezone.localdate(timer.started_at)
    cell = hours.HoursCell(day=day, platform_id=timer.platform_id, campaign_id=timer.campaign_id)
    entries = TimeEntry.objects.of(timer.member).filter(
        day=day, platform_id=timer.platform_id, campaign_id=timer.campaign_id
    )
    saved = hours.log(member=timer.member, cell=cell, minutes=entries.minutes() + minutes)
    timer.delete()
    return Landed(cell, minutes, saved)


def _whole(seconds: float) -> int:
    """Minutes, rounded up: what was begun counts, so a timer that ran at all logs one."""
    return max(1, -int(-seconds // 60))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
