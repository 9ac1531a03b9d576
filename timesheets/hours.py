"""Logging hours: what may be written into a cell of the week, and what refuses it.

All that changes a member's week happens under the member's lock (`lock_member`), so that a save and a submission, or
two saves of a day, come one after the other. The lock is its own statement: what it protects is read by the next one,
which sees what the holder before us wrote.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypedDict

from babel.dates import format_date
from django.db import transaction
from django.db.models import Exists, FilteredRelation, Max, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns import platform_redirects
from campaigns.models import Campaign, Platform
from core import history, money, task_queue
from core.statements import Given, Insert, Statement, Update
from core.weeks import Week
from timesheets import durations
from timesheets.models import (
    MINUTES_IN_A_DAY,
    CostRate,
    TimeEntry,
    Timesheet,
    User,
    lock_member,
)

NO_ENTRY = ""  # the etag of an empty cell


class HoursRefused(Exception):
    """Nothing was written; the sentence, in the reader's language, says why."""


class Locked(HoursRefused):
    """The week, or this day of it, was submitted."""


@dataclass(frozen=True, slots=True)
class HoursCell:
    """One place in the grid."""

    day: date
    platform_id: int
    campaign_id: int

    @property
    def week(self) -> Week:
        return Week.containing(self.day)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a cell holds after a save, and the sums around it, in minutes. `etag` is empty for an empty cell."""

    minutes: int
    note: str
    etag: str
    row_minutes: int
    day_minutes: int
    week_minutes: int


class Stale(HoursRefused):
    """The cell changed since the writer saw it; `theirs` is what it holds now."""

    def __init__(self, theirs: Saved) -> None:
        super().__init__(_("This was changed meanwhile, in another window or by someone else."))
        self.theirs = theirs


class CellState(TypedDict):
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
    cell: HoursCell,
    minutes: int,
    note: str | None = None,
    expected_version: str | None = None,
    idempotency_key: str | None = None,
) -> Saved:
    """Write a cell: minutes 0 to 1440, where 0 empties it; return what it holds then.

    `note` None leaves the note as it is. `expected_version` is the etag of what the writer looked at; None does not
    check. A value that is already there is no change, however stale its writer. Once an edit with this
    `idempotency_key` is written, it is never written again, whatever the cell holds by then, so a save whose answer was
    lost can be sent again. Raises Locked, Stale or HoursRefused, and then nothing was written. Four statements at most,
    but for a cell of a platform that became part of another, which is written there.
    """
    with transaction.atomic():
        lock_member(member.pk)
        cell, state = _read(member, cell, idempotency_key)
        if state["done_before"]:
            return _unchanged(state)
        if state["submitted"]:
            raise Locked(_("This day was submitted. It takes hours again once the week is reopened."))
        text = (state["note"] or "") if note is None else note.strip()[:500]
        if _holds(state, minutes, text):
            return _unchanged(state)
        if expected_version not in (None, _etag(state)):
            raise Stale(_unchanged(state))
        _check(member, cell, state, minutes)
        task_queue.enqueue_on_commit()
        return _saved(state, minutes, text, _write(member, cell, state, minutes, text, idempotency_key))


def _read(member: User, cell: HoursCell, idempotency_key: str | None) -> tuple[HoursCell, CellState]:
    """Return the cell and its state; the page may be older than its platform's becoming part of another."""
    state = _state(member, cell, idempotency_key)
    if state["platform_in_use"] is None:
        cell = replace(cell, platform_id=by_now(cell.platform_id))
        state = _state(member, cell, idempotency_key)
    return cell, state


def _holds(state: CellState, minutes: int, text: str) -> bool:
    """Whether the cell holds these minutes and this note already."""
    return (minutes, text if minutes else "") == (state["minutes"] or 0, state["note"] or "")


def by_now(platform_id: int) -> int:
    """The platform, or the one it has become part of since it was chosen; HoursRefused when it is nowhere.

    Asked under the member's lock: whoever merges platforms holds that of every member.
    """
    current_id = platform_redirects.current(platform_id)
    if current_id is None:
        raise HoursRefused(_("This row is gone. Reload the page."))
    return current_id


def _cell_state() -> QuerySet[User, Any]:
    """All that decides about a save, in one statement.

    What is not of an entry names the member as it is given, and not by the row: it is then looked up once, and not for
    each entry of the week.
    """
    this = Q(logged__day=Given("day"), logged__platform=Given("platform"), logged__campaign=Given("campaign"))
    row = Q(logged__platform=Given("platform"), logged__campaign=Given("campaign"))
    lock = Q(submitted_at__isnull=False) | Q(submitted_through__gte=Given("day"))
    submitted = Timesheet.objects.filter(lock, member=Given("member"), week=Given("monday"))
    rates = CostRate.objects.filter(member=Given("member"), starts_on__lte=Given("day")).order_by("-starts_on")
    platform, campaign = Platform.objects.filter(pk=Given("platform")), Campaign.objects.filter(pk=Given("campaign"))
    return (
        User.objects.filter(pk=Given("member"))
        .annotate(logged=FilteredRelation("entries", condition=Q(entries__week=Given("monday"))))
        .values("joined_on", "left_on")
        .annotate(
            entry_id=Max("logged__pk", filter=this),
            minutes=Max("logged__minutes", filter=this),
            version=Max("logged__version", filter=this),
            note=Max("logged__note", filter=this),
            row_minutes=Coalesce(Sum("logged__minutes", filter=row), 0),
            day_minutes=Coalesce(Sum("logged__minutes", filter=Q(logged__day=Given("day"))), 0),
            week_minutes=Coalesce(Sum("logged__minutes"), 0),
            submitted=Exists(submitted),
            hourly_cents=Subquery(rates.values("hourly_cents")[:1]),
            platform_in_use=Subquery(platform.order_by().values("is_active")),
            campaign_in_use=Subquery(campaign.order_by().values("is_active")),
            done_before=Exists(TimeEntry.history.filter(history_change_reason=Given("edit"))),
        )
        .order_by()
    )


