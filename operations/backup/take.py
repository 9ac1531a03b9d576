"""Take a backup, while people work."""

import os
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.db import connection

from operations.backup import archive, counts
from operations.backup.archive import Manifest
from operations.backup.databases import BackupRefused, database


def take(path: Path, *, at: datetime) -> Manifest:
    """Write a backup and return what it holds; `BackupRefused` when the file is there, or its folder is not.

    Everything is written in a folder beside `path`, read back and checked, and only then gets its name. So a file of
    that name is a whole backup, however this ends; what a kill leaves behind is a folder whose name starts with a dot.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already. Choose another name: a backup is never overwritten.")
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        dump, whole = Path(folder) / "database", Path(folder) / "backup"
        held = database().dump(dump)
        files = uploads_in(Path(settings.MEDIA_ROOT))
        manifest = archive.write(whole, database=dump, uploads=files, manifest=manifest_of(held, at=at))
        with archive.opened(whole):
            sync(whole)
        whole.rename(path)
        sync(path.parent)
    return manifest


def manifest_of(held: archive.Contents, *, at: datetime) -> Manifest:
    return Manifest(
        taken_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        version=version(),
        vendor=connection.vendor,
        migrations=counts.migrations(),
        contents=held,
    )


def uploads_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every uploaded file, by its name below the folder."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield file.relative_to(folder).as_posix(), file


def version() -> str:
    """The version of this code: of its clone, else of the wheel that was installed."""
    project = Path(settings.BASE_DIR) / "pyproject.toml"
    if not project.exists():
        return metadata.version("retour")
    return str(tomllib.loads(project.read_text())["project"]["version"])


def sync(path: Path) -> None:
    """Have the system put a file, or the names in a folder, on the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
