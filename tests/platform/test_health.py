"""GET /health, /health/ready and /health/live"""

import contextlib
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from campaigns.models import JobRun
from config import health, storage
from tests.servers import free_port
from tests.waiting import can_be_done_within

AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


READY = ["/health", "/health/ready"]


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    storage.forget()


@pytest.fixture
def broker_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "broker_problem", lambda url: None)


@pytest.fixture
def database_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*names: str) -> dict[str, datetime]:
        raise OperationalError("connection to server at 10.0.0.7 failed for user retour")

    monkeypatch.setattr(health, "last_runs", refuse)


def swept(*, started: timedelta, finished: timedelta | None = None) -> None:
    """Record that the sweep started and finished so long before AT."""
    finished_at = AT - finished if finished is not None else None
    JobRun.objects.update_or_create(name="sweep", defaults={"started_at": AT - started, "finished_at": finished_at})


@pytest.mark.django_db
@pytest.mark.parametrize("address", READY)
def test_it_answers_200_without_login_and_is_never_cached(client: Client, address):
    swept_at = timezone.now()
    JobRun.objects.update_or_create(name="sweep", defaults={"started_at": swept_at, "finished_at": swept_at})
    answer = client.get(address)
    assert answer.status_code == 200
    parts = {"database": "ok", "storage": "ok", "broker": "ok", "sweep": "ok"}
    assert answer.json() == {"status": "ok", "reasons": [], **parts}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_strangers_learn_nothing_that_moves_with_the_jobs(client: Client):
    answers = set()
    for minute in range(4):
        moment = timezone.now() - timedelta(minutes=minute)
        JobRun.objects.update_or_create(name="sweep", defaults={"started_at": moment, "finished_at": moment})
        answers.add(client.get("/health").content)
    assert len(answers) == 1


@pytest.mark.django_db
def test_it_asks_the_database_once_and_now_and_then_whether_it_takes_anything(
    client: Client, django_assert_num_queries
):
    client.get("/health")
    with django_assert_num_queries(1):
        client.get("/health")


def test_that_it_is_alive_is_said_without_asking_anybody(client: Client, monkeypatch, database_is_down):
    monkeypatch.setattr(health, "broker_problem", lambda url: "Redis does not answer.")
    answer = client.get("/health/live")  # a test without a database refuses every query
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since_the_start", "sweep", "is_well"),
    [
        pytest.param(timedelta(minutes=4), "waiting", True, id="just started"),
        pytest.param(
            timedelta(minutes=6),
            "There was no sweep since the start: the worker or the scheduler is not running.",
            False,
            id="started without a scheduler",
        ),
    ],
)
def test_the_first_sweep_is_waited_for_and_is_late_five_minutes_after_the_start(
    broker_works, settings, since_the_start, sweep, is_well
):
    JobRun.objects.all().delete()
    settings.STARTED_AT = AT - since_the_start
    report = health.examine(at=AT).as_json()
    assert (report["sweep"], report["status"] == "ok") == (sweep, is_well)


@pytest.mark.django_db
def test_a_sweep_that_is_dated_ahead_does_not_hide_that_none_comes_any_more(broker_works):
    swept(started=-timedelta(days=14), finished=-timedelta(days=14))
    assert health.examine(at=AT).reasons != []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("started", "finished", "is_well"),
    [
        pytest.param(timedelta(seconds=301), timedelta(seconds=299), True, id="finished in time"),
        pytest.param(timedelta(seconds=299), timedelta(seconds=900), True, id="a long one started in time"),
        pytest.param(timedelta(seconds=299), None, True, id="the first one is running"),
        pytest.param(timedelta(seconds=302), timedelta(seconds=301), False, id="late"),
        pytest.param(timedelta(seconds=301), None, False, id="started and never finished"),
    ],
)
def test_a_sweep_is_late_after_five_minutes_without_a_sign_of_life(broker_works, started, finished, is_well):
    swept(started=started, finished=finished)
    assert (health.examine(at=AT).reasons == []) == is_well


