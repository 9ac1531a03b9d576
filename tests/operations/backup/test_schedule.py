"""Backups by schedule: one each night into a folder, kept by a rule, taken further by a hook."""

import json
import os
import re
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.models import JobRun
from config import metrics
from operations import job_status, jobs
from operations.backup import archive, erasures_copy, folder, hook, retention, schedule
from operations.backup.databases import BackupRefused
from operations.backup.schedule import OLD_AFTER

NIGHT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)  # 02:00 in Paris
DAY = timedelta(days=1)


# -- the rule ---------------------------------------------------------------------------------------------------------


def taken_nightly(until: date, nights: int) -> list[datetime]:
    last = datetime.combine(until, NIGHT.time(), tzinfo=UTC)
    return [last - night * DAY for night in range(nights)]


def test_seven_days_four_weeks_and_twelve_months_are_kept():
    taken = taken_nightly(date(2026, 11, 18), 800)
    kept: set[datetime] = set()
    for at in reversed(taken):  # as the nights go by
        kept = retention.kept({*kept, at})
    days = [at.date() for at in sorted(kept, reverse=True)]
    assert days[:7] == [date(2026, 11, 18) - night * DAY for night in range(7)]
    assert days[7:9] == [date(2026, 11, 8), date(2026, 11, 1)]  # Sundays
    assert days[9:] == [
        *(date(2026, month + 1, 1) - DAY for month in range(10, 0, -1)),
        date(2025, 12, 31),
    ]


def test_of_one_day_the_newest_is_kept():
    morning, evening = NIGHT, NIGHT + timedelta(hours=18)
    assert retention.kept([morning, evening]) == {evening}


def test_where_no_new_one_comes_none_goes():
    """Also the clock may jump: one backup that is dated four years ahead takes one place of each kind."""
    kept = retention.kept(taken_nightly(date(2026, 11, 18), 800))
    assert retention.kept(kept) == kept
    ahead = retention.kept({*kept, NIGHT + 4 * 365 * DAY})
    assert len(kept - ahead) <= 3


# -- the folder -------------------------------------------------------------------------------------------------------


@pytest.fixture
def backup_dir(settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_NIGHTLY = True
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    return settings.BACKUP_DIR


@pytest.fixture
def no_dump(monkeypatch):
    """Write an empty file in the place of a backup."""
    monkeypatch.setattr(folder, "take", lambda path, *, at: path.touch() or archive.Manifest("", "", "", [], {}))
    monkeypatch.setattr(folder, "check_room", lambda folder: None)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_dump")
def test_a_new_one_lets_older_ones_go_and_touches_no_other_file(backup_dir):
    backup_dir.mkdir()
    for at in taken_nightly(date(2026, 11, 17), 10):
        (backup_dir / folder.name_of(at)).touch()
    (backup_dir / "before-the-fair.backup").touch()
    path, _manifest = folder.add(at=NIGHT)
    assert path.name == "retour-20261118-010000.backup"
    left = sorted(path.name for path in backup_dir.iterdir())
    assert "before-the-fair.backup" in left
    assert "retour-20261112-010000.backup" in left
    assert "retour-20261111-010000.backup" not in left


@pytest.mark.django_db
def test_one_that_fails_lets_none_go(backup_dir, monkeypatch):
    def fail(path, *, at) -> None:
        raise BackupRefused("pg_dump failed")

    backup_dir.mkdir()
    for at in taken_nightly(date(2026, 11, 17), 30):
        (backup_dir / folder.name_of(at)).touch()
    monkeypatch.setattr(folder, "take", fail)
    with pytest.raises(BackupRefused):
        folder.add(at=NIGHT)
    assert len(list(backup_dir.iterdir())) == 30


@pytest.mark.django_db
def test_without_room_for_it_none_is_begun_and_the_sentence_says_how_much_is_missing(backup_dir, monkeypatch):
    usage = type("Usage", (), {"free": 3_000_000})
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(BackupRefused, match=rf"in {backup_dir}, and 3 MB are free\. Make room there, or name another"):
        folder.add(at=NIGHT)
    assert list(backup_dir.iterdir()) == []


# -- the hook ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def taker(settings, tmp_path: Path) -> Path:
    """A hook that keeps a copy of what it is given, and of its environment."""
    away, script = tmp_path / "away", tmp_path / "take-further.sh"
    away.mkdir()
    script.write_text(f'#!/bin/sh\nset -e\ntest ! -e {tmp_path}/no-network\ncp "$2" {away}/\nenv > {away}/env\n')
    script.chmod(stat.S_IRWXU)
    settings.BACKUP_HOOK = f"'{script}' --bucket"
    return away


def test_the_hook_is_given_the_file_and_no_secret(taker, tmp_path, monkeypatch):
    monkeypatch.setenv("RESTIC_REPOSITORY", "sftp:store:/retour")
    (tmp_path / "one.backup").write_text("all of it")
    hook.hand_on(tmp_path / "one.backup")
    assert (taker / "one.backup").read_text() == "all of it"
    environment = dict(line.split("=", 1) for line in (taker / "env").read_text().splitlines() if "=" in line)
    assert environment["RESTIC_REPOSITORY"] == "sftp:store:/retour"
    assert {"SECRET_KEY", "DATABASE_URL"} <= os.environ.keys()
    assert not hook.SECRETS & environment.keys()


def test_every_secret_of_the_example_is_kept_from_the_hook(settings):
    names = re.findall(r"^#?([A-Z_]+)=", (Path(settings.BASE_DIR) / ".env.example").read_text(), flags=re.MULTILINE)
    secret = {name for name in names if any(part in name for part in ("SECRET", "PASSWORD", "TOKEN", "_URL"))}
    assert secret - {"SITE_URL", "OIDC_SERVER_URL"} == hook.SECRETS


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("false", "one.backup is written, but BACKUP_HOOK ended with 1.", id="fails"),
        pytest.param("/nowhere/at-all", "but BACKUP_HOOK did not run: FileNotFoundError.", id="is not there"),
    ],
)
def test_a_hook_that_fails_says_so(settings, tmp_path, command, said):
    settings.BACKUP_HOOK = command
    with pytest.raises(hook.HookFailed, match=said):
        hook.hand_on(tmp_path / "one.backup")


