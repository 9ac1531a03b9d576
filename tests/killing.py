"""Worker processes to kill: forked, so that thousands of kills take minutes, and ended by SIGKILL.

Nothing of them gets to clean up. What is planted in one is its own.
"""

import os
import signal
from collections.abc import Callable

from django.db import connections

Plant = Callable[[], None]
KILLED = -signal.SIGKILL


def die(*_args: object, **_kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after(owner: object, name: str) -> Plant:
    """Return what makes the process die as soon as this function has done its work."""

    def plant() -> None:
        original = getattr(owner, name)

        def and_die(*args, **kwargs):
            original(*args, **kwargs)
            die()

        setattr(owner, name, and_die)

    return plant


def dies_before(owner: object, name: str) -> Plant:
    """Return what makes the process die instead of beginning this function."""
    return lambda: setattr(owner, name, die)


def nowhere() -> None:
    """Dies of nothing by itself."""


def worker(work: Callable[[], object], plant: Plant = nowhere) -> int:
    """Do this work in a process of its own, with what is planted in it, and return its number."""
    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        open_its_own_connections()
        plant()
        work()
    finally:
        os._exit(0)


def open_its_own_connections() -> None:
    """Forget, without a word to the server, a connection that is the parent's.

    Where a browser's event loop runs, Django keeps connections apart from those of before, and closes only its own. The
    loop does not run in a forked process, which would find the others and leave a transaction open on them.
    """
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None


def how_it_ended(pid: int) -> int:
    """Wait for a process; KILLED, or 0 when it came to its end."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
