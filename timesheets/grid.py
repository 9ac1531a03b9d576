"""The week as the grid shows it: every text made once, so that the template only places them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date
from django.utils.translation import gettext as _

from campaigns.models import Agency
from core import money
from core.weeks import Week
from timesheets import hours
from timesheets.expected_hours import WEEKS_LOOKED_BACK, ExpectedHours, expected_hours, read_for
from timesheets.models import Timesheet, User
from timesheets.presence import Presence
from timesheets.row_choices import label_with_client
from timesheets.week_statements import ENTRIES, OWN_ROWS, RECENT_ROWS, SHEETS, Names

PlatformCampaign = tuple[int, int]
WEEKS_REMEMBERED = 8  # whose rows a week offers or takes over
MOST_SUGGESTIONS = 6


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One day. `key` is its number, 0 for Monday; `off` says that it is free or spent away, else it is empty."""

    key: int
    day: date
    label: str
    is_today: bool
    is_closed: bool
    is_locked: bool
    classes: str
    total: str
    off: str


class GridCell(NamedTuple):
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

    The sum is measured against `expected`. `headings` are the columns without their totals: many weeks share them.
    `suggestions` are rows of the weeks before that this one does not show.
    """

    week: Week
    title: str
    columns: list[GridColumn]
    headings: tuple[GridColumn, ...]
    rows: list[GridRow]
    minutes: int
    total: str
    sum: str
    expected: ExpectedHours
    timesheet: Timesheet | None
    suggestions: list[GridRow]

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


def build(*, member: User, week: Week, today: date, reader: User | None = None, agency: Agency | None = None) -> Grid:
    """Read a member's week in at most six statements; `reader` is who looks, when it is someone else.

    Two more are for an agency that is not given.
    """
    reader = reader or member
    timesheet, submitted = _sheets(member, week)
    entries = ENTRIES.rows(member=member.pk, monday=week.monday)
    is_open = timesheet is None or not timesheet.is_locked
    recent = _recent(member, week) if is_open and reader == member else []
    carries = member.takes_over_rows(week, today=today)
    rows = _rows(member, week, entries, is_open=is_open, carried=_last(recent) if carries else [])
    by_cell = {(entry["platform_id"], entry["campaign_id"], entry["day"]): entry for entry in entries}
    write, presence = _writer(reader), read_for([member], week, agency=agency)
    expected = expected_hours([member], week, presence, {member.pk: submitted})[member.pk]
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
        headings=tuple(replace(column, total="") for column in columns),
        rows=rows,
        minutes=minutes,
        total=write(minutes),
        sum=hours.format_minutes(minutes, reader),
        expected=expected,
        timesheet=timesheet,
        suggestions=_suggestions(recent, rows),
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
    return _dated_in(day, pattern, money.current_locale())


@lru_cache(maxsize=1000)
def _dated_in(day: date, pattern: str, locale: Locale) -> str:
    return str(format_date(day, pattern, locale=locale))


def _writer(reader: User) -> Callable[[int], str]:
    """Write totals: a dash for none."""
    written = hours.notation_of(reader)
    return lambda minutes: written(minutes) if minutes else money.NO_FIGURE


def _sheets(member: User, week: Week) -> tuple[Timesheet | None, Mapping[date, int]]:
    """The timesheet of the week, and the minutes of those before it that were submitted as a whole, by Monday."""
    first = week.plus(-WEEKS_LOOKED_BACK).monday
    sheets = {sheet.week: sheet for sheet in SHEETS.rows(member=member.pk, first=first, last=week.monday)}
    timesheet = sheets.pop(week.monday, None)
    return timesheet, {monday: sheet.minutes for monday, sheet in sheets.items() if sheet.is_locked}


def _recent(member: User, week: Week) -> list[Any]:
    """The rows of the weeks before, by name."""
    first = week.plus(-WEEKS_REMEMBERED).monday
    return RECENT_ROWS.rows(member=member.pk, first=first, last=week.previous.monday)


def _last(recent: list[Any]) -> list[Any]:
    """Those of the last week that had hours, as long as they are in use (as `TimeEntryQuerySet.carried_into`)."""
    last_week = max((row["last_week"] for row in recent), default=None)
    return [row for row in recent if row["last_week"] == last_week and _is_in_use(row)]


def _suggestions(recent: list[Any], rows: list[GridRow]) -> list[GridRow]:
    """Recent rows that the week does not show, the most hours first."""
    shown = {(row.platform_id, row.campaign_id) for row in rows}
    offered = [row for row in recent if _is_in_use(row) and _pair(row) not in shown]
    return [_row(row) for row in sorted(offered, key=lambda row: (-row["total"], *_pair(row)))[:MOST_SUGGESTIONS]]


def _is_in_use(row: Any) -> bool:
    return bool(row["platform__is_active"] and row["campaign__is_active"])


def _rows(member: User, week: Week, entries: list[Any], *, is_open: bool, carried: list[Any]) -> list[GridRow]:
    """Rows added, in that order, those pinned, those carried over, then those that only have hours (as imported)."""
    own = OWN_ROWS.rows(member=member.pk, monday=week.monday)
    added = [row for row in own if not row["is_pinned"] and not row["is_removed"]]
    removed = {_pair(row) for row in own if row["is_removed"]}
    pinned = [row for row in own if row["is_pinned"] and is_open]
    rows: dict[PlatformCampaign, GridRow] = {}
    for names in (*added, *pinned, *(names for names in carried if _pair(names) not in removed), *entries):
        if _pair(names) not in rows:
            rows[_pair(names)] = _row(names)
    for names in pinned:
        rows[_pair(names)].is_pinned = True
    return list(rows.values())


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
    """A campaign with its client."""
    return label_with_client(
        names["campaign__name"], names["campaign__client__name"], is_general=names["campaign__is_general"]
    )


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
