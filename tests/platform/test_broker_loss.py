"""The broker is only a doorbell: whatever it loses, repeats or is away for, the work in the database is done, once."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

from tests import servers
from tests.platform.services import SERVICES, eventually, program

pytestmark = pytest.mark.server

READERS = 3
RECOVERY_SECONDS = 120
# A day and two hours without a scheduler, over a Monday at eight: what was due then is due still.
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from campaigns.models import Agency, Campaign, JobRun, Platform
from reports import delivery, rollup
from reports.models import Subscriber, SummaryDelivery
from tests import factories
from timesheets.models import CostRate, TimeEntry
SummaryDelivery.objects.all().delete()
TimeEntry.objects.all().delete()
rollup.drain()
at = timezone.now()
agency = Agency.current()
for number in range({READERS}):
    Subscriber.objects.get_or_create(email=f"reader{{number}}@example.com")
due = delivery._due_in(agency.week_of(at), agency)
if due > at:
    due -= timedelta(weeks=1)
JobRun.objects.update_or_create(name="summary", defaults={{"next_due": due}})
member = (CostRate.objects.first() or factories.RateFactory()).member
platform = Platform.objects.first() or factories.PlatformFactory()
for back in range(1, 30):
    day = agency.week_of(at).plus(-back).monday
    factories.EntryFactory(member=member, platform=platform, campaign=Campaign.objects.general(), day=day)
"""
RING = """
import sys
from config.celery import app
for _ in range(3):
    for name in ("reports.sweep", "reports.drain", "reports.send"):
        app.send_task(name)
    app.send_task("reports.evaluate", kwargs={"monday": sys.argv[1]})
"""
LAST_RAN = """
import sys
from datetime import timedelta
from celery.beat import PersistentScheduler
from config.celery import app
scheduler = PersistentScheduler(app, schedule_filename=sys.argv[1])
scheduler.schedule["sweep"].last_run_at -= timedelta(hours=26)
scheduler.close()
"""


class Broker:
    """A Redis that can be killed and started again at the same address; it keeps nothing over that."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, servers.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        command = [program(servers.find_redis()), "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.client.connection_pool.disconnect()


class Sink:
    def __init__(self) -> None:
        self.held: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.held.update(envelope.rcpt_tos)
        return "250 accepted"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=servers.free_port())
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


@pytest.fixture
def office(environment: dict[str, str], broker: Broker, sink: Sink, house: Path) -> Iterator["Office"]:
    office = Office(environment | {"BROKER_URL": broker.url, "CACHE_URL": broker.url}, house, sink)
    yield office
    office.stop()


class Office:
    """Two schedulers and three workers, as somebody may start them by mistake, on one database."""

    def __init__(self, environment: dict[str, str], house: Path, sink: Sink) -> None:
        self.environment = environment | {
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "C_FORCE_ROOT": "1",
        }
        self.house = house
        self.processes: list[subprocess.Popen[bytes]] = []

    def python(self, script: str, *arguments: str) -> None:
        setup = "import django; django.setup()\n"
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-c", setup + script, *arguments]
        subprocess.run(command, cwd=self.house, env=environment, check=True)

    def start(self) -> None:
        for number in range(2):
            schedule = f"var/beat-{number}"
            self.python(LAST_RAN, schedule)
            self._start([schedule if part == "var/beat-schedule" else part for part in SERVICES["beat"]["command"]])
        for number in range(3):
            self._start([*SERVICES["worker"]["command"], "--hostname", f"worker{number}@localhost"])

    def _start(self, command: list[str]) -> None:
        with (self.house / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=self.house, env=self.environment, stdout=log, stderr=log)
            )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
        print((self.house / "log").read_text() if self.processes else "")

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(question).fetchall()

    def is_done(self) -> bool:
        """Nothing is due any more: figures are counted and every decision is carried out."""
        waiting = self.ask("SELECT count(*) FROM campaigns_stalemark")[0][0]
        states = [state for (state,) in self.ask("SELECT state FROM reports_summarydelivery")]
        return waiting == 0 and states == ["sent"] * READERS


def ring(office: Office) -> None:
    """Every task three times over."""
    last_week = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 7)
    office.python(RING, last_week.isoformat())


def nothing_was_done_twice(office: Office, sink: Sink) -> None:
    assert sorted(sink.held.values()) == [1] * READERS
    decisions = office.ask("SELECT subscriber_id, week FROM reports_summarydelivery")
    assert len(decisions) == len(set(decisions)) == READERS
    counted = "SELECT count(*), sum(minutes) FROM reports_platformweek WHERE minutes > 0 AND basis = 'cash'"
    assert office.ask(counted) == office.ask("SELECT count(*), sum(minutes) FROM timesheets_timeentry")


def test_what_a_broker_lost_before_anything_ran_is_done_once(office, broker, sink):
    office.python(PREPARE)
    ring(office)
    broker.client.flushall()
    broker.kill()
    broker.start()
    assert not office.is_done()
    office.start()
    eventually(office.is_done, seconds=RECOVERY_SECONDS)
    ring(office)
    eventually(lambda: broker.client.llen("celery") == 0)
    nothing_was_done_twice(office, sink)


@pytest.mark.soak
@pytest.mark.parametrize("harm", ["flushed", "killed", "killed a moment later"])
def test_running_workers_recover_by_themselves(office, broker, sink, harm):
    office.start()
    eventually(lambda: office.ask("SELECT count(*) FROM campaigns_jobrun WHERE name = 'sweep'")[0][0] == 1)
    office.python(PREPARE)
    ring(office)
    if harm == "flushed":
        broker.client.flushall()
    else:
        time.sleep(0.5 if harm == "killed a moment later" else 0)
        broker.kill()
        time.sleep(5)
        broker.start()
    eventually(office.is_done, seconds=RECOVERY_SECONDS)
    nothing_was_done_twice(office, sink)
