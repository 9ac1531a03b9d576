"""Rows into a table by the shortest way that each database has, and the triggers left out while they go in."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

AT_ONCE = 20_000
# What must not run for each row of a load: marks, the log of changes, webhooks, the sum of a day. Others, such as
# those that keep an index of words, run.
LEFT_OUT = ("campaigns_stalemark", "campaigns_loggedchange", "campaigns_webhookevent", "A day has 24 hours")


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


@contextlib.contextmanager
def without_triggers() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(_as_replica() if is_postgresql() else _dropped())
        yield


@contextlib.contextmanager
def _as_replica() -> Iterator[None]:
    """As a superuser may: no trigger runs, foreign keys are not looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


@contextlib.contextmanager
def _dropped() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = [(name, sql) for name, sql in cursor.fetchall() if any(text in sql for text in LEFT_OUT)]
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


def load(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows of these columns, the others as the model says, in one transaction; return how many."""
    rest = _others(model, names)
    columns = ", ".join(f'"{name}"' for name in (*names, *rest))
    whole = ((*row, *rest.values()) for row in rows)
    with transaction.atomic():
        copy = _copy if is_postgresql() else _insert
        return copy(model._meta.db_table, columns, len(names) + len(rest), whole)


def _others(model: type[models.Model], names: Sequence[str]) -> dict[str, Any]:
    """The columns that the rows do not name and that may not be empty, with what a new row has there."""
    return {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.column not in names and not field.primary_key and not field.null and not field.generated
    }


def _copy(table: str, columns: str, _width: int, rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        for batch in batches(rows):
            count += len(batch)
            copy.write(
                "".join("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in batch)
            )
    return count


def _insert(table: str, columns: str, width: int, rows: Iterable[Sequence[Any]]) -> int:
    places = ", ".join(["?"] * width)
    count = 0
    for batch in batches(rows):
        count += len(batch)
        connection.connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', batch)
    return count


def batches(rows: Iterable[Sequence[Any]], size: int = AT_ONCE) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch
