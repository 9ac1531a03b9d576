"""The worker's doors into this app; each calls one function and may run twice."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from core.weeks import Week
from operations import jobs
from reports.verdicts import evaluation
from reports.weekly_email import delivery


@shared_task(name="reports.sweep", acks_late=True)
def sweep() -> None:
    jobs.sweep(at=timezone.now())


@shared_task(name="reports.drain", acks_late=True)
def drain() -> None:
    jobs.attempt("figures", jobs.drain, at=timezone.now())


@shared_task(name="reports.evaluate", acks_late=True)
def evaluate(*, monday: str) -> None:
    evaluation.evaluate(Week(date.fromisoformat(monday)), at=timezone.now())


@shared_task(name="reports.send", acks_late=True)
def send() -> None:
    jobs.attempt("deliveries", delivery.send_due, at=timezone.now())
