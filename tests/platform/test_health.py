"""GET /health"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from campaigns.models import JobRun
from config import health
from tests.servers import free_port
from tests.waiting import can_be_done_within

AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


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
def test_it_answers_200_without_login_and_is_never_cached(client: Client):
    swept_at = timezone.now()
    JobRun.objects.update_or_create(name="sweep", defaults={"started_at": swept_at, "finished_at": swept_at})
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert (answer.json()["database"], answer.json()["broker"]) == ("ok", "ok")
    assert datetime.fromisoformat(answer.json()["last_sweep"]) - swept_at < timedelta(milliseconds=2)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_it_asks_the_database_once(client: Client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/health")


@pytest.mark.django_db
def test_jobs_that_have_never_run_are_waited_for(broker_works):
    JobRun.objects.all().delete()
    report = health.examine(at=AT).as_json()
    assert report["status"] == "ok"
    assert (report["last_sweep"], report["last_rebuild"]) == ("waiting", "waiting")


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
def test_a_late_sweep_answers_503_and_says_when_the_last_one_was(client: Client, broker_works):
    JobRun.objects.update_or_create(name="sweep", defaults={"started_at": AT, "finished_at": AT})
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "The last sweep was at 2026-11-16 08:00:00 UTC: the worker or the scheduler is not running."
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