CELL_STATE: Statement[CellState] = Statement(_cell_state, is_planned_once=True)
NEW_ENTRY = Insert(TimeEntry)
CHANGED_ENTRY = Update(
    lambda: TimeEntry.objects.filter(pk=Given("entry")),
    *("minutes", "hourly_cents", "note", "version", "minutes_as_imported"),
)


def _state(member: User, cell: HoursCell, idempotency_key: str | None) -> CellState:
    """Read all that decides about a save; an edit without a key was never written before."""
    (state,) = CELL_STATE.rows(
        member=member.pk,
        day=cell.day,
        monday=cell.week.monday,
        platform=cell.platform_id,
        campaign=cell.campaign_id,
        edit=idempotency_key,
    )
    return state


def _etag(state: CellState) -> str:
    return NO_ENTRY if state["entry_id"] is None else f"{state['entry_id']}.{state['version']}"


def _unchanged(state: CellState) -> Saved:
    return _saved(state, state["minutes"] or 0, state["note"] or "", _etag(state))


def _saved(state: CellState, minutes: int, note: str, etag: str) -> Saved:
    more = minutes - (state["minutes"] or 0)
    return Saved(
        minutes=minutes,
        note=note if minutes else "",
        etag=etag,
        row_minutes=state["row_minutes"] + more,
        day_minutes=state["day_minutes"] + more,
        week_minutes=state["week_minutes"] + more,
    )


def _check(member: User, cell: HoursCell, state: CellState, minutes: int) -> None:
    """Refuse what cannot be. Less than there was is always allowed: it is how a mistake is taken back."""
    minutes_before = state["minutes"] or 0
    if state["campaign_in_use"] is None:
        raise HoursRefused(_("This row is gone. Reload the page."))
    if minutes <= minutes_before:
        return
    _check_at_work(cell.day, state)
    if not minutes_before:
        _check_in_use(state)
    _check_day(member, cell.day, state["day_minutes"] - minutes_before + minutes)


def _check_at_work(day: date, state: CellState) -> None:
    if day < state["joined_on"]:
        raise HoursRefused(_("This day is before you joined."))
    if state["left_on"] and day > state["left_on"]:
        raise HoursRefused(_("This day is after you left."))


def _check_in_use(state: CellState) -> None:
    if not state["platform_in_use"]:
        raise HoursRefused(_("This platform is no longer in use. A manager can open it again."))
    if not state["campaign_in_use"]:
        raise HoursRefused(_("This campaign is closed. A manager can open it again."))


def _check_day(member: User, day: date, minutes: int) -> None:
    """Refuse more minutes than a day has."""
    if minutes > MINUTES_IN_A_DAY:
        words = {
            "day": str(format_date(day, "EEEE", locale=money.current_locale())).capitalize(),
            "hours": format_minutes(minutes, member),
            "limit": format_minutes(MINUTES_IN_A_DAY, member),
        }
        raise HoursRefused(_("%(day)s would have %(hours)s; a day has %(limit)s.") % words)


def _write(
    member: User, cell: HoursCell, state: CellState, minutes: int, note: str, idempotency_key: str | None
) -> str:
    """Insert, change or delete the entry, with its week and rate and its version in the audit; return the new etag."""
    if not minutes:
        _empty(member, cell, state, idempotency_key)
        return NO_ENTRY
    version = (state["version"] or 0) + 1
    values = {"minutes": minutes, "hourly_cents": state["hourly_cents"], "note": note, "version": version}
    values["minutes_as_imported"] = None  # what an import made of the cell is no longer what it holds
    entry_id = state["entry_id"]
    if entry_id is None:
        entry_id = NEW_ENTRY.execute(
            member_id=member.pk,
            day=cell.day,
            week=cell.week.monday,
            platform_id=cell.platform_id,
            campaign_id=cell.campaign_id,
            **values,
        )
    else:
        CHANGED_ENTRY.execute(entry=entry_id, **values)
    history.record_versions(TimeEntry, [entry_id], "~" if state["entry_id"] else "+", reason=idempotency_key)
    return f"{entry_id}.{version}"


def _empty(member: User, cell: HoursCell, state: CellState, idempotency_key: str | None) -> None:
    """Delete the entry; the history keeps it as it was."""
    entry = TimeEntry(
        pk=state["entry_id"],
        member=member,
        day=cell.day,
        week=cell.week.monday,
        platform_id=cell.platform_id,
        campaign_id=cell.campaign_id,
        minutes=state["minutes"] or 0,
        hourly_cents=state["hourly_cents"],
        note=state["note"] or "",
        version=state["version"] or 0,
    )
    entry._change_reason = idempotency_key  # type: ignore[attr-defined]  # read by simple_history
    entry.delete()


def format_minutes(minutes: int, member: User) -> str:
    """Minutes as this person wants to read them: `1:30` or `1.5`."""
    return notation_of(member)(minutes)


def notation_of(member: User) -> Callable[[int], str]:
    """How this person wants to read minutes, for who writes many of them."""
    is_decimal = member.duration_style == User.DurationStyle.DECIMAL
    return durations.format_decimal if is_decimal else durations.format_clock


def open_week(member: User, week: Week) -> Timesheet:
    """The member's timesheet, made when missing; Locked when submitted. The caller is in a transaction."""
    lock_member(member.pk)
    timesheet = Timesheet.of(member, week)
    if timesheet.is_locked:
        raise Locked(_("This week was submitted. It can be changed once it is reopened."))
    return timesheet
