"""Drains of one cell and of many."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min, QuerySet

from campaigns.models import StaleMark
from reports.attribution import cell_sums, rollups
from tests.bench import bulk
from tests.bench.figures.bare import date_literal, read
from tests.bench.figures.hours_in_bulk import EarlierHours
from tests.bench.rounds import Work
from tests.bench.world import World
from timesheets.models import TimeEntry

CELLS = 1_000
HOURS_OF_CELL = (
    "SELECT SUM(minutes), SUM(CAST(minutes AS BIGINT) * hourly_cents) FROM timesheets_timeentry "
    "WHERE week = %s AND platform_id = %s AND campaign_id = %s"
)
WRITE_CELL = (
    "UPDATE reports_campaignweek SET minutes = %s, labour_cent_minutes = %s WHERE week = %s AND basis = 'cash' "
    "AND COALESCE(platform_id, 0) = %s AND COALESCE(campaign_id, 0) = %s"
)


def settle() -> None:
    """Leave no mark behind for the next work."""
    while StaleMark.objects.exists():
        rollups.drain()


def drain_one_entry(world: World) -> Work:
    settle()
    monday = world.generator.calendar.monday(world.generator.size.weeks * 3 // 4)
    entry = TimeEntry.objects.filter(week=monday).order_by("pk").first()
    assert entry is not None
    cell = [entry.week, entry.platform_id, entry.campaign_id]

    def bare_cell() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(HOURS_OF_CELL, cell)
            cursor.execute(WRITE_CELL, [*cursor.fetchone(), *cell])
            assert cursor.rowcount == 1, cell

    return Work(
        "drain_one_entry",
        "the bare sum of its cell, written and committed",
        drained,
        bare_cell,
        before=lambda: change([entry.pk]),
        before_floor=lambda: change([entry.pk]),  # SQLite writes no page, and waits for no disk, where nothing differs
    )


def drain_1000_cells(world: World) -> Work:
    first = world.generator.calendar.monday(world.generator.size.weeks // 2)
    return drain_cells("drain_1000_cells", list(cells_of(TimeEntry.objects.filter(week__gte=first))[:CELLS]))


def drain_spread_cells(world: World) -> Work:
    """As many of all weeks, a few of each: nearly all of them lie in another total."""
    weeks = [world.generator.calendar.monday(number) for number in range(world.generator.size.weeks)]
    of_each = -(-CELLS // len(weeks))
    chosen = [cell for week in weeks for cell in cells_of(TimeEntry.objects.filter(week=week), "entry")[:of_each]]
    return drain_cells("drain_spread_cells", chosen[:CELLS])


def cells_of(entries: QuerySet[TimeEntry], *order: str) -> QuerySet[Any, Any]:
    """Each cell of these entries, with the number of its first one."""
    cells = entries.order_by().values_list("week", "platform_id", "campaign_id").annotate(entry=Min("pk"))
    return cells.order_by(*order or ("week", "platform_id", "campaign_id"))


def drain_cells(name: str, chosen: Sequence[tuple[Any, ...]]) -> Work:
    settle()
    values = ", ".join(f"({date_literal(week)}, {platform}, {campaign})" for week, platform, campaign, _entry in chosen)
    grouped = (
        f"WITH cells (week, platform_id, campaign_id) AS (VALUES {values}) "
        "SELECT e.week, e.platform_id, e.campaign_id, SUM(e.minutes), "
        "SUM(CAST(e.minutes AS BIGINT) * e.hourly_cents) FROM cells JOIN timesheets_timeentry e "
        "ON e.week = cells.week AND e.platform_id = cells.platform_id AND e.campaign_id = cells.campaign_id "
        "GROUP BY e.week, e.platform_id, e.campaign_id"
    )
    keys = [entry for *_cell, entry in chosen]
    return Work(
        name,
        "one grouped statement over the same cells",
        drained,
        lambda: read(grouped),
        before=lambda: change(keys),
        units=len(chosen),
        unit="cells",
    )


class CrowdedWeek:
    """The week before the first one with the hours of ten others in it, so that it holds ten times as many."""

    WEEKS = 10
    MINUTES = 10  # of each: a day has 24 hours

    def __init__(self, world: World) -> None:
        self.hours = EarlierHours(world, most=0)
        self.monday = world.generator.calendar.monday(-1)
        moved = map(self._moved, world.entries(-self.WEEKS, -1))
        self.hours.rows = list({row[:2] + row[3:5]: row for row in moved}.values())  # one for each cell of a day

    def _moved(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        person, day, week, platform, campaign, _minutes, *rest = row
        return (person, self.monday + (day - week), self.monday, platform, campaign, self.MINUTES, *rest)

    @contextmanager
    def filled(self) -> Iterator[None]:
        with bulk.without_triggers():
            self.hours.bare()
        self._sum()
        yield
        self.hours.clear()
        self._sum()

    def _sum(self) -> None:
        with transaction.atomic():
            cell_sums.replace_weeks([self.monday])


def drain_in_a_crowded_week(world: World) -> Work:
    settle()
    crowded, usual = CrowdedWeek(world), world.generator.calendar.monday(world.generator.size.weeks * 3 // 4)

    @cache  # among ten million entries it takes longer to find one than to drain it
    def first_of(monday: date) -> int:
        return min(TimeEntry.objects.filter(week=monday).values_list("pk", flat=True))

    def change_in(monday: date) -> None:
        change([first_of(monday)])

    return Work(
        "drain_in_a_crowded_week",
        "the same drain in a week with a tenth of the entries",
        drained,
        drained,
        before=lambda: change_in(crowded.monday),
        before_floor=lambda: change_in(usual),
        around=crowded.filled,
    )


def change(keys: Sequence[int]) -> None:
    """Other minutes than before in these entries, which leaves the mark of each cell."""
    TimeEntry.objects.filter(pk__in=keys).update(minutes=F("minutes") % 100 + 1)


def drained() -> None:
    assert rollups.drain(), "nothing was stale"
