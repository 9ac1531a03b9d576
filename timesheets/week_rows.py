"""The rows of a week: added, pinned, copied from another week, removed and brought back.

All of it happens under the member's lock, like what is written into the cells (hours.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from campaigns.models import Campaign, Platform
from core import task_queue
from core.weeks import Week
from timesheets.hours import HoursRefused, Locked, by_now, open_week
from timesheets.models import (
    MINUTES_IN_A_DAY,
    PinnedRow,
    TimeEntry,
    Timesheet,
    TimesheetRow,
    User,
    lock_member,
    stamp,
)


class HasHours(HoursRefused):
    """The row has hours, which go when it goes; `minutes` says how many."""

    def __init__(self, minutes: int) -> None:
        super().__init__(_("This row has hours."))
        self.minutes = minutes


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A row that was taken away, with all that brings it back as it was.

    `was_added` says that it was there whether it had hours or not; `pinned_since` may be None.
    """

    platform_id: int
    campaign_id: int
    was_added: bool
    pinned_since: date | None
    cells: list[tuple[date, int, str]]


def add_row(*, member: User, week: Week, platform: Platform, campaign: Campaign, today: date) -> bool:
    """Give the week a row that stays there without hours; return whether it is new."""
    with transaction.atomic():
        timesheet = open_week(member, week)
        platform_id = by_now(platform.pk)
        if (platform_id, campaign.pk) in rows_of(member, week, today=today):
            return False
        _keep(timesheet, platform_id=platform_id, campaign_id=campaign.pk)
        return True


def _keep(timesheet: Timesheet, *, platform_id: int, campaign_id: int, is_removed: bool = False) -> None:
    """Keep that the week has this row without hours, or that it was removed from it."""
    TimesheetRow.objects.update_or_create(
        timesheet=timesheet, platform_id=platform_id, campaign_id=campaign_id, defaults={"is_removed": is_removed}
    )


def remove_row(*, member: User, week: Week, platform_id: int, campaign_id: int, with_hours: bool) -> RemovedRow:
    """Take the row away, and its pin; HasHours when that takes hours with it and `with_hours` does not agree."""
    place = {"platform_id": platform_id, "campaign_id": campaign_id}
    with transaction.atomic():
        timesheet = open_week(member, week)
        entries = list(TimeEntry.objects.of(member).in_week(week).filter(**place))
        _check_removal(timesheet, entries, with_hours=with_hours)
        row = TimesheetRow.objects.filter(timesheet=timesheet, is_removed=False, **place).first()
        pinned = PinnedRow.objects.filter(member=member, **place).first()
        removed = RemovedRow(
            was_added=row is not None,
            pinned_since=pinned.since if pinned else None,
            cells=[(entry.day, entry.minutes, entry.note) for entry in entries],
            **place,
        )
        _delete(entries, pinned)
        _keep(timesheet, platform_id=platform_id, campaign_id=campaign_id, is_removed=True)
    return removed


def _check_removal(timesheet: Timesheet, entries: Sequence[TimeEntry], *, with_hours: bool) -> None:
    if any(timesheet.locks(entry.day) for entry in entries):
        raise Locked(_("This row has hours on days that were submitted."))
    if entries and not with_hours:
        raise HasHours(sum(entry.minutes for entry in entries))


def _delete(entries: Sequence[TimeEntry], pinned: PinnedRow | None) -> None:
    if entries:
        task_queue.enqueue_on_commit()
    for row in filter(None, (*entries, pinned)):
        row.delete()  # one by one: each entry leaves its history


def restore_row(*, member: User, week: Week, removed: RemovedRow) -> None:
    """Bring a row back as it was, where it was. A cell that holds hours by now keeps them."""
    with transaction.atomic():
        timesheet = open_week(member, week)
        place = {"platform_id": by_now(removed.platform_id), "campaign_id": removed.campaign_id}
        if removed.was_added:
            _keep(timesheet, platform_id=place["platform_id"], campaign_id=place["campaign_id"])
        else:
            TimesheetRow.objects.filter(timesheet=timesheet, is_removed=True, **place).delete()
        if removed.pinned_since:
            PinnedRow.objects.get_or_create(member=member, **place, defaults={"since": removed.pinned_since})
        filled = set(TimeEntry.objects.of(member).in_week(week).filter(**place).values_list("day", flat=True))
        lost = [cell for cell in removed.cells if cell[0] not in filled]
        if any(timesheet.locks(day) for day, _minutes, _note in lost):
            raise Locked(_("This row had hours on days that were submitted."))
        entries = [
            TimeEntry(member=member, day=day, minutes=minutes, note=note, **place) for day, minutes, note in lost
        ]
        _insert(member, entries)


def pin(*, member: User, week: Week, platform: Platform, campaign: Campaign) -> None:
    """Show this row in each week from this one on."""
    with transaction.atomic():
        lock_member(member.pk)
        PinnedRow.objects.get_or_create(
            member=member, platform_id=by_now(platform.pk), campaign=campaign, defaults={"since": week.monday}
        )


