"""Figures for Prometheus: how the jobs do, and what waits. Asked by machines that know a token."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.models import Hold, HoldKind, ImportRun
from config.health import connected_redis
from operations import job_status
from reports.models import SummaryDelivery
from timesheets.models import Reminder

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUEUE = "celery"  # the one queue, by Celery's own name


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format to `Authorization: Bearer METRICS_TOKEN`; without a token set, 404."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    if not is_allowed(request.headers.get("Authorization", "")):
        return HttpResponse(
            "Unauthorized\n", status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain"
        )
    return HttpResponse(written(gauges(at=timezone.now())), content_type=CONTENT_TYPE)


def is_allowed(header: str) -> bool:
    """Compare in a time that does not tell how much of a guess was right."""
    return hmac.compare_digest(header.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


# -- what is told -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gauge:
    """One metric: its values by their label, or one value without."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""


def gauges(*, at: datetime) -> Iterator[Gauge]:
    queued = messages_queued(settings.BROKER_URL)
    yield Gauge("broker_up", "1 when the broker answers.", {"": queued is not None})
    if queued is not None:
        yield Gauge("broker_messages", "Messages that wait for a worker.", {"": queued})
    try:
        gauges = [*of_jobs(job_status.jobs(at=at), at=at), *of_backlog(job_status.backlog()), of_holds()]
    except DatabaseError:
        gauges = []
    yield Gauge("database_up", "1 when the database answers.", {"": bool(gauges)})
    yield from gauges


def of_jobs(jobs: list[job_status.Job], *, at: datetime) -> Iterator[Gauge]:
    ended = {job.name: job.finished_at.timestamp() for job in jobs if job.finished_at}
    yield Gauge("job_last_end_timestamp_seconds", "When the job last ended, well or not.", ended, "job")
    took = {job.name: float(job.seconds) for job in jobs if job.seconds is not None}
    yield Gauge("job_last_duration_seconds", "How long its last run took.", took, "job")
    failed = {job.name: job.run.failures if job.run and job.has_failed else 0 for job in jobs}
    yield Gauge("job_failures_in_a_row", "Attempts that failed since the last that ended well.", failed, "job")
    aside = {job.name: job.set_aside_until is not None for job in jobs}
    yield Gauge("job_set_aside", "1 when the job waits because it kept failing.", aside, "job")
    sweep = next((job.run for job in jobs if job.name == "sweep"), None)
    signs = [sign for sign in (sweep.started_at, sweep.finished_at) if sign] if sweep else []
    age = at - max(signs, default=settings.STARTED_AT)
    yield Gauge("sweep_age_seconds", "Since the last sign of a sweep, or since the start.", {"": age.total_seconds()})
    taken = max((job.backed_up_at.timestamp() for job in jobs if job.backed_up_at), default=0.0)
    yield Gauge(
        "backup_last_timestamp_seconds", "When the last good backup was taken; 0 before the first.", {"": taken}
    )


def of_backlog(waiting: job_status.Backlog) -> Iterator[Gauge]:
    yield Gauge("stale_marks", "Changes that the figures do not show yet.", {"": waiting.changes})
    yield Gauge("imports", "Imports by status.", of_all(ImportRun.Status.values, waiting.imports), "status")
    letters = of_all(SummaryDelivery.State.values, waiting.deliveries)
    yield Gauge("deliveries", "Weekly summaries by state.", letters, "state")
    yield Gauge("reminders", "Reminders by state.", of_all(Reminder.State.values, waiting.reminders), "state")


def of_holds() -> Gauge:
    held = dict.fromkeys(Hold.objects.open().values_list("kind", flat=True), 1)
    return Gauge("held", "1 while it waits for a director to confirm.", of_all(HoldKind.values, held), "kind")


def of_all(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, float]:
    """A count for each name: a series that comes and goes cannot be watched."""
    return {name: counts.get(name, 0) for name in names}


def messages_queued(url: str) -> int | None:
    """How many messages wait in the broker; None when it does not answer."""
    if url.startswith("redis"):
        try:
            with connected_redis(url) as client:
                return int(client.llen(QUEUE))
        except (redis.RedisError, OSError):
            return None
    if url.startswith("filesystem"):
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
        return sum(1 for _file in folder.glob("*.msg")) if folder.is_dir() else None
    return 0


# -- how it is written ------------------------------------------------------------------------------------------------


def written(gauges: Iterable[Gauge]) -> str:
    return "".join(line for gauge in gauges for line in _lines(gauge))


def _lines(gauge: Gauge) -> Iterator[str]:
    name = f"retour_{gauge.name}"
    yield f"# HELP {name} {gauge.help}\n# TYPE {name} gauge\n"
    for value, number in gauge.values.items():
        label = f'{{{gauge.label}="{value}"}}' if gauge.label else ""
        yield f"{name}{label} {float(number):.15g}\n"
