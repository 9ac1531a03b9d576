"""Statements that many requests ask: the ORM writes each once for each process, then only its values change.

To write the SQL of a query takes the ORM longer than to run it, and for the same question it comes out the same. So it
does for a row that is inserted or changed; who writes it like that leaves its version in the audit (core/history.py).
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet, Value
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Given(Value):
    """Where a value goes that is known only when the statement is asked. None equals nothing, as in SQL."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


# In the place of a week: its days are given as `monday` and `sunday`.
GIVEN_WEEK: Any = SimpleNamespace(monday=Given("monday"), sunday=Given("sunday"))


@dataclass(frozen=True, slots=True)
class _Written:
    """A query that was compiled for one database: its parameters are values, and what is `Given`."""

    queryset: Any
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    converters: Mapping[int, Any]

    def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Without what is read only because the rows are sorted by it."""
        return [row[: self.compiler.col_count] for row in rows] if self.compiler.has_extra_select else rows


class _Asked:
    """What Django's iterables of rows read from a queryset and its query."""

    _known_related_objects: Mapping[Any, Any] = {}

    def __init__(self, written: _Written, compiler: Any) -> None:
        self.db, self.model, self.query = DEFAULT_DB_ALIAS, written.queryset.model, self
        self._query, self._compiler = written.queryset.query, compiler

    def get_compiler(self, *_using: Any, **_named: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class Statement(Generic[Row]):
    """One question: `build` gives its queryset, in which `Given(name)` stands for each value that changes.

    members = Statement(lambda: User.objects.filter(role=Given("role")))
    members.rows(role="member")

    `is_planned_once`: PostgreSQL keeps its plan for as long as the connection lasts. That is for what each request asks
    and finds by its key, where to plan takes longer than to run, and one plan is right for all values.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Row]"], *, is_planned_once: bool = False) -> None:
        self._build, self._is_planned_once = build, is_planned_once
        self._written: dict[str, _Written] = {}

    def rows(self, **values: Any) -> list[Row]:
        """Ask, and return what the queryset would hold; each value is of the column's own type."""
        connection = connections[DEFAULT_DB_ALIAS]
        written = self._written.get(connection.vendor) or self._write(connection)
        if written.queryset.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked in a transaction: without one nothing would be held.")
        parameters = [_value(each, values, connection) for each in written.parameters]
        with planned_once(connection) if self._is_planned_once else nullcontext(), connection.cursor() as cursor:
            cursor.execute(written.sql, parameters)
            rows = cursor.fetchall()
        compiler = copy.copy(written.compiler)
        compiler.connection, compiler.execute_sql = connection, lambda *_how, **_named: [written.shown(rows)]
        compiler.get_converters = lambda _columns: written.converters
        return list(written.queryset._iterable_class(_Asked(written, compiler)))

    def first(self, **values: Any) -> Row | None:
        return next(iter(self.rows(**values)), None)

    def _write(self, connection: Any) -> _Written:
        queryset: Any = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_rest in compiler.select[: compiler.col_count]])
        self._written[connection.vendor] = written = _Written(queryset, compiler, sql, tuple(parameters), converters)
        return written


@contextmanager
def planned_once(connection: Any) -> Iterator[None]:
    """Values go to the server beside the statement, which psycopg then prepares (`prepare_threshold` in the settings).

    Of a connection that is renewed inside, as after an outage, the first statement is sent as any other.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:  # a log has the values in their places
        yield
        return
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    raw = connection.connection
    as_usual, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
    try:
        yield
    finally:
        raw.cursor_factory = as_usual


class _WritingStatement:
    """Written once for each kind of database by `_write`, and planned once for each connection."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[str, Sequence[Any]]] = {}

    @contextmanager
    def _run(self, values: Mapping[str, Any]) -> Iterator[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, given = self._written.get(connection.vendor) or self._write(connection)
        with planned_once(connection), connection.cursor() as cursor:
            cursor.execute(sql, [_value(each, values, connection) for each in given])
            yield cursor

    def _write(self, connection: Any) -> tuple[str, Sequence[Any]]:
        raise NotImplementedError


class Insert(_WritingStatement):
    """A row of a model is inserted; its values are named as its attributes are: `platform_id`."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__()
        self._model = model

    def execute(self, **values: Any) -> int:
        """Insert a row and return its key."""
        with self._run(values) as cursor:
            return int(_new_key(cursor, self._model, connections[DEFAULT_DB_ALIAS]))

    def _write(self, connection: Any) -> tuple[str, Sequence[Any]]:
        fields = [field for field in self._model._meta.concrete_fields if not field.primary_key]
        query: Any = InsertQuery(self._model)
        row = SimpleNamespace(**{field.attname: Given(field.attname) for field in fields})
        query.insert_values(fields, [row], raw=True)
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = [self._model._meta.pk]
        (written,) = compiler.as_sql()
        self._written[connection.vendor] = written
        return cast(tuple[str, Sequence[Any]], written)


def _new_key(cursor: Any, model: type[Model], connection: Any) -> Any:
    if connection.features.can_return_columns_from_insert:
        return cursor.fetchone()[0]
    return connection.ops.last_insert_id(cursor, model._meta.db_table, model._meta.pk.column)


class Update(_WritingStatement):
    """The rows of a queryset are changed: `fields` get what is given for them, beside what `build` asks for."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"], *fields: str) -> None:
        super().__init__()
        self._build, self._fields = build, fields

    def execute(self, **values: Any) -> int:
        """Change them and return how many they were."""
        with self._run(values) as cursor:
            return int(cursor.rowcount)

    def _write(self, connection: Any) -> tuple[str, Sequence[Any]]:
        query: Any = self._build().query.chain(UpdateQuery)
        query.add_update_values({name: Given(name) for name in self._fields})
        written = query.get_compiler(connection=connection).as_sql()
        self._written[connection.vendor] = written
        return cast(tuple[str, Sequence[Any]], written)


def _value(parameter: Any, values: Mapping[str, Any], connection: Any) -> Any:
    """What stands for this parameter, as the database wants it."""
    if not isinstance(parameter, Given):
        return parameter
    value = values[parameter.value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
