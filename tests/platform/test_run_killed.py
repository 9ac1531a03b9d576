"""`make run` killed in the middle of its work: what was answered is there, what was due gets done, and once.

Everything ends at one instant by SIGKILL, as when a machine is switched off; nothing gets to clean up.
"""

import http.client
import os
import random
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.platform.houses import House
from tests.platform.mail import Sink, listening
from tests.platform.services import ROOT
from tests.waiting import PATIENCE, happens

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="finds processes through /proc, as Linux has it"),
]

READERS, ROWS, DAYS, SAVES = 3, 600, 60, 120
CSRF = "a" * 32
# What is due at one kill: a Monday's e-mails, a file half way in, days of hours that no figure shows yet.
MAKE_DUE = f"""
import sys
from datetime import date, timedelta
from pathlib import Path
import django
django.setup()
from django.utils import timezone
from core import task_queue
from campaigns.models import Agency, Campaign, JobRun, Platform
from core.schedule import MONDAY, next_weekly
from reports.weekly_email import delivery
from reports.models import Subscriber
from tests import factories
from tests.campaigns.imports.importing import started
from tests.zones import zone_between_mondays
from timesheets.models import TimeEntry, User
number, folder = int(sys.argv[1]), Path(sys.argv[2])
at, agency = timezone.now(), Agency.current()
agency.time_zone = zone_between_mondays(at)
agency.save()
zone = agency.zone
monday = next_weekly(at - timedelta(weeks=1), weekday=MONDAY, hour=Agency.current().summary_hour, zone=zone)
Subscriber.objects.bulk_create(Subscriber(email=f"reader{{n}}-{{number}}@example.com") for n in range({READERS}))
JobRun.objects.update_or_create(name="summary", defaults={{"next_due": monday}})
writer = User.objects.get(email="writer@example.com")
platform = Platform.objects.create(name=f"Platform {{number}}")
general = Campaign.objects.general()
days = [date(2024, 1, 1) + timedelta(days=n) for n in range({ROWS})]
file = folder / f"hours-{{number}}.csv"
lines = [f"{{day}},writer@example.com,Platform {{number}},,0:0{{number % 5 + 1}}" for day in days]
file.write_text("\\n".join(["date,email,platform,campaign,hours", *lines]))
for n in range({DAYS}):
    day = date(2022, 1, 3) + timedelta(days=7 * n)
    factories.EntryFactory(member=writer, platform=platform, campaign=general, day=day, minutes=10)
started(file, "hours")
task_queue.enqueue_on_commit("reports.sweep")
"""
# People are there already, so that no demo is loaded.
PREPARE = """
from pathlib import Path
from tools import run
run.write_embedded_env(Path("var/embedded.env"))
import django
django.setup()
from django.conf import settings
from django.test import Client
from campaigns.models import Agency, Campaign
from tests import factories
Agency.current()
factories.RateFactory(member=factories.MemberFactory(email="writer@example.com"))
settings.ALLOWED_HOSTS = ["testserver"]
client = Client()
client.force_login(factories.MemberFactory(email="saver@example.com"))
session = client.cookies[settings.SESSION_COOKIE_NAME].value
print(session, factories.PlatformFactory(name="Saved on").pk, Campaign.objects.general().pk)
"""
PRAGMAS = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    print(*(cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")))
"""


class Saver:
    """A browser that saves one cell after another; what is not answered it sends again, as the page does."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.session, self.platform, self.campaign = house.prepared.split()
        self.answered: dict[str, int] = {}  # minutes by day

    def save(self, count: int) -> None:
        """Have so many more saves answered."""
        for _number in range(count):
            assert happens(lambda: self._save(len(self.answered)))

    def reaches(self, count: int) -> None:
        """Wait until so many have been answered; the next one is on its way then."""
        assert happens(lambda: len(self.answered) >= count)

    def _save(self, number: int) -> bool:
        day, minutes = date(2021, 1, 4) + timedelta(days=number), 1 + number % 600
        year, week, weekday = day.isocalendar()
        cell = {
            "platform": self.platform,
            "campaign": self.campaign,
            f"d{weekday - 1}": f"{minutes}m",
            "seen": "",
            "edit": str(uuid.UUID(int=number)),
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.house.port}/hours/{year}-W{week:02}/cell",
            urlencode(cell).encode(),
            {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF},
        )
        try:
            urllib.request.urlopen(request, timeout=PATIENCE).close()
        except urllib.error.HTTPError:
            raise
        except (OSError, http.client.HTTPException):
            return False
        self.answered[str(day)] = minutes
        return True


def run_in(house: House, script: str, *arguments: object) -> str:
    """Run a script on the house's own code and data; return what it printed."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.check_output(command, cwd=house.folder, env=environment, text=True)


def ask(house: House, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(house.folder / "var" / "retour.sqlite3", timeout=PATIENCE)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")  # they ask functions that only Django brings along
        return database.execute(question).fetchall()


def is_done(house: House) -> bool:
    """Nothing is due any more, and nothing has failed."""
    questions = [
        "SELECT count(*) FROM campaigns_stalemark",
        "SELECT count(*) FROM campaigns_importrun WHERE status != 'done'",
        "SELECT count(*) FROM reports_summarydelivery WHERE state NOT IN ('sent', 'unknown')",
        "SELECT count(*) FROM campaigns_jobrun WHERE failures > 0",
        "SELECT count(*) FROM campaigns_jobrun WHERE name = 'summary' AND next_due < datetime('now')",
    ]
    return not any(ask(house, question)[0][0] for question in questions)


def nothing_was_lost_or_done_twice(house: House, saver: Saver, sink: Sink, *, rounds: int) -> None:
    saved = ask(
        house,
        "SELECT e.day, e.minutes, e.version, count(h.history_id) FROM timesheets_timeentry e"
        " JOIN timesheets_user u ON u.id = e.member_id LEFT JOIN timesheets_historicaltimeentry h ON h.id = e.id"
        " WHERE u.email = 'saver@example.com' GROUP BY e.id ORDER BY e.day",
    )
    assert saved == [(day, minutes, 1, 1) for day, minutes in sorted(saver.answered.items())]
    imported = ask(
        house,
        "SELECT count(*), sum(minutes) FROM timesheets_timeentry e JOIN campaigns_platform p ON p.id = e.platform_id"
        " WHERE p.name LIKE 'Platform %' AND e.day >= '2024-01-01' GROUP BY p.id ORDER BY p.id",
    )
    assert imported == [(ROWS, ROWS * (number % 5 + 1)) for number in range(rounds)]
    assert ask(house, "SELECT count(*) FROM campaigns_importedrow") == [(ROWS * rounds,)]
    rows = "SELECT week, sum(minutes) FROM timesheets_timeentry GROUP BY week ORDER BY week"
    rollup = "SELECT week, sum(minutes) FROM {} WHERE basis = 'cash' GROUP BY week HAVING sum(minutes) ORDER BY week"
    for table in ("reports_platformweek", "reports_campaignweek"):
        assert ask(house, rollup.format(table)) == ask(house, rows)
    letters = ask(
        house,
        "SELECT s.email, d.state FROM reports_summarydelivery d JOIN reports_subscriber s ON s.id = d.subscriber_id"
        " WHERE s.email LIKE 'reader%'",
    )
    assert len(letters) == len(set(letters)) == READERS * rounds
    for email, state in letters:
        assert sink.held[email] == 1 if state == "sent" else sink.held[email] <= 1
    assert ask(house, "PRAGMA integrity_check") == [("ok",)]
    assert ask(house, "PRAGMA foreign_key_check") == []


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("house").resolve())
    house.migrated()
    house.prepared = run_in(house, PREPARE)
    return house


@pytest.fixture
def house(prepared: House) -> Iterator[House]:
    yield prepared
    prepared.kill()
    print(prepared.says() if prepared.log.exists() else "")


def test_the_database_keeps_a_journal_that_outlives_a_kill_and_a_cut_of_the_power(house):
    assert run_in(house, PRAGMAS).split() == ["wal", "2"]  # 2 is FULL: the journal is on disk when a save is answered


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_after_a_kill_in_the_middle_of_everything_nothing_is_lost_and_nothing_done_twice(
    house, tmp_path, kills, record_property
):
    dice = random.Random(kills)
    with listening(Sink(seconds=0.2)) as sink, ThreadPoolExecutor(1) as browser:
        saver = Saver(house)
        house.make_run(EMAIL_URL=sink.url)
        assert happens(house.is_up), house.says()
        for number in range(kills):
            before = len(saver.answered)
            run_in(house, MAKE_DUE, number, tmp_path)
            saving = browser.submit(saver.save, SAVES)
            saver.reaches(before + dice.randrange(SAVES))
            house.kill()
            house.make_run(EMAIL_URL=sink.url)
            saving.result()
            assert happens(lambda: is_done(house)), house.says()
            nothing_was_lost_or_done_twice(house, saver, sink, rounds=number + 1)
            assert house.health()["status"] == "ok"
            record_property("kills", 1)
            record_property("saves answered and found", len(saver.answered) - before)
            record_property("rows imported once", ROWS)
            record_property("letters decided", READERS)
        record_property("second copies", sum(copies - 1 for copies in sink.held.values()))
