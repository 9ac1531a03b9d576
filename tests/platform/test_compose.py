"""docker-compose.yml: each service's very command is run against servers of this machine."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings

from tests import servers
from tests.platform.services import COMPOSE, ROOT, SERVICES, program
from tests.waiting import PATIENCE, eventually

OURS = ["web", "worker", "beat", "migrate"]


# -- what the files say -----------------------------------------------------------------------------------------------


def variables(text: str) -> set[str]:
    """Return the names that .env.example sets or shows as a comment."""
    return set(re.findall(r"^#?([A-Z_]+)=", text, flags=re.MULTILINE))


def test_every_variable_that_the_settings_read_is_explained_and_no_other():
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r"(?:env\.\w+|required)\(\s*[\"']([A-Z_]+)[\"']", code))
    interpolated = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert variables((ROOT / ".env.example").read_text()) == read | interpolated


def test_compose_sets_only_variables_that_are_explained():
    explained = variables((ROOT / ".env.example").read_text())
    assert {name for service in OURS for name in SERVICES[service]["environment"]} <= explained


def test_the_example_as_it_stands_does_not_start():
    lines = [line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match("[A-Z]", line)]
    command = [sys.executable, "-c", "import config.settings"]
    result = subprocess.run(command, cwd=ROOT, env=dict(lines), capture_output=True, text=True)
    assert "SECRET_KEY is missing or still the example's. Set SECRET_KEY to" in result.stderr


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_a_service_starts_after_the_migration_and_a_ready_queue(service):
    assert SERVICES[service]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "redis": {"condition": "service_healthy"},
    }


def test_the_worker_may_finish_its_longest_task_before_it_is_stopped():
    assert SERVICES["worker"]["stop_grace_period"] == f"{settings.CELERY_TASK_TIME_LIMIT // 60}m"


def test_what_must_survive_is_on_volumes():
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])
    assert set(SERVICES) - {name for name, service in SERVICES.items() if service.get("volumes")} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_do_no_more_than_it_needs(service):
    assert SERVICES[service]["read_only"] == "true"
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", SERVICES[service]["mem_limit"])
    assert "/tmp:mode=1777" in SERVICES[service]["tmpfs"]
    assert ("cap_add" in SERVICES[service]) == (service not in OURS)  # those images begin as root


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"migrate"}))
def test_a_service_that_goes_on_has_a_check_of_its_own(service):
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"


# -- what the commands do ---------------------------------------------------------------------------------------------


@pytest.fixture
def run(environment: dict[str, str], house: Path) -> Iterator[Callable[[list[str]], subprocess.Popen]]:
    """Start a command as a service; at the end of the test it must stop when asked to."""
    running = []
    log_path = house / "log"

    def start(command: list[str]) -> subprocess.Popen:
        with log_path.open("a") as log:
            process = subprocess.Popen(command, cwd=house, env=environment, stdout=log, stderr=log)
        running.append(process)
        return process

    yield start
    for process in running:
        process.terminate()
    try:
        assert [process.wait(timeout=PATIENCE) for process in running] == [0] * len(running)
    finally:
        for process in running:
            process.kill()
        print(log_path.read_text())  # pytest shows it when the test fails


def ask_health(environment: dict[str, str]) -> tuple[int, dict]:
    request = urllib.request.Request(f"http://127.0.0.1:{environment['PORT']}/health")
    request.add_header("Host", environment["ALLOWED_HOSTS"])
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)
    except OSError:
        return 0, {}


@pytest.mark.server
def test_migrate_makes_all_tables_in_an_empty_database(environment, house, database_server):
    url = f"{environment['DATABASE_URL']}_empty"
    count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    with psycopg.connect(database_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {url.rpartition('/')[2]}")
        try:
            subprocess.run(
                SERVICES["migrate"]["command"], cwd=house, env=environment | {"DATABASE_URL": url}, check=True
            )
            with psycopg.connect(url) as empty, psycopg.connect(environment["DATABASE_URL"]) as migrated:
                assert empty.execute(count).fetchone() == migrated.execute(count).fetchone()
        finally:
            server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@pytest.mark.server
def test_web_answers_health_and_its_health_check_agrees(run, environment, house):
    run(SERVICES["web"]["command"])
    assert eventually(lambda: ask_health(environment)[0]) == 200
    check = SERVICES["web"]["healthcheck"]["test"]
    assert check[0] == "CMD"
    assert subprocess.run(check[1:], cwd=house, env=environment).returncode == 0


@pytest.mark.server
def test_the_health_check_of_web_fails_with_the_reason_when_nobody_listens(environment, house):
    check = SERVICES["web"]["healthcheck"]["test"][1:]
    result = subprocess.run(check, cwd=house, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert "The web server does not answer" in result.stderr


@pytest.mark.server
def test_the_health_checks_of_worker_and_beat_agree_while_they_run_and_not_before(
    run, environment, house, tmp_path, monkeypatch
):
    (tmp_path / "memory").mkdir()
    monkeypatch.setitem(environment, "TMPDIR", str(tmp_path / "memory"))  # each container has one of its own

    def is_well(service: str) -> bool:
        check = SERVICES[service]["healthcheck"]["test"][1:]
        return subprocess.run(check, cwd=house, env=environment, stderr=subprocess.DEVNULL).returncode == 0

    for service in ("worker", "beat"):
        assert not is_well(service)
        run(SERVICES[service]["command"])
        eventually(lambda service=service: is_well(service))


# Makes all read-only but the folders named first, as `read_only` does, then becomes the command.
READ_ONLY = """
mount --make-rprivate / && for folder in "$VAR" "$TMPDIR"; do mount --bind "$folder" "$folder" || exit; done
mount -o remount,ro,bind / && ! touch "$HOUSE/file" 2>/dev/null && exec "$@"
"""


def can_make_read_only() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.server
def test_services_write_nothing_but_to_their_volume_and_to_memory(run, environment, house, tmp_path, monkeypatch):
    (tmp_path / "memory").mkdir()
    places = {"VAR": tmp_path / "var", "TMPDIR": tmp_path / "memory", "HOUSE": tmp_path}
    places["UPLOADS_DIR"] = places["ERASURES_FILE"] = tmp_path / "var" / "uploads"
    for name, place in places.items():
        monkeypatch.setitem(environment, name, str(place))
    prefix = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh"] if can_make_read_only() else []
    subprocess.run([*prefix, *SERVICES["migrate"]["command"]], cwd=house, env=environment, check=True)
    for service in ("web", "worker", "beat"):
        run([*prefix, *SERVICES[service]["command"]])
    eventually(lambda: ask_health(environment)[0] == 200)
    for service in ("web", "worker", "beat"):
        check = SERVICES[service]["healthcheck"]["test"][1:]
        eventually(lambda check=check: subprocess.run([*prefix, *check], cwd=house, env=environment).returncode == 0)


@pytest.mark.parametrize("what", ["worker", "beat"])
def test_a_sign_of_life_that_is_too_old_is_none(house, tmp_path, what):
    for name in ("retour-worker-lives", "var/beat-schedule.db"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    probe = [sys.executable, "tools/probe.py", what]
    result = subprocess.run(probe, cwd=house, env={"TMPDIR": str(tmp_path)}, capture_output=True, text=True)
    assert result.returncode == 1
    assert "has shown no sign of life for" in result.stderr


# A fresh schedule would send its first sweep a minute after the start.
LAST_RAN_AN_HOUR_AGO = """
from datetime import timedelta
from celery.beat import PersistentScheduler
from config.celery import app
scheduler = PersistentScheduler(app, schedule_filename="var/beat-schedule")
scheduler.schedule["sweep"].last_run_at -= timedelta(hours=1)
scheduler.close()
"""


@pytest.mark.server
def test_beat_sends_the_sweep_and_the_worker_runs_it(run, environment, house):
    queue = redis.Redis.from_url(environment["BROKER_URL"])
    queue.flushdb()
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        database.execute("DELETE FROM campaigns_jobrun")  # another test may have swept
    subprocess.run([sys.executable, "-c", LAST_RAN_AN_HOUR_AGO], cwd=house, env=environment, check=True)
    run(SERVICES["web"]["command"])
    run(SERVICES["beat"]["command"])
    eventually(lambda: queue.llen("celery") == 1)
    run(SERVICES["worker"]["command"])
    eventually(lambda: ask_health(environment)[1].get("sweep", "waiting") == "ok")


@pytest.mark.server
def test_the_worker_takes_the_backup_that_is_due(run, environment, house, tmp_path, monkeypatch):
    monkeypatch.setitem(environment, "BACKUP_DIR", str(tmp_path / "backups"))
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        database.execute("DELETE FROM campaigns_jobrun")
        database.execute(
            "INSERT INTO campaigns_jobrun "
            "(name, next_due, failures, detail, error, worker, was_forgiven, step, done, of) "
            "VALUES ('backup', now(), 0, '', '', '', false, '', 0, 0)"
        )
    run(SERVICES["worker"]["command"])  # it asks for a sweep when it starts
    [backup] = eventually(lambda: list((tmp_path / "backups").glob("retour-*.backup")))
    check = ["python", "manage.py", "restore", "--check", str(backup)]
    assert subprocess.run(check, cwd=house, env=environment).returncode == 0
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        told = "SELECT detail FROM campaigns_jobrun WHERE name = 'backup' AND error = '' AND next_due > now()"
        assert eventually(lambda: database.execute(told).fetchone()) == (backup.name,)


@pytest.mark.server
def test_redis_keeps_the_queue_over_a_restart(tmp_path):
    port = str(servers.free_port())
    command = [program(servers.find_redis()), *SERVICES["redis"]["command"][1:], "--bind", "127.0.0.1", "--port", port]
    client = redis.Redis(port=int(port))

    def session(use: Callable[[], object]) -> object:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        try:
            eventually(lambda: answers(client))
            check = SERVICES["redis"]["healthcheck"]["test"]
            environment = {**os.environ, "REDISCLI_PORT": port}
            assert subprocess.run([*check[1:2], "-p", port, *check[2:]], env=environment).returncode == 0
            used = use()
            client.connection_pool.disconnect()
            return used
        finally:
            process.kill()  # as a power cut would
            process.wait()

    session(lambda: (client.rpush("celery", "a message"), time.sleep(1.1)))  # it writes to disk each second
    assert session(lambda: client.lrange("celery", 0, -1)) == [b"a message"]


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.server
def test_the_database_compiles_no_statement(tmp_path):
    name, *options = SERVICES["db"]["command"]
    (tmp_path / "postgresql.conf").touch()
    said = [Path(program(servers.find_postgresql())) / name, "-C", "jit", "-D", tmp_path, *options]
    assert subprocess.run(said, capture_output=True, text=True).stdout.strip() == "off"


@pytest.mark.server
def test_the_health_check_of_the_database_asks_whether_it_takes_connections(database_server):
    check = SERVICES["db"]["healthcheck"]["test"][1:]
    asking = Path(program(servers.find_postgresql())) / check[0]
    host, port = re.search(r"@([^:/]+):(\d+)/", database_server).groups()
    ask = [asking, *check[1:], "--host", host, "--port"]
    assert subprocess.run([*ask, port], stdout=subprocess.DEVNULL).returncode == 0
    assert subprocess.run([*ask, str(servers.free_port())], stdout=subprocess.DEVNULL).returncode == 2
