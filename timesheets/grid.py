"""The week as the grid shows it: every text made once, so that the template only places them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from babel.dates import format_date
from django.db.models import Sum
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from core import money
from core.weeks import Week
from timesheets import hours
from timesheets.expected_hours import ExpectedHours, expected_hours, read_for
from timesheets.models import PinnedRow, TimeEntry, Timesheet, TimesheetRow, User
from timesheets.presence import Presence

NAMES = (
    "platform_id",
    "platform__name",
    "platform__colour",
    "campaign_id",
    "campaign__name",
    "campaign__is_general",
    "campaign__client__name",
)

PlatformCampaign = tuple[int, int]


class Names(TypedDict):
    """One row of a query for NAMES."""

    platform_id: int
    platform__name: str
    platform__colour: int
    campaign_id: int
    campaign__name: str
    campaign__is_general: bool
    campaign__client__name: str


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One day. `key` is its number, 0 for Monday; `off` says that it is free or spent away, else it is empty."""

    key: int
    day: date
    label: str
    spoken: str
    is_today: bool
    is_closed: bool
    is_locked: bool
    classes: str
    total: str
    off: str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One input. `etag` is the state of its entry that the page shows; `classes` go on its <td>."""

    key: int
    text: str
    note: str
    etag: str
    label: str
    classes: str
    is_closed: bool
    is_locked: bool


@dataclass(slots=True)
class GridRow:
    """A platform and campaign with seven cells. `key` is `platform-campaign`."""

    key: str
    platform_id: int
    campaign_id: int
    platform: str
    colour: int
    campaign: str
    is_pinned: bool = False
    cells: list[GridCell] = field(default_factory=list)
    minutes: int = 0
    total: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A member's week. Totals are written as the reader writes hours, with a dash for none; `sum` has no dash.

    The sum is measured against `expected`.
    """

    week: Week
    title: str
    columns: list[GridColumn]
    rows: list[GridRow]
    minutes: int
    total: str
    sum: str
    expected: ExpectedHours
    timesheet: Timesheet | None

    @property
    def shown(self) -> int:
        """The day that a phone opens on: today, else Monday."""
        return next((column.key for column in self.columns if column.is_today), 0)

    @property
    def is_locked(self) -> bool:
        return self.timesheet is not None and self.timesheet.is_locked

    @property
    def skip_target(self) -> str:
        """The id of what the skip link leads to: the first cell, else what adds a row."""
        if self.is_locked:
            return "main"
        return f"c{self.rows[0].key}-d{self.shown}" if self.rows else "addrow"

    @property
    def takes_timer(self) -> bool:
        """Whether today is in this week and still takes hours."""
        return any(column.is_today and not (column.is_closed or column.is_locked) for column in self.columns)


def build(*, member: User, week: Week, today: date, reader: User | None = None) -> Grid:
    """Read a member's week in nine statements; `reader` is who looks, when it is someone else."""
    reader = reader or member
    timesheet = Timesheet.objects.filter(member=member, week=week.monday).select_related("approved_by").first()
    entries = _entries(member, week)
    is_open = timesheet is None or not timesheet.is_locked
    carries = is_open and reader == member and member.takes_over_rows(week, today=today)
    rows = _rows(member, week, entries, is_open=is_open, carries=carries)
    by_cell = {(entry["platform_id"], entry["campaign_id"], entry["day"]): entry for entry in entries}
    write, presence = _writer(reader), read_for([member], week)
    expected = expected_hours([member], week, presence)[member.pk]
    columns = [
        _column(week, day, write(_sum(entries, day=day)), _off(member, day, presence), member, today, timesheet)
        for day in week.days
    ]
    for row in rows:
        _fill(row, columns, by_cell, write)
    minutes = sum(row.minutes for row in rows)
    return Grid(
        week=week,
        title=title(week),
        columns=columns,
        rows=rows,
        minutes=minutes,
        total=write(minutes),
        sum=hours.format_minutes(minutes, reader),
        expected=expected,
        timesheet=timesheet,
    )


def title(week: Week) -> str:
    """The week in words: `16 to 22 November 2026`."""
    first, last = week.monday, week.sunday
    pattern = "d" if first.month == last.month else "d MMMM" if first.year == last.year else "d MMMM y"
    return _("%(first)s to %(last)s") % {"first": _dated(first, pattern), "last": _dated(last, "d MMMM y")}


def day_label(day: date) -> str:
    """A column's day: `Mon 16`."""
    return _dated(day, "EEE d")


def _dated(day: date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=money.current_locale()))


def _writer(reader: User) -> Callable[[int], str]:
    """Write totals: a dash for none."""
    return lambda minutes: hours.format_minutes(minutes, reader) if minutes else money.NO_FIGURE


