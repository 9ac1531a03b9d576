"""Move everything from SQLite into an empty PostgreSQL: all of it or nothing, and every row compared afterwards.

There, all happens in one transaction: tables, triggers, rows, sequences, the comparison. Whatever goes wrong, a cut of
the power included, leaves the target as empty as it was. Here, nobody writes meanwhile, and nothing is changed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import psycopg
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import AutoField, BigAutoField, CharField, Field, IntegerField, Max, Min, Model, QuerySet
from django.db.models.functions import Collate, Length

from operations.backup.restore import missing_triggers

SOURCE = "source"
CHUNK = 2000  # rows in memory

Row = tuple[Any, ...]


class MoveRefused(Exception):
    """It cannot be done as things stand, and nothing was moved; the text is a sentence that says what to do."""


@dataclass(frozen=True)
class Moved:
    """What was moved, every row compared."""

    tables: int
    rows: int


def move(target: Mapping[str, Any]) -> Moved:
    """Move all tables into the database that `target`, as in the setting DATABASES, names."""
    if connection.vendor != "sqlite":
        raise MoveRefused("This installation is on PostgreSQL already: there is nothing to move.")
    with default_is(target):
        check_target()
        # The lock of the whole file: readers read on, and whoever would write waits or is told to try again.
        with transaction.atomic(using=SOURCE):
            check_source()
            return move_rows()


@contextmanager
def default_is(target: Mapping[str, Any]) -> Iterator[None]:
    """Have the target be the default database, as migrations and triggers expect, and ours be `SOURCE`."""
    ours = connections.databases[DEFAULT_DB_ALIAS]
    connection.close()
    connections.databases.update(connections.configure_settings({DEFAULT_DB_ALIAS: dict(target)}), **{SOURCE: ours})
    del connections[DEFAULT_DB_ALIAS]
    try:
        yield
    finally:
        for alias in (DEFAULT_DB_ALIAS, SOURCE):
            connections[alias].close()
            del connections[alias]
        connections.databases[DEFAULT_DB_ALIAS] = ours
        del connections.databases[SOURCE]
        ContentType.objects.clear_cache()


# -- before anything is written ---------------------------------------------------------------------------------------


def check_target() -> None:
    try:
        tables = connection.introspection.table_names()
    except OperationalError as error:
        raise MoveRefused(f"The new database cannot be used: {str(error).strip().splitlines()[-1]}") from error
    if tables:
        raise MoveRefused(
            f"The new database is not empty: it holds {', '.join(sorted(tables)[:5])}. "
            "Make an empty one, for instance: createdb --owner retour retour"
        )


def check_source() -> None:
    executor = MigrationExecutor(connections[SOURCE])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MoveRefused("The database here is of an older version. Run the command migrate first.")
    if problems := [problem for model in models() for problem in misfits(model)]:
        raise MoveRefused("PostgreSQL would not take what is here:\n" + "\n".join(problems))


def misfits(model: type[Model]) -> Iterator[str]:
    """Values that SQLite keeps in a column for less, in words: it enforces neither lengths nor ranges."""
    fields = columns_of(model)
    longest = {name: field.max_length for name, field in fields.items() if isinstance(field, CharField)}
    integers = {name: field for name, field in fields.items() if isinstance(field, IntegerField)}
    asked: dict[str, Max | Min] = {f"{name}__longest": Max(Length(name)) for name, most in longest.items() if most}
    for name in integers:
        asked |= {f"{name}__least": Min(name), f"{name}__most": Max(name)}
    found = rows_of(model, SOURCE).aggregate(**asked) if asked else {}
    for name, most in longest.items():
        if (length := found.get(f"{name}__longest")) and most and length > most:
            yield f"  {model._meta.db_table}.{name}: {length} characters, where {most} fit"
    for name, field in integers.items():
        lowest, highest = connection.ops.integer_field_range(field.get_internal_type())
        for value in (found[f"{name}__least"], found[f"{name}__most"]):
            if value is not None and not (lowest or value) <= value <= (highest or value):
                yield f"  {model._meta.db_table}.{name}: {value}, where {lowest} to {highest} fit"


# -- all or nothing ---------------------------------------------------------------------------------------------------


@transaction.atomic
def move_rows() -> Moved:
    call_command("migrate", verbosity=0, interactive=False, no_backup=True)  # of an empty database
    table = ""
    try:
        with without_triggers():
            rows = 0
            for model in models():
                table = model._meta.db_table
                rows += copy_table(model)
                set_sequence(model)
            table = "the references between tables"
    except (DatabaseError, psycopg.Error) as error:  # Django wraps its own statements, not a COPY
        raise MoveRefused(f"Nothing was moved: PostgreSQL refuses {table}: {reason_of(error)}.") from error
    if differences := [text for model in models() for text in compare_table(model)]:
        raise MoveRefused("Nothing was moved: not all arrived as it was.\n" + "\n".join(differences))
    if missing := missing_triggers():
        raise MoveRefused("Nothing was moved. " + "; ".join(missing))
    return Moved(tables=len(models()), rows=rows)


def reason_of(error: Exception) -> str:
    """PostgreSQL's own sentence; the lines after it quote the row."""
    original = error if isinstance(error, psycopg.Error) else error.__cause__
    said = original.diag.message_primary if isinstance(original, psycopg.Error) else None
    return said or str(error).strip().splitlines()[0]


