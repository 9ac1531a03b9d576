"""Can what people save be stored: does the database take it, and has the disk room?

Anyone may ask, and to find out takes a write, so the answer is kept for a few seconds by each process.
"""

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

KEPT_SECONDS = 10.0
# Less than this on a disk, and saves begin to fail: SQLite's log of changes grows by the page.
ROOM_BYTES = 1024 * 1024

_last: tuple[float, str | None] | None = None  # by the monotonic clock


def problem() -> str | None:
    """Return the sentence that says what is wrong, or None; `DatabaseError` when the database does not answer."""
    global _last
    now = time.monotonic()
    if _last is None or now - _last[0] > KEPT_SECONDS:
        _last = now, find_problem()
    return _last[1]


def forget() -> None:
    global _last
    _last = None


def find_problem() -> str | None:
    problems = (database_problem(), *(folder_problem(folder) for folder in sorted(folders())))
    return next(filter(None, problems), None)


# -- the database -----------------------------------------------------------------------------------------------------


def database_problem() -> str | None:
    if connection.vendor == "postgresql":
        return postgres_problem()
    file = database_file()
    return sqlite_problem(file) if file else None


def postgres_problem() -> str | None:
    """Ask whether a new transaction may write: a standby, and a server that was set to, says no."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')")
        (answer,) = cursor.fetchone()
    return "The database is read-only." if answer == "on" else None


def sqlite_problem(file: Path) -> str | None:
    """Ask for the lock that a write begins with, on a connection of its own that waits for nobody."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=0)) as database:
            database.isolation_level = None
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        somebody_writes = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        return None if somebody_writes else "The database is read-only."
    return None


def database_file() -> Path | None:
    """The file of SQLite, unless the database is in memory."""
    file = Path(str(connection.settings_dict["NAME"]))
    return file if connection.vendor == "sqlite" and file.is_file() else None


# -- the disk ---------------------------------------------------------------------------------------------------------


def folders() -> set[Path]:
    """Where this installation writes: the uploads, the log of erasures, and a database that is a file."""
    wanted = [Path(settings.MEDIA_ROOT), Path(settings.ERASURES_FILE).parent]
    if file := database_file():
        wanted.append(file.parent)
    return set(map(_existing, wanted))


def folder_problem(folder: Path) -> str | None:
    """Write as much as a save may need, and take it away: quotas and read-only disks say no like a full one."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM_BYTES))
            file.flush()
    except OSError as error:
        return f"Nothing can be written to the disk: {(error.strerror or 'error').lower()}."
    return None


def _existing(folder: Path) -> Path:
    return next(place for place in _and_above(folder.absolute()) if place.is_dir())


def _and_above(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents
