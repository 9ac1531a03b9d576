"""The folder of backups (BACKUP_DIR): one more, and those that are kept."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from operations.backup import retention
from operations.backup.archive import Manifest
from operations.backup.databases import BackupRefused, database
from operations.backup.take import take, uploads_in

# Files of other names are somebody's own: nothing here touches them.
NAME = re.compile(r"retour-(\d{8}-\d{6})\.backup")
MOMENT = "%Y%m%d-%H%M%S"  # in UTC
MEGABYTE = 1_000_000
SPARE_BYTES = 50 * MEGABYTE  # the disk is for the database too


def add(*, at: datetime) -> tuple[Path, Manifest]:
    """Write a backup into the folder, then delete those that the rule does not keep.

    `BackupRefused` when there is no room for it; nothing is deleted unless the new one is whole.
    """
    folder = Path(settings.BACKUP_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_room(folder)
    path = folder / name_of(at)
    manifest = take(path, at=at)
    prune(folder)
    return path, manifest


def name_of(at: datetime) -> str:
    return f"retour-{at.astimezone(UTC):{MOMENT}}.backup"


def taken_at(name: str) -> datetime | None:
    """When the backup of this name was taken; None for a name of another kind."""
    match = NAME.fullmatch(name)
    return datetime.strptime(match[1], MOMENT).replace(tzinfo=UTC) if match else None


def prune(folder: Path) -> None:
    backups = {at: path for path in folder.iterdir() if (at := taken_at(path.name))}
    for at in backups.keys() - retention.kept(backups):
        backups[at].unlink(missing_ok=True)


def check_room(folder: Path) -> None:
    """Refuse when the disk would be full before the backup is written."""
    uploads = sum(file.stat().st_size for _name, file in uploads_in(Path(settings.MEDIA_ROOT)))
    needed = database().backup_bytes() + uploads + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(
            f"A backup may need {_megabytes(needed)} in {folder}, and {_megabytes(free)} are free. "
            "Make room there, or name another folder in BACKUP_DIR."
        )


def _megabytes(count: int) -> str:
    return f"{-(-count // MEGABYTE)} MB"
