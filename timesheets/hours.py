"""Logging hours: what may be written into a cell of the week, and what refuses it.

All that changes a member's week happens under the member's lock (`lock_member`), so that a save and a submission, or
two saves of a day, come one after the other. The lock is its own statement: what it protects is read by the next one,
which sees what the holder before us wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict, cast

from babel.dates import format_date
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from campaigns import platform_redirects
from campaigns.models import Campaign, Platform
from core import money, task_queue
from core.weeks import Week
from timesheets import durations
from timesheets.models import (
    MINUTES_IN_A_DAY,
    CostRate,
    PinnedRow,
    TimeEntry,
    Timesheet,
    TimesheetRow,
    User,
    lock_member,
    stamp,
)

NOTHING_SEEN = ""


class Refused(Exception):
    """Nothing was written; the sentence, in the reader's language, says why."""


class Locked(Refused):
    """The week, or this day of it, was submitted."""


class HasHours(Refused):
    """The row has hours, which go when it goes; `minutes` says how many."""

    def __init__(self, minutes: int) -> None:
        super().__init__(_("This row has hours."))
        self.minutes = minutes


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the grid."""

    day: date
    platform_id: int
    campaign_id: int

    @property
    def week(self) -> Week:
        return Week.containing(self.day)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a cell holds after a save, and the sums around it, in minutes. `tag` is empty for an empty cell."""

    minutes: int
    note: str
    tag: str
    row_minutes: int
    day_minutes: int
    week_minutes: int


class Stale(Refused):
    """The cell changed since the writer saw it; `theirs` is what it holds now."""

    def __init__(self, theirs: Saved) -> None:
        super().__init__(_("This was changed meanwhile, in another window or by someone else."))
        self.theirs = theirs


class State(TypedDict):
    """What one statement reads to decide a save: the cell, the sums around it, and what may refuse it."""

    joined_on: date
    left_on: date | None
    entry_id: int | None
    minutes: int | None
    version: int | None
    note: str | None
    row_minutes: int
    day_minutes: int
    week_minutes: int
    submitted: bool
    hourly_cents: int | None
    platform_in_use: bool | None
    campaign_in_use: bool | None
    done_before: bool


def log(
    *,
    member: User,
    cell: Cell,
    minutes: int,
    note: str | None = None,
    seen: str | None = None,
    edit: str | None = None,
) -> Saved:
    """Write a cell: minutes 0 to 1440, where 0 empties it; return what it holds then.

    `note` None leaves the note as it is. `seen` is the tag of the state that the writer looked at; None does not ask.
    A value that is already there is no change, however stale its writer. `edit` is the id of this edit: once written,
    it is never written again, whatever the cell holds by then, so a save whose answer was lost can be sent again.
    Raises Locked, Stale or Refused, and then nothing was written. Four statements at most, but for a cell of a platform
    that became part of another, which is written there.
    """
    with transaction.atomic():
        lock_member(member.pk)
        state = _state(member, cell, edit)
        if state["platform_in_use"] is None:  # the page may be older than the platform's becoming part of another
            cell = replace(cell, platform_id=by_now(cell.platform_id))
            state = _state(member, cell, edit)
        if state["submitted"] and not state["done_before"]:
            raise Locked(_("This day was submitted. It takes hours again once the week is reopened."))
        held = state["minutes"] or 0
        text = (state["note"] or "") if note is None else note.strip()[:500]
        if state["done_before"] or (minutes, text if minutes else "") == (held, state["note"] or ""):
            return _saved(state, cell, held, held, _tag(state))
        if seen is not None and seen != _tag(state):
            raise Stale(_saved(state, cell, held, held, _tag(state)))
        _check(member, cell, state, minutes)
        task_queue.enqueue_on_commit()
        return _saved(state, cell, held, minutes, _write(member, cell, state, minutes, text, edit), note=text)


