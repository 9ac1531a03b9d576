"""The services of docker-compose.yml, and what tests that run them share."""

import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.platform import compose

ROOT = Path(settings.BASE_DIR)
COMPOSE = compose.read(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
PROGRAMS = Path(sys.executable).parent


def program(place: str | None) -> str:
    """Return where a program is; a machine whose servers are elsewhere need not have it."""
    return place or pytest.skip("the program that the service runs is not on this machine")


def laid_out(folder: Path) -> Path:
    """Make it look like the image's /app, where a command may write into var/."""
    for name in (*PACKAGES, "templates", "static", "tools", "manage.py", "locale"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    (folder / "var").mkdir()
    return folder
