"""The database into a file and back: PostgreSQL by its own tools, SQLite by its online backup.

`dump` may run while people work: what it writes and what it counts come from one snapshot. `load` replaces the whole
database in one transaction: it either ends, or leaves what was there.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.backends.sqlite3._functions import register as register_functions  # type: ignore[import-untyped]

from operations.backup import counts
from operations.backup.archive import Contents

DEBIAN_PLACES = Path("/usr/lib/postgresql")
LOCK_WAIT = "10s"


class BackupRefused(Exception):
    """It cannot be done as things stand; the text is a sentence that says what to do."""

    quotes_nobody = True


class Database(Protocol):
    def dump(self, to: Path) -> Contents:
        """Write the whole database to a file and return what it holds."""

    def load(self, dump: Path, expected: Contents) -> None:
        """Put a dump in the place of everything."""

    def check_unused(self) -> None:
        """Refuse when somebody else is at work in the database."""

    def backup_bytes(self) -> int:
        """How much room a backup of it may need while it is written."""


def database() -> Database:
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


# -- SQLite -----------------------------------------------------------------------------------------------------------


class Sqlite:
    def dump(self, to: Path) -> Contents:
        to.touch(mode=0o600)
        connection.ensure_connection()
        with contextlib.closing(self._open(to)) as copy:
            connection.connection.backup(copy)  # all pages in one step: one snapshot, whoever writes meanwhile
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            return counts.count(counts.shape(), lambda sql: copy.execute(sql).fetchone())

    def load(self, dump: Path, expected: Contents) -> None:
        with contextlib.closing(self._open(dump)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
            if verdict != "ok":
                raise BackupRefused(f"SQLite says of the database in this backup: {verdict}.")
            found = counts.count(counts.shape_of(expected), lambda sql: copy.execute(sql).fetchone())
            if wrong := counts.differences(expected, found):
                raise BackupRefused("The database in this backup does not hold what it should: " + "; ".join(wrong))
            connection.ensure_connection()
            copy.backup(connection.connection)
        connection.close()

    def _open(self, path: Path) -> sqlite3.Connection:
        """Open a file with the functions that Django's constraints call, which a check of them runs."""
        copy = sqlite3.connect(path)
        register_functions(copy)
        return copy

    def check_unused(self) -> None:
        """SQLite cannot tell; its backup takes turns with writers by itself."""

    def backup_bytes(self) -> int:
        (size,) = counts.ask_connection("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return 2 * int(size)  # a copy, and the copy in the archive


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


class Postgres:
    def __init__(self) -> None:
        connection.ensure_connection()
        self.version = connection.pg_version // 10000  # type: ignore[attr-defined]

    def dump(self, to: Path) -> Contents:
        to.touch(mode=0o600)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", to=to)
            return counts.count(counts.shape())

    def load(self, dump: Path, expected: Contents) -> None:
        """Let `pg_restore` write SQL and `psql` run it, after dropping our tables, in one transaction.

        Tables are dropped first, and not left to `pg_restore --clean`, because those of a newer version are not in
        the dump and would hold on to those that are, or be in the way of the next upgrade.
        """
        ours = sorted({*counts.shape(), *expected, *counts.tables_of_any_version()})
        drop = "".join(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE;\n" for table in ours)
        connection.close()
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-", str(dump))
        with subprocess.Popen(
            [self._program("pg_restore"), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as reader:
            trouble = self._run_as_one(self._script(drop, reader))
            output = reader.communicate()[1].decode(errors="replace").strip()
        if trouble or reader.returncode:
            raise BackupRefused(
                f"Nothing was changed: the database could not be restored. {(trouble or output)[:1000]}"
            )

    def _script(self, drop: str, reader: "subprocess.Popen[bytes]") -> Iterator[bytes]:
        """All the SQL. The last line comes only when all before it came: a script that is cut off changes nothing."""
        assert reader.stdout
        yield f"BEGIN;\nSET LOCAL lock_timeout = '{LOCK_WAIT}';\nSET client_min_messages = warning;\n{drop}".encode()
        for line in reader.stdout:
            if not line.startswith(b"SET transaction_timeout"):  # servers before 17 do not know it
                yield line
            if line.startswith(b"COPY "):
                break  # what follows is data, too
        while part := reader.stdout.read(1 << 20):
            yield part
        if reader.wait() == 0:
            yield b"\nCOMMIT;\n"

    def _run_as_one(self, script: Iterator[bytes]) -> str:
        """Give SQL to `psql`, which stops at the first error; return that error."""
        arguments, environment = self._arguments("psql")
        command = [*arguments, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"]
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin
            with contextlib.suppress(BrokenPipeError):  # it has stopped, and says why
                for part in script:
                    process.stdin.write(part)
            output = process.communicate()[1].decode(errors="replace").strip()
        return output or "psql failed." if process.returncode else ""

    def check_unused(self) -> None:
        others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        (count,) = counts.ask_connection(f"{others} AND backend_type = 'client backend'")
        if count:
            raise BackupRefused(
                f"{count} other connections to the database are open. "
                "Stop the web server, the worker and the scheduler first, then try again."
            )

    def backup_bytes(self) -> int:
        (size,) = counts.ask_connection("SELECT pg_database_size(current_database())")
        return int(size)  # the dump is compressed and without indexes: with its copy in the archive it takes no more

    def _run(self, name: str, *options: str, to: Path) -> None:
        arguments, environment = self._arguments(name)
        with to.open("wb") as output:
            result = subprocess.run(
                [*arguments, *options, "--no-password"], env=environment, stdout=output, stderr=subprocess.PIPE
            )
        if result.returncode:
            raise BackupRefused(f"{name} failed: {result.stderr.decode(errors='replace').strip()}")

    def _arguments(self, name: str) -> tuple[list[str], dict[str, str]]:
        """The command, without the password: other users of this machine can read a command line."""
        arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
        return [self._program(name), *arguments[1:]], {**os.environ, **(environment or {})}

    def _program(self, name: str) -> str:
        """Find a tool of the server's own version, else any: `pg_dump` must not be older than the server."""
        of_version = DEBIAN_PLACES / str(self.version) / "bin" / name
        found = str(of_version) if of_version.exists() else shutil.which(name)
        if not found:
            raise BackupRefused(
                f"{name} is not on this machine. It belongs to PostgreSQL's own tools: "
                "apt-get install postgresql-client (Debian, Ubuntu) or brew install libpq (macOS)."
            )
        return found
