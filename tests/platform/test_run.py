"""`make run`, from an empty var/ on: in a copy of the source, so that this machine's own data is left alone."""

import hashlib
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.platform.houses import House
from tests.waiting import PATIENCE, happens

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds processes through /proc, as Linux has it"),
]


@pytest.fixture
def house(prepared: House) -> Iterator[House]:
    yield prepared
    print(prepared.says())
    for pid in prepared.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def running(house: House) -> subprocess.Popen[bytes]:
    process = house.make_run()
    assert happens(house.is_up), house.says()
    return process


def test_the_first_run_prints_the_address_and_a_login_for_each_role(house):
    assert f"http://127.0.0.1:{house.port}" in house.said_first
    for role in ("member", "manager", "director"):
        assert re.search(rf"{role}.*\S+@\S+", house.said_first, flags=re.IGNORECASE)


def test_the_first_run_serves_the_login_page_with_its_styles(house):
    status, body = house.login_page
    assert status == 200
    assert 'name="password"' in body


def test_the_first_run_writes_a_secret_of_its_own_that_only_its_owner_reads(house):
    path = house.folder / "var" / "embedded.env"
    assert re.search(r"^SECRET_KEY=\S{50,}$", path.read_text(), flags=re.MULTILINE)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_run_is_up_in_seconds_and_keeps_data_and_secret(house):
    count = 'import sqlite3; print(sqlite3.connect("var/retour.sqlite3").execute("SELECT {} ").fetchone()[0])'
    people = count.format("count(*) FROM timesheets_user")
    add = 'import sqlite3; c = sqlite3.connect("var/retour.sqlite3"); c.execute("{}"); c.commit()'
    rename = add.format("UPDATE campaigns_agency SET name = 'Kept over the restart'")
    subprocess.run([sys.executable, "-c", rename], cwd=house.folder, check=True)
    before = subprocess.check_output([sys.executable, "-c", people], cwd=house.folder)
    secret = (house.folder / "var" / "embedded.env").read_text()
    started_at = time.monotonic()
    process = house.make_run()
    assert happens(house.is_up), house.says()
    print(f"up after {time.monotonic() - started_at:.1f} s")
    process.terminate()
    process.wait(timeout=PATIENCE)
    assert "Loading the demo" not in house.says()
    assert subprocess.check_output([sys.executable, "-c", people], cwd=house.folder) == before
    name = count.format("name FROM campaigns_agency")
    assert subprocess.check_output([sys.executable, "-c", name], cwd=house.folder) == b"Kept over the restart\n"
    assert (house.folder / "var" / "embedded.env").read_text() == secret


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_stopping_make_stops_everything(house, running, number):
    assert len(house.processes()) >= 6  # make, the supervisor, its guard, web and its worker, worker
    if number == signal.SIGINT:  # the terminal sends it to the whole foreground group
        os.kill(house.process("config.standalone.supervisor"), number)
    running.send_signal(number)
    running.wait(timeout=PATIENCE)
    assert happens(lambda: not house.processes()), house.processes()


@pytest.mark.parametrize("killed", ["config.standalone.supervisor", "make -o"])
def test_killing_the_supervisor_or_make_leaves_no_orphan_and_the_next_run_starts(house, running, killed):
    os.kill(house.process(killed), signal.SIGKILL)
    running.wait(timeout=PATIENCE)
    again = house.make_run()  # at once, while the old ones are still stopping
    assert happens(lambda: house.is_up() or again.poll() is not None)
    assert again.poll() is None, house.says()
    again.terminate()
    again.wait(timeout=PATIENCE)
    assert happens(lambda: not house.processes()), house.processes()


def test_work_that_was_queued_while_nothing_ran_is_done_after_the_start(house):
    ask = "from config.celery import app; app.send_task('reports.sweep')"
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", ask], cwd=house.folder, env=environment, check=True)
    queue = house.folder / "var" / "broker" / "queue"
    assert list(queue.glob("*.msg"))
    (queue / "0_cut-off.celery.msg").touch()  # what a kill leaves of a message that was being written
    process = house.make_run()
    assert happens(house.is_up), house.says()
    assert happens(lambda: not list(queue.glob("*.msg")))
    assert happens(lambda: house.health()["sweep"] == "ok")
    process.terminate()
    process.wait(timeout=PATIENCE)


def _oldest_web(house):
    """The web process, None between the end of one and the start of the next."""
    return min((pid for pid, command in house.processes().items() if "gunicorn" in command), default=None)


def test_a_second_start_on_the_same_data_says_so_and_a_web_process_that_dies_is_started_again(house, running):
    log = house.says()
    second = house.make_run(port=servers.free_port())
    assert second.wait(timeout=PATIENCE) != 0
    assert f"Retour is already running at http://127.0.0.1:{house.port}" in house.says()
    house.log.write_text(log)
    assert happens(house.is_up)
    first = house.process("gunicorn")
    os.kill(first, signal.SIGKILL)
    assert happens(lambda: house.is_up() and _oldest_web(house) not in (None, first))
    running.terminate()
    running.wait(timeout=PATIENCE)


@pytest.mark.parametrize("port", [99999, None], ids=["impossible", "busy"])
def test_a_port_that_cannot_be_used_is_said_in_a_sentence_before_anything_starts(house, port):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wanted = port or listener.getsockname()[1]
        process = house.make_run(port=wanted)
        assert process.wait(timeout=PATIENCE) != 0
    assert re.search(
        rf"^(Port )?{wanted} (cannot be used|is not a port).*PORT=8123 make run$", house.says(), re.MULTILINE
    )
    assert house.processes() == {}


def digests(house):
    asked = "SELECT digest FROM timesheets_setuptoken"
    read = f'import sqlite3; print(sqlite3.connect("var/retour.sqlite3").execute("{asked}").fetchall())'
    return subprocess.check_output([sys.executable, "-c", read], cwd=house.folder, text=True)


def test_an_empty_start_waits_for_somebodys_own_agency_and_shows_its_token_to_a_terminal_alone(house):
    house.migrated()
    process = house.make_run(EMPTY="1")
    assert happens(house.is_up), house.says()
    assert f"Set up your agency at http://127.0.0.1:{house.port}/setup/" in house.says()
    assert "For its token, run in a terminal: .venv/bin/python manage.py setup_token" in house.says()
    assert "Token, shown" not in house.says()
    assert 'name="token"' in house.get("/accounts/login/")[1]
    process.terminate()
    process.wait(timeout=PATIENCE)
    reading, terminal = pty.openpty()
    again = house.make_run(to=terminal)  # without EMPTY: what was begun is not filled with the demo
    os.close(terminal)
    shown = ""
    while "Token, shown only here and only now: " not in shown or not shown.endswith("\n"):
        shown += os.read(reading, 1000).decode()
    token = shown.split()[-1]
    assert "Loading the demo" not in shown
    assert happens(house.is_up)
    assert hashlib.sha256(token.encode()).hexdigest() in digests(house)
    again.terminate()
    again.wait(timeout=PATIENCE)
    os.close(reading)
