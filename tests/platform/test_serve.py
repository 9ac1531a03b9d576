"""`retour serve`: small production on one machine, from the wheel, as an office runs it."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from config.celery import app
from config.standalone.scheduler import SweepScheduler
from operations.demo.plan import FEWEST_STAFF, FEWEST_WEEKS
from tests.platform.houses import House
from tests.platform.installed import Environment, Installation
from tests.platform.services import ROOT
from tests.waiting import PATIENCE, happens

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds processes through /proc, as Linux has it"),
]


def log_lines(installation: Installation) -> list[dict]:
    return [json.loads(line) for line in installation.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def serving(environment_of_wheel: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A French agency's installation, just started for the first time."""
    installation = Installation(environment_of_wheel, tmp_path_factory.mktemp("serving").resolve())
    with installation.serving():
        said = installation.retour("setup", "--agency", "Nord", "--director", "boss@example.com", "--language", "fr")
        assert said.returncode == 0, said.stderr
        yield installation


def test_it_serves_the_site_in_french_with_its_styles(serving):
    status, page = serving.get("/accounts/login/")
    assert status == 200
    assert "Mot de passe" in page
    styles = re.findall(r'href="(/static/css/\w+\.[0-9a-f]+\.css)"', page)
    assert styles
    assert {serving.get(style)[0] for style in styles} == {200}


def test_web_and_worker_run_and_the_supervisor_sends_the_sweep_itself(serving):
    assert happens(lambda: serving.health()["sweep"] == "ok")
    assert happens(lambda: len(serving.processes()) == 5)  # the supervisor, its guard, web and its worker, the worker
    assert not [command for command in serving.processes() if " beat" in command]


def test_each_line_of_every_process_is_json(serving):
    serving.get("/accounts/login/")
    expected = {"retour.serve", "gunicorn.error", "retour.requests", "celery.apps.worker"}
    assert happens(lambda: expected <= {line["logger"] for line in log_lines(serving)})


def test_all_that_it_writes_lies_in_its_data_folder(serving):
    assert {"retour.sqlite3", "broker", "staticfiles", ".env"} <= {path.name for path in serving.data.iterdir()}
    assert sorted(path.name for path in serving.folder.iterdir()) == ["data", "log"]
    assert not [path for path in serving.environment.packages.glob("*") if path.name in ("var", "staticfiles")]


def test_the_first_start_makes_a_secret_that_its_owner_alone_reads(serving):
    settings = serving.data / ".env"
    assert re.fullmatch(r"SMALL=true\nSECRET_KEY=\S{50,}\n", settings.read_text())
    assert settings.stat().st_mode & 0o777 == 0o600


def test_commands_by_hand_see_the_same_installation(serving, tmp_path):
    said = serving.retour("backup", str(tmp_path / "first.backup"))
    assert said.returncode == 0, said.stderr
    assert "Checked." in said.stdout


def test_a_second_start_on_the_same_data_is_refused(serving):
    assert "Retour is already running at" in refusal(serving, "--port", "1")


def test_a_later_start_takes_the_settings_that_lie_in_the_data_folder_and_keeps_them(installation):
    installation.migrated()
    own = f"SMALL=true\nSECRET_KEY={'s' * 50}\nSITE_URL=https://retour.example.com\nEMAIL_URL=dummymail:\n"
    (installation.data / ".env").write_text(own)
    installation.settings = {}
    with installation.serving(host="retour.example.com"):
        page = installation.get("/accounts/login/", Host="retour.example.com", **{"X-Forwarded-Proto": "https"})
    assert page[0] == 200
    assert (installation.data / ".env").read_text() == own


def test_what_make_run_began_goes_on_with_its_secret(installation):
    installation.migrated()
    (installation.data / "embedded.env").write_text(f"EMBEDDED=true\nSECRET_KEY={'k' * 50}\n")
    with installation.serving():
        assert (installation.data / ".env").read_text() == f"SMALL=true\nSECRET_KEY={'k' * 50}\n"
        assert log_lines(installation)  # JSON: no longer embedded


def test_the_sweep_is_sent_once_a_minute_and_a_broker_that_is_away_is_asked_again(monkeypatch):
    sent = []
    scheduler = SweepScheduler(due_at=100.0)
    monkeypatch.setattr(app, "send_task", lambda task, **_options: sent.append(task))
    for now in (99.9, 100.0, 100.2, 159.9, 160.0):
        scheduler.tick(now)
    assert sent == ["reports.sweep"] * 2
    monkeypatch.setattr(app, "send_task", Mock(side_effect=OSError("away")))
    scheduler.tick(220.0)
    assert scheduler.due_at == 280.0


# -- the image --------------------------------------------------------------------------------------------------------


def test_what_the_image_runs_by_itself_serves_from_its_one_volume(tmp_path):
    (command,) = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    image = House(tmp_path.resolve())
    image.migrated()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    settings = {"SITE_URL": "http://127.0.0.1", "EMAIL_URL": "dummymail:", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**inherited, **settings, "HOST": "127.0.0.1", "PORT": str(image.port)}
    before = set(image.folder.rglob("*"))
    with image.log.open("wb") as log:
        words = [sys.executable, *json.loads(command)[1:]]
        process = subprocess.Popen(words, cwd=image.folder, env=environment, stdout=log, stderr=log)
    try:
        assert happens(lambda: image.get("/health/ready")[0] == 200 or process.poll() is not None)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        print(image.says())
    made = {path.relative_to(image.folder).parts[0] for path in image.folder.rglob("*") if path not in before}
    assert made - {"log"} == {"var", "staticfiles"}  # the image has the second one already, where nobody may write
    assert process.returncode == 0


# -- what keeps it from starting --------------------------------------------------------------------------------------


def refusal(installation, *arguments: str, **others: str) -> str:
    said = installation.retour("serve", *arguments, **others)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    return said.stderr.strip().splitlines()[-1]


def test_a_missing_setting_is_said_in_a_sentence(installation):
    assert "Set SITE_URL to the address people type" in refusal(installation, SITE_URL="")


def test_a_port_that_is_taken_is_said_in_a_sentence(installation):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        assert re.search(rf"Port {port} cannot be used .*--port 8123", refusal(installation, "--port", port))


def test_an_address_of_no_machine_is_said_in_a_sentence(installation):
    assert "Set HOST to one" in refusal(installation, HOST="nobody.invalid")


def test_a_data_folder_that_cannot_be_made_is_said_in_a_sentence(installation):
    installation.data.write_text("a file, not a folder")
    assert "Set DATA_DIR to" in refusal(installation)


def test_the_demo_is_not_served_to_an_office(installation):
    installation.settings |= {"SMALL": "true", "SECRET_KEY": "long-enough-and-not-an-example-0123456789"}
    installation.migrated()
    said = installation.retour("demo", "--weeks", str(FEWEST_WEEKS), "--staff", str(FEWEST_STAFF))
    assert said.returncode == 0, said.stderr
    assert "demo agency" in refusal(installation)
