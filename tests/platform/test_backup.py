"""`manage.py backup` and `manage.py restore`, on SQLite and PostgreSQL, in processes of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from reports.backup import archive, restore
from reports.backup.databases import Refused
from tests import app

ROOT = Path(settings.BASE_DIR)

PEOPLE_AND_WORK = """
from datetime import UTC, date, datetime
from django.contrib.sessions.models import Session
from campaigns.models import Agency, ImportRun, JobRun
from reports import rollup
from reports.models import SummaryDelivery
from timesheets.models import Reminder
from tests.factories import *
Agency.current()
person = DirectorFactory(email="boss@example.com")
RateFactory(member=person)
EntryFactory(member=person, minutes=90)
TouchFactory(lead=LeadFactory(name="Zoë Ünïcode", note="tab\\tline\\nback\\\\slash \\\\. end"))
SaleFactory(amount_cents=123456)
rollup.drain()
Session.objects.create(session_key="somebody", session_data="x", expire_date=datetime(2030, 1, 1, tzinfo=UTC))
due = datetime(2026, 11, 23, 7, tzinfo=UTC)
for state in ("pending", "sending", "sent"):
    SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 16), state=state)
Reminder.objects.create(member=person, week=date(2026, 11, 16), kind="friday", due_at=due, next_attempt_at=due)
for name in ("summary", "reminders-friday", "nightly"):
    JobRun.objects.update_or_create(name=name, defaults={"next_due": due})
"""
# Money and spend always grow by the same amount, in one transaction.
WRITE_PAIRS_UNTIL_STOPPED = """
import sys
from django.db import transaction
from tests.factories import *
from campaigns.models import Platform
platform = Platform.objects.first()
for number in range(100_000):
    with transaction.atomic():
        SaleFactory(amount_cents=1_000 + number)
        SpendFactory(platform=platform, amount_cents=1_000 + number)
    print(number, flush=True)
"""
TELL = """
import json
from django.contrib.sessions.models import Session
from django.db import transaction
from campaigns.models import JobRun, Lead, StaleMark, Sale, Spend, Touch
from reports.models import SummaryDelivery
from timesheets.models import Reminder, TimeEntry, User
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
        self.patterns: dict[str, Installation] = {}

    def empty(self, *, like: Installation | None = None) -> Installation:
        """One with nothing in it, not even tables; or with the database of another."""
        folder = self.make_folder()
        if not self.server:
            if like:
                shutil.copy(like.folder / "retour.sqlite3", folder)
            return Installation(folder, f"sqlite:///{folder / 'retour.sqlite3'}")
        name = f"backup_{os.getpid()}_{len(self.databases)}"
        template = f"TEMPLATE {like.database_url.rpartition('/')[2]}" if like else ""
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} {template}")
        self.databases.append(name)
        return Installation(folder, self.server.rpartition("/")[0] + f"/{name}")

    def migrated(self, code: str = "") -> Installation:
        """One of its own with all tables and what the code puts in them; made once, then copied."""
        if code not in self.patterns:
            pattern = self.empty(like=self.migrated() if code else None)
            if code:
                pattern.python(code)
            else:
                assert pattern.manage("migrate", "--verbosity", "0").returncode == 0
            self.patterns[code] = pattern
        return self.empty(like=self.patterns[code])

    def used(self) -> Installation:
        """One of its own with people, work and a file."""
        made = self.migrated(PEOPLE_AND_WORK)
        uploads = made.folder / "uploads" / "imports"
        uploads.mkdir(parents=True)
        (uploads / "hours.csv").write_text("day,minutes\n")
        return made

    def drop(self) -> None:
        for name in self.databases:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory) -> Installations:
    return Installations(lambda: tmp_path_factory.mktemp("retour"))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory, database_server) -> Iterator[Installations]:
    made = Installations(lambda: tmp_path_factory.mktemp("retour"), database_server)
    yield made
    made.drop()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def either(request) -> Installations:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def whole(sqlite) -> Path:
    """A backup that tests may read and must not change."""
    return sqlite.used().backup("whole.backup")


# -- there and back ---------------------------------------------------------------------------------------------------


