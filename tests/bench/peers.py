"""TimeTagger beside Retour: its read of a week and its save, asked in turn with ours by the same HTTP client.

The statements of our save stand there too, without our program: what it cannot take less than, however it is written.

It is installed from the package index into an environment of its own, and holds 50,000 records of one person in its own
SQLite file. Its save writes one record; its week is the JSON of as many records as our page has entries.

A save stands beside its save twice. Once as each comes: TimeTagger's SQLite has written its journal and its file to the
disk before it answers, and so has our database: the tests' PostgreSQL, which waits for no disk else, is told to.
And once without any disk, its file in memory and our PostgreSQL not waiting: what remains is what each program does.
"""

import http.client
import json
import random
import subprocess
import tempfile
import venv
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from tests import servers
from tests.app import ROOT
from tests.bench import bare_save
from tests.bench.figures.drains import settle
from tests.bench.generator import PAGE_ROWS, WORKDAYS
from tests.bench.pages import Reader, SavedCell
from tests.bench.rounds import Work
from tests.bench.saving import Browser, asked, served
from tests.bench.world import World
from tests.waiting import eventually
from timesheets.models import TimeEntry

PACKAGE = "timetagger==26.1.3"
PLACE = ROOT / "var" / "peers" / "timetagger"
RECORDS = 50_000
AT_ONCE = 1_000
OTHER_CELL = 5  # not the one that is saved in turn with this
WEEK = 7 * 86_400  # seconds
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory


class NotInstalled(Exception):
    """The package index could not be asked, or has no such version."""


def installed() -> Path:
    """Its Python, installed by the first who asks."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        venv.create(PLACE, with_pip=True, clear=True)
    answer = subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], capture_output=True, text=True)
    if answer.returncode:
        raise NotInstalled(answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else "pip failed")
    return python


class TimeTagger:
    """A running one, asked over a connection that stays open."""

    def __init__(self, port: int, last: datetime) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.last = int(last.timestamp())
        self.headers: dict[str, str] = {}
        self.count = 0

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        try:
            answer = asked(self.connection, method, f"/timetagger/api/v2/{path}", body, self.headers)
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        assert answer.status == 200, (path, answer.status, content[:300])
        return json.loads(content)

    def answers(self) -> bool:
        try:
            trust = b64encode(json.dumps({"method": "localhost"}).encode())
            self.headers["authtoken"] = self.ask("POST", "bootstrap_authentication", trust)["token"]
        except (OSError, http.client.HTTPException):
            return False
        return True

    def put(self, records: list[dict[str, Any]]) -> None:
        answer = self.ask("PUT", "records", json.dumps(records).encode())
        assert len(answer["accepted"]) == len(records), answer

    def fill(self) -> None:
        """As many records in the last week as our page has entries, the others in the five years before."""
        draw = random.Random(20_260_101)
        starts = [self.last + number * 1800 for number in range(PAGE_ROWS * WORKDAYS)]
        starts += [self.last - draw.randrange(3600, 260 * WEEK) for _each in range(RECORDS - len(starts))]
        records = [self.record(number, start) for number, start in enumerate(starts)]
        for first in range(0, len(records), AT_ONCE):
            self.put(records[first : first + AT_ONCE])

    def record(self, number: int, start: int) -> dict[str, Any]:
        text = f"#platform{number % 12} #campaign{number % 200}"
        return {"key": f"record{number}", "t1": start, "t2": start + 1800, "mt": start + self.count, "ds": text}

    def week(self) -> None:
        answer = self.ask("GET", f"records?timerange={self.last}-{self.last + WEEK}")
        assert len(answer["records"]) >= PAGE_ROWS * WORKDAYS

    def save(self) -> None:
        self.count += 1
        self.put([self.record(0, self.last) | {"t2": self.last + 60 * (1 + self.count % 50)}])


@contextmanager
def timetagger(python: Path, last: datetime, place: Path | None = None) -> Iterator[TimeTagger]:
    port = servers.free_port()
    with tempfile.TemporaryDirectory(prefix="retour-peer-", dir=place) as folder:
        command = [python, "-m", "timetagger", f"--bind=127.0.0.1:{port}", f"--datadir={folder}", "--log_level=error"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            peer = TimeTagger(port, last)
            eventually(peer.answers)
            peer.fill()
            yield peer
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def reaching_the_disk() -> Iterator[None]:
    """What PostgreSQL commits in the block is on the disk before it answers, as in a deployment; SQLite's always is."""
    if connection.vendor != "postgresql" or is_on("fsync"):
        yield
        return
    try:
        configure("SET {} = on")
        assert all(eventually(lambda name=name: is_on(name)) for name in servers.REACHING_THE_DISK)
        yield
    finally:
        configure("RESET {}")


def configure(change: str) -> None:
    with connection.cursor() as cursor:
        for name in servers.REACHING_THE_DISK:
            cursor.execute(f"ALTER SYSTEM {change.format(name)}")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")


def is_on(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return bool(cursor.fetchone()[0] == "on")


@contextmanager
def works(world: World) -> Iterator[list[Work]]:
    """Both asked in turn: TimeTagger stands where else the floor does, so that a ratio below 1 is ours being faster."""
    settle()
    python = installed()
    monday = world.last_week.monday
    mine = TimeEntry.objects.filter(member=world.people[0], week=monday).order_by("day", "pk")
    entry = mine[0]
    place = {"platform": entry.platform_id, "campaign": entry.campaign_id}
    browser = Browser(world.director, place, f"/hours/{world.last_week}/")
    browser.seen = entry.etag
    last = datetime.combine(monday, time(), tzinfo=UTC)
    with timetagger(python, last) as peer, served([browser]), ExitStack() as stack:
        work = Work("", f"{PACKAGE.replace('==', ' ')}, {RECORDS:,} records", browser.show, peer.week, elsewhere=True)
        save = replace(work, system=browser.save, floor=peer.save)
        works = [
            replace(work, name="week_page_beside_timetagger"),
            replace(
                save, name="save_beside_timetagger", floor_is=f"{work.floor_is}, both on disk", around=reaching_the_disk
            ),
        ]
        if connection.vendor == "postgresql":
            bare = stack.enter_context(bare_saves(world))
            works.append(replace(works[1], name="bare_save_beside_timetagger", system=bare))
        if connection.vendor == "postgresql" and MEMORY.is_dir() and not is_on("fsync"):
            in_memory = stack.enter_context(timetagger(python, last, MEMORY))
            without = replace(save, floor_is=f"{work.floor_is}, both without a disk", floor=in_memory.save)
            works += [
                replace(without, name="save_beside_timetagger_without_disk"),
                replace(without, name="bare_save_beside_timetagger_without_disk", system=bare),
            ]
        yield works


@contextmanager
def bare_saves(world: World) -> Iterator[Callable[[], object]]:
    """What asks the statements of one save of ours, of a process that does nothing else."""
    with bare_save.served(SavedCell(Reader(world).client, world, OTHER_CELL).save) as address:
        bare = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        with closing(bare):
            yield lambda: asked(bare, "POST", "/", b"d0=0:30", {}).read()
