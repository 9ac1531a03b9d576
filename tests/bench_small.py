"""How much a small installation bears: `python -m tests.bench_small [ENTRIES]`. docs/deploy.md quotes its table.

One process group as `retour serve` runs it, SQLite as it ships, and people who save a cell a second each, far more than
anybody types. Times are seconds of this machine, as whoever waits for an answer sees them.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = (5, 10, 20, 40)
SECONDS = 20.0
IMPORT_ROWS = 20_000
FIRST_DAY = date(2020, 1, 6)  # people joined a few days before
CSRF = "0123456789abcdef0123456789abcdef"

FILL = """
import sys
from datetime import date, timedelta
import django
django.setup()
from django.conf import settings
from django.test import Client
from campaigns.models import Campaign, Platform
from tests.factories import RateFactory
from timesheets.models import TimeEntry, User
wanted = int(sys.argv[1])
settings.ALLOWED_HOSTS = ["testserver"]
client = Client()
client.force_login(User.objects.filter(role="director").first())
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
Platform.objects.create(name="Platform of the import")
members = list(User.objects.filter(email__startswith="load"))
platforms, campaigns = list(Platform.objects.all()), list(Campaign.objects.all()[:20])
for member in members[:10]:
    RateFactory(member=member)
rows, number = [], TimeEntry.objects.count()
for day in (date(2026, 9, 28) - timedelta(days=n) for n in range(20_000)):
    for platform in platforms[:4]:
        for member in members:
            campaign = campaigns[number % len(campaigns)]
            rows.append(TimeEntry(
                member=member, platform=platform, campaign=campaign, day=day, minutes=30,
                week=day - timedelta(days=day.weekday()), hourly_cents=4000,
            ))
            number += 1
    if len(rows) > 5000 or number >= wanted:
        TimeEntry.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        rows = []
    if number >= wanted:
        break
"""
IMPORT = """
import sys
from pathlib import Path
import django
django.setup()
from core import task_queue
from tests.campaigns.imports.importing import started
run = started(Path(sys.argv[1]), "hours")
task_queue.enqueue_on_commit("reports.sweep")
"""
WAITING = """
import django
django.setup()
from campaigns.models import ImportRun, StaleMark
print(StaleMark.objects.count() + ImportRun.objects.filter(status__in=["queued", "importing", "checking"]).count())
"""


class Small:
    """The installation, and how to ask it."""

    def __init__(self, folder: Path) -> None:
        self.port = servers.free_port()
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(folder / "data"),
            "SMALL": "true",
            "SECRET_KEY": "for-the-bench-only-" + "7" * 32,
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "EMAIL_URL": "dummymail:",
        }

    def run(self, *command: str) -> str:
        return subprocess.check_output([sys.executable, *command], cwd=ROOT, env=self.environment, text=True)

    def serve(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "config.standalone.supervisor", "--port", str(self.port)]
        log = (self.folder / "log").open("wb")
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def ask(self, path: str, session: str, data: dict[str, str] | None = None) -> float:
        """Return how many seconds the answer took; an error counts as one that never came."""
        cookie = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        body = urlencode(data).encode() if data else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, cookie)
        started = time.perf_counter()
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except (OSError, http.client.HTTPException):
            return float("inf")
        return time.perf_counter() - started

    def waits(self) -> bool:
        return int(self.run("-c", WAITING)) > 0

    def memory(self) -> int:
        """Megabytes of all its processes; what they share counts once."""
        total = 0
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if f"DATA_DIR={self.folder / 'data'}\0" in (path / "environ").read_text():
                    lines = (path / "smaps_rollup").read_text().splitlines()
                    total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            except OSError:
                continue
        return total // 1024


def save_for_a_while(small: Small, people: list[dict], made: dict, offset: int) -> list[float]:
    """Have each of them save a cell about once a second."""
    times: list[float] = []
    ends_at = time.perf_counter() + SECONDS

    def save(number: int, session: str) -> None:
        count = offset
        while time.perf_counter() < ends_at:
            count += 1
            day = FIRST_DAY + timedelta(days=count)
            year, week, weekday = day.isocalendar()
            cell = {"platform": made["platform"], "campaign": made["campaign"], f"d{weekday - 1}": "30m", "seen": ""}
            cell |= {"edit": str(uuid.UUID(int=number * 1_000_000 + count))}
            times.append(small.ask(f"/hours/{year}-W{week:02}/cell", session, cell))
            time.sleep(random.uniform(0.5, 1.5))

    threads = [threading.Thread(target=save, args=(n, person["session"])) for n, person in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def line(what: str, times: list[float]) -> None:
    answered = sorted(seconds for seconds in times if seconds != float("inf"))
    at_95 = answered[int(len(answered) * 0.95)] if answered else float("nan")
    middle = statistics.median(answered) if answered else float("nan")
    failed = len(times) - len(answered)
    worst = answered[-1] if answered else float("nan")
    print(f"{what:44}{len(times):7}{middle:9.3f}{at_95:9.3f}{worst:9.3f}{failed:8}", flush=True)


def main(entries: int) -> None:
    with tempfile.TemporaryDirectory(prefix="retour-bench-small-") as name:
        small = Small(Path(name))
        small.run("manage.py", "migrate", "--verbosity", "0")
        small.run("manage.py", "demo", "--weeks", "104", "--staff", "12")
        small.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        made = json.loads(small.run("-m", "tests.people", str(max(PEOPLE))))
        director = small.run("-c", FILL, str(entries)).split()[0]
        process = small.serve()
        try:
            measure(small, made, director, entries)
        finally:
            process.terminate()
            process.wait()


def measure(small: Small, made: dict, director: str, entries: int) -> None:
    started = time.perf_counter()
    while small.ask("/accounts/login/", "") == float("inf") or small.waits():
        time.sleep(1)
    size = (small.folder / "data" / "retour.sqlite3").stat().st_size // 1_000_000
    print(f"{entries:,} entries, {size} MB; figures computed {time.perf_counter() - started:.0f} s after the start")
    print(f"{'':44}{'asked':>7}{'median':>9}{'95 %':>9}{'worst':>9}{'failed':>8}")
    line("the dashboard, alone", [small.ask("/", director) for _number in range(10)])
    for count in PEOPLE:
        line(f"saves, {count} people at once", save_for_a_while(small, made["people"][:count], made, count * 40))
    bring_import(small, made)
    line("saves, 20 people, an import beside", save_for_a_while(small, made["people"][:20], made, 1800))
    print(f"the import had{'' if small.waits() else ' not'} still to be finished; memory {small.memory()} MB")


def bring_import(small: Small, made: dict) -> None:
    """A tracker's file of many rows, started as somebody starts it in the browser."""
    file = small.folder / "hours.csv"
    days = [FIRST_DAY + timedelta(days=number) for number in range(IMPORT_ROWS // 10)]
    rows = [f"{day},load{n}@example.com,Platform of the import,,0:15" for day in days for n in range(10)]
    file.write_text("\n".join(["date,email,platform,campaign,hours", *rows]))
    small.run("-c", IMPORT, str(file))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
