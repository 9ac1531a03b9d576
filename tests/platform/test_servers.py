"""The private servers: found, started, used and stopped."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings

from tests import servers
from tests.waiting import PATIENCE, happens

SHOW = (
    "import os; print(*(os.environ['TEST_' + name] for name in ('DATABASE_URL', 'REDIS_URL', 'CHROMIUM')), flush=True)"
)


def with_servers(code: str, **environment: str) -> subprocess.Popen[str]:
    """Start Python code with servers of its own, whatever servers this run has."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    command = [sys.executable, "-m", "tests.servers", sys.executable, "-c", code]
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env={**inherited, **environment}, stdout=subprocess.PIPE, text=True
    )


def is_there(connect) -> bool:
    try:
        connect()
    except (psycopg.OperationalError, redis.ConnectionError):
        return False
    return True


def are_gone(database: str, queue: str, data: Path) -> bool:
    """Tell whether neither answers any more, and PostgreSQL, which answers nobody while it ends, has ended too."""
    answers = is_there(lambda: psycopg.connect(database)) or is_there(redis.Redis.from_url(queue).ping)
    return not answers and not (data / "postmaster.pid").exists()


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_servers_run_for_as_long_as_the_command_and_are_stopped_with_it(number):
    process = with_servers(f"{SHOW}; import time; time.sleep(600)")
    database, queue, _ = process.stdout.readline().split()
    with psycopg.connect(database) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        data = Path(connection.execute("SHOW data_directory").fetchone()[0])
    folders = [data.parent, Path(redis.Redis.from_url(queue, decode_responses=True).config_get("dir")["dir"])]
    child = int(subprocess.check_output(["pgrep", "-P", str(process.pid), "-f", "time.sleep"]))
    process.send_signal(number)
    process.wait(timeout=PATIENCE)
    assert happens(lambda: are_gone(database, queue, data))
    if number == signal.SIGKILL:  # leaves its folders and the command behind: it had no time
        os.kill(child, signal.SIGKILL)
        for folder in folders:
            shutil.rmtree(folder)
    assert not any(folder.exists() for folder in folders)


@pytest.mark.server
def test_the_command_s_exit_code_is_passed_on():
    assert with_servers("raise SystemExit(7)").wait(timeout=PATIENCE) == 7


@pytest.mark.server
def test_servers_that_the_environment_names_are_used_as_they_are(database_server, redis_url):
    process = with_servers(SHOW, TEST_DATABASE_URL=database_server, TEST_REDIS_URL=redis_url, TEST_CHROMIUM="/bin/true")
    assert process.communicate(timeout=PATIENCE)[0].split() == [database_server, redis_url, "/bin/true"]


def test_the_newest_postgresql_on_the_path_or_in_known_places_is_taken(tmp_path, monkeypatch):
    for version in ("9.6", "15", "16"):
        (tmp_path / "postgresql" / version / "bin").mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (tmp_path / "postgresql" / version / "bin" / name).touch()
    (tmp_path / "postgresql" / "17" / "bin").mkdir(parents=True)  # a client alone
    (tmp_path / "postgresql" / "17" / "bin" / "psql").touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(servers, "POSTGRESQL_PLACES", [f"{tmp_path}/postgresql/*/bin"])
    assert servers.find_postgresql() == str(tmp_path / "postgresql" / "16" / "bin")


def test_what_is_missing_and_cannot_be_installed_is_named_for_each_system(monkeypatch):
    monkeypatch.setattr(servers, "look_for", lambda tools: {"postgresql": "/usr/lib/postgresql/15/bin"})
    monkeypatch.setattr(servers, "way_to_install", lambda: None)
    with pytest.raises(servers.Missing) as missing:
        servers.find_tools()
    assert "apt-get install redis-server chromium" in str(missing.value)
    assert "brew install redis" in str(missing.value)
    assert "TEST_REDIS_URL, TEST_CHROMIUM" in str(missing.value)


def test_what_is_missing_is_installed_where_that_is_allowed(monkeypatch):
    installed: list[str] = []
    found = {name: f"/usr/bin/{name}" for name in servers.TOOLS if name != "redis"}
    monkeypatch.setattr(servers, "look_for", lambda tools: found | ({"redis": "/redis"} if installed else {}))
    monkeypatch.setattr(servers, "way_to_install", lambda: ["sudo", "-n"])
    monkeypatch.setattr(servers, "apt_install", lambda packages, become_root: installed.extend(packages))
    assert servers.find_tools() == found | {"redis": "/redis"}
    assert installed == ["redis-server"]


def test_of_two_chromiums_the_one_without_windows_is_taken(tmp_path: Path, monkeypatch):
    for name in ("chromium", "chromium-headless-shell"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert servers.find_chromium() == str(tmp_path / "chromium-headless-shell")


def test_a_stub_that_only_says_where_to_get_chromium_is_not_taken_for_it(tmp_path: Path, monkeypatch):
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'Install it from the store' >&2\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setattr(servers, "first_program", lambda names, folders: str(stub))
    assert servers.find_chromium() is None
