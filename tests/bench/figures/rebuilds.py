"""A rebuild of every figure."""

import json
import subprocess
import sys
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from django.db.models import Max, Min

from campaigns.models import Lead, Sale, Touch
from reports.attribution import rollups
from reports.models import Credit
from tests.app import ROOT
from tests.bench import bulk
from tests.bench.figures.bare import stream
from tests.bench.figures.drains import settle
from tests.bench.rounds import Work
from tests.bench.world import World
from timesheets.models import TimeEntry


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


def alone(work: str) -> int:
    """The most memory, in MB, that a process of its own took for this work."""
    answer = subprocess.check_output([sys.executable, "-m", "tests.bench.phase", work], cwd=ROOT, text=True)
    return int(json.loads(answer.splitlines()[-1])["memory_mb"])
