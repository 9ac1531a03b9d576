"""Is the site well? Asked by machines, without logging in.

`/health/live` says that this process answers: whoever may start it anew asks that. `/health/ready`, and `/health`, say
that everything works: whoever wakes a person asks that.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from campaigns.models import JobRun
from config import storage
from operations.job_status import SWEEP_IS_LATE_AFTER

BROKER_TIMEOUT_SECONDS = 1.0  # for connecting, and again for the answer
STANDS_STILL = "the worker or the scheduler is not running."


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200: nothing else is asked, since to start this process anew would mend nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the site and its worker are well, else 503 with the reasons.

    The sentences are for logs and monitors, so they stay in English. Anyone may ask, so they name no address, no
    account and no time: one that moves with the jobs would tell that somebody has saved something.
    """
    report = examine(at=timezone.now())
    return JsonResponse(report.as_json(), status=503 if report.reasons else 200)


@dataclass(frozen=True)
class Report:
    """What is wrong with each part; None when nothing is."""

    database: str | None
    storage: str | None
    broker: str | None
    sweep: str | None
    is_waiting: bool = False  # for the first sweep; that is no fault yet

    @property
    def reasons(self) -> list[str]:
        return [reason for reason in (self.database, self.storage, self.broker, self.sweep) if reason]

    def as_json(self) -> dict[str, object]:
        return {
            "status": "down" if self.reasons else "ok",
            "reasons": self.reasons,
            "database": self.database or "ok",
            "storage": self.storage or "ok",
            "broker": self.broker or "ok",
            "sweep": self.sweep or ("waiting" if self.is_waiting else "ok"),
        }


def examine(*, at: datetime) -> Report:
    broker = broker_problem(settings.BROKER_URL)
    try:
        sweep = last_runs("sweep").get("sweep")
        return Report(None, storage.problem(), broker, sweep_problem(sweep, at=at), sweep is None)
    except DatabaseError:
        return Report("The database does not answer.", None, broker, None, True)


def sweep_problem(last: datetime | None, *, at: datetime) -> str | None:
    """A sweep is late after five minutes; the first one, five minutes after the start.

    One that is dated ahead is as good as none: the clock was turned back, and the next one tells the time again.
    """
    if last is None:
        is_late = at - settings.STARTED_AT > SWEEP_IS_LATE_AFTER
        return f"There was no sweep since the start: {STANDS_STILL}" if is_late else None
    is_late = abs(at - last) > SWEEP_IS_LATE_AFTER
    return f"There was no sweep for more than five minutes: {STANDS_STILL}" if is_late else None


def last_runs(*names: str) -> dict[str, datetime]:
    """Return the last sign of life of each job by its name; a job that takes long has shown one when it started."""
    signs = {
        name: max(filter(None, [started_at, finished_at]), default=None)
        for name, started_at, finished_at in JobRun.objects.filter(name__in=names).values_list(
            "name", "started_at", "finished_at"
        )
    }
    return {name: sign for name, sign in signs.items() if sign}


def broker_problem(url: str) -> str | None:
    if url.startswith("redis"):
        return redis_problem(url)
    if url.startswith("filesystem"):
        return folder_problem(Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])))
    return None


def redis_problem(url: str) -> str | None:
    try:
        with connected_redis(url) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "Redis does not answer."
    return None


def connected_redis(url: str) -> redis.Redis:
    """A client that asks once, without its own patience: the answer must come before the monitor's does."""
    seconds = {"socket_timeout": BROKER_TIMEOUT_SECONDS, "socket_connect_timeout": BROKER_TIMEOUT_SECONDS}
    return redis.Redis.from_url(url, **seconds, retry=Retry(NoBackoff(), 0))


def folder_problem(folder: Path) -> str | None:
    return None if os.access(folder, os.W_OK | os.X_OK) else "The broker's folder cannot be written."
