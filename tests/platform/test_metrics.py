"""GET /metrics"""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import redis as redis_client
import time_machine
from django.db import OperationalError

from campaigns.models import ImportRun, JobRun, StaleMark
from config import metrics
from operations import job_status
from reports.models import SummaryDelivery
from tests.factories import SubscriberFactory
from tests.servers import free_port

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"

SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{[a-z]+="[a-z_-]+"\})? (?P<value>[0-9.e+-]+)')


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def ask(client, header: str = f"Bearer {TOKEN}"):
    with time_machine.travel(NOW, tick=False):
        return client.get("/metrics", headers={"Authorization": header})


def told(client) -> dict[str, float]:
    answer = ask(client)
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer ", id="empty"),
        pytest.param("Bearer another", id="another"),
        pytest.param(TOKEN, id="without its kind"),
        pytest.param(f"Basic {TOKEN}", id="another kind"),
        pytest.param(f"Bearer {TOKEN}é", id="not ASCII"),
    ],
)
def test_without_the_token_nothing_is_told(client, header):
    answer = ask(client, header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert b"retour_" not in answer.content


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_where_no_token_is_set_there_is_no_such_page(client, settings, header):
    settings.METRICS_TOKEN = ""
    assert ask(client, header).status_code == 404


def test_somebody_who_is_signed_in_needs_the_token_too(client, director):
    client.force_login(director)
    assert ask(client, "").status_code == 401


@pytest.mark.django_db
def test_it_is_only_read_and_never_cached(client):
    assert client.post("/metrics").status_code == 405
    assert "no-store" in ask(client).headers["Cache-Control"]


@pytest.mark.django_db
def test_each_metric_is_explained_once_and_each_line_is_one_that_prometheus_reads(client):
    JobRun.objects.create(name="sweep", started_at=NOW - timedelta(minutes=1), finished_at=NOW)
    answer = ask(client)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\n")
    explained = re.findall(r"^# HELP (\w+) \S.*$", text, flags=re.MULTILINE)
    assert re.findall(r"^# TYPE (\w+) gauge$", text, flags=re.MULTILINE) == explained
    assert len(set(explained)) == len(explained) > 8
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    names = [SAMPLE.fullmatch(line)["name"] for line in samples]
    assert set(names) <= set(explained)
    assert len(samples) == len({line.rpartition(" ")[0] for line in samples})


@pytest.mark.django_db
def test_it_tells_what_waits_and_when_jobs_ended(client):
    JobRun.objects.create(name="sweep", started_at=NOW - timedelta(seconds=63), finished_at=NOW - timedelta(seconds=60))
    JobRun.objects.create(
        name="figures",
        failures=3,
        error="ValueError",
        started_at=NOW - timedelta(minutes=1),
        finished_at=NOW,
        set_aside_until=NOW + timedelta(minutes=5),
    )
    StaleMark.objects.all().delete()
    StaleMark.objects.create(everything=True)
    SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 9), state="unknown")
    ImportRun.objects.create(kind="hours", file_name="hours.csv", status="failed")
    said = told(client)
    assert said['retour_job_last_end_timestamp_seconds{job="sweep"}'] == (NOW - timedelta(seconds=60)).timestamp()
    assert said['retour_job_last_duration_seconds{job="sweep"}'] == 3
    assert said['retour_job_failures_in_a_row{job="figures"}'] == 3
    assert said['retour_job_failures_in_a_row{job="sweep"}'] == 0
    assert said['retour_job_set_aside{job="figures"}'] == 1
    assert said["retour_stale_marks"] == 1
    assert (said['retour_held{kind="clock"}'], said['retour_held{kind="erasures"}']) == (0, 0)
    assert said['retour_deliveries{state="unknown"}'] == 1
    assert said['retour_deliveries{state="sent"}'] == 0
    assert said['retour_imports{status="failed"}'] == 1
    assert (said["retour_database_up"], said["retour_broker_up"]) == (1, 1)


@pytest.mark.django_db
def test_the_age_of_the_sweep_is_told_before_the_first_one_too_so_that_its_alarm_can_fire(client, settings):
    settings.STARTED_AT = NOW - timedelta(minutes=6)
    assert told(client)["retour_sweep_age_seconds"] == 360
    JobRun.objects.create(name="sweep", started_at=NOW - timedelta(seconds=20))
    assert told(client)["retour_sweep_age_seconds"] == 20


@pytest.mark.django_db
def test_it_asks_a_fixed_number_of_questions(client, django_assert_num_queries):
    with django_assert_num_queries(6):
        ask(client)


def test_a_database_that_is_down_is_a_figure_too(client, monkeypatch):
    def refuse(*, at) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(job_status, "jobs", refuse)
    answer = ask(client)
    assert answer.status_code == 200
    assert b"retour_database_up 0\n" in answer.content


# -- the queue --------------------------------------------------------------------------------------------------------


@pytest.mark.server
def test_messages_that_wait_in_redis_are_counted(redis_url, monkeypatch):
    queue = f"queue-of-the-tests-{free_port()}"
    monkeypatch.setattr(metrics, "QUEUE", queue)
    with redis_client.Redis.from_url(redis_url) as client:
        client.rpush(queue, "one", "two")
        try:
            assert metrics.messages_queued(redis_url) == 2
        finally:
            client.delete(queue)


def test_a_redis_that_is_down_has_no_count():
    assert metrics.messages_queued(f"redis://127.0.0.1:{free_port()}/0") is None


def test_messages_that_wait_as_files_are_counted(settings, tmp_path: Path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    (tmp_path / "0001.celery.msg").touch()
    assert metrics.messages_queued("filesystem://") == 1
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert metrics.messages_queued("filesystem://") is None
