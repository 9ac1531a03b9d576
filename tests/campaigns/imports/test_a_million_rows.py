"""A file of a million rows goes in while somebody saves hours and figures follow: nothing is lost and nothing fails.

The import, the web server and the worker that keeps the figures are processes of their own on one PostgreSQL.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from tests import app, databases
from tests.timesheets.test_many_clients import Window, ask
from tests.waiting import PATIENCE

pytestmark = pytest.mark.postgres

ROWS = [2_000, pytest.param(1_000_000, marks=pytest.mark.soak)]
PLATFORMS = ("Facebook", "Instagram", "LinkedIn", "TikTok")
FIRST_DAY, ENTRIES_A_DAY, MINUTES, PEOPLE = date(2023, 1, 2), 40, 12, 50
LEADS_PER_TOUCH = 50
MOST_MEGABYTES = 1_500
# The worker: figures follow until the file is in.
FOLLOW = """
import sys, time
from pathlib import Path
import django
django.setup()
from reports.attribution import rollups
is_in = Path(sys.argv[1])
while not is_in.exists():
    rollups.drain()
    time.sleep(0.5)
rollups.drain()
"""


@dataclass
class Beside:
    """What is seen while a file goes in: the longest queue of changes, and how long each save of hours took."""

    queue: int = 0
    saves: list[float] = field(default_factory=list)

    def figures(self) -> Iterator[tuple[str, int]]:
        yield "longest queue of changes", self.queue
        yield "saves beside", len(self.saves)
        yield "slowest save in ms", round(max(self.saves) * 1000)


@pytest.fixture
def database(database_server) -> Iterator[str]:
    name = f"retour_million_{secrets.token_hex(4)}"
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {databases.migrated_database(database_server)}")
        try:
            yield database_server.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(tmp_path, database) -> dict[str, str]:
    return {**app.settings_in(tmp_path, database_url=database), "DJANGO_SETTINGS_MODULE": "config.settings"}


@pytest.mark.parametrize("rows", ROWS)
def test_a_million_rows_of_hours_go_in_while_people_save(tmp_path, environment, database, rows, record_property):
    path = tmp_path / "hours.csv"
    path.write_text("User,Email,Client,Project,Description,Start date,Start time,Duration,Tags\n")
    with path.open("a") as file:
        file.writelines(entries(rows))
    beside, megabytes = brought_in(tmp_path, environment, database, "hours", path)
    ((minutes,),) = ask(database, "SELECT sum(minutes) FROM timesheets_timeentry WHERE minutes_as_imported IS NOT NULL")
    assert minutes == rows * MINUTES
    told(record_property, rows, megabytes, beside)


@pytest.mark.parametrize("rows", ROWS)
def test_a_million_touches_go_in_while_people_save(tmp_path, environment, database, rows, record_property):
    leads, path = tmp_path / "leads.csv", tmp_path / "touches.csv"
    numbers = range(rows // LEADS_PER_TOUCH)
    leads.write_text("external_id,received_at\n" + "".join(f"L{n},2023-01-02 09:00\n" for n in numbers))
    app.manage(environment, "import_data", "leads", str(leads), "--create")
    path.write_text("lead_external_id,at,platform,campaign\n")
    with path.open("a") as file:
        file.writelines(touches(rows))
    beside, megabytes = brought_in(tmp_path, environment, database, "touches", path)
    assert ask(database, "SELECT count(*) FROM campaigns_touch") == [(rows,)]
    told(record_property, rows, megabytes, beside)


def entries(rows: int) -> Iterator[str]:
    """Fifty people whose tracker starts anew every twelve minutes, eight hours a day."""
    for number in range(rows):
        day_of_all, entry = divmod(number, ENTRIES_A_DAY)
        day, person = divmod(day_of_all, PEOPLE)
        on, platform = FIRST_DAY + timedelta(days=day), PLATFORMS[entry % len(PLATFORMS)]
        hour, minute = divmod(8 * 60 + entry * MINUTES, 60)
        who = f"Person {person},person{person}@agency.example"
        yield f"{who},,,note {entry},{on},{hour:02}:{minute:02}:00,00:{MINUTES}:00,{platform}\n"


def touches(rows: int) -> Iterator[str]:
    for number in range(rows):
        lead, touch = divmod(number, LEADS_PER_TOUCH)
        on, platform = FIRST_DAY + timedelta(days=touch * 7 + lead % 7), PLATFORMS[number % len(PLATFORMS)]
        yield f"L{lead},{on} {8 + lead % 12:02}:{touch:02}:{lead % 60:02},{platform},\n"


def brought_in(folder: Path, environment: dict[str, str], database: str, kind: str, path: Path) -> tuple[Beside, int]:
    """Import a file beside a worker and somebody who saves; return what was seen, and the import's megabytes."""
    made = app.make_people(environment, 1)
    row = {"platform": made["platform"], "campaign": made["campaign"]}
    is_in = folder / "is-in"
    with app.running(environment) as address, figures_following(environment, is_in), ThreadPoolExecutor(1) as pool:
        window = Window(address, made["people"][0]["session"], row, 0)
        seeing = pool.submit(seen_beside, window, database, is_in)
        try:
            megabytes = imported(environment, kind, path)
        finally:
            is_in.touch()
        beside = seeing.result(PATIENCE)
    assert set(window.answers) == {200}, window.answers
    assert ask(database, "SELECT count(*) FROM campaigns_stalemark") == [(0,)]
    return beside, megabytes


def imported(environment: dict[str, str], kind: str, path: Path) -> int:
    """Import a file from the command line; return how many megabytes that took at most."""
    command = [sys.executable, "manage.py", "import_data", kind, str(path), "--create"]
    process = subprocess.Popen(command, cwd=app.ROOT, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss // 1024


@contextmanager
def figures_following(environment: dict[str, str], is_in: Path) -> Iterator[None]:
    """A worker that keeps the figures until the file is in, and then once more."""
    worker = subprocess.Popen([sys.executable, "-c", FOLLOW, str(is_in)], cwd=app.ROOT, env=environment)
    try:
        yield
        assert worker.wait(PATIENCE * 12) == 0
    finally:
        worker.kill()


def seen_beside(window: Window, database: str, is_in: Path) -> Beside:
    """Save one cell again and again, and look at the queue, until the file is in."""
    beside = Beside()
    while not (is_in.exists() and beside.saves):
        started = time.monotonic()
        window.save(f"0:{1 + len(beside.saves) % 59:02}")
        beside.saves.append(time.monotonic() - started)
        ((queue,),) = ask(database, "SELECT count(*) FROM campaigns_stalemark")
        beside.queue = max(beside.queue, queue)
        time.sleep(0.2)
    return beside


def told(record_property, rows: int, megabytes: int, beside: Beside) -> None:
    for name, figure in (("rows read", rows), ("megabytes at most", megabytes), *beside.figures()):
        record_property(name, figure)
    assert megabytes < MOST_MEGABYTES