# -- the log of erasures ----------------------------------------------------------------------------------------------


def test_the_log_of_erasures_is_copied_with_what_is_new_and_loses_nothing(backup_dir, settings):
    settings.ERASURES_FILE.write_text('{"lead": 1}\n{"lead": 2}\n')
    assert erasures_copy.is_behind()
    erasures_copy.copy()
    settings.ERASURES_FILE.write_text('{"lead": 3}\n')  # another machine, whose own log was lost
    erasures_copy.copy()
    assert (backup_dir / "erasures.jsonl").read_text() == '{"lead": 1}\n{"lead": 2}\n{"lead": 3}\n'
    assert (backup_dir / "erasures.jsonl").stat().st_mode & 0o777 == 0o600
    assert not erasures_copy.is_behind()


def test_the_log_of_erasures_is_handed_on_until_the_hook_has_taken_it(backup_dir, taker, settings, tmp_path):
    settings.ERASURES_FILE.write_text('{"lead": 1}\n')
    (tmp_path / "no-network").touch()
    with pytest.raises(hook.HookFailed):
        erasures_copy.copy()
    assert erasures_copy.is_behind()
    (tmp_path / "no-network").unlink()
    erasures_copy.copy()
    assert (taker / "erasures.jsonl").read_text() == '{"lead": 1}\n'
    assert not erasures_copy.is_behind()


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_is_in_the_copy_at_once(backup_dir, monkeypatch):
    from campaigns import erasure
    from tests.factories import LeadFactory

    tasks: list[str] = []
    monkeypatch.setattr("core.task_queue._send", lambda task, _arguments: tasks.append(task))
    lead = LeadFactory()
    erasure.erase_now(lead, at=NIGHT)
    assert "operations.copy_erasures" in tasks
    jobs.copy_erasures(at=NIGHT)
    assert json.loads((backup_dir / "erasures.jsonl").read_text())["lead"] == lead.pk


# -- the night --------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    tasks: list[str] = []
    monkeypatch.setattr("core.task_queue.enqueue_on_commit", lambda task="", **_arguments: tasks.append(task))
    return tasks


def due() -> datetime | None:
    return JobRun.objects.get(name="backup").next_due


