"""Installations of their own, to be backed up, lost and brought back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings

from tests import app, databases

ROOT = Path(settings.BASE_DIR)

PEOPLE_AND_WORK = """
from datetime import UTC, date, datetime
from campaigns.models import Agency, ImportRun, JobRun
from reports.attribution import rollups
from reports.models import SummaryDelivery
from timesheets.models import Reminder, Session
from tests.factories import *
Agency.current()
person = DirectorFactory(email="boss@example.com")
RateFactory(member=person)
EntryFactory(member=person, minutes=90)
TouchFactory(lead=LeadFactory(name="Zoë Ünïcode", note="tab\\tline\\nback\\\\slash \\\\. end"))
SaleFactory(amount_cents=123456)
rollups.drain()
Session.objects.create(session_key="somebody", session_data="x", expire_date=datetime(2030, 1, 1, tzinfo=UTC))
due = datetime(2026, 11, 23, 7, tzinfo=UTC)
for state in ("pending", "sending", "sent"):
    SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 16), state=state)
Reminder.objects.create(member=person, week=date(2026, 11, 16), kind="friday", due_at=due, next_attempt_at=due)
for name in ("summary", "reminders-friday", "nightly"):
    JobRun.objects.update_or_create(name=name, defaults={"next_due": due})
"""
TELL = """
import json
from django.db import transaction
from campaigns.models import JobRun, Lead, StaleMark, Sale, Spend, Touch
from reports.models import SummaryDelivery
from timesheets.models import Reminder, Session, TimeEntry, User
from tests.factories import *
marks = StaleMark.objects.count()
with transaction.atomic():
    SaleFactory(amount_cents=1)
    marked = StaleMark.objects.count() - marks
    transaction.set_rollback(True)
try:
    with transaction.atomic():
        Touch.objects.update(utm_source="forged")
    refused = ""
except Exception as error:
    refused = str(error)
print(json.dumps({
    "leads": list(Lead.objects.values_list("name", "note")),
    "people": list(User.objects.values_list("email", flat=True)),
    "minutes": sum(TimeEntry.objects.values_list("minutes", flat=True)),
    "sales": sum(Sale.objects.values_list("amount_cents", flat=True)),
    "spend": sum(Spend.objects.values_list("amount_cents", flat=True)),
    "sessions": Session.objects.count(),
    "deliveries": sorted(SummaryDelivery.objects.values_list("state", flat=True)),
    "reminders": list(Reminder.objects.values_list("state", flat=True)),
    "due": sorted(JobRun.objects.exclude(next_due=None).values_list("name", flat=True)),
    "marked": marked,
    "refused": refused,
}))
"""
BEFORE_THE_NEWEST = sorted(path.stem for path in (ROOT / "campaigns" / "migrations").glob("[0-9]*.py"))[-2]
GO_BACK = f"""
from django.core.management import call_command
call_command("migrate", "campaigns", "{BEFORE_THE_NEWEST}", verbosity=0, no_backup=True)
"""


@dataclass
class Installation:
    """One Retour with a database and a folder of its own."""

    folder: Path
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        outside = {"ERASURES_FILE": str(self.folder / "erasures.jsonl")}
        return {**app.settings_in(self.folder, database_url=self.database_url), **outside}

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )

    def python(self, code: str) -> str:
        process = self.start(code)
        said = process.communicate()[0]
        assert process.returncode == 0
        return said

    def start(self, code: str) -> subprocess.Popen[str]:
        code = f"import django; django.setup()\n{code}"
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
        return subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )

    def facts(self) -> dict:
        return json.loads(self.python(TELL))

    def backup(self, name: str = "one.backup") -> Path:
        path = self.folder / name
        done = self.manage("backup", str(path))
        assert done.returncode == 0, done.stderr
        return path

    def restore(self, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return self.manage("restore", str(path), *options)


class Installations:
    """Makes installations of one kind of database, and takes their databases away in the end."""

    def __init__(self, make_folder: Callable[[], Path], server: str = "") -> None:
        self.make_folder, self.server = make_folder, server
        self.databases: list[str] = []
        self.patterns: dict[str, str] = {}

    def empty(self, *, pattern: str = "") -> Installation:
        """One with nothing in it, not even tables; or with a copy of this database (a file or a name)."""
        folder = self.make_folder()
        if not self.server:
            if pattern:
                shutil.copyfile(pattern, folder / "retour.sqlite3")
            return Installation(folder, f"sqlite:///{folder / 'retour.sqlite3'}")
        name = f"backup_{os.getpid()}_{len(self.databases)}"
        template = f"TEMPLATE {pattern}" if pattern else ""
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} {template}")
        self.databases.append(name)
        return Installation(folder, self.server.rpartition("/")[0] + f"/{name}")

    def migrated(self, code: str = "") -> Installation:
        """One of its own with all tables and what the code puts in them; made once, then copied."""
        if code not in self.patterns:
            self.patterns[code] = self._pattern_of(code)
        return self.empty(pattern=self.patterns[code])

    def _pattern_of(self, code: str) -> str:
        if not code:
            return databases.migrated_database(self.server) if self.server else str(databases.migrated_file())
        made = self.migrated()
        made.python(code)
        return made.database_url.rpartition("/")[2] if self.server else str(made.folder / "retour.sqlite3")

    def used(self) -> Installation:
        """One of its own with people, work and a file."""
        made = self.migrated(PEOPLE_AND_WORK)
        uploads = made.folder / "uploads" / "imports"
        uploads.mkdir(parents=True)
        (uploads / "hours.csv").write_text("day,minutes\n")
        return made

    def older(self) -> Installation:
        """One of its own with people and work that has something to migrate."""
        return self.migrated(PEOPLE_AND_WORK + GO_BACK)

    def drop(self) -> None:
        for name in self.databases:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
