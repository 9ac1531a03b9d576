"""A database for simulated agencies alone: the installation's own data is never touched."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection

PREFIX = "retour-simulation-"


def is_one() -> bool:
    """Whether this process works on such a database."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and Path(name).parent.name.startswith(PREFIX)


def run_again(arguments: Sequence[str]) -> None:
    """Run a command of manage.py in a process of its own, on a database that is made for it and thrown away.

    Raises CalledProcessError when it fails; what it prints goes where this process prints.
    """
    with TemporaryDirectory(prefix=PREFIX) as folder:
        environment = {**os.environ, **_settings(Path(folder))}
        for command in (["migrate", "--verbosity", "0"], arguments):
            here = [sys.executable, "-m", "config.command_line", *command]
            subprocess.run(here, cwd=settings.BASE_DIR, env=environment, check=True)  # noqa: S603 (our own command)


def _settings(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'scratch.sqlite3'}",
        "BROKER_URL": "memory://",
        "CACHE_URL": "locmemcache://",
        "UPLOADS_DIR": str(folder / "uploads"),
        "ERASURES_FILE": str(folder / "erasures.jsonl"),
    }
