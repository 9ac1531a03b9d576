"""A save without a program: the statements of one of ours, asked by psycopg alone, behind the web server that ours has.

What is left are the web server, PostgreSQL and the journeys between them. Whoever asks as much takes as long.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import psycopg
from django.db import connection

from tests import app

FILE, DATABASE = "BARE_SAVE", "DATABASE_URL"  # in the environment
OF_A_LOCK = "FOR UPDATE"


def recorded(save: Callable[[], object]) -> list[tuple[str, Any]]:
    """What a save asks and what it gives, in order, without the beginning and the end of its transaction."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        save()
    return asked


@contextmanager
def served(save: Callable[[], object]) -> Iterator[str]:
    """The address of a web process that asks what two saves ask, one after the other, so that each changes the cell."""
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([recorded(save), recorded(save)], file, default=str)
        file.flush()
        with app.running(os.environ | {FILE: file.name}, application="tests.bench.bare_save") as address:
            yield address


@cache
def saves() -> Iterator[list[tuple[str, Any]]]:
    return itertools.cycle(json.loads(Path(os.environ[FILE]).read_text()))


@cache
def database() -> "psycopg.Connection[Any]":
    return psycopg.connect(os.environ[DATABASE], autocommit=True)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    if environ["REQUEST_METHOD"] == "POST":
        ask(next(saves()))
    start_response("200 OK", [("Content-Length", "0")])
    return []


def ask(statements: list[tuple[str, Any]]) -> None:
    """The transaction begins with its lock."""
    begin = next(number for number, (sql, _values) in enumerate(statements) if OF_A_LOCK in sql)
    for statement in statements[:begin]:
        fetch(*statement)
    with database().transaction():
        for statement in statements[begin:]:
            fetch(*statement)


def fetch(sql: Any, values: Any) -> None:
    cursor = database().execute(sql, values)
    if cursor.description:
        cursor.fetchall()
