"""One at a time on the same data: a lock file that names its holder.

The system frees it when its last holder is gone, in whatever way, so nothing is left behind to be removed by hand.
"""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.2
STOPPING_SECONDS = 30.0  # a holder that is stopping, or whose programs are being stopped, is waited for this long


@contextlib.contextmanager
def take_lock(path: Path, *, address: str) -> Iterator[IO[str]]:
    """Hold the lock file, which names its holder; exit with a sentence when another process holds it.

    When the holder is stopping, or is dead and its guard is stopping its programs, that is worth waiting for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        asked_at = time.monotonic()
        while not is_locked(lock):
            pid, held_address = read_holder(lock)
            patience = 1.0 if is_alive(pid) else STOPPING_SECONDS
            if time.monotonic() - asked_at > patience:
                sys.exit(f"Retour is already running at {held_address} (process {pid}). Stop it first.")
            time.sleep(POLL_SECONDS)
        lock.truncate(0)
        print(os.getpid(), address, file=lock, flush=True)
        yield lock


def is_locked(lock: IO[str]) -> bool:
    """Take the lock if it is free, and tell whether it was."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_holder(lock: IO[str]) -> tuple[int, str]:
    lock.seek(0)
    pid, _, address = lock.read().strip().partition(" ")
    return int(pid or 0), address


def is_alive(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True
