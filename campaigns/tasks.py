"""Jobs of the campaigns app: imports. Arguments are ids; each may run twice with the same result."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from campaigns.imports import runner
from campaigns.models import ImportRun

# A long file is handed on well before the limit; the limit stays under the broker's 900 s of patience.
TIME_LIMIT = 840
SOFT_LIMIT = 820
HANDED_ON_AFTER = timedelta(minutes=8)


@shared_task(
    name="campaigns.check_import", acks_late=True, ignore_result=True, time_limit=TIME_LIMIT, soft_time_limit=SOFT_LIMIT
)
def check_import(*, run_id: int) -> None:
    runner.check(ImportRun.objects.get(pk=run_id), now=timezone.now)


@shared_task(
    name="campaigns.run_import", acks_late=True, ignore_result=True, time_limit=TIME_LIMIT, soft_time_limit=SOFT_LIMIT
)
def run_import(*, run_id: int) -> None:
    runner.write(ImportRun.objects.get(pk=run_id), now=timezone.now, until=timezone.now() + HANDED_ON_AFTER)


@shared_task(
    name="campaigns.undo_import", acks_late=True, ignore_result=True, time_limit=TIME_LIMIT, soft_time_limit=SOFT_LIMIT
)
def undo_import(*, run_id: int) -> None:
    runner.undo(ImportRun.objects.get(pk=run_id), now=timezone.now, until=timezone.now() + HANDED_ON_AFTER)
