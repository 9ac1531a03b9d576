"""Statements as any program would send them: read to the end, and nothing done with it."""

from typing import Any

from django.db import connection

from tests.bench import bulk


def date_literal(value: Any) -> str:
    return f"DATE '{value}'" if bulk.is_postgresql() else f"'{value}'"


def read(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


def stream(statement: str) -> Any:
    if bulk.is_postgresql():
        with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT") as copy:
            yield from copy
    else:
        yield from connection.connection.execute(statement)