@contextmanager
def without_triggers() -> Iterator[None]:
    """Empty tables without triggers, and those back at the end: what is copied has been through them once.

    References are checked at the end, all at once.
    """
    tables = [quote(model._meta.db_table) for model in models()]
    run("SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {', '.join(tables)}", "SET CONSTRAINTS ALL DEFERRED")
    run(*(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables))
    yield
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(*(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables))


def copy_table(model: type[Model]) -> int:
    """Copy every row as it is, its number included, and return how many there were."""
    fields = columns_of(model)
    names = ", ".join(quote(str(field.column)) for field in fields.values())
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN") as copy:
        for row in values(model, SOURCE):
            copy.write_row(
                [field.get_db_prep_save(value, connection) for field, value in zip(fields.values(), row, strict=True)]
            )
            count += 1
    return count


def set_sequence(model: type[Model]) -> None:
    """Go on with the numbers where SQLite was: the number of a row that was erased is never given again."""
    key = model._meta.pk
    if not isinstance(key, AutoField | BigAutoField):
        return
    with connections[SOURCE].cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        given = cursor.fetchone() or (0,)
    if last := max(given[0], rows_of(model, SOURCE).aggregate(last=Max("pk"))["last"] or 0):
        with connection.cursor() as cursor:
            sequence = [quote(model._meta.db_table), key.column, last]
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", sequence)


def compare_table(model: type[Model]) -> Iterator[str]:
    """Read every row back and say the first that is not as it was."""
    for ours, theirs in zip_longest(values(model, SOURCE), values(model, DEFAULT_DB_ALIAS)):
        if ours != theirs:
            place = list(columns_of(model)).index(str(model._meta.pk and model._meta.pk.attname))
            yield f"  {model._meta.db_table}: the row {(ours or theirs)[place]}"
            return


# -- tables -----------------------------------------------------------------------------------------------------------


def models() -> list[type[Model]]:
    """Every table of ours, those between two others included."""
    everything = apps.get_models(include_auto_created=True)
    return [model for model in everything if model._meta.managed and not model._meta.proxy]


def columns_of(model: type[Model]) -> dict[str, Field]:
    return {field.attname: field for field in model._meta.local_concrete_fields}


def rows_of(model: type[Model], alias: str) -> QuerySet[Any]:
    return model._base_manager.using(alias)


def values(model: type[Model], alias: str) -> Iterator[Row]:
    """Every row as Python values, in an order that both databases know: by bytes where the key is a text."""
    is_text = isinstance(model._meta.pk, CharField)
    order = Collate("pk", "C" if connections[alias].vendor == "postgresql" else "BINARY") if is_text else "pk"
    return rows_of(model, alias).order_by(order).values_list(*columns_of(model)).iterator(chunk_size=CHUNK)


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
