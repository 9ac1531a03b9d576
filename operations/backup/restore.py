"""Put a backup in the place of what is there, and see to it that nothing is sent twice afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext_lazy as _

import campaigns.triggers
import reports.triggers
import timesheets.triggers
from campaigns import change_log, erasure, erasure_log
from campaigns.erasure_log import ErasureEntry
from campaigns.models import Agency, Erasure, ErasureReason, HoldNotice, JobRun
from operations import erase_person
from operations.backup import archive, counts
from operations.backup.archive import Archive, Manifest
from operations.backup.databases import BackupRefused, database
from operations.backup.take import take, uploads_in
from reports.models import SummaryDelivery
from timesheets.models import PersonErasure, Reminder, Session
from timesheets.reminders import OCCASIONS


class NotAsItWas(Exception):
    """The backup is restored, but not all of it is as it should be; the text says what."""


@dataclass
class Restored:
    """What a restore did."""

    manifest: Manifest
    kept_before: Path | None = None
    held_back: int = 0
    erased_again: int = 0
    kept_of_time: int = 0
    people_erased_again: int = 0
    problems: list[str] = field(default_factory=list)


# Asked how many leads time had erased that the backup brings back: whether they are erased again.
TimeReplay = Callable[[int], bool]


def keep_time(_leads: int) -> bool:
    """Leave what time had erased as the backup has it; what is really due is erased in the nights to come."""
    return False


def restore(
    path: Path,
    *,
    replace: bool,
    at: datetime,
    erasures: Path | None = None,
    replays_time: TimeReplay = keep_time,
    as_it_was: bool = False,
) -> Restored:
    """Restore a backup into an empty installation, or with `replace` into any, which is backed up first.

    Who was erased on request since the backup is erased again, and what time erased if `replays_time` says so;
    `erasures` names the file that says who, when it is not beside the database. With `as_it_was` nothing is migrated,
    held back or erased again: that is the way back from an upgrade that failed, for the version that ran before.

    `Damaged` and `BackupRefused` leave everything as it was. `NotAsItWas` comes after the fact.
    """
    with archive.opened(path) as backup:
        check_fits(backup.manifest)
        if (used := counts.in_use()) and not replace:
            raise BackupRefused(
                f"This installation is not empty: there are rows in {', '.join(used[:5])}. "
                "Add --replace to put the backup in their place; what is there is then backed up first."
            )
        target = database()
        target.check_unused()
        done = Restored(backup.manifest)
        if used:
            done.kept_before = path.absolute().parent / f"before-restore-{at:%Y%m%d-%H%M%S}.backup"
            take(done.kept_before, at=at)
            if not as_it_was:
                _keep_erasures()
        with unpacked(backup, beside=path) as (dump, uploads):
            target.load(dump, backup.manifest.contents)
            try:
                _put_back(done, uploads)
                if not as_it_was:
                    _finish(done, erasures, replays_time)
            except Exception as error:
                raise NotAsItWas(f"It broke off: {error}. Start nothing; restore once more, with --replace.") from error
    if done.problems:
        raise NotAsItWas("\n".join(done.problems))
    return done


def _keep_erasures() -> None:
    """Write who was erased to the file: the database that knows is about to go, and may not be of this version yet."""
    if PersonErasure._meta.db_table in counts.shape():
        erase_person.keep_outside()
    table = Erasure._meta.db_table
    if table not in counts.shape():
        return
    if counts.has_column(table, "why"):
        erasure.keep_outside()
        return
    rows = Erasure.objects.values_list("lead_id", "erased_at", "hashes")
    old = {number: ErasureEntry(at, hashes, why="") for number, at, hashes in rows}
    erasure_log.keep_outside("lead", erasure_log.with_reasons(old))


@contextmanager
def unpacked(backup: Archive, *, beside: Path) -> Iterator[tuple[Path, Path]]:
    """Unpack the database beside the backup and the uploads where they belong, so that a full disk is noticed first."""
    there = Path(settings.MEDIA_ROOT).absolute().parent
    there.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=beside.absolute().parent, prefix=".restore.") as folder,
        tempfile.TemporaryDirectory(dir=there, prefix=".restore.") as uploads,
    ):
        dump = Path(folder) / "database"
        backup.extract(archive.DATABASE, dump)
        for name in backup.uploads():
            file = Path(uploads) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            backup.extract(archive.UPLOADS + name, file)
        yield dump, Path(uploads)


def _put_back(done: Restored, uploads: Path) -> None:
    """Count what the database holds now, and bring the files."""
    expected = done.manifest.contents
    done.problems = counts.differences(expected, counts.count(counts.shape_of(expected)))
    _put_uploads(uploads)


def _finish(done: Restored, erasures: Path | None, replays_time: TimeReplay) -> None:
    """Bring the database up to this version, and see to it that nobody comes back and nothing goes out twice."""
    call_command("migrate", verbosity=0, interactive=False, no_backup=True)
    done.problems += missing_triggers()
    done.held_back = _hold_back()
    change_log.begin_again()
    done.erased_again = erasure.replay(erasures)
    done.people_erased_again = erase_person.replay(erasures)
    if by_time := len(erasure.brought_back(ErasureReason.TIME, erasures)):
        if replays_time(by_time):
            done.erased_again += erasure.replay(erasures, why=ErasureReason.TIME)
        else:
            done.kept_of_time = by_time


def check_fits(manifest: Manifest) -> None:
    """Refuse what is of another database, or of a version that this one cannot know."""
    if manifest.vendor != connection.vendor:
        names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
        raise BackupRefused(
            f"This backup is of {names.get(manifest.vendor, manifest.vendor)}, but DATABASE_URL names "
            f"{names.get(connection.vendor, connection.vendor)}. Restore it where its own database runs."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupRefused(
            f"This backup was taken by a newer Retour ({manifest.version}): this one does not know {newer[0]}. "
            "Install that version or a later one, then restore."
        )


def _put_uploads(unpacked: Path) -> None:
    """The folder of uploads then holds exactly what the backup does."""
    folder, wanted = Path(settings.MEDIA_ROOT), dict(uploads_in(unpacked))
    for name, file in wanted.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, place)
    for name, file in list(uploads_in(folder)):
        if name not in wanted:
            file.unlink()


def missing_triggers() -> list[str]:
    source = "SELECT tgname FROM pg_trigger" if connection.vendor == "postgresql" else "SELECT name FROM sqlite_master"
    with connection.cursor() as cursor:
        cursor.execute(source)
        there = {name for (name,) in cursor.fetchall()}
    modules = (campaigns.triggers, timesheets.triggers, reports.triggers)
    triggers = [trigger for module in modules for trigger in module.TRIGGERS]
    expected = chain.from_iterable(trigger.names(connection.vendor) for trigger in triggers)
    return [f"the rule {name} is missing in the database" for name in expected if name not in there]


@transaction.atomic
def _hold_back() -> int:
    """Sign everyone out and keep back what may have been sent since the backup; return how many e-mails that is.

    What was about to be sent then may have been sent since, and so may the e-mails of a Monday that came between.
    Nobody knows here, so nothing goes out by itself: a director sees it and can send it again.
    """
    Session.objects.all().delete()
    reason = Agency.translate(_("Restored from a backup: it may have been sent since."))
    sending = SummaryDelivery.State
    letters = SummaryDelivery.objects.filter(state__in=[sending.WAITING, sending.CLAIMED])
    reminders = Reminder.objects.filter(state=Reminder.State.WAITING)
    HoldNotice.objects.filter(state=HoldNotice.State.WAITING).update(state=HoldNotice.State.UNKNOWN, reason=reason)
    held = letters.update(state=sending.UNKNOWN, reason=reason)
    held += reminders.update(state=Reminder.State.UNKNOWN, reason=reason)
    # With no time set, the next sweep sets one that is still to come.
    JobRun.objects.filter(name__in=["summary", *(occasion.job for occasion in OCCASIONS)]).update(next_due=None)
    return held
