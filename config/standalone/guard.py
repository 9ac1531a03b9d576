"""Stops the supervisor's programs when it dies, in whatever way: it reads a pipe that the supervisor holds open.

Started by file, not by module: it needs nothing but the standard library, and is there sooner.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import IO

POLL_SECONDS = 0.2


def guard(pipe: IO[str], *, grace_seconds: float) -> None:
    """Remember which process groups run; when the pipe closes, stop those that are left."""
    groups: set[int] = set()
    for line in pipe:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    send(signal.SIGTERM, groups)
    deadline = time.monotonic() + grace_seconds
    while any(map(group_exists, groups)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    send(signal.SIGKILL, groups)


def send(number: signal.Signals, groups: Iterable[int]) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # gone; macOS says the second of dead ones
            os.killpg(group, number)


def group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    guard(sys.stdin, grace_seconds=float(sys.argv[1]))