@pytest.mark.django_db
@pytest.mark.usefixtures("backup_dir", "no_dump")
def test_the_sweep_asks_for_a_backup_once_a_night(asked):
    JobRun.objects.create(name="backup", next_due=NIGHT)
    for minute in range(5):
        jobs.request_backup(at=NIGHT + timedelta(minutes=minute))
    assert asked == [schedule.TASK]
    jobs.back_up(at=NIGHT)
    assert due() == NIGHT + DAY


@pytest.mark.django_db
@pytest.mark.usefixtures("backup_dir")
def test_the_first_sweep_sets_the_hour(asked):
    jobs.request_backup(at=NIGHT + timedelta(hours=8))
    assert (asked, due()) == ([], NIGHT + DAY)


@pytest.mark.django_db
def test_where_backups_are_not_by_schedule_none_is_asked_for(asked, settings):
    settings.BACKUP_NIGHTLY = False
    JobRun.objects.create(name="backup", next_due=NIGHT)
    jobs.request_backup(at=NIGHT)
    assert asked == []


@pytest.mark.django_db
@pytest.mark.usefixtures("backup_dir", "asked")
def test_one_that_fails_says_why_and_is_due_again_soon(monkeypatch):
    def refuse(folder: Path) -> None:
        raise BackupRefused("A backup may need 7 MB in /srv, and 3 MB are free.")

    monkeypatch.setattr(folder, "check_room", refuse)
    jobs.back_up(at=NIGHT)
    job = JobRun.objects.get(name="backup")
    assert job.error == "BackupRefused: A backup may need 7 MB in /srv, and 3 MB are free."
    assert job.next_due == NIGHT + schedule.TRIED_AGAIN_AFTER


@pytest.mark.django_db
@pytest.mark.usefixtures("backup_dir", "no_dump", "asked")
def test_the_last_good_one_and_its_age_are_known_to_the_page_and_to_monitors(settings):
    jobs.back_up(at=NIGHT)
    settings.BACKUP_HOOK = "false"  # the next one is whole, too, and goes no further
    jobs.back_up(at=NIGHT + DAY)
    later = NIGHT + DAY + timedelta(hours=2)
    [job] = [job for job in job_status.jobs(at=later) if job.name == "backup"]
    assert job.backed_up_at == NIGHT + DAY
    assert job.has_failed
    gauges = {gauge.name: gauge.values for gauge in metrics.of_jobs(job_status.jobs(at=later), at=later)}
    assert gauges["backup_last_timestamp_seconds"] == {"": (NIGHT + DAY).timestamp()}
    [job] = [job for job in job_status.jobs(at=NIGHT + DAY + OLD_AFTER + timedelta(minutes=1)) if job.is_overdue]
    assert job.name == "backup"


@pytest.mark.django_db
@pytest.mark.usefixtures("no_dump", "asked")
def test_after_a_hook_that_failed_the_backup_that_is_there_is_handed_on_and_no_other_taken(backup_dir, taker, tmp_path):
    (tmp_path / "no-network").touch()
    jobs.back_up(at=NIGHT)
    assert JobRun.objects.get(name="backup").error.startswith("HookFailed: retour-20261118-010000.backup is written")
    (tmp_path / "no-network").unlink()
    jobs.back_up(at=NIGHT + schedule.TRIED_AGAIN_AFTER)
    assert [path.name for path in backup_dir.glob("*.backup")] == ["retour-20261118-010000.backup"]
    assert (taker / "retour-20261118-010000.backup").is_file()
    job = JobRun.objects.get(name="backup")
    assert (job.error, job.next_due) == ("", NIGHT + DAY)


@pytest.mark.django_db
@pytest.mark.usefixtures("backup_dir", "no_dump", "asked")
def test_a_backup_that_is_dated_ahead_is_not_the_last_good_one():
    jobs.back_up(at=NIGHT + 30 * DAY)
    assert [job.backed_up_at for job in job_status.jobs(at=NIGHT) if job.name == "backup"] == [None]


def test_the_command_without_a_file_takes_the_backup_of_the_night(sqlite):
    one = sqlite.used()
    done = one.manage("backup")
    assert done.returncode == 0, done.stderr
    [path] = (one.folder / "backups").glob("retour-*.backup")
    assert str(path) in done.stdout
    with archive.opened(path):
        pass
