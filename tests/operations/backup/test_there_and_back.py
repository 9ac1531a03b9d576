"""`manage.py backup` and `manage.py restore`, on SQLite and PostgreSQL, in processes of their own."""

import json
import signal
import subprocess

import pytest

from operations.backup import archive
from tests.waiting import PATIENCE

# Money and spend always grow by the same amount, in one transaction.
WRITE_PAIRS_UNTIL_STOPPED = """
import time
from django.db import transaction
from tests.factories import *
from campaigns.models import Platform
platform = Platform.objects.first()
for number in range(100_000):
    with transaction.atomic():
        SaleFactory(amount_cents=1_000 + number)
        SpendFactory(platform=platform, amount_cents=1_000 + number)
    print(number, flush=True)
    time.sleep(0.01)  # leaves the processor to the backup
"""


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
from operations import erase_person
from timesheets.models import User
erasure.erase_now(Lead.objects.get(), at=timezone.now())
User.objects.update(is_active=False)
erase_person.erase_now(User.objects.get(), at=timezone.now())
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


ERASE_BY_TIME = """
from django.utils import timezone
from campaigns import erasure
from campaigns.models import Lead
erasure.erase(Lead.objects.all(), at=timezone.now(), why="time")
"""


@pytest.mark.parametrize(
    ("options", "names", "said"),
    [
        ([], ["Zoë Ünïcode"], "1 leads that time had erased are back"),
        (["--keep-time"], ["Zoë Ünïcode"], "erasures replay --time"),
        (["--replay-time"], [""], "1 leads and 0 people were erased again"),
    ],
)
def test_what_time_had_erased_is_erased_again_only_when_somebody_says_so(sqlite, options, names, said):
    """Where nobody can be asked it is kept: a clock that was wrong may have done it."""
    one = sqlite.used()
    path = one.backup()
    one.python(ERASE_BY_TIME)
    done = one.restore(path, "--replace", *options)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert [name for name, _note in one.facts()["leads"]] == names


# -- older, and cut short ---------------------------------------------------------------------------------------------


def test_a_backup_of_an_older_version_is_brought_up_to_date(sqlite):
    """Older by one step; test_upgrades.py has those of the released versions."""
    old, other = sqlite.older(), sqlite.empty()
    done = other.restore(old.backup())
    assert done.returncode == 0, done.stderr
    assert other.manage("migrate", "--check").returncode == 0


# The last version that did not know why somebody was erased.
WITHOUT_WHY = "0022_key_of_notes"


def test_a_database_of_an_older_version_that_is_replaced_leaves_word_of_who_was_erased(sqlite):
    one = sqlite.used()
    path = one.backup()
    one.python(ERASE_THE_LEAD_AND_THE_PERSON)
    back = one.manage("migrate", "campaigns", WITHOUT_WHY, "--no-backup", "--verbosity", "0")
    assert back.returncode == 0, back.stderr
    (one.folder / "erasures.jsonl").unlink()
    done = one.restore(path, "--replace")
    assert "1 leads and 1 people were erased again" in done.stdout, done.stderr


STOP_BEFORE_THE_LAST_STEP = """
import time
from datetime import UTC, datetime
from pathlib import Path
from operations.backup import archive, take
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
    assert process.wait(timeout=PATIENCE) == 130
    assert list(folder.iterdir()) == []
