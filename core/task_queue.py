"""Send tasks to the worker.

The work itself is rows in the database, so a task that is lost costs at most a minute: the sweep finds the rows.
"""

import logging

from celery import current_app, current_task
from django.db import transaction

log = logging.getLogger(__name__)

# By name: the tasks live above this app.
DRAIN = "reports.drain"
COPY_ERASURES = "operations.copy_erasures"


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
    try:
        current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("the broker did not take %s, the sweep will: %s", task, error)