def by_now(platform_id: int) -> int:
    """The platform, or the one it has become part of since it was chosen; Refused when it is nowhere.

    Asked under the member's lock: whoever merges platforms holds that of every member.
    """
    found = platform_redirects.current(platform_id)
    if found is None:
        raise Refused(_("This row is gone. Reload the page."))
    return found


def _state(member: User, cell: Cell, edit: str | None) -> State:
    """Read all that decides about a save, in one statement."""
    this = Q(logged__day=cell.day, logged__platform=cell.platform_id, logged__campaign=cell.campaign_id)
    row = Q(logged__platform=cell.platform_id, logged__campaign=cell.campaign_id)
    lock = Q(submitted_at__isnull=False) | Q(submitted_through__gte=cell.day)
    submitted = Timesheet.objects.filter(lock, member=OuterRef("pk"), week=cell.week.monday)
    rates = CostRate.objects.filter(member=OuterRef("pk"), starts_on__lte=cell.day).order_by("-starts_on")
    return cast(
        State,
        User.objects.filter(pk=member.pk)
        .annotate(logged=FilteredRelation("entries", condition=Q(entries__week=cell.week.monday)))
        .values("joined_on", "left_on")
        .annotate(
            entry_id=Max("logged__pk", filter=this),
            minutes=Max("logged__minutes", filter=this),
            version=Max("logged__version", filter=this),
            note=Max("logged__note", filter=this),
            row_minutes=Coalesce(Sum("logged__minutes", filter=row), 0),
            day_minutes=Coalesce(Sum("logged__minutes", filter=Q(logged__day=cell.day)), 0),
            week_minutes=Coalesce(Sum("logged__minutes"), 0),
            submitted=Exists(submitted),
            hourly_cents=Subquery(rates.values("hourly_cents")[:1]),
            platform_in_use=Subquery(Platform.objects.filter(pk=cell.platform_id).values("is_active")),
            campaign_in_use=Subquery(Campaign.objects.filter(pk=cell.campaign_id).values("is_active")),
            done_before=Exists(TimeEntry.history.filter(history_change_reason=edit)) if edit else Value(False),
        )
        .order_by()
        .get(),
    )


def _tag(state: State) -> str:
    return NOTHING_SEEN if state["entry_id"] is None else f"{state['entry_id']}.{state['version']}"


def _saved(state: State, cell: Cell, before: int, after: int, tag: str, note: str | None = None) -> Saved:
    more = after - before
    return Saved(
        minutes=after,
        note=((state["note"] or "") if note is None else note) if after else "",
        tag=tag,
        row_minutes=state["row_minutes"] + more,
        day_minutes=state["day_minutes"] + more,
        week_minutes=state["week_minutes"] + more,
    )


def _check(member: User, cell: Cell, state: State, minutes: int) -> None:
    """Refuse what cannot be. Less than there was is always allowed: it is how a mistake is taken back."""
    held = state["minutes"] or 0
    if state["campaign_in_use"] is None:
        raise Refused(_("This row is gone. Reload the page."))
    if minutes <= held:
        return
    if cell.day < state["joined_on"]:
        raise Refused(_("This day is before you joined."))
    if state["left_on"] and cell.day > state["left_on"]:
        raise Refused(_("This day is after you left."))
    if not held and not state["platform_in_use"]:
        raise Refused(_("This platform is no longer in use. A manager can open it again."))
    if not held and not state["campaign_in_use"]:
        raise Refused(_("This campaign is closed. A manager can open it again."))
    day_minutes = state["day_minutes"] - held + minutes
    if day_minutes > MINUTES_IN_A_DAY:
        raise Refused(
            _("%(day)s would have %(hours)s; a day has %(limit)s.")
            % {
                "day": str(format_date(cell.day, "EEEE", locale=money.current_locale())).capitalize(),
                "hours": written(day_minutes, member),
                "limit": written(MINUTES_IN_A_DAY, member),
            }
        )


