"""`make run` in a copy of the source, so that this machine's own data is left alone."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests import databases, servers
from tests.platform.services import PACKAGES, ROOT
from tests.waiting import PATIENCE

SOURCE = [*PACKAGES, "templates", "static", "tools", "locale", "requirements"]
FILES = ["manage.py", "Makefile"]


class House:
    """A copy of the source with a var/ of its own, and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = servers.free_port()
        self.log = folder / "log"
        for name in SOURCE:
            if (ROOT / name).exists():  # compiled, but without what another process is compiling
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc.*"))
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)

    def make_run(self, *, port: int | None = None, to: int | None = None, **variables: str) -> subprocess.Popen[bytes]:
        """Start `make run` with the packages that these tests run with, as if it had just installed them.

        What it says goes to the log, or to the terminal `to`.
        """
        installed = f"{sys.prefix}/.runtime-installed"
        command = ["make", "-o", installed, f"VENV={sys.prefix}", f"PORT={port or self.port}", "run"]
        names = ("PATH", "HOME", "LANG")  # none of what the tests set for themselves
        environment = {name: os.environ[name] for name in names if name in os.environ} | variables
        with self.log.open("wb") as log:
            output = log if to is None else to
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def migrated(self) -> None:
        """Give it a database with nothing but all tables: to make them takes longer than the start that is tested."""
        (self.folder / "var").mkdir(exist_ok=True)
        for file in (self.folder / "var").glob("retour.sqlite3*"):
            file.unlink()
        databases.copy_file(self.folder / "var" / "retour.sqlite3")

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
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
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

    def kill(self) -> None:
        """End everything at once, make and the guard included; stopped first, so that none sees another die."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
