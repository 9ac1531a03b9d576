"""Many new rows at once: by COPY on PostgreSQL, a hundred by each statement on SQLite.

`bulk_create` writes the SQL of each value by itself, which takes longer than the database takes for the row.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeVar

from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)

# Of 32,766 parameters. Where rows have triggers, a statement for each row takes SQLite two and a half times as long.
ROWS_AT_ONCE = 100
# What such a field holds is sent as it stands. Fields of other classes, those that extend these too, say it themselves.
SENT_AS_IT_STANDS = (
    models.BigIntegerField,
    models.IntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.CharField,
    models.TextField,
    models.ForeignKey,
)


def insert_rows(rows: Sequence[Row]) -> Sequence[Row]:
    """Insert these new rows of one model and give them their keys; return them. No signal is sent."""
    if not rows:
        return rows
    model = type(rows[0])
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
    with transaction.atomic(savepoint=False):
        for row, key in zip(rows, _new_keys(model, len(rows)), strict=True):
            row.pk = key
        _write(model._meta.db_table, [field.column for field in fields], [_values(field, rows) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return rows


def _new_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """As many keys as are wanted, which nobody else gets. SQLite has one writer, which holds it here."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(  # the sequence is looked up once, not for each key
                "WITH keys AS MATERIALIZED (SELECT PG_GET_SERIAL_SEQUENCE(%s, %s)::regclass AS name) "
                "SELECT NEXTVAL(name) FROM keys CROSS JOIN GENERATE_SERIES(1, %s)",
                [f'"{table}"', column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone()
        return range(last + 1, last + 1 + count)


def _values(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    """What the column of this field gets, row by row."""
    if type(field) in SENT_AS_IT_STANDS or field.primary_key:
        return [getattr(row, field.attname) for row in rows]
    if type(field) is models.DateField and not (field.auto_now or field.auto_now_add):
        adapt = connection.ops.adapt_datefield_value
        return [adapt(getattr(row, field.attname)) for row in rows]
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows]


def _write(table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    rows = zip(*columns, strict=True)
    if connection.vendor != "postgresql":
        insert_values(table, names, list(rows))
        return
    copied = f'COPY "{table}" ({_listed(names)}) FROM STDIN'
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copied) as copy:
        for row in rows:
            copy.write_row(row)


def insert_values(
    table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], *, places: Sequence[str] = ()
) -> None:
    """Insert these values on SQLite, many rows by each statement; `places` says how each is written, if not as `%s`."""
    place = f"({', '.join(places or ['%s'] * len(names))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            batch = rows[start : start + ROWS_AT_ONCE]
            cursor.execute(
                f'INSERT INTO "{table}" ({_listed(names)}) VALUES {", ".join([place] * len(batch))}',  # noqa: S608 - ours
                [*chain.from_iterable(batch)],
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
