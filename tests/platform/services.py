"""The services of docker-compose.yml, and what tests that run them share."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.platform import compose

ROOT = Path(settings.BASE_DIR)
COMPOSE = compose.read(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
PROGRAMS = Path(sys.executable).parent


def program(place: str | None) -> str:
    """Return where a program is; a machine whose servers are elsewhere need not have it."""
    return place or pytest.skip("the program that the service runs is not on this machine")


def eventually(ask: Callable[[], Any], *, seconds: float = 30) -> Any:
    """Return the first answer that is not empty."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return answer


def happens(condition: Callable[[], object], *, seconds: float) -> bool:
    """Tell whether it came true in this time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