@pytest.mark.django_db
def test_a_late_sweep_answers_503_and_says_what_to_look_at(client: Client, broker_works):
    JobRun.objects.update_or_create(name="sweep", defaults={"started_at": AT, "finished_at": AT})
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "There was no sweep for more than five minutes: the worker or the scheduler is not running."
    ]


def test_a_database_that_is_down_answers_503_without_telling_where_it_is(
    client: Client, broker_works, database_is_down
):
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["database"] == "The database does not answer."
    assert b"10.0.0.7" not in answer.content


def find_that_redis_does_not_answer(port: int) -> None:
    assert health.broker_problem(f"redis://127.0.0.1:{port}/0") == "Redis does not answer."


def test_a_redis_that_is_down_is_noticed_at_once():
    port = free_port()
    assert can_be_done_within(1, lambda: find_that_redis_does_not_answer(port))


def test_a_redis_that_accepts_and_says_nothing_is_given_up_within_three_seconds(silent_port: int):
    assert can_be_done_within(3, lambda: find_that_redis_does_not_answer(silent_port))


@pytest.mark.server
def test_a_redis_that_runs_is_no_problem(redis_url: str):
    assert health.broker_problem(redis_url) is None


def test_a_queue_folder_that_is_gone_is_a_problem(settings, tmp_path: Path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert health.broker_problem("filesystem://") is None
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert health.broker_problem("filesystem://") == "The broker's folder cannot be written."


# -- can anything be saved? -------------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own without room; where none may be mounted, a folder whose disk says so."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], stderr=subprocess.DEVNULL)
    if mounted.returncode:
        with mock.patch.object(storage.tempfile, "TemporaryFile", side_effect=OSError(28, "No space left on device")):
            yield disk
    else:
        yield disk
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.django_db
def test_a_full_disk_is_not_ready(client: Client, broker_works, settings, full_disk: Path):
    settings.MEDIA_ROOT = full_disk / "uploads"  # not there yet: the disk is asked all the same
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["Nothing can be written to the disk: no space left on device."]
    assert client.get("/health/live").status_code == 200


def test_a_disk_with_room_is_no_problem_and_nothing_stays_there(tmp_path: Path):
    assert storage.folder_problem(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    file = tmp_path / "retour.sqlite3"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE hours (minutes)")
        database.commit()
    return file


@pytest.mark.django_db
def test_a_read_only_file_of_sqlite_is_not_ready(client: Client, broker_works, monkeypatch, database_file: Path):
    """Its 19th byte says which versions may write: that holds for root too, whom permissions do not stop."""
    monkeypatch.setattr(storage, "database_problem", lambda: storage.sqlite_problem(database_file))
    assert storage.problem() is None
    storage.forget()
    content = bytearray(database_file.read_bytes())
    content[18] = 3
    database_file.write_bytes(content)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["storage"] == "The database is read-only."


def test_a_database_that_somebody_writes_is_not_read_only_and_is_not_waited_for(database_file: Path):
    with contextlib.closing(sqlite3.connect(database_file)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert can_be_done_within(1, lambda: storage.sqlite_problem(database_file) is None)


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_read_only_postgresql_is_not_ready(client: Client, broker_works):
    assert storage.problem() is None
    storage.forget()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("SET TRANSACTION READ ONLY")
        answer = client.get("/health/ready")
        cursor.execute("SET default_transaction_read_only = off")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["The database is read-only."]


def test_what_was_found_is_kept_for_a_few_seconds(monkeypatch):
    found = iter([None, "The database is read-only."])
    monkeypatch.setattr(storage, "find_problem", lambda: next(found))
    monkeypatch.setattr(storage.time, "monotonic", lambda: 100.0)
    assert [storage.problem(), storage.problem()] == [None, None]
    monkeypatch.setattr(storage.time, "monotonic", lambda: 111.0)
    assert storage.problem() == "The database is read-only."
