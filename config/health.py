"""Is the site alive? Asked by machines, without logging in."""

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
from operations.job_status import SWEEP_IS_LATE_AFTER

BROKER_TIMEOUT_SECONDS = 1.0  # for connecting, and again for the answer


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the site and its worker are well, else 503 with the reasons.

    The sentences are for logs and monitors, so they stay in English, and name no address or account: anyone may ask.
    """
    report = examine(at=timezone.now())
    return JsonResponse(report.as_json(), status=503 if report.reasons else 200)


@dataclass(frozen=True)
class Report:
    """What was found. A job that has never run on a new site is waited for; that is no fault."""

    database: str | None  # what is wrong, None when nothing is; so is the broker
    broker: str | None
    sweep: str | None
    last_sweep: datetime | None
    last_rebuild: datetime | None

    @property
    def reasons(self) -> list[str]:
        return [reason for reason in (self.database, self.broker, self.sweep) if reason]

    def as_json(self) -> dict[str, object]:
        return {
            "status": "down" if self.reasons else "ok",
            "reasons": self.reasons,
            "database": self.database or "ok",
            "broker": self.broker or "ok",
            "last_sweep": self.last_sweep or "waiting",
            "last_rebuild": self.last_rebuild or "waiting",
        }


def examine(*, at: datetime) -> Report:
    try:
        last, database = last_runs("sweep", "rebuild"), None
    except DatabaseError:
        last, database = {}, "The database does not answer."
    sweep = last.get("sweep")
    late = None
    if sweep and at - sweep > SWEEP_IS_LATE_AFTER:
        late = f"The last sweep was at {sweep:%Y-%m-%d %H:%M:%S} UTC: the worker or the scheduler is not running."
    return Report(database, broker_problem(settings.BROKER_URL), late, sweep, last.get("rebuild"))


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
