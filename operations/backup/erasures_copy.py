"""The log of erasures, copied to where the backups go: a backup brings back what was erased, and the log tells.

The copy gains lines and never loses one, so that an installation that lost its own log does not empty the copy.
"""

import hashlib
import os
from pathlib import Path

from django.conf import settings

from operations.backup import hook
from operations.backup.take import sync

HANDED_ON = ".erasures-handed-on"  # the checksum of the copy that BACKUP_HOOK took last


def copy() -> None:
    """Bring the copy up to date and hand it on; `HookFailed` leaves it to be handed on again."""
    log, folder = Path(settings.ERASURES_FILE), Path(settings.BACKUP_DIR)
    target = folder / log.name
    if missing := _missing(log, target):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(target, [*_lines(target), *missing])
    if not is_handed_on():
        hook.hand_on(target)
        _write(folder / HANDED_ON, [_checksum(target)])


def is_behind() -> bool:
    """Whether the log has lines that its copy, or whatever the hook feeds, lacks."""
    log = Path(settings.ERASURES_FILE)
    return bool(_missing(log, Path(settings.BACKUP_DIR) / log.name)) or not is_handed_on()


def is_handed_on() -> bool:
    folder = Path(settings.BACKUP_DIR)
    target = folder / Path(settings.ERASURES_FILE).name
    return not settings.BACKUP_HOOK or not target.is_file() or _lines(folder / HANDED_ON) == [_checksum(target)]


def _missing(log: Path, target: Path) -> list[str]:
    there = set(_lines(target))
    return [line for line in _lines(log) if line not in there]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, lines: list[str]) -> None:
    """Put a file in its place at once, readable by its owner alone."""
    half_done = path.with_name(f".{path.name}.{os.getpid()}")
    half_done.touch(mode=0o600)
    half_done.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sync(half_done)
    half_done.rename(path)
