"""What is due, and doing it. The sweep runs every minute; everything here may run twice."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from campaigns import retention, trusted_clock
from campaigns.imports import runner as imports
from campaigns.models import Agency, JobRun, Retry
from campaigns.webhooks import delivery as webhooks
from core import logs, task_queue
from core.outages import is_outage
from core.outbox import LOST_AFTER
from core.schedule import next_daily
from operations import erase_person, hold_notices
from operations.backup import schedule as backups
from reports.attribution import rollups
from reports.comparisons import compute, limit_trials
from reports.verdicts import budget_flags, evaluation
from reports.weekly_email import delivery
from timesheets import absences, reminders

log = logging.getLogger(__name__)

NIGHT_HOUR = 3
NIGHTLY = ("rebuild", "evaluate", "compare", "budgets", "purge")
NIGHT_TASK = "operations.nightly"
# How long a night's work may take: to compute every figure of ten million hours again takes minutes.
NIGHT_LIMIT_SECONDS = 3600
# What a worker that died had begun is begun again after this.
LEASE = timedelta(seconds=NIGHT_LIMIT_SECONDS) + timedelta(minutes=5)
FURTHEST_NIGHT = timedelta(days=2)


# What an outage cut off in this process, until the database answers again.
CUT_OFF: list[JobRun] = []


class JobFunction(Protocol):
    """Does what is due at an instant."""

    def __call__(self, *, at: datetime) -> object: ...


def sweep(*, at: datetime) -> None:
    """Pick up whatever is due. One part that fails does not keep the others from running.

    By a clock that may be wrong, parts that erase or decide do nothing (docs/adr/0027).
    """
    if trusted_clock.watch(at=at):
        delivery.correct_early(at=at)
    run_due(
        {
            "imports": imports.resume_stalled,
            "figures": drain,
            "erasures-due": request_copy_of_erasures,
            "backup-due": request_backup,
            "nightly-due": request_nightly,
            "summary": delivery.decide_due,
            "deliveries": delivery.send_due,
            "reminders": reminders.send_due,
            "notices": hold_notices.send_due,
            "webhooks-due": request_webhooks,
        },
        at=at,
    )
    failing = JobRun.objects.exclude(error="").order_by("name").values_list("name", "error")
    detail = "\n".join(f"{name}: {error}" for name, error in failing)
    JobRun.note("sweep", started_at=at, finished_at=timezone.now(), detail=detail)


def run_due(parts: Mapping[str, JobFunction], *, at: datetime) -> None:
    """Attempt each in turn, those that failed last time at the end: one that kills its worker holds up no other."""
    failures = dict(JobRun.objects.filter(name__in=parts).values_list("name", "failures"))
    for name in sorted(parts, key=lambda name: failures.get(name, 0)):
        attempt(name, parts[name], at=at)


def attempt(name: str, part: JobFunction, *, at: datetime) -> None:
    """Run a job unless it is backed off (`JobRun` says when); what goes wrong is logged, kept, and goes no further."""
    take_back_cut_off(at=at)
    job = JobRun.objects.get_or_create(name=name)[0]
    if not job.begin(at=at, started_at=timezone.now(), worker=task_queue.worker_name()):
        return
    try:
        job.end(finished_at=timezone.now(), error=_error_of(job, part, at=at))
    except DatabaseError as error:
        if not is_outage(error):
            raise
        CUT_OFF.append(job)
        log.warning("the database went away during %s", name)


def _error_of(job: JobRun, part: JobFunction, *, at: datetime) -> str:
    """Run a job and say what went wrong, if anything; raise when it lost the database."""
    try:
        part(at=at)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("the job %s failed, %s in a row", job.name, job.failures)
        return logs.safe_error(error)
    return ""


def take_back_cut_off(*, at: datetime) -> None:
    """The database answers again: what its outage cut off in this process is no failure of those jobs."""
    while CUT_OFF:
        job = CUT_OFF.pop()
        try:
            job.take_back(at=at)
        except DatabaseError:
            CUT_OFF.append(job)
            raise


def retry(name: str, *, at: datetime, by: Any) -> None:
    """Try a job again with the next sweep, which is asked for now, and record who wanted it."""
    Retry.objects.create(what=name, at=at, by=by)
    JobRun.objects.get(name=name).resume()
    if name in NIGHTLY:
        JobRun.objects.filter(name="nightly").update(next_due=at)
    if name == backups.JOB:
        JobRun.objects.filter(name=name).update(next_due=at)
    task_queue.enqueue_on_commit("reports.sweep")


def resume_after_start(*, at: datetime) -> None:
    """On a start of everything, when nobody can be at work: what was cut off goes on now, not once it is given up.

    That it was cut off is no failure of a job; one that did fail stays backed off.
    """
    task_queue.purge()  # hundreds of old tasks would run first
    imports.resume_all(at)
    delivery.OUTBOX.mark_lost(at=at + LOST_AFTER)
    webhooks.mark_lost(at=at + LOST_AFTER)
    JobRun.objects.filter(error="").exclude(failures=0).update(failures=0, set_aside_until=None)
    task_queue.enqueue_on_commit("reports.sweep")


def resume_worker(*, worker: str, since: datetime) -> None:
    """On the start of one worker, while others may be at work: what its last end cut off is no failure, and goes on."""
    JobRun.forgive_cut_off(worker=worker, since=since)
    task_queue.enqueue_on_commit("reports.sweep")


def drain(*, at: datetime) -> None:
    """Bring the rollups up to date; judge again when that touched a complete week, or the rule was changed.

    Verdicts look back over years of work: any complete week counts.
    """
    changed = rollups.drain()
    week = Agency.current().last_complete_week(at)
    if any(monday <= week.monday for monday in changed) or evaluation.is_outdated(week):
        evaluation.request_evaluation(at=at)
    if not trusted_clock.is_trusted(at):
        return
    if evaluation.is_due(at):
        attempt("evaluate", evaluation.evaluate_due, at=at)
    if compute.is_outdated(week, changed) or limit_trials.is_outdated(week, changed):
        attempt("compare", compare, at=at)
    if budget_flags.is_outdated(week, changed):
        attempt(budget_flags.JOB, budget_flags.update, at=at)


def request_nightly(*, at: datetime) -> None:
    """Ask for tonight's work while it is due; its task takes longer than a sweep may, and only one of them gets it."""
    planned = JobRun.objects.filter(name="nightly", next_due__gt=at, next_due__lte=at + FURTHEST_NIGHT)
    if not planned.exists():
        task_queue.enqueue_on_commit(NIGHT_TASK)


