"""The works behind the figures: hours in bulk, drains, credits, a rebuild, an import, an evaluation."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Max, Min, QuerySet
from django.utils import timezone

from campaigns.imports import runner
from campaigns.models import ImportedRow, ImportRun, Lead, Sale, StaleMark, Touch
from reports.attribution import cell_sums, credits, rollups
from reports.models import Credit, PlatformWeek
from reports.verdicts import evaluation
from tests.bench import bulk
from tests.bench.rounds import Work
from tests.bench.world import ENTRY_COLUMNS, World
from tests.campaigns.imports.importing import started, ticking
from timesheets.models import TimeEntry

BULK_ROWS = 10_000
CELLS = 1_000
LEADS = 5_000
PEOPLE_OF_A_SMALL_IMPORT = 20  # with more of them, a file takes minutes
ROOT = Path(__file__).resolve().parent.parent.parent
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


# -- hours in bulk ----------------------------------------------------------------------------------------------------


class EarlierHours:
    """Hours of the weeks before the first one, which are written and taken away again."""

    def __init__(self, world: World, most: int | None = None) -> None:
        self.first_day = world.generator.calendar.first
        self.rows = list(islice(world.entries(-world.generator.size.imported_weeks, -1), most))

    def clear(self) -> None:
        with bulk.without_triggers(), transaction.atomic():
            TimeEntry.objects.filter(week__lt=self.first_day)._raw_delete("default")
            StaleMark.objects.all()._raw_delete("default")

    def bare(self) -> None:
        bulk.load(TimeEntry, ENTRY_COLUMNS, self.rows)

    def with_marks(self) -> None:
        entries = [TimeEntry(**dict(zip(ENTRY_COLUMNS, row, strict=True))) for row in self.rows]
        TimeEntry.objects.bulk_create(entries, batch_size=2_000)


def entries(world: World) -> Work:
    hours = EarlierHours(world, BULK_ROWS)
    return Work(
        "entries",
        "a bare load into the same table and its indexes",
        hours.with_marks,
        hours.bare,
        before=hours.clear,
        before_floor=hours.clear,
        inside_floor=bulk.without_triggers,
        around=lambda: cleared(hours.clear),
        units=len(hours.rows),
        unit="rows",
    )


@contextmanager
def cleared(clear: Callable[[], object]) -> Iterator[None]:
    """Take away what the last turn has left behind."""
    yield
    clear()


# -- drains -----------------------------------------------------------------------------------------------------------


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


def date_literal(value: Any) -> str:
    return f"DATE '{value}'" if bulk.is_postgresql() else f"'{value}'"


def read(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


# -- credits ----------------------------------------------------------------------------------------------------------


def some_leads(world: World) -> list[int]:
    return list(range(1, min(LEADS, world.generator.size.leads) + 1))


def credit(leads: Sequence[int]) -> None:
    with transaction.atomic():
        credits.recompute(lead_ids=leads)


def credits_unchanged(world: World) -> Work:
    settle()
    leads = some_leads(world)
    last = leads[-1]
    sale = f'SELECT id FROM "{Sale._meta.db_table}" WHERE lead_id <= {last}'
    statements = [
        f'SELECT * FROM "{Lead._meta.db_table}" WHERE id <= {last}',
        f'SELECT * FROM "{Touch._meta.db_table}" WHERE lead_id <= {last}',
        f'SELECT * FROM "{Sale._meta.db_table}" WHERE lead_id <= {last}',
        f'SELECT * FROM "{Credit._meta.db_table}" WHERE lead_id <= {last} OR sale_id IN ({sale})',
    ]

    def bare_reads() -> None:
        for statement in statements:
            read(statement)

    return Work(
        "credits",
        "bare reads of the same leads, touchpoints, sales and credits",
        lambda: credit(leads),
        bare_reads,
        units=len(leads),
        unit="leads",
    )


def credits_anew(world: World) -> Work:
    leads = some_leads(world)
    credits_of = Credit.objects.filter(lead_id__lte=leads[-1]) | Credit.objects.filter(sale__lead_id__lte=leads[-1])
    columns = [field.column for field in Credit._meta.concrete_fields if not field.primary_key]
    stored = list(credits_of.values_list(*columns))
    keys = tuple({row[columns.index("sale_id")] for row in stored} - {None})

    def clear() -> None:
        with bulk.without_triggers(), transaction.atomic():
            Credit.objects.filter(lead_id__lte=leads[-1])._raw_delete("default")
            Credit.objects.filter(sale_id__in=keys)._raw_delete("default")
            StaleMark.objects.all()._raw_delete("default")

    return Work(
        "credits_anew",
        "a bare load of the same credits into the same table and its indexes",
        lambda: credit(leads),
        lambda: bulk.load(Credit, columns, stored),
        before=clear,
        before_floor=clear,
        inside_floor=bulk.without_triggers,
        units=len(leads),
        unit="leads",
    )


# -- a rebuild --------------------------------------------------------------------------------------------------------


def rebuild(_world: World) -> Work:
    settle()
    places = Places.read()
    return Work(
        "rebuild",
        "every row read once, hours summed by NumPy",
        rebuilt,
        lambda: read_everything(places),
        units=TimeEntry.objects.count(),
        unit="rows",
        memory=lambda: alone("rebuild"),
    )


def rebuilt() -> None:
    defects = rollups.rebuild()
    assert not defects, defects[:3]


class Places(NamedTuple):
    """How far the keys of entries go: those of weeks that others added, too."""

    first: date
    weeks: int
    platforms: int
    campaigns: int

    @classmethod
    def read(cls) -> "Places":
        keys = TimeEntry.objects.aggregate(Min("week"), Max("week"), Max("platform_id"), Max("campaign_id"))
        first, last, platform, campaign = keys.values()
        return cls(first, (last - first).days // 7 + 1, platform + 1, campaign + 1)


def read_everything(places: Places) -> None:
    """All leads, touchpoints, sales and credits without doing anything with them, and hours summed by cell."""
    for table in (Lead, Touch, Sale, Credit):
        for _row in stream(f'SELECT * FROM "{table._meta.db_table}"'):
            pass
    hours_by_place(places)


def hours_by_place(places: Places) -> np.ndarray:
    """Minutes and cent-minutes of each week, platform and campaign."""
    minutes, labour = sums = np.zeros((2, places.weeks * places.platforms * places.campaigns))
    for block in blocks(places.first):
        cell = (block[:, 0] * places.platforms + block[:, 1]) * places.campaigns + block[:, 2]
        minutes += np.bincount(cell, block[:, 3], minlength=len(minutes))
        labour += np.bincount(cell, block[:, 3] * block[:, 4], minlength=len(labour))
    return sums


def blocks(first: date) -> Any:
    """Entries as arrays of week number, platform, campaign, minutes and cents."""
    week = f"(week - DATE '{first}') / 7" if bulk.is_postgresql() else f"(JULIANDAY(week) - JULIANDAY('{first}')) / 7"
    select = (
        f"SELECT CAST({week} AS INTEGER), platform_id, campaign_id, minutes, COALESCE(hourly_cents, 0) "
        "FROM timesheets_timeentry"
    )
    if bulk.is_postgresql():
        with connection.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT") as copy:
            for batch in bulk.batches(copy, 100_000):
                yield np.fromstring(b"".join(batch).decode(), dtype=np.int64, sep="\t").reshape(-1, 5)
    else:
        for batch in bulk.batches(stream(select), 100_000):
            yield np.array(batch, dtype=np.int64)


def stream(statement: str) -> Any:
    if bulk.is_postgresql():
        with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT") as copy:
            yield from copy
    else:
        yield from connection.connection.execute(statement)


def alone(work: str) -> int:
    """The most memory, in MB, that a process of its own took for this work."""
    answer = subprocess.check_output([sys.executable, "-m", "tests.bench.phase", work], cwd=ROOT, text=True)
    return int(json.loads(answer.splitlines()[-1])["memory_mb"])


# -- an import --------------------------------------------------------------------------------------------------------


def imported(world: World) -> Work:
    hours = EarlierHours(world)
    folder = Path(tempfile.mkdtemp(prefix="retour-bench-"))
    file = written(world, folder / "hours.csv")

    def clear() -> None:
        hours.clear()
        ImportedRow.objects.all()._raw_delete("default")
        ImportRun.objects.all()._raw_delete("default")

    def bring() -> None:
        run = started(file, "hours")
        runner.write(run, now=ticking())
        run.refresh_from_db()
        assert run.status == ImportRun.Status.DONE, run.counts

    return Work(
        "import",
        "a bare load of the same rows into the same table and its indexes",
        bring,
        hours.bare,
        before=clear,
        before_floor=clear,
        inside_floor=bulk.without_triggers,
        units=len(hours.rows),
        unit="rows",
        around=lambda: cleared(clear),
        once=world.generator.size.people > PEOPLE_OF_A_SMALL_IMPORT,
    )


def written(world: World, path: Path) -> Path:
    """The hours of the weeks before the first one, as the file of a tracker."""
    generator = world.generator
    with path.open("w") as file:
        file.write("date,email,platform,campaign,hours\n")
        for row in generator.hours(-generator.size.imported_weeks, -1):
            person, place = f"person{row.person:06}@example.com", f"Platform {row.platform:03}"
            time = f"{row.minutes // 60}:{row.minutes % 60:02}"
            file.write(f"{row.day},{person},{place},Campaign {row.campaign:03},{time}\n")
    return path


# -- an evaluation ----------------------------------------------------------------------------------------------------


def evaluated(world: World) -> Work:
    settle()
    table = PlatformWeek._meta.db_table
    return Work(
        "evaluation",
        "a bare read of the weekly sums of all platforms",
        lambda: evaluation.evaluate(world.last_week, at=timezone.now()),
        lambda: read(f'SELECT * FROM "{table}"'),
    )


WORKS: dict[str, Callable[[World], Work]] = {
    "entries": entries,
    "drain_one_entry": drain_one_entry,
    "drain_1000_cells": drain_1000_cells,
    "drain_spread_cells": drain_spread_cells,
    "drain_in_a_crowded_week": drain_in_a_crowded_week,
    "credits": credits_unchanged,
    "credits_anew": credits_anew,
    "rebuild": rebuild,
    "import": imported,
    "evaluation": evaluated,
}
