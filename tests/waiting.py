"""How tests wait: for what is to happen, however long a busy machine takes, and never for a time.

The limit is for what never happens. It is well above all that a busy machine may need, and below the time after which
pytest says where a test hangs.
"""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 300  # seconds


def happens(condition: Callable[[], object], *, every: float = 0.1) -> bool:
    """Wait until it is true, asking every so many seconds; False when it never was."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def eventually(ask: Callable[[], Any]) -> Any:
    """Return the first answer that is not empty."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return answer


def can_be_done_within(seconds: float, act: Callable[[], object], *, tries: int = 10) -> bool:
    """Whether some try took less time than this: a busy machine makes one slow, not each."""
    return any(_seconds_of(act) < seconds for _try in range(tries))


def _seconds_of(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
