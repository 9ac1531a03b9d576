"""Send tasks to the worker.

The work itself is rows in the database, so a task that is lost costs at most a minute: the sweep finds the rows.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context

from celery import current_app, current_task
from django.db import transaction

log = logging.getLogger(__name__)

# By name: the tasks live above this app.
DRAIN = "reports.drain"
COPY_ERASURES = "operations.copy_erasures"

GATHER_SECONDS = 0.5


def enqueue_on_commit(task: str = DRAIN, **arguments: object) -> None:
    """Ask for a task once this transaction has committed; a broker that is down is logged, never an error."""
    transaction.on_commit(lambda: _send(task, arguments))


def enqueue(task: str, **arguments: object) -> None:
    """Ask for a task at once, where no transaction is under way, without asking the database."""
    _send(task, arguments)


def purge() -> None:
    """Delete the tasks that wait in the queue: for a start, where one sweep looks for everything that is due."""
    current_app.control.purge()


def worker_name() -> str:
    """The name of the worker that runs this task; empty elsewhere."""
    return str(current_task.request.hostname or "") if current_task else ""


def _send(task: str, arguments: dict[str, object]) -> None:
    if task == DRAIN:
        _drain.ask()
    else:
        _publish(task, arguments)


def _publish(task: str, arguments: dict[str, object]) -> None:
    with _the_sweep_will(task):
        current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)


@contextmanager
def _the_sweep_will(task: str) -> Iterator[None]:
    """What was written is committed by now: a message that cannot be sent is no error for who wrote it."""
    try:
        yield
    except Exception as error:
        log.warning("the broker did not take %s, the sweep will: %s", task, error)


class _GatheredDrain:
    """One drain for all that is saved within half a second, sent by a thread of its own (docs/adr/0054).

    A drain takes all marks that it finds, so one is enough; and nobody who saves waits for the broker. The thread is
    no daemon, so that a command ends only when what it asked for is sent.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sender: threading.Timer | None = None

    def ask(self) -> None:
        """Send it soon, unless that is on its way: in the context of who asked first, whose number the task has."""
        with self._lock, _the_sweep_will(DRAIN):
            if self.sender is None:
                sender = threading.Timer(GATHER_SECONDS, copy_context().run, [self._send])
                sender.daemon = False
                sender.start()
                self.sender = sender

    def _send(self) -> None:
        with self._lock:
            self.sender = None  # before it is sent: what is saved from now on asks again
        _publish(DRAIN, {})


_drain = _GatheredDrain()
