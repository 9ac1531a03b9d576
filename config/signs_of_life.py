"""How the containers of the worker and the scheduler are seen to be alive: by a file that each writes now and then.

A worker touches one while it can take work. The scheduler writes its schedule after each task that it asks for. Neither
needs the database or the broker to be asked, and an image needs no second Celery to ask them.
"""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import bootsteps

WORKER = Path(tempfile.gettempdir()) / "retour-worker-lives"
TOUCHED_EVERY_SECONDS = 10.0


class SignOfLife(bootsteps.StartStopStep):
    """A step of the worker's own loop, which stands still when the worker does."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        touch()
        self.timer = parent.timer.call_repeatedly(TOUCHED_EVERY_SECONDS, touch, priority=10)

    def stop(self, parent: Any) -> None:
        if self.timer:
            self.timer.cancel()
        with suppress(OSError):
            WORKER.unlink(missing_ok=True)


def touch() -> None:
    with suppress(OSError):  # a worker works without it
        WORKER.touch(mode=0o600)