def _write(member: User, cell: Cell, state: State, minutes: int, note: str, edit: str | None) -> str:
    """Insert, change or delete the entry, already stamped with its week and rate; return the new tag."""
    entry = TimeEntry(
        pk=state["entry_id"],
        member=member,
        day=cell.day,
        week=cell.week.monday,
        platform_id=cell.platform_id,
        campaign_id=cell.campaign_id,
        minutes=minutes or state["minutes"] or 0,
        hourly_cents=state["hourly_cents"],
        note=note,
        version=(state["version"] or 0) + 1,
    )
    entry._change_reason = edit  # type: ignore[attr-defined]  # read by simple_history
    if not minutes:
        entry.version -= 1  # the history keeps the entry as it was
        entry.note = state["note"] or ""
        entry.delete()
        return NOTHING_SEEN
    entry.save(is_stamped=True, force_insert=entry.pk is None, force_update=entry.pk is not None)
    return entry.tag


def written(minutes: int, member: User) -> str:
    """Minutes as this person wants to read them: `1:30` or `1.5`."""
    if member.duration_style == User.DurationStyle.DECIMAL:
        return durations.format_decimal(minutes)
    return durations.format_clock(minutes)


# -- rows -------------------------------------------------------------------------------------------------------------


def _open_week(member: User, week: Week) -> Timesheet:
    """The member's timesheet, made when missing; Locked when submitted. The caller is in a transaction."""
    lock_member(member.pk)
    timesheet = Timesheet.of(member, week)
    if timesheet.is_locked:
        raise Locked(_("This week was submitted. It can be changed once it is reopened."))
    return timesheet


@dataclass(frozen=True, slots=True)
class Removed:
    """A row that was taken away, with all that brings it back as it was. `row_id` and `pinned_since` may be None."""

    platform_id: int
    campaign_id: int
    row_id: int | None
    pinned_since: date | None
    cells: list[tuple[date, int, str]]


def add_row(*, member: User, week: Week, platform: Platform, campaign: Campaign) -> bool:
    """Give the week a row that stays there without hours; return whether it is new."""
    with transaction.atomic():
        timesheet = _open_week(member, week)
        platform_id = by_now(platform.pk)
        if (platform_id, campaign.pk) in rows_of(member, week):
            return False
        TimesheetRow.objects.create(timesheet=timesheet, platform_id=platform_id, campaign=campaign)
        return True


def remove_row(*, member: User, week: Week, platform_id: int, campaign_id: int, with_hours: bool) -> Removed:
    """Take the row away, and its pin; HasHours when that takes hours with it and `with_hours` does not agree."""
    place = {"platform_id": platform_id, "campaign_id": campaign_id}
    with transaction.atomic():
        timesheet = _open_week(member, week)
        entries = list(TimeEntry.objects.of(member).in_week(week).filter(**place))
        if any(timesheet.locks(entry.day) for entry in entries):
            raise Locked(_("This row has hours on days that were submitted."))
        if entries and not with_hours:
            raise HasHours(sum(entry.minutes for entry in entries))
        row = TimesheetRow.objects.filter(timesheet=timesheet, **place).first()
        pinned = PinnedRow.objects.filter(member=member, **place).first()
        removed = Removed(
            row_id=row.pk if row else None,
            pinned_since=pinned.since if pinned else None,
            cells=[(entry.day, entry.minutes, entry.note) for entry in entries],
            **place,
        )
        if entries:
            task_queue.enqueue_on_commit()
        for gone in (*entries, row, pinned):
            if gone:
                gone.delete()  # one by one: each entry leaves its history
    return removed