def test_all_comes_back_with_its_rules_and_nothing_goes_out_twice(either):
    path, other = either.used().backup(), either.empty()
    done = other.restore(path)
    assert done.returncode == 0, done.stderr
    assert "3 e-mails that were waiting are held back" in done.stdout
    facts = other.facts()
    assert facts["leads"] == [["Zoë Ünïcode", "tab\tline\nback\\slash \\. end"]]
    assert facts["people"] == ["boss@example.com"]
    assert (facts["minutes"], facts["sales"]) == (90, 123456)
    assert facts["sessions"] == 0
    assert facts["deliveries"] == ["sent", "unknown", "unknown"]
    assert facts["reminders"] == ["unknown"]
    assert facts["due"] == ["nightly"]
    assert facts["marked"] >= 1  # the database notes changes again, and guards what it guarded
    assert "A touch is never edited" in facts["refused"]
    assert (other.folder / "uploads" / "imports" / "hours.csv").read_text() == "day,minutes\n"


def test_a_backup_during_writes_is_of_one_moment(either):
    busy, other = either.used(), either.empty()
    writer = busy.start(WRITE_PAIRS_UNTIL_STOPPED)
    try:
        wait_for(writer, 5)
        path = busy.backup()
        with archive.opened(path) as backup:
            held = backup.manifest.contents
        wait_for(writer, held["campaigns_spend"]["rows"] + 5)  # it wrote all the while
    finally:
        writer.kill()
        writer.wait()
    assert held["campaigns_spend"]["rows"] > 5
    assert held["campaigns_sale"]["amount_cents"] - 123456 == held["campaigns_spend"]["amount_cents"]
    assert other.restore(path).returncode == 0
    facts = other.facts()
    assert facts["sales"] - 123456 == facts["spend"] == held["campaigns_spend"]["amount_cents"]


def wait_for(writer: subprocess.Popen[str], number: int) -> None:
    for line in writer.stdout:
        if int(line) >= number:
            return
    raise AssertionError("The writer ended.")


# On SQLite a file is replaced, which test_a_database_that_is_replaced_leaves_word_of_who_was_erased shows too.
SQLITE_IN_THE_LONG_RUN = pytest.param("sqlite", marks=pytest.mark.soak)
POSTGRES = pytest.param("postgres", marks=pytest.mark.server)


@pytest.mark.parametrize("either", [SQLITE_IN_THE_LONG_RUN, POSTGRES], indirect=True)
def test_what_is_there_is_only_replaced_when_asked_and_backed_up_first(either):
    path, other = either.used().backup(), either.migrated()
    other.python("from tests.factories import *; LeadFactory(name='Only here')")
    refused = other.restore(path)
    assert refused.returncode == 1
    assert "This installation is not empty" in refused.stderr
    assert other.facts()["leads"] == [["Only here", ""]]
    done = other.restore(path, "--replace")
    assert done.returncode == 0, done.stderr
    assert [name for name, _note in other.facts()["leads"]] == ["Zoë Ünïcode"]
    (before,) = path.parent.glob("before-restore-*.backup")
    third = either.empty()
    assert third.restore(before).returncode == 0
    assert third.facts()["leads"] == [["Only here", ""]]


def test_a_new_installation_that_is_only_migrated_counts_as_empty(whole, sqlite):
    other = sqlite.migrated()
    other.python("from campaigns.models import *; Agency.current(); JobRun.objects.create(name='sweep')")
    assert other.restore(whole).returncode == 0


ERASE_THE_LEAD_AND_THE_PERSON = """
from django.utils import timezone
from campaigns import erasure
from campaigns.models import Lead
from reports import former
from timesheets.models import User
erasure.erase_now(Lead.objects.get(), at=timezone.now())
User.objects.update(is_active=False)
former.erase_now(User.objects.get(), at=timezone.now())
"""


def test_who_was_erased_since_the_backup_is_erased_again(sqlite):
    lost, new = sqlite.used(), sqlite.empty()
    path = lost.backup()
    lost.python(ERASE_THE_LEAD_AND_THE_PERSON)
    done = new.restore(path, "--erasures", str(lost.folder / "erasures.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "1 leads and 1 people were erased again" in done.stdout
    facts = new.facts()
    assert [name for name, _note in facts["leads"]] == [""]
    assert [one for one in facts["people"] if not one.startswith("former-")] == []
    assert (facts["minutes"], facts["sales"]) == (90, 123456)


def test_a_database_that_is_replaced_leaves_word_of_who_was_erased(sqlite):
    one = sqlite.used()
    path = one.backup()
    one.python(ERASE_THE_LEAD_AND_THE_PERSON)
    (one.folder / "erasures.jsonl").unlink(missing_ok=True)
    assert "1 leads and 1 people were erased again" in one.restore(path, "--replace").stdout
    assert "Zoë" not in json.dumps(one.facts()["leads"], ensure_ascii=False)


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda _data: b"PK\x03\x04 something else", "is not a backup of Retour", id="another file"),
        pytest.param(lambda _data: b"", "is not a backup of Retour", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], "is cut off or damaged", id="cut off in the middle"),
        pytest.param(lambda data: data[: 512 * 3], "is cut off or damaged", id="cut off near the start"),
        pytest.param(lambda data: data[: data.rindex(b"manifest.sha256")], "its last part is missing", id="no seal"),
        pytest.param(
            lambda data: data[:90_000] + bytes([data[90_000] ^ 1]) + data[90_001:],
            "database is not as it was written",
            id="one bit of the database",
        ),
        pytest.param(
            lambda data: data.replace(b'"taken_at": "2', b'"taken_at": "3'), "its manifest was changed", id="manifest"
        ),
    ],
)
def test_a_file_that_is_not_whole_is_refused(whole, tmp_path, change, sentence):
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(change(whole.read_bytes()))
    with pytest.raises(archive.Damaged, match=sentence), archive.opened(damaged):
        pass


