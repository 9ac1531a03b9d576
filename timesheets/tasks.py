"""The worker's doors into this app; each calls one function and may run twice."""

from celery import shared_task
from django.utils import timezone

from timesheets import reminders


@shared_task(name="timesheets.remind", acks_late=True)
def remind(*, reminder_id: int) -> None:
    reminders.OUTBOX.send(reminder_id, at=timezone.now())
