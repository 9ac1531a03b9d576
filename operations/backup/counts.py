"""How many rows each table holds, and the sums of its minutes and money: what a backup is checked by."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import IntegerField

from operations.backup.archive import Contents

SUMMED = re.compile(r"minutes|cents|revenue")
# What an installation has before anybody has used it.
THERE_FROM_THE_START = {
    "auth_permission",
    "campaigns_agency",
    "campaigns_loggedchange",
    "campaigns_changecounter",
    "campaigns_historicalagency",
    "campaigns_jobrun",
    "campaigns_stalemark",
    "django_content_type",
    "django_migrations",
}

Ask = Callable[[str], Any]  # runs a query and returns its one row


def ask_connection(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def shape() -> dict[str, list[str]]:
    """The tables of ours that are in the database, with their columns that are summed.

    A database may lack the newest: it is backed up before it is migrated.
    """
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        return {
            table: [column for column in columns if column in _columns(cursor, table)]
            for table, columns in _tables_of_models().items()
            if table in there
        }


def tables_of_any_version() -> list[str]:
    """The tables of all apps that were ever migrated here: a newer version may have left some that this one lacks."""
    apps_here = {app for app, _name in MigrationRecorder(connection).applied_migrations()}
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    return [table for table in there if table.startswith(tuple(f"{app}_" for app in apps_here))]


def _tables_of_models() -> dict[str, list[str]]:
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    tables = {
        model._meta.db_table: [
            str(field.column)
            for field in model._meta.concrete_fields
            if isinstance(field, IntegerField) and SUMMED.search(str(field.column))
        ]
        for model in models
        if model._meta.managed
    }
    return {**tables, MigrationRecorder.Migration._meta.db_table: []}


def has_column(table: str, column: str) -> bool:
    with connection.cursor() as cursor:
        return column in _columns(cursor, table)


def _columns(cursor: Any, table: str) -> set[str]:
    return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def count(tables: Mapping[str, Iterable[str]], ask: Ask = ask_connection) -> Contents:
    """Count rows and sum columns; the caller sees to it that all is read from one snapshot."""
    return {table: _count(table, list(columns), ask) for table, columns in sorted(tables.items())}


def _count(table: str, columns: list[str], ask: Ask) -> dict[str, int]:
    quote = connection.ops.quote_name
    sums = "".join(f", COALESCE(SUM({quote(column)}), 0)" for column in columns)
    row = ask(f"SELECT COUNT(*){sums} FROM {quote(table)}")  # noqa: S608  (names of our own models)
    return dict(zip(["rows", *columns], map(int, row), strict=True))


def shape_of(contents: Contents) -> dict[str, list[str]]:
    """The tables and columns that were counted, to count them again elsewhere."""
    return {table: [name for name in numbers if name != "rows"] for table, numbers in contents.items()}


def differences(expected: Contents, found: Contents) -> list[str]:
    """What is not as it was, in words."""
    return [
        f"{table}: {name} {expected[table][name]} in the backup, {found[table][name]} now"
        for table in expected
        for name in expected[table]
        if expected[table][name] != found[table][name]
    ]


def in_use() -> list[str]:
    """The tables that hold what somebody entered; none in a new installation, even before its first `migrate`."""
    asked: dict[str, list[str]] = {table: [] for table in shape() if table not in THERE_FROM_THE_START}
    return [table for table, numbers in count(asked).items() if numbers["rows"]]


def migrations() -> list[str]:
    """The migrations that this database has seen, as `app.name`."""
    recorder = MigrationRecorder(connection)
    return sorted(f"{app}.{name}" for app, name in recorder.applied_migrations())
