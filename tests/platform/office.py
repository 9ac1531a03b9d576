"""Two schedulers and three workers on one database and one Redis, as somebody may start them by mistake."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import Celery
from celery.beat import PersistentScheduler

from config.celery import app
from tests import servers
from tests.platform.mail import Sink
from tests.platform.services import SERVICES, program
from tests.waiting import eventually

READERS, WEEKS, WORKERS = 3, 29, 3
QUEUE = "celery"
# Seconds within which everything that was due is done, once the servers are back.
# Due: a Monday's e-mails, and weeks of hours that no figure shows.
MAKE_DUE = f"""
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from campaigns.models import Agency, Campaign, JobRun, Platform
from core.schedule import MONDAY, next_weekly
from reports.weekly_email import delivery
from reports.attribution import rollups
from reports.models import Subscriber, SummaryDelivery
from tests import factories
from tests.zones import zone_between_mondays
from timesheets.models import CostRate, TimeEntry
SummaryDelivery.objects.all().delete()
TimeEntry.objects.all().delete()
rollups.drain()
at, agency = timezone.now(), Agency.current()
agency.time_zone = zone_between_mondays(at)
agency.save()
for number in range({READERS}):
    Subscriber.objects.get_or_create(email=f"reader{{number}}@example.com")
monday = next_weekly(at - timedelta(weeks=1), weekday=MONDAY, hour=agency.summary_hour, zone=agency.zone)
JobRun.objects.update_or_create(name="summary", defaults={{"next_due": monday}})
member = (CostRate.objects.first() or factories.RateFactory()).member
platform = Platform.objects.first() or factories.PlatformFactory()
for back in range(1, {WEEKS} + 1):
    day = agency.week_of(at).plus(-back).monday
    factories.EntryFactory(member=member, platform=platform, campaign=Campaign.objects.general(), day=day)
"""
SHOW_JOBS = """
from django.conf import settings
from django.test import Client
from tests import factories
client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
client.force_login(factories.DirectorFactory(email="director@example.com"))
answer = client.get("/jobs/", secure=True)
assert answer.status_code == 200, answer
print(answer.content.decode())
"""


class Broker:
    """A Redis that can be killed and started again at the same address; it keeps nothing over that."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, servers.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        self.app = Celery(broker=self.url)  # sends by name, without knowing a task
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

    def send(self, *tasks: str, **arguments: str) -> None:
        """Send each task, and have the very same message delivered three times."""
        for task in tasks:
            self.app.send_task(task, kwargs=arguments)
            message = self.client.lindex(QUEUE, 0)
            if message:  # nobody was faster
                self.client.lpush(QUEUE, message, message)

    def poison(self) -> None:
        """What no worker can make sense of: an unknown task, arguments that do not fit, a body that is no JSON."""
        self.app.send_task("reports.nonsense")
        self.app.send_task("reports.evaluate", kwargs={"monday": "not a day"})
        self.app.send_task("reports.evaluate", args=[1, 2, 3], kwargs={"week": None})
        self.app.send_task("reports.drain")
        message = json.loads(self.client.lpop(QUEUE))
        for broken in ({"body": "e25vdA=="}, {"headers": {}}, {"content-type": "text/nonsense"}):
            self.client.lpush(QUEUE, json.dumps(message | broken))

    def is_quiet(self) -> bool:
        """Nothing is in the queue and nobody is at work on what was."""
        return not self.client.llen(QUEUE) and not self.client.hlen("unacked")


class Office:
    def __init__(self, environment: dict[str, str], house: Path, sink: Sink) -> None:
        self.environment = environment | {
            "EMAIL_URL": sink.url,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "C_FORCE_ROOT": "1",
            "POISON_LOG": str(house / "poison"),
        }
        self.house = house
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, tuple[list[str], dict[str, str]]] = {}

    def python(self, script: str, **variables: str) -> str:
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"} | variables
        command = [sys.executable, "-c", f"import django; django.setup()\n{script}"]
        return subprocess.check_output(command, cwd=self.house, env=environment, text=True)

    # -- its processes ------------------------------------------------------------------------------------------------

    def start(self, *, poison: str = "") -> None:
        """Start everything; `poison` names a job that ends whoever attempts it."""
        self.start_schedulers()
        for number in range(WORKERS):
            self.start_worker(f"worker{number}", poison=poison)

    def start_schedulers(self) -> None:
        """Both last ran 26 hours ago."""
        for name in ("beat0", "beat1"):
            path = f"var/{name}"
            scheduler = PersistentScheduler(app, schedule_filename=str(self.house / path))
            scheduler.schedule["sweep"].last_run_at -= timedelta(hours=26)
            scheduler.close()
            self._start(name, [path if part == "var/beat-schedule" else part for part in SERVICES["beat"]["command"]])

    def start_worker(self, name: str, *, poison: str = "") -> None:
        settings = "tests.platform.poisoned" if poison else "config.settings"
        command = [*SERVICES["worker"]["command"], "--hostname", f"{name}@localhost"]
        self._start(name, command, DJANGO_SETTINGS_MODULE=settings, POISON=poison, PGAPPNAME=name)

    def _start(self, name: str, command: list[str], **variables: str) -> None:
        self.started[name] = command, variables
        with (self.house / "log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=self.house,
                env=self.environment | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End a process with its children, at once."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        had_any = bool(self.processes)
        for name in list(self.processes):
            self.kill(name)
        print((self.house / "log").read_text() if had_any else "")

    def is_whole(self) -> bool:
        """Everything that was started still runs."""
        return all(process.poll() is None for process in self.processes.values())

    def tend(self) -> None:
        """Start again what has ended, as compose does: a worker that is at work when Redis goes may end itself."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                assert SERVICES[name.rstrip("0123456789")]["restart"] == "unless-stopped"
                command, variables = self.started[name]
                self._start(name, command, **variables)

    # -- its work -----------------------------------------------------------------------------------------------------

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []

    def states(self) -> list[str]:
        """Of every decision about a letter."""
        return [state for (state,) in self.ask("SELECT state FROM reports_summarydelivery ORDER BY state")]

    def is_done(self, *, cut_off: Iterable[str] = ()) -> bool:
        """Nothing is due any more: figures are counted, every decision is carried out but those that were cut off."""
        self.tend()
        waiting = self.ask("SELECT count(*) FROM campaigns_stalemark")[0][0]
        wanted = self.ask("SELECT count(*) FROM campaigns_jobrun WHERE name = 'evaluate' AND next_due IS NOT NULL")[0][
            0
        ]
        states = self.states()
        return not waiting and not wanted and sorted([*cut_off, *["sent"] * (READERS - len(list(cut_off)))]) == states

    def attempts(self) -> int:
        """How often somebody attempted the job that ends its worker."""
        path = self.house / "poison"
        return len(path.read_text().splitlines()) if path.exists() else 0
