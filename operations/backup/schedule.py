"""The backup of each night: asked for by the sweep, taken by a task of its own, which may take longer than others."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from campaigns.models import JobRun
from operations.backup import erasures_copy, folder, hook
from operations.backup.archive import Manifest
from operations.backup.hook import HookFailed

JOB, ERASURES_JOB = "backup", "erasures"
TASK = "operations.backup"
HOUR = 2  # before the night's clean-up: what it erases by mistake is in the backup
TIME_LIMIT_SECONDS = 3600
LEASE = timedelta(seconds=TIME_LIMIT_SECONDS) + timedelta(minutes=5)
TRIED_AGAIN_AFTER = timedelta(minutes=10)
OLD_AFTER = timedelta(hours=36)
HANDED_ON_FOR = timedelta(hours=12)  # after that a new one is worth more


def take_due(*, at: datetime) -> None:
    """Take the backup of the night; after a hook that failed, hand on the one that is there already."""
    job = JobRun.objects.get(name=JOB)
    taken, path = last_good(job, at=at), Path(settings.BACKUP_DIR) / job.detail
    if job.error.startswith(HookFailed.__name__) and taken and at - taken < HANDED_ON_FOR and path.is_file():
        hook.hand_on(path)
        erasures_copy.copy()
    else:
        take_one(at=at)


def take_one(*, at: datetime) -> tuple[Path, Manifest]:
    """Take a backup, note it as the last good one, and hand it on with the log of erasures."""
    path, manifest = folder.add(at=at)
    JobRun.objects.update_or_create(name=JOB, defaults={"detail": path.name})
    hook.hand_on(path)
    erasures_copy.copy()
    return path, manifest


def copy_erasures(*, at: datetime) -> None:
    erasures_copy.copy()


def is_behind_with_erasures() -> bool:
    return bool(settings.BACKUP_NIGHTLY) and erasures_copy.is_behind()


def last_good(job: JobRun | None, *, at: datetime) -> datetime | None:
    """When the last backup by schedule was taken that is whole; one that a wrong clock dates ahead is none."""
    taken = folder.taken_at(job.detail) if job else None
    return taken if taken and taken <= at else None


def is_old(taken: datetime | None, *, at: datetime) -> bool:
    """Whether the night after the last good one went by without another."""
    return bool(settings.BACKUP_NIGHTLY) and taken is not None and at - taken > OLD_AFTER