def test_the_command_refuses_a_damaged_file_in_a_sentence_and_changes_nothing(whole, sqlite, tmp_path):
    damaged, other = tmp_path / "damaged.backup", sqlite.empty()
    damaged.write_bytes(whole.read_bytes()[:100_000])
    refused = other.restore(damaged)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: {damaged} is cut off or damaged")
    assert not (other.folder / "uploads").exists()
    assert not (other.folder / "retour.sqlite3").exists()


@pytest.mark.parametrize("full", ["extract", "_put_uploads"])
def test_a_disk_that_is_full_is_told_with_what_to_do(whole, sqlite, full):
    """Before the database is replaced nothing changes; after it, what is there is not to be used."""
    other = sqlite.empty()
    module = {"extract": "archive.Archive", "_put_uploads": "restore"}[full]
    code = f"""
import django; django.setup()
from django.core import management
from reports.backup import archive, restore
def fill(*_args):
    raise OSError(28, "No space left on device")
{module}.{full} = fill
management.execute_from_command_line(["manage.py", "restore", "{whole}"])
"""
    environment = {**other.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert ("not everything is as it was" in done.stderr) == (full == "_put_uploads")
    assert ("restore once more, with --replace" in done.stderr) == (full == "_put_uploads")
    assert "Traceback" not in done.stderr
    assert not [one for one in (*whole.parent.iterdir(), *other.folder.iterdir()) if one.name.startswith(".restore")]
    if full == "extract":
        assert not (other.folder / "retour.sqlite3").exists()
    else:
        assert len(other.facts()["leads"]) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({}, None, id="its own"),
        pytest.param(
            {"migrations": ["campaigns.9999_flying_cars"]}, "campaigns.9999_flying_cars", id="a newer version"
        ),
        pytest.param({"vendor": "oracle"}, "This backup is of oracle, but DATABASE_URL names", id="another database"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(whole, changes, sentence):
    with archive.opened(whole) as backup:
        manifest = replace(backup.manifest, **({"vendor": connection.vendor} | changes))
    with pytest.raises(Refused, match=sentence) if sentence else nullcontext():
        restore.check_fits(manifest)


def test_a_backup_in_a_newer_form_is_refused():
    with pytest.raises(archive.Damaged, match="written by another version of Retour"):
        archive.Manifest.from_json(b'{"format": 99}')


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "database").write_bytes(b"")
    manifest = archive.Manifest("", "", "sqlite", [], {})
    uploads = [("../../evil", tmp_path / "database")]
    archive.write(tmp_path / "evil.backup", database=tmp_path / "database", uploads=uploads, manifest=manifest)
    with pytest.raises(archive.Damaged, match="outside of its folder"), archive.opened(tmp_path / "evil.backup"):
        pass


def test_sums_that_are_not_those_of_the_backup_are_refused(whole, sqlite, tmp_path):
    with archive.opened(whole) as backup:
        backup.extract(archive.DATABASE, tmp_path / "database")
        manifest = replace(backup.manifest, contents={"campaigns_sale": {"rows": 1, "amount_cents": 123457}})
    odd, other = tmp_path / "odd.backup", sqlite.empty()
    archive.write(odd, database=tmp_path / "database", uploads=[], manifest=manifest)
    refused = other.restore(odd)
    assert refused.returncode == 1
    assert "campaigns_sale: amount_cents 123457 in the backup, 123456 now" in refused.stderr


def test_a_file_that_is_there_is_never_overwritten(sqlite):
    one = sqlite.empty()
    path = one.folder / "taken.backup"
    path.write_text("mine")
    refused = one.manage("backup", str(path))
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(sqlite, tmp_path):
    refused = sqlite.empty().manage("backup", str(tmp_path / "nowhere" / "one.backup"))
    assert "There is no folder" in refused.stderr


def test_a_file_can_be_checked_without_changing_anything(whole, sqlite):
    other = sqlite.empty()
    checked = other.restore(whole, "--check")
    assert "is whole" in checked.stdout
    assert not (other.folder / "retour.sqlite3").exists()


def test_only_its_owner_can_read_a_backup(whole):
    assert whole.stat().st_mode & 0o777 == 0o600


# -- older, and cut short ---------------------------------------------------------------------------------------------


def test_a_backup_of_an_older_version_is_brought_up_to_date(sqlite):
    old, other = sqlite.used(), sqlite.empty()
    back = old.manage("migrate", "campaigns", "0005_outcome_values", "--verbosity", "0")
    assert back.returncode == 0, back.stderr
    done = other.restore(old.backup())
    assert done.returncode == 0, done.stderr
    assert other.python("from campaigns.models import Retry; print(Retry.objects.count())") == "0\n"


STOP_BEFORE_THE_LAST_STEP = """
import time
from datetime import UTC, datetime
from pathlib import Path
from reports.backup import archive, take
def wait(path):
    print("written", flush=True)
    time.sleep(600)
archive.opened = wait
take.take(Path({path!r}), at=datetime(2026, 11, 22, tzinfo=UTC))
"""


def test_a_backup_that_is_killed_leaves_no_file_of_that_name(sqlite):
    one = sqlite.used()
    path = one.folder / "killed.backup"
    process = one.start(STOP_BEFORE_THE_LAST_STEP.format(path=str(path)))
    assert process.stdout.readline() == "written\n"
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not path.exists()


def test_a_backup_that_is_asked_to_stop_leaves_nothing(sqlite):
    one = sqlite.used()
    folder = one.folder / "stopped"
    folder.mkdir()
    code = STOP_BEFORE_THE_LAST_STEP.replace(
        "take.take(Path({path!r}), at=datetime(2026, 11, 22, tzinfo=UTC))",
        "from django.core import management as m; m.execute_from_command_line(['manage.py', 'backup', {path!r}])",
    )
    process = one.start(code.format(path=str(folder / "one.backup")))
    assert process.stdout.readline() == "written\n"
    process.terminate()
    assert process.wait(timeout=60) == 130
    assert list(folder.iterdir()) == []


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_postgres(postgres) -> Installation:
    return postgres.used()


@pytest.mark.server
def test_a_database_that_is_in_use_is_not_restored_over(on_postgres):
    path = on_postgres.backup("in-use.backup")
    with psycopg.connect(on_postgres.database_url):
        refused = on_postgres.restore(path, "--replace")
    assert refused.returncode == 1
    assert "1 other connections to the database are open" in refused.stderr


@pytest.mark.server
def test_a_dump_that_fails_in_the_middle_changes_nothing(on_postgres, tmp_path):
    whole = on_postgres.backup("middle.backup")
    with tarfile.open(whole) as tar:
        dump = tar.extractfile("database").read()
    with archive.opened(whole) as backup:
        manifest = backup.manifest
    (tmp_path / "dump").write_bytes(dump[: len(dump) // 2])  # as whole as its checksum says, and still not a dump
    cut = tmp_path / "cut.backup"
    archive.write(cut, database=tmp_path / "dump", uploads=[], manifest=manifest)
    refused = on_postgres.restore(cut, "--replace")
    assert refused.returncode == 1
    assert "Nothing was changed" in refused.stderr
    assert on_postgres.facts()["sales"] == 123456


@pytest.mark.server
def test_the_password_is_on_no_command_line(on_postgres):
    code = """
from reports.backup.databases import Postgres
for name in ("pg_dump", "psql"):
    arguments, environment = Postgres()._arguments(name)
    print(environment["PGPASSWORD"] in " ".join(arguments), bool(environment["PGPASSWORD"]))
"""
    assert on_postgres.python(code) == "False True\nFalse True\n"


@pytest.mark.server
def test_a_missing_tool_is_named_with_what_to_install(on_postgres, monkeypatch):
    monkeypatch.setenv("PATH", "")
    code = "from pathlib import Path; from reports.backup import databases as d; d.DEBIAN_PLACES = Path('/nowhere')\n"
    code += "try:\n    d.Postgres()._program('pg_dump')\nexcept d.Refused as error:\n    print(error)"
    assert "apt-get install postgresql-client" in on_postgres.python(code)
