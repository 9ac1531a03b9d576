"""Databases of the tests: a migrated one, made once and then copied, and how to empty one.

To migrate takes longer than most files of tests. So the first who needs a migrated database makes one, for this code,
and everybody copies it: the processes of a run, and what they start. It stays for the next run, on a PostgreSQL as long
as that does.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch

from django.core import management
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import setup_databases, teardown_databases

from tests.waiting import happens

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "tests"
# What a migrated database comes from, what migrations import included.
MADE_BY = (
    "*/migrations/*.py",
    "*/models/*.py",
    "*/models.py",
    "*/apps.py",
    "*/triggers.py",
    "campaigns/search_indexes.py",
    "campaigns/trigram_index.py",
    "*/encrypted_fields.py",
    "core/sealing.py",
    "config/settings.py",
    "requirements/runtime.txt",
)
LOCK_NUMBER = 20_260_101  # any number that nobody else takes
# What triggers write when a row of another table is deleted.
WRITTEN_BY_TRIGGERS = ("campaigns_loggedchange", "campaigns_stalemark")
# Made by `migrate` itself, and by no test.
ALWAYS_THERE = {"django_migrations", "django_content_type", "auth_permission"}


@contextlib.contextmanager
def made(*, migrates: bool) -> Iterator[None]:
    """Give Django its test databases, as copies or, without migrations, made of the models as they are."""
    if migrates:
        fill = _fill_sqlite if connection.vendor == "sqlite" else _start_from_template()
    else:
        connection.settings_dict["TEST"]["MIGRATE"] = False
        fill = management.call_command
    with patch.object(management, "call_command", fill):
        old = setup_databases(0, interactive=False, serialized_aliases=[])
    yield
    with contextlib.suppress(DatabaseError):  # a thread may hold a connection still; the next run replaces it then
        teardown_databases(old, 0)


def _fill_sqlite(command: str, **_options: object) -> None:
    """Instead of `migrate`: put all that the migrated file holds into the database, which is in memory."""
    if command != "migrate":
        return
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(migrated_file())) as migrated:
        migrated.backup(connection.connection)


def _start_from_template() -> Callable[..., None]:
    """Have the database begin as a copy, so that there is nothing to migrate."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database(os.environ["TEST_DATABASE_URL"])
    return lambda *_command, **_options: None


# -- migrated once ----------------------------------------------------------------------------------------------------


@cache
def migrated_file() -> Path:
    """A migrated SQLite file, to be copied and never opened."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{_version()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            for older in KEPT.glob("*.sqlite3*"):
                older.unlink()
            half_done = path.with_suffix(".half")
            _migrate(f"sqlite:///{half_done}")
            with contextlib.closing(sqlite3.connect(half_done)) as database:
                database.execute("PRAGMA journal_mode = DELETE")  # all of it in the one file
            half_done.rename(path)
    return path


@cache
def migrated_database(server_url: str) -> str:
    """The name of a migrated database on this PostgreSQL, to be copied (CREATE DATABASE ... TEMPLATE)."""
    import psycopg  # here, because few need it and it takes long to load, as do the tools of conftest.py

    name = f"migrated_{_version()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f"DROP DATABASE IF EXISTS {name}_half")
            server.execute(f"CREATE DATABASE {name}_half")
            _migrate(f"{server_url.rpartition('/')[0]}/{name}_half")
            server.execute(f"ALTER DATABASE {name}_half RENAME TO {name}")
    return name


def copy_file(path: Path) -> None:
    shutil.copyfile(migrated_file(), path)


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)


def _version() -> str:
    """Of all that makes a migrated database what it is."""
    contents = hashlib.sha256(sys.version.encode())
    for path in sorted({path for pattern in MADE_BY for path in ROOT.glob(pattern)}):
        contents.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return contents.hexdigest()[:16]


# -- emptied ----------------------------------------------------------------------------------------------------------


def empty() -> None:
    """Empty all tables, once what a browser asked for last has written."""
    assert not connection.in_atomic_block, "A test with transactions of its own stands in a module that shares rows."
    assert happens(_is_empty), "somebody still writes"
    if connection.vendor == "sqlite":
        _forget_statistics()


def _forget_statistics() -> None:
    """What an ANALYZE of this test counted would change the plans of the next ones; no ANALYZE of theirs undoes it."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")
        cursor.execute("DROP TABLE IF EXISTS sqlite_stat4")
        cursor.execute("PRAGMA writable_schema = RESET")  # the connection reads the schema again


def _is_empty() -> bool:
    """Empty all tables: to delete few rows is much faster than to truncate many tables.

    What triggers write goes last, because deleting writes it too. False when a row was written meanwhile that keeps
    another from going, or who writes waits for us as we for them.
    """
    tables = set(connection.introspection.django_table_names(include_views=False)) - ALWAYS_THERE
    in_order = sorted(tables, key=lambda name: (name in WRITTEN_BY_TRIGGERS, name))
    statements = [f"DELETE FROM {table}" for table in in_order]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in [";".join(statements)] if connection.vendor == "postgresql" else statements:
                cursor.execute(statement)
    except (IntegrityError, OperationalError):
        return False
    return True
