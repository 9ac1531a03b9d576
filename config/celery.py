"""The Celery app and its whole schedule.

Work lives in database rows; the broker is a doorbell. The sweep picks up whatever is due, so a lost message costs
at most a minute. Jobs that are due at a local hour (summary, reminders, nightly ones) are rows with a `next_due` that
the sweep polls: a crontab would drift by an hour twice a year.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("retour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["campaigns", "timesheets", "reports"])
app.conf.beat_schedule = {
    "sweep": {"task": "reports.sweep", "schedule": 60.0, "options": {"expires": 55}},
}
