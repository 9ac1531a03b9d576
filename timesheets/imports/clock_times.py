"""When an entry began and how long it took, as its row says: a duration, or a start and an end."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.imports.mapping.columns import RowCells
from core.dates import DateError, parse_date, parse_moment, parse_time
from timesheets import durations
from timesheets.imports.cells import NO_START


def start_of(cells: RowCells, zone: ZoneInfo) -> int:
    """When in its day an entry began, in seconds; NO_START where the row does not say."""
    clock = _clock(cells, "start_time", zone)
    return NO_START if clock is None else (clock.hour * 60 + clock.minute) * 60 + clock.second


def seconds_of(cells: RowCells, zone: ZoneInfo, *, within_a_day: bool) -> int | None:
    """How long an entry took; of one that says no duration, from its start to its end.

    A number alone is never longer than a day, a duration with its unit only where it must be `within_a_day`.
    """
    if not cells["duration"] and cells["start_time"] and cells["end_time"]:
        return _elapsed(cells, zone)
    text = cells.required("duration")
    if not text:
        return None
    read = durations.parse_exact if within_a_day or durations.is_bare(text) else durations.parse_unlimited
    try:
        minutes = read(text, unit=cells.layout.unit)
    except durations.DurationError as error:
        right = durations.format_clock(error.suggestion) if error.suggestion is not None else ""
        is_said = error.code == "over_a_day" and not durations.is_bare(text)
        cells.wrong("duration", "longer_than_a_day" if is_said else error.code, right=right)
        return None
    # Rounded half up, on whole numbers: a fraction looks for a common divisor at each step, and a file has many rows.
    return (120 * minutes.numerator + minutes.denominator) // (2 * minutes.denominator)


def _elapsed(cells: RowCells, zone: ZoneInfo) -> int | None:
    """The seconds from start to end; an end without a day that is before the start is of the next day."""
    start, end = _instant(cells, "start_time", "day", zone), _instant(cells, "end_time", "end_day", zone)
    if start is None or end is None:
        return None
    if end < start and not _names_its_day(cells):
        end += timedelta(days=1)
    # Instants are compared, or the night in which the clocks change would be an hour too long.
    seconds = round(end.timestamp() - start.timestamp())
    if seconds < 0:
        cells.wrong("end_time", "end_before_start", start=cells["start_time"])
        return None
    return seconds


def _names_its_day(cells: RowCells) -> bool:
    return bool(cells["end_day"]) or _is_instant(cells["end_time"])


def _instant(cells: RowCells, name: str, day_name: str, zone: ZoneInfo) -> datetime | None:
    """The instant that a cell writes, or that its time is on the day in another cell."""
    clock, day = _clock(cells, name, zone), _day(cells, name, day_name, zone)
    return None if clock is None or day is None else datetime.combine(day, clock, tzinfo=zone)


def _clock(cells: RowCells, name: str, zone: ZoneInfo) -> time | None:
    if not cells[name]:
        return None
    try:
        return _moment(cells, name, zone).time() if _is_instant(cells[name]) else parse_time(cells[name])
    except DateError:
        cells.wrong(name, "not_a_time")
        return None


def _day(cells: RowCells, name: str, day_name: str, zone: ZoneInfo) -> date | None:
    """The day of a time: its own, that of another cell, else that on which the entry began."""
    try:
        if _is_instant(cells[name]):
            return _moment(cells, name, zone).date()
        layout = cells.layout
        text = cells[day_name] or cells["day"]
        return parse_date(text, layout.orders.get("day"), zone=layout.zone, short_years=layout.reads_short_years)
    except DateError:
        cells.wrong(name, "not_a_time")
        return None


def _is_instant(text: str) -> bool:
    """Whether a cell writes a day beside its time."""
    try:
        parse_time(text)
    except DateError:
        try:
            parse_moment(text)
        except DateError as error:
            return error.code not in ("not_a_date", "not_a_time")
        return True
    return False


def _moment(cells: RowCells, name: str, zone: ZoneInfo) -> datetime:
    layout = cells.layout
    moment = parse_moment(cells[name], layout.orders.get("day"), short_years=layout.reads_short_years)
    return moment.astimezone(zone) if moment.tzinfo else moment
