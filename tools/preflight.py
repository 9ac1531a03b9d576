"""Says in a sentence what this machine lacks, before anything is installed. Runs on Python 3.7 or newer."""

from __future__ import annotations

import importlib.util
import sys

MINIMUM = (3, 11)


def problem() -> str | None:
    if sys.version_info < MINIMUM:
        return (
            f"Retour needs Python 3.11 or newer; this is {sys.version_info.major}.{sys.version_info.minor}. Install a "
            "newer one (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), "
            "or name one that is there: make run PYTHON3=/path/to/python3.12"
        )
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        return (
            "Python's venv module is missing. Install it (Debian and Ubuntu: apt-get install python3-venv; "
            "elsewhere it comes with Python), then run the same command again."
        )
    return None


if __name__ == "__main__":
    sys.exit(problem())