def _entries(member: User, week: Week) -> list[Any]:
    entries = TimeEntry.objects.of(member).in_week(week).order_by("platform__name", "campaign__name", "pk")
    return list(entries.values("pk", "day", "minutes", "note", "version", *NAMES))


def _rows(member: User, week: Week, entries: list[Any], *, is_open: bool, carries: bool) -> list[GridRow]:
    """Rows added, in that order, those pinned, those carried over, then those that only have hours (as imported)."""
    kept = TimesheetRow.objects.filter(timesheet__member=member, timesheet__week=week.monday).order_by("pk")
    added, removed = _split(kept.values("is_removed", *NAMES))
    pinned = list(PinnedRow.objects.of(member).in_week(week).values(*NAMES)) if is_open else []
    carried = TimeEntry.objects.of(member).carried_into(week).values(*NAMES).distinct() if carries else []
    rows: dict[PlatformCampaign, GridRow] = {}
    for names in (*added, *pinned, *(names for names in carried if _pair(names) not in removed), *entries):
        rows.setdefault(_pair(names), _row(names))
    for names in pinned:
        rows[_pair(names)].is_pinned = True
    return list(rows.values())


def _split(kept: Iterable[Any]) -> tuple[list[Any], set[PlatformCampaign]]:
    """The rows that were added, and the places of those that were removed."""
    rows = list(kept)
    return [row for row in rows if not row["is_removed"]], {_pair(row) for row in rows if row["is_removed"]}


def _pair(names: Names) -> PlatformCampaign:
    return names["platform_id"], names["campaign_id"]


def _row(names: Names) -> GridRow:
    return GridRow(
        key=f"{names['platform_id']}-{names['campaign_id']}",
        platform_id=names["platform_id"],
        campaign_id=names["campaign_id"],
        platform=names["platform__name"],
        colour=names["platform__colour"],
        campaign=campaign_label(names),
    )


def campaign_label(names: Names) -> str:
    """A campaign with its client: `Spring launch · Acme`; General presence alone."""
    if names["campaign__is_general"]:
        return str(Campaign(is_general=True))
    return f"{names['campaign__name']} · {names['campaign__client__name']}"


def _sum(entries: list[Any], *, day: date) -> int:
    return sum(entry["minutes"] for entry in entries if entry["day"] == day)


def _off(member: User, day: date, presence: Presence) -> str:
    """Why no hours, or half of them, are expected on this day: a holiday by its name, else that the person is away."""
    if name := presence.calendar.free.get(day):
        return name
    part = presence.away_on(member, day)
    if not part or day.weekday() in presence.calendar.weekend:
        return ""
    return _("Away") if part == 1 else _("Half a day away")


def _column(
    week: Week, day: date, total: str, off: str, member: User, today: date, timesheet: Timesheet | None
) -> GridColumn:
    key = (day - week.monday).days
    return GridColumn(
        key=key,
        day=day,
        label=day_label(day),
        spoken=_dated(day, "EEEE d MMMM"),
        is_today=day == today,
        is_closed=day < member.joined_on or (member.left_on is not None and day > member.left_on),
        is_locked=timesheet is not None and timesheet.locks(day),
        classes=f"day d{key}{' today' if day == today else ''}{' off' if off else ''}",
        total=total,
        off=off,
    )


def _fill(row: GridRow, columns: list[GridColumn], by_cell: dict[Any, Any], write: Callable[[int], str]) -> None:
    """Give the row its seven cells and its total."""
    name = f"{row.platform}, {row.campaign}, "
    for column in columns:
        entry = by_cell.get((row.platform_id, row.campaign_id, column.day))
        minutes = entry["minutes"] if entry else 0
        row.minutes += minutes
        row.cells.append(
            GridCell(
                key=column.key,
                text=write(minutes) if minutes else "",
                note=entry["note"] if entry else "",
                etag=f"{entry['pk']}.{entry['version']}" if entry else hours.NO_ENTRY,
                label=name + column.label,
                classes=f"{column.classes} noted" if entry and entry["note"] else column.classes,
                is_closed=column.is_closed and not minutes,
                is_locked=column.is_locked,
            )
        )
    row.total = write(row.minutes)


def suggestions(member: User, grid: Grid) -> list[GridRow]:
    """Rows that the member had in the eight weeks before and this week does not show: the most hours first."""
    shown = {row.key for row in grid.rows}
    rows = (
        TimeEntry.objects.of(member)
        .in_weeks(grid.week.plus(-8), grid.week.previous)
        .filter(platform__is_active=True, campaign__is_active=True)
        .order_by()
        .values(*NAMES)
        .annotate(total=Sum("minutes"))
        .order_by("-total", "platform_id", "campaign_id")[: len(shown) + 6]
    )
    return [row for row in map(_row, rows) if row.key not in shown][:6]
