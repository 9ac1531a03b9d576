"""The systemd units: every command is run as it stands in the file, on an installed wheel."""

import http.client
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import databases, servers
from tests.platform.services import program
from tests.platform.units import UNITS, Unit
from tests.waiting import PATIENCE, happens

pytestmark = pytest.mark.server
NAMES = ("PATH", "HOME", "LANG")


def unit_in(folder: Path, environment_of_wheel, name: str) -> Unit:
    return Unit(name, programs=environment_of_wheel.bin, data=folder)


@contextmanager
def started(unit: Unit, environment: dict[str, str], folder: Path) -> Iterator[None]:
    """Run the unit's one command as systemd would, and stop it as systemd does: it ends by itself, and well."""
    (command,) = unit.commands(environment)
    log = folder / f"{unit.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        code = process.wait(timeout=PATIENCE)
        print(log.read_text())  # pytest shows it when the test fails
    assert code == 0


def answers(port: str, path: str) -> int:
    """The status, as a reverse proxy asks for it; 0 when nobody listens."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
        connection.request("GET", path, headers={"Host": "retour.example.com", "X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """What the administrator writes into the data folder."""
    path = tmp_path / ".env"
    path.write_text("SITE_URL=https://retour.example.com\nEMAIL_URL=dummymail:\n")
    return path


def test_the_small_unit_runs_the_whole_site(environment_of_wheel, tmp_path, settings_file):
    databases.copy_file(tmp_path / "retour.sqlite3")  # what is not there is made by `retour serve` (test_serve.py)
    unit = unit_in(tmp_path, environment_of_wheel, "retour.service")
    port = str(servers.free_port())
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **unit.environment, "PORT": port}
    with started(unit, environment, tmp_path):
        assert happens(lambda: answers(port, "/health/ready") == 200)
        assert answers(port, "/setup/") == 200
    assert settings_file.read_text().endswith("\n")
    assert "SMALL=true" in settings_file.read_text()


def test_the_units_with_servers_migrate_serve_and_sweep(environment, environment_of_wheel, tmp_path, settings_file):
    port = str(servers.free_port())
    named = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
    with settings_file.open("a") as file:
        file.writelines(f"{name}={environment[name]}\n" for name in named)
    units = {name: unit_in(tmp_path, environment_of_wheel, name) for name in UNITS if name.startswith("retour-")}
    base = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    for command in units["retour-migrate.service"].commands({}):
        variables = base | units["retour-migrate.service"].environment
        subprocess.run(command, cwd=tmp_path, env=variables, check=True)
    with ExitStack() as running:
        for name in ("retour-web.service", "retour-worker.service", "retour-beat.service"):
            running.enter_context(started(units[name], base | units[name].environment | {"PORT": port}, tmp_path))
        assert happens(lambda: answers(port, "/setup/") == 200)
        assert happens(lambda: (tmp_path / "beat-schedule").exists() or list(tmp_path.glob("beat-schedule*")))
        assert answers(port, "/health/live") == 200


def test_a_unit_may_do_little_and_write_to_its_own_folder_alone():
    for name in (name for name in UNITS if name.endswith(".service")):
        unit = Unit(name, programs=Path("/opt/retour/bin"), data=Path("/var/lib/retour"))
        assert unit.all("ProtectSystem") == ["strict"], name
        assert unit.all("NoNewPrivileges") == ["yes"], name
        assert unit.all("CapabilityBoundingSet") == [""], name
        assert unit.all("StateDirectory") == ["retour"], name
        assert unit.all("User") == ["retour"], name


def test_systemd_finds_no_mistake_in_them(environment_of_wheel, tmp_path):
    analyze = program(shutil.which("systemd-analyze"))
    for name in UNITS:
        (tmp_path / name).write_text(unit_in(tmp_path, environment_of_wheel, name).text)
    verify = [analyze, "verify", "--recursive-errors=no", "--man=no", *map(str, sorted(tmp_path.glob("retour*")))]
    result = subprocess.run(verify, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    about_ours = [line for line in result.stderr.splitlines() if "retour" in line]
    assert not about_ours
