"""`make run`, from an empty var/ on: in a copy of the source, so that this machine's own data is left alone."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import servers

ROOT = Path(settings.BASE_DIR)
SOURCE = ["config", "timesheets", "campaigns", "reports", "templates", "static", "tools", "locale", "requirements"]
FILES = ["manage.py", "Makefile"]
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds processes through /proc, as Linux has it"),
]


class House:
    """A copy of the source with a var/ of its own, and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = servers.free_port()
        self.log = folder / "log"
        for name in SOURCE:
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)

    def make_run(self, *, port: int | None = None) -> subprocess.Popen[bytes]:
        """Start `make run` with the packages that these tests run with, as if it had just installed them."""
        installed = f"{sys.prefix}/.runtime-installed"
        command = ["make", "-o", installed, f"VENV={sys.prefix}", f"PORT={port or self.port}", "run"]
        names = ("PATH", "HOME", "LANG")  # none of what the tests set for themselves
        environment = {name: os.environ[name] for name in names if name in os.environ}
        with self.log.open("wb") as log:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def processes(self) -> dict[int, str]:
        """Return the command of everything that runs in this folder, by its id."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if (path / "cwd").resolve() == self.folder:
                    found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ").strip()
            except OSError:
                continue  # it ended while we looked
        return found

    def process(self, part: str) -> int:
        """Return the oldest process whose command has this part."""
        return min(pid for pid, command in self.processes().items() if part in command)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body; status 0 when nobody listens, or it dies while it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""

    def health(self) -> dict:
        return json.loads(self.get("/health")[1] or "{}")

    def is_up(self) -> bool:
        return self.get("/health")[0] == 200

    def says(self) -> str:
        return self.log.read_text()


def eventually(condition: Callable[[], object], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house in which `make run` has run once, with what it said."""
    house = House(tmp_path_factory.mktemp("house").resolve())
    process = house.make_run()
    came_up = eventually(lambda: house.is_up() or process.poll() is not None, seconds=120)
    house.login_page = house.get("/accounts/login/")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    house.said_first = house.says()
    assert came_up, house.said_first
    return house


@pytest.fixture
def house(prepared: House) -> Iterator[House]:
    yield prepared
    print(prepared.says())
    for pid in prepared.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def running(house: House) -> subprocess.Popen[bytes]:
    process = house.make_run()
    assert eventually(house.is_up, seconds=30), house.says()
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
    assert eventually(house.is_up, seconds=15), house.says()
    print(f"up after {time.monotonic() - started_at:.1f} s")
    process.terminate()
    process.wait(timeout=20)
    assert "Loading the demo" not in house.says()
    assert subprocess.check_output([sys.executable, "-c", people], cwd=house.folder) == before
    name = count.format("name FROM campaigns_agency")
    assert subprocess.check_output([sys.executable, "-c", name], cwd=house.folder) == b"Kept over the restart\n"
    assert (house.folder / "var" / "embedded.env").read_text() == secret


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_stopping_make_stops_everything(house, running, number):
    assert len(house.processes()) >= 6  # make, the supervisor, web and its worker, worker, beat
    if number == signal.SIGINT:  # the terminal sends it to the whole foreground group
        os.kill(house.process("config.supervisor"), number)
    running.send_signal(number)
    running.wait(timeout=20)
    assert eventually(lambda: not house.processes(), seconds=2), house.processes()


@pytest.mark.parametrize("killed", ["config.supervisor", "make -o"])
def test_killing_the_supervisor_or_make_leaves_no_orphan_and_the_next_run_starts(house, running, killed):
    os.kill(house.process(killed), signal.SIGKILL)
    running.wait(timeout=20)
    again = house.make_run()  # at once, while the old ones are still stopping
    assert eventually(lambda: house.is_up() or again.poll() is not None, seconds=40)
    assert again.poll() is None, house.says()
    again.terminate()
    again.wait(timeout=20)
    assert eventually(lambda: not house.processes(), seconds=15), house.processes()


def test_the_web_process_is_started_again_when_it_dies(house, running):
    first = house.process("gunicorn")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: house.is_up() and house.process("gunicorn") != first, seconds=20)
    running.terminate()
    running.wait(timeout=20)


def test_work_that_was_queued_while_nothing_ran_is_done_after_the_start(house):
    ask = "from config.celery import app; app.send_task('reports.sweep')"
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", ask], cwd=house.folder, env=environment, check=True)
    queue = house.folder / "var" / "broker" / "queue"
    assert len(list(queue.glob("*.msg"))) == 1
    process = house.make_run()
    eventually(house.is_up, seconds=30)
    # Sooner than the scheduler's own first sweep would be.
    assert eventually(lambda: not list(queue.glob("*.msg")), seconds=20)
    assert eventually(lambda: house.health()["last_sweep"] != "waiting", seconds=20)
    process.terminate()
    process.wait(timeout=20)


def test_a_second_start_on_the_same_data_says_so(house, running):
    log = house.says()
    second = house.make_run(port=servers.free_port())
    assert second.wait(timeout=20) != 0
    assert f"Retour is already running at http://127.0.0.1:{house.port}" in house.says()
    house.log.write_text(log)
    assert house.is_up()
    running.terminate()
    running.wait(timeout=20)


@pytest.mark.parametrize("port", [99999, None], ids=["impossible", "busy"])
def test_a_port_that_cannot_be_used_is_said_in_a_sentence_before_anything_starts(house, port):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wanted = port or listener.getsockname()[1]
        process = house.make_run(port=wanted)
        assert process.wait(timeout=20) != 0
    assert re.search(
        rf"^(Port )?{wanted} (cannot be used|is not a port).*PORT=8123 make run$", house.says(), re.MULTILINE
    )
    assert house.processes() == {}
