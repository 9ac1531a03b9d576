"""Drains and rebuilds killed at any moment beside two writers, on a filled database; then every figure is counted anew.

A drain takes milliseconds and a rebuild of ten million entries twenty seconds: each is killed at a random moment of the
time that it takes when nobody kills it.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from campaigns.models import Campaign, StaleMark
from reports.attribution import rollups
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests.bench import correctness
from tests.bench.figures.drains import settle
from tests.bench.world import World
from tests.killing import KILLED, how_it_ended, worker
from tests.reports.attribution import changing
from tests.reports.attribution.plain_credits import all_credits, stored_credits
from timesheets.models import TimeEntry

WRITERS = 2
KILLS_OF_A_REBUILD = 10  # of each hundred; the others are of drains
SEED = 20_261_130
MANY = 500  # entries changed by one statement
# What changes half of all rows at once would leave no time for the others.
TOO_LARGE = {"merge_platforms", "drop_platform", "drop_campaign", "change_rules"}
CHANGES = [name for name in changing.WRITES if name not in TOO_LARGE]
CELL = "COALESCE(platform_id, 0), COALESCE(campaign_id, 0)"
CELLS_THAT_DIFFER = f"""
    SELECT COUNT(*) FROM (
        SELECT week, {CELL}, SUM(minutes), SUM(minutes * COALESCE(hourly_cents, 0)) FROM timesheets_timeentry
        GROUP BY week, {CELL}
        EXCEPT
        SELECT week, {CELL}, minutes, labour_cent_minutes FROM reports_campaignweek WHERE basis = 'cash'
    ) AS differing
"""
CELLS_WITHOUT_ENTRIES = f"""
    SELECT COUNT(*) FROM (
        SELECT week, {CELL} FROM reports_campaignweek WHERE basis = 'cash' AND minutes <> 0
        EXCEPT
        SELECT week, {CELL} FROM timesheets_timeentry
    ) AS emptied
"""


class Agency(changing.World):
    """The filled one, in whose last weeks everything happens that can happen to a row."""

    def __init__(self, last: date) -> None:
        self.start = last - timedelta(weeks=4)
        self.general = Campaign.objects.general()

    def change_many(self, a: int, b: int) -> None:
        """Entries of many weeks and people by one statement."""
        first = changing.some(TimeEntry, a)
        keys = list(TimeEntry.objects.filter(pk__gte=first.pk).order_by("pk").values_list("pk", flat=True)[:MANY])
        TimeEntry.objects.filter(pk__in=keys).update(minutes=1 + b)


def rows_of(draw: random.Random) -> Callable[..., Any]:
    """What chooses a row where a table is too large to be listed: by a drawn key, whatever the number."""

    def some(model: Any, _number: int, **where: Any) -> Any:
        rows = model.objects.filter(**where).order_by("pk")
        newest = rows.last()
        return rows.filter(pk__gte=draw.randint(1, newest.pk)).first() if newest else None

    return some


def write(last: date, seed: int) -> None:
    """Change one row after another, until killed. A change that another is in the way of is refused, as ever."""
    agency, draw = Agency(last), random.Random(seed)
    changing.some = rows_of(draw)
    while True:
        with suppress(ValidationError, DatabaseError), transaction.atomic():
            change = getattr(agency, draw.choice([*CHANGES, *["change_many"] * 5]))
            change(draw.randrange(45), draw.randrange(45))


def kill(work: Callable[[], object], draw: random.Random, within: float) -> bool:
    """Whether it was killed before it came to its end."""
    pid = worker(work)
    time.sleep(draw.random() * within)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return how_it_ended(pid) == KILLED


def timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def drain_a_change() -> None:
    TimeEntry.objects.filter(pk__in=list(TimeEntry.objects.values_list("pk", flat=True)[:MANY])).update(minutes=9)
    settle()


def killed(world: World, times: int) -> dict[str, int]:
    """Kill so often, then compare; AssertionError names what is wrong."""
    draw = random.Random(SEED)
    works: Mapping[str, tuple[Callable[[], object], float]] = {
        "drain": (rollups.drain, timed(drain_a_change)),
        "rebuild": (rollups.rebuild, timed(rollups.rebuild)),
    }
    chosen = draw.sample(["drain", "rebuild"], times, counts=[times, max(1, times * KILLS_OF_A_REBUILD // 100)])
    writers = [worker(lambda seed=seed: write(world.generator.calendar.last, seed)) for seed in range(WRITERS)]
    counts = dict.fromkeys(works, 0)
    for name in chosen:
        work, takes = works[name]
        counts[name] += kill(work, draw, within=takes)
    for pid in writers:
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) == KILLED, "A writer ended before it was killed."
    return {f"killed_{name}s": number for name, number in counts.items()} | compared()


def compared() -> dict[str, int]:
    """Everything against a computation of its own, and against all figures computed anew from nothing."""
    marks = StaleMark.objects.count()
    settle()
    assert (asked(CELLS_THAT_DIFFER), asked(CELLS_WITHOUT_ENTRIES)) == (0, 0), "Hours differ from their entries."
    assert stored_credits() == all_credits(), "Credits differ from those computed one by one."
    assert rollups.rebuild() == [], "A rebuild finds something to mend."
    before = correctness.contents()
    for table in (CampaignWeek, PlatformWeek, Credit):
        table.objects.all().delete()
    rollups.rebuild()
    assert correctness.contents() == before, "All figures computed from nothing differ from those that were kept."
    return {"marks_left_by_the_kills": marks, "credits": Credit.objects.count(), "cells": CampaignWeek.objects.count()}


def asked(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
