"""Retour as somebody has it who never saw its source: the wheel, in an environment of its own, far from any clone."""

import http.client
import json
import os
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases, servers
from tests.platform.services import ROOT
from tests.waiting import PATIENCE, happens


class Environment:
    """An empty virtual environment with the wheel in it. What Retour runs on is lent by the one that runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheel = build_wheel(folder / "wheel")
        self.bin = folder / "venv" / "bin"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        pip("--python", str(self.bin / "python"), "install", "--no-deps", "--no-index", str(self.wheel))
        self.packages = next((folder / "venv" / "lib").glob("python3.*")) / "site-packages"
        (self.packages / "lent.pth").write_text(sysconfig.get_path("purelib"))


def build_wheel(folder: Path) -> Path:
    pip("wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    (wheel,) = folder.glob("retour-*.whl")
    return wheel


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


class Installation:
    """An installation of the wheel: its data folder, its settings, and what runs on it."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.data = folder / "data"
        self.port = servers.free_port()
        self.log = folder / "log"
        self.address = f"http://127.0.0.1:{self.port}"
        self.settings = {"SITE_URL": self.address, "EMAIL_URL": "dummymail:"}

    def migrated(self) -> None:
        """Give it a database with nothing but all tables: to make them takes longer than the start that is tested."""
        self.data.mkdir()
        databases.copy_file(self.data / "retour.sqlite3")

    def variables(self, **others: str) -> dict[str, str]:
        """What its administrator sets, and nothing of what the tests set for themselves."""
        names = ("PATH", "HOME", "LANG")
        own = {"DATA_DIR": str(self.data), "PORT": str(self.port)}
        return {name: os.environ[name] for name in names if name in os.environ} | own | self.settings | others

    def retour(self, *arguments: str, **others: str) -> subprocess.CompletedProcess[str]:
        """Run `retour` to its end, in a folder that is nobody's."""
        command = [self.environment.bin / "retour", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.variables(**others), capture_output=True, text=True, timeout=PATIENCE
        )

    @contextmanager
    def serving(self, *, host: str = "127.0.0.1") -> Iterator[subprocess.Popen[bytes]]:
        """Run `retour serve` until the block ends; it answers to this host. Nothing of it is left afterwards."""
        command = [self.environment.bin / "retour", "serve"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.variables(), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            assert happens(lambda: self.get("/health", Host=host)[0] == 200 or process.poll() is not None)
            assert process.poll() is None, self.log.read_text()
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
            print(self.log.read_text())  # pytest shows it when the test fails
        assert happens(lambda: not self.processes()), self.processes()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return status and body; status 0 when nobody listens."""
        try:
            request = urllib.request.Request(self.address + path, headers=headers)
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""

    def health(self) -> dict[str, object]:
        return dict(json.loads(self.get("/health")[1] or "{}"))

    def processes(self) -> list[str]:
        """The commands that run in this environment, on this data."""
        commands = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if f"DATA_DIR={self.data}\0" in (path / "environ").read_text():
                    commands.append((path / "cmdline").read_text().replace("\0", " ").strip())
            except OSError:
                continue  # it ended while we looked
        return commands
