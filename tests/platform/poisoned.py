"""Settings of an office in which one job is poison: whoever attempts it is ended on the spot, as by lack of memory.

POISON names the job; each attempt leaves a line in the file POISON_LOG.
"""

import os
import signal
from datetime import datetime
from typing import Any

from celery.signals import worker_process_init

from config.settings import *  # noqa: F403


def end_the_worker(*, at: datetime) -> None:
    with open(os.environ["POISON_LOG"], "a") as log:
        print(at, file=log, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


@worker_process_init.connect
def poison(**_ignored: Any) -> None:
    from operations import jobs

    if os.environ["POISON"] == "imports":
        jobs.imports.resume_stalled = end_the_worker
    else:
        jobs.reminders.send_due = end_the_worker