def restore_row(*, member: User, week: Week, removed: Removed) -> None:
    """Bring a row back as it was, where it was. A cell that holds hours by now keeps them."""
    with transaction.atomic():
        timesheet = _open_week(member, week)
        place = {"platform_id": by_now(removed.platform_id), "campaign_id": removed.campaign_id}
        if removed.row_id and not TimesheetRow.objects.filter(timesheet=timesheet, **place).exists():
            TimesheetRow.objects.create(pk=removed.row_id, timesheet=timesheet, **place)
        if removed.pinned_since:
            PinnedRow.objects.get_or_create(member=member, **place, defaults={"since": removed.pinned_since})
        there = set(TimeEntry.objects.of(member).in_week(week).filter(**place).values_list("day", flat=True))
        lost = [cell for cell in removed.cells if cell[0] not in there]
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
        timesheet = _open_week(member, week)
        pins = PinnedRow.objects.of(member).filter(platform_id=platform_id, campaign_id=campaign_id)
        if pins.delete()[0]:
            TimesheetRow.objects.get_or_create(timesheet=timesheet, platform_id=platform_id, campaign_id=campaign_id)


def rows_of(member: User, week: Week) -> list[tuple[int, int]]:
    """The (platform, campaign) ids that the week shows: rows added, rows pinned, then those that only have hours."""
    added = TimesheetRow.objects.filter(timesheet__member=member, timesheet__week=week.monday).order_by("pk")
    pinned = PinnedRow.objects.of(member).in_week(week)
    logged = TimeEntry.objects.of(member).in_week(week).order_by("platform__name", "campaign__name", "pk")
    pairs = [pair for rows in (added, pinned, logged) for pair in rows.values_list("platform_id", "campaign_id")]
    return list(dict.fromkeys(pairs))


def copy_rows(*, member: User, source: Week, target: Week) -> list[tuple[int, int]]:
    """Give `target` the rows of `source` that are still in use; return those that were not there yet."""
    with transaction.atomic():
        timesheet = _open_week(member, target)
        there, in_use = set(rows_of(member, target)), _InUse()
        new = [pair for pair in rows_of(member, source) if pair not in there and pair in in_use]
        TimesheetRow.objects.bulk_create(
            TimesheetRow(timesheet=timesheet, platform_id=platform_id, campaign_id=campaign_id)
            for platform_id, campaign_id in new
        )
    return new


def copy_hours(*, member: User, source: Week, target: Week) -> int:
    """Give `target` the rows of `source`, and its hours where a cell is empty; return how many cells were filled.

    Notes stay where they were written: they say what was done that day. Days on which the member did not work here,
    that were submitted, or that would have more than 24 hours, are left as they are.
    """
    with transaction.atomic():
        copy_rows(member=member, source=source, target=target)
        timesheet = _open_week(member, target)
        there = list(TimeEntry.objects.of(member).in_week(target))
        taken = {(entry.platform_id, entry.campaign_id, entry.day) for entry in there}
        room = {day: MINUTES_IN_A_DAY - sum(one.minutes for one in there if one.day == day) for day in target.days}
        entries = []
        in_use = _InUse()
        for old in TimeEntry.objects.of(member).in_week(source):
            day = target.days[(old.day - source.monday).days]
            place = (old.platform_id, old.campaign_id)
            is_open = not timesheet.locks(day) and _works(member, day) and place in in_use
            if not is_open or (*place, day) in taken or old.minutes > room[day]:
                continue
            room[day] -= old.minutes
            entries.append(
                TimeEntry(member=member, day=day, platform_id=place[0], campaign_id=place[1], minutes=old.minutes)
            )
        _insert(member, entries)
    return len(entries)


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
        raise Refused(_("A day would have more than 24 hours.")) from error
    task_queue.enqueue_on_commit()


# -- who is missing ---------------------------------------------------------------------------------------------------


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
class Uncosted:
    """Minutes of a person on days that no rate covers, and the first of those days."""

    member_id: int
    name: str
    minutes: int
    since: date


def without_rate(first: Week, last: Week) -> Sequence[Uncosted]:
    """Who has hours without a rate in these weeks, both included; by name. For the director's eyes only."""
    rows = (
        TimeEntry.objects.without_rate()
        .in_weeks(first, last)
        .order_by()
        .values("member_id", "member__name")
        .annotate(total=Sum("minutes"), since=Min("day"))
        .order_by(F("member__name"), "member_id")
    )
    return [Uncosted(row["member_id"], row["member__name"], row["total"], row["since"]) for row in rows]
