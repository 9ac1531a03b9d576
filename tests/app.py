"""A Retour of our own for what needs real processes: its data in a folder or database apart, its web server."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests import servers
from tests.waiting import PATIENCE, happens

ROOT = Path(__file__).resolve().parent.parent


def settings_in(folder: Path, *, database_url: str = "") -> dict[str, str]:
    """The embedded way of running, with all its data in a folder of its own, or in this database."""
    return {
        **os.environ,
        "EMBEDDED": "true",
        "DATA_DIR": str(folder),
        "SECRET_KEY": "for-the-tests-only-" + "7" * 32,
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'retour.sqlite3'}",
        "BROKER_URL": "filesystem://localhost",
        "BROKER_DIR": str(folder / "broker"),
        "CACHE_URL": "locmemcache://",
        "BACKUP_DIR": str(folder / "backups"),
        "UPLOADS_DIR": str(folder / "uploads"),
        "SITE_URL": "http://127.0.0.1:8000",
    }


def manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def make_people(environment: dict[str, str], count: int) -> dict[str, Any]:
    """Add members, a platform and a campaign to a migrated database; return their keys and the members' sessions."""
    command = [sys.executable, "-m", "tests.people", str(count)]
    told = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(told))


@contextmanager
def running(environment: dict[str, str], *, workers: int = 1, application: str = "config.wsgi") -> Iterator[str]:
    """The web process, as `make run` starts it, until the block ends; gives its address."""
    address = f"http://127.0.0.1:{servers.free_port()}"
    command = [sys.executable, "-m", "gunicorn", application, "--bind", address.removeprefix("http://")]
    command += ["--workers", str(workers), "--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "--no-control-socket"],
        cwd=ROOT,
        env={**environment, "SITE_URL": address, "PORT": address.rpartition(":")[2]},
    )
    try:
        wait_until_it_answers(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_until_it_answers(address: str) -> None:
    assert happens(lambda: answers(address)), "The app did not start."


def answers(address: str) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"{address}/accounts/login/", timeout=PATIENCE).close()
        return True
    return False
