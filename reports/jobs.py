"""What is due, and doing it. The sweep calls `run_due` every minute; everything here may run twice."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from campaigns.intake import engine as intake
from campaigns.models import Agency, JobRun
from campaigns.schedule import next_daily
from reports import delivery, evaluation, rollup
from reports.breakdown import Period
from timesheets import reminders

log = logging.getLogger(__name__)

NIGHT_HOUR = 3


def sweep(*, at: datetime) -> None:
    """Pick up whatever is due. One part that fails does not keep the others from running."""
    parts: list[Callable[[], object]] = [
        lambda: intake.resume_stalled(at=at),
        lambda: drain(at=at),
        lambda: nightly(at=at),
        lambda: delivery.decide_due(at=at),
        lambda: delivery.send_due(at=at),
        lambda: reminders.send_due(at=at),
    ]
    failures = [name for part in parts if (name := _attempt(part))]
    rollup.note_run("sweep", started_at=at, finished_at=timezone.now(), detail="; ".join(failures))


def _attempt(part: Callable[[], object]) -> str:
    try:
        part()
    except Exception as error:
        log.exception("a part of the sweep failed")
        return f"{type(error).__name__}: {error}"
    return ""


def drain(*, at: datetime) -> None:
    """Bring the rollups up to date; judge again when that touched the window that verdicts look at, or the rule."""
    changed = rollup.drain()
    agency = Agency.current()
    week = agency.last_complete_week(at)
    looked_at = Period.ending(week, agency.window_weeks + 1)
    if any(monday in looked_at for monday in changed) or evaluation.is_outdated(week):
        evaluation.evaluate(week, at=at)


def nightly(*, at: datetime) -> None:
    """Once a night: rebuild the rollups as a check, then judge."""
    if not claim("nightly", at=at):
        return
    try:
        rebuild(at=at)
    finally:  # tonight does not come again: a check that failed must not cost the verdicts too
        evaluation.evaluate(Agency.current().last_complete_week(at), at=at)


def rebuild(*, at: datetime) -> list[str]:
    """Rebuild and leave word; a difference is logged as the defect it is, but not what only waited to be counted."""
    drain(at=at)
    defects = rollup.rebuild()
    for defect in defects:
        log.error("reconciliation: %s", defect)
    rollup.note_run("rebuild", started_at=at, finished_at=timezone.now(), detail="\n".join(defects))
    return defects


def claim(name: str, *, at: datetime) -> bool:
    """Take tonight's run of a job, if it is due and nobody has; the first call ever only sets the time."""
    with transaction.atomic():
        JobRun.objects.get_or_create(name=name)
        job = JobRun.objects.select_for_update().get(name=name)
        due = job.next_due is not None and job.next_due <= at
        if due or job.next_due is None:
            job.next_due = next_daily(at, hour=NIGHT_HOUR, zone=Agency.current().zone)
            job.save(update_fields=["next_due"])
    return due
