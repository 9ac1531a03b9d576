"""The Celery app and its whole schedule.

Work lives in database rows; a message of the broker only says when to look. The sweep picks up whatever is due, so a
lost message costs at most a minute. Jobs that are due at a local hour (summary, reminders, nightly ones) are rows with
a `next_due` that the sweep polls: a crontab would drift by an hour twice a year.
"""

import logging
import logging.config
import os
from typing import Any

from celery import Celery, Task, signals

from config.signs_of_life import SignOfLife
from core import logs, task_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("retour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["campaigns", "timesheets", "operations"])
app.conf.beat_schedule = {
    "sweep": {"task": "reports.sweep", "schedule": 60.0, "options": {"expires": 55}},
}
app.conf.beat_sync_every = 1  # after each task it writes its schedule, which shows that it lives (tools/probe.py)
app.steps["worker"].add(SignOfLife)


@signals.worker_ready.connect
def resume_what_was_cut_off(sender: Any, **_ignored: Any) -> None:
    """Ask by a task: the database may not answer yet, and this process must not keep a connection to it."""
    from django.conf import settings

    since = settings.STARTED_AT.isoformat()  # before any process of the pool: what they begin is not forgiven
    task_queue.enqueue("operations.resume_worker", worker=sender.hostname, since=since)


# -- the log ----------------------------------------------------------------------------------------------------------


@signals.setup_logging.connect
def write_lines_as_the_site_does(loglevel: int | str | None = None, **_ignored: Any) -> None:
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger().setLevel(loglevel or logging.INFO)


@signals.before_task_publish.connect
def hand_on_the_number_of_the_request(headers: dict[str, Any], **_ignored: Any) -> None:
    headers["request_number"] = logs.context_value("request")


@signals.task_prerun.connect
def know_the_task(task_id: str, task: Task, kwargs: dict[str, Any], **_ignored: Any) -> None:
    """Arguments are ids and dates, by the rule for tasks, so the log may hold them."""
    number = getattr(task.request, "request_number", None)
    log_token = logs.begin_context(task=task.name, task_id=task_id, arguments=kwargs or None, request=number)
    task.request.update(log_token=log_token)


@signals.task_postrun.connect
def forget_the_task(task: Task, **_ignored: Any) -> None:
    if log_token := getattr(task.request, "log_token", None):
        logs.end_context(log_token)