def unpin(*, member: User, week: Week, platform_id: int, campaign_id: int) -> None:
    """Show this row in no new week; in this one it stays, as a row that was added."""
    with transaction.atomic():
        timesheet = open_week(member, week)
        pins = PinnedRow.objects.of(member).filter(platform_id=platform_id, campaign_id=campaign_id)
        if pins.delete()[0]:
            _keep(timesheet, platform_id=platform_id, campaign_id=campaign_id)


def rows_of(member: User, week: Week, *, today: date) -> list[tuple[int, int]]:
    """The (platform, campaign) ids that the week shows: rows added, pinned, carried over, then those with hours."""
    kept = TimesheetRow.objects.filter(timesheet__member=member, timesheet__week=week.monday).order_by("pk")
    removed = set(_pairs(kept.filter(is_removed=True)))
    pinned = PinnedRow.objects.of(member).in_week(week)
    logged = TimeEntry.objects.of(member).in_week(week).order_by("platform__name", "campaign__name", "pk")
    pairs = _pairs(kept.filter(is_removed=False)) + _pairs(pinned)
    if member.takes_over_rows(week, today=today):
        pairs += [pair for pair in _pairs(TimeEntry.objects.of(member).carried_into(week)) if pair not in removed]
    return list(dict.fromkeys(pairs + _pairs(logged)))


def _pairs(rows: QuerySet[Any]) -> list[tuple[int, int]]:
    return list(rows.values_list("platform_id", "campaign_id"))


def copy_rows(*, member: User, source: Week, target: Week, today: date) -> list[tuple[int, int]]:
    """Give `target` the rows of `source` that are still in use; return those that were not there yet."""
    with transaction.atomic():
        timesheet = open_week(member, target)
        existing, in_use = set(rows_of(member, target, today=today)), _InUse()
        new = [pair for pair in rows_of(member, source, today=today) if pair not in existing and pair in in_use]
        TimesheetRow.objects.filter(timesheet=timesheet, is_removed=True).filter(_any_of(new)).delete()
        TimesheetRow.objects.bulk_create(
            TimesheetRow(timesheet=timesheet, platform_id=platform_id, campaign_id=campaign_id)
            for platform_id, campaign_id in new
        )
    return new


def _any_of(pairs: Iterable[tuple[int, int]]) -> Q:
    """The places of these rows; none when there are none."""
    places = [Q(platform_id=platform_id, campaign_id=campaign_id) for platform_id, campaign_id in pairs]
    return reduce(or_, places, Q(pk__in=[]))


def copy_hours(*, member: User, source: Week, target: Week, today: date) -> int:
    """Give `target` the rows of `source`, and its hours where a cell is empty; return how many cells were filled.

    Notes stay where they were written: they say what was done that day. Days on which the member did not work here,
    that were submitted, or that would have more than 24 hours, are left as they are.
    """
    with transaction.atomic():
        copy_rows(member=member, source=source, target=target, today=today)
        timesheet = open_week(member, target)
        entries = list(_copies(member, timesheet, source=source, target=target))
        _insert(member, entries)
    return len(entries)


def _copies(member: User, timesheet: Timesheet, *, source: Week, target: Week) -> Iterator[TimeEntry]:
    """Make the entries of `source` anew for `target`, where their cell is empty, open, and has room in its day."""
    existing, in_use = list(TimeEntry.objects.of(member).in_week(target)), _InUse()
    taken = {(entry.platform_id, entry.campaign_id, entry.day) for entry in existing}
    room = _room(existing, target)
    for old in TimeEntry.objects.of(member).in_week(source):
        day = target.days[(old.day - source.monday).days]
        place = (old.platform_id, old.campaign_id)
        is_open = not timesheet.locks(day) and _works(member, day) and place in in_use
        if is_open and (*place, day) not in taken and old.minutes <= room[day]:
            room[day] -= old.minutes
            yield TimeEntry(member=member, day=day, platform_id=place[0], campaign_id=place[1], minutes=old.minutes)


def _room(entries: Sequence[TimeEntry], week: Week) -> dict[date, int]:
    """Return the minutes that each day of the week still has room for."""
    room = dict.fromkeys(week.days, MINUTES_IN_A_DAY)
    for entry in entries:
        room[entry.day] -= entry.minutes
    return room


class _InUse:
    """Tells whether a (platform, campaign) can take new hours."""

    def __init__(self) -> None:
        self.platforms = set(Platform.objects.active().values_list("pk", flat=True))
        self.campaigns = set(Campaign.objects.active().values_list("pk", flat=True))

    def __contains__(self, pair: tuple[int, int]) -> bool:
        return pair[0] in self.platforms and pair[1] in self.campaigns


def _works(member: User, day: date) -> bool:
    return member.joined_on <= day and (member.left_on is None or day <= member.left_on)


def _insert(member: User, entries: list[TimeEntry]) -> None:
    """Write new entries of one member, with their history. The caller holds the member's lock."""
    if not entries:
        return
    stamp(entries)
    try:
        with transaction.atomic():
            bulk_create_with_history(entries, TimeEntry, default_user=member)
    except DatabaseError as error:  # the database's own guard: a day has 24 hours
        raise HoursRefused(_("A day would have more than 24 hours.")) from error
    task_queue.enqueue_on_commit()