def nightly(*, at: datetime) -> None:
    """Once a night: rebuild the rollups as a check, then judge. One that fails costs the others nothing."""
    if not trusted_clock.is_trusted(at) or not acquire("nightly", at=at):
        return
    parts: dict[str, JobFunction] = {
        "rebuild": rebuild,
        "evaluate": evaluation.evaluate_due,
        "compare": compare,
        "budgets": budget_flags.update,
        "purge": purge,
    }
    run_due(parts, at=at)
    # Unless somebody has asked for another try meanwhile.
    JobRun.objects.filter(name="nightly", next_due=at + LEASE).update(next_due=_next(NIGHT_HOUR, at))


def purge(*, at: datetime) -> None:
    """Erase what has been kept long enough, and once more who was erased and is back."""
    retention.purge(at=at)
    absences.forget_old(at=at)
    erase_person.keep_outside()
    erase_person.replay()


def request_backup(*, at: datetime) -> None:
    """Ask for tonight's backup, once; its task takes longer than a sweep may."""
    if settings.BACKUP_NIGHTLY and acquire(backups.JOB, at=at, hour=backups.HOUR, lease=backups.LEASE):
        task_queue.enqueue_on_commit(backups.TASK)


def back_up(*, at: datetime) -> None:
    """Take the backup that is due; one that fails is due again in a while, until it is backed off."""
    attempt(backups.JOB, backups.take_due, at=at)
    job = JobRun.objects.get(name=backups.JOB)
    due = at + backups.TRIED_AGAIN_AFTER if job.failures else _next(backups.HOUR, at)
    JobRun.objects.filter(name=backups.JOB).update(next_due=due)


def request_copy_of_erasures(*, at: datetime) -> None:
    if backups.is_behind_with_erasures():
        task_queue.enqueue_on_commit(task_queue.COPY_ERASURES)


def copy_erasures(*, at: datetime) -> None:
    if backups.is_behind_with_erasures():
        attempt(backups.ERASURES_JOB, backups.copy_erasures, at=at)


def request_webhooks(*, at: datetime) -> None:
    """Ask for a task of its own: a receiver that hangs holds up nothing else."""
    if webhooks.is_due(at=at):
        task_queue.enqueue_on_commit(webhooks.TASK)


def compare(*, at: datetime) -> None:
    week = Agency.current().last_complete_week(at)
    compute.evaluate_all(week, at=at)
    limit_trials.evaluate_trials(week, at=at)


def rebuild(*, at: datetime) -> list[str]:
    """Rebuild and leave word; a difference is logged as the defect it is, but not what only waited to be counted."""
    drain(at=at)
    JobRun.objects.update_or_create(name="rebuild", defaults={"started_at": at})
    defects = rollups.rebuild()
    for defect in defects:
        log.error("reconciliation: %s", defect)
    JobRun.note("rebuild", started_at=at, finished_at=timezone.now(), detail="\n".join(defects))
    return defects


def acquire(name: str, *, at: datetime, hour: int = NIGHT_HOUR, lease: timedelta = LEASE) -> bool:
    """Take tonight's run of a job, if it is due and nobody has; the first call ever only sets the time.

    It is taken for a while: a worker that dies over it leaves it due again. A night that a clock has set which was
    ahead is pulled back.
    """
    with transaction.atomic():
        JobRun.objects.get_or_create(name=name)
        job = JobRun.objects.select_for_update().get(name=name)
        due = job.next_due is not None and job.next_due <= at
        is_far = job.next_due is not None and job.next_due > at + FURTHEST_NIGHT
        if due or job.next_due is None or is_far:
            job.next_due = at + lease if due else _next(hour, at)
            job.save(update_fields=["next_due"])
    return due


def _next(hour: int, at: datetime) -> datetime:
    return next_daily(at, hour=hour, zone=Agency.current().zone)
