"""The worker's doors into this app; each calls one function and may run twice."""

from datetime import date, datetime

from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from campaigns.webhooks import delivery as webhooks
from core import task_queue
from core.weeks import Week
from operations import jobs
from operations.backup import schedule as backups
from reports.verdicts import evaluation
from reports.weekly_email import delivery


@shared_task(name="reports.sweep", acks_late=True)
def sweep() -> None:
    jobs.sweep(at=timezone.now())


@shared_task(
    name="operations.resume_worker",
    acks_late=True,
    autoretry_for=(DatabaseError,),
    max_retries=60,
    default_retry_delay=10,
)
def resume_worker(*, worker: str, since: str) -> None:
    jobs.resume_worker(worker=worker, since=datetime.fromisoformat(since))


@shared_task(name="reports.drain", acks_late=True)
def drain() -> None:
    jobs.attempt("figures", jobs.drain, at=timezone.now())
    jobs.request_webhooks(at=timezone.now())


@shared_task(name="reports.evaluate", acks_late=True)
def evaluate(*, monday: str) -> None:
    evaluation.evaluate(Week(date.fromisoformat(monday)), at=timezone.now())


@shared_task(name="reports.send", acks_late=True)
def send() -> None:
    jobs.attempt("deliveries", delivery.send_due, at=timezone.now())


@shared_task(name=jobs.NIGHT_TASK, time_limit=jobs.NIGHT_LIMIT_SECONDS, soft_time_limit=jobs.NIGHT_LIMIT_SECONDS - 20)
def nightly() -> None:
    jobs.attempt("nightly", jobs.nightly, at=timezone.now())


@shared_task(name=backups.TASK, time_limit=backups.TIME_LIMIT_SECONDS, soft_time_limit=backups.TIME_LIMIT_SECONDS - 20)
def back_up() -> None:
    jobs.back_up(at=timezone.now())


@shared_task(name=webhooks.TASK, acks_late=True)
def send_webhooks() -> None:
    jobs.attempt("webhooks", webhooks.send_due, at=timezone.now())


@shared_task(name=task_queue.COPY_ERASURES, time_limit=backups.TIME_LIMIT_SECONDS)
def copy_erasures() -> None:
    jobs.copy_erasures(at=timezone.now())
