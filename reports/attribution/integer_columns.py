"""Rows of the database as columns of whole numbers, which is how credits are read, compared and written in bulk.

A day is the number of days since 1970, an instant that of microseconds; NULL is 0, a flag 0 or 1. Both databases are
told so in SQL: a row becomes no object. For jobs: it imports numpy.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection

from reports.attribution.journeys import IntArray

FIRST_DAY = date(1970, 1, 1)
ONE_DAY = timedelta(days=1)


def as_day(number: int) -> date:
    return FIRST_DAY + number * ONE_DAY


# -- reading ----------------------------------------------------------------------------------------------------------


def read(sql: str, params: Sequence[Any]) -> IntArray:
    """Run a SELECT of whole numbers; return its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = np.array(cursor.fetchall(), dtype=np.int64)
        return rows.reshape(-1, len(cursor.description)).T


def days(column: str) -> str:
    """SQL: a day as a number."""
    if connection.vendor == "postgresql":
        return f"({column} - DATE '1970-01-01')"
    return f"CAST(JULIANDAY({column}) - 2440587.5 AS INTEGER)"


def microseconds(column: str) -> str:
    """SQL: an instant as a number. SQLite stores text, any fraction at its end, and would round to milliseconds."""
    if connection.vendor == "postgresql":
        return f"CAST(EXTRACT(EPOCH FROM {column}) * 1000000 AS BIGINT)"
    seconds = f"CAST(STRFTIME('%%s', SUBSTR({column}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(SUBSTR({column}, 21, 6) AS INTEGER))"


def flag(condition: str) -> str:
    """SQL: whether a condition holds, as a number."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def among(column: str, ids: IntArray) -> tuple[str, list[Any]]:
    """SQL: whether a column holds one of these numbers, given in their order; and its parameters.

    Where no number is left out between the first and the last, the database reads on through an index.
    """
    if not len(ids):
        return "FALSE", []
    span = f"{column} BETWEEN %s AND %s"
    first, last = int(ids[0]), int(ids[-1])
    if last - first + 1 == len(ids):
        return span, [first, last]
    listed = ",".join(map(str, ids.tolist()))
    if connection.vendor == "postgresql":
        return f"({span} AND {column} IN (SELECT UNNEST(%s::bigint[])))", [first, last, f"{{{listed}}}"]
    return f"({span} AND {column} IN (SELECT value FROM JSON_EACH(%s)))", [first, last, f"[{listed}]"]


# -- writing ----------------------------------------------------------------------------------------------------------

# How a column is written, from the number that stands for it.
NUMBER, KEY, FLAG, DAY = "{0}", "NULLIF({0}, 0)", "{0} = 1", "day"


def insert(table: str, columns: Mapping[str, str], rows: IntArray) -> None:
    """Insert these rows by one statement; `columns` says how each column is written."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(["%s::bigint[]"] * len(columns))
            values = ", ".join(_written(how).format(f"new.{name}") for name, how in columns.items())
            sql = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM UNNEST({arrays}) AS new ({names})'
            cursor.execute(sql, [f"{{{','.join(map(str, column))}}}" for column in rows.T.tolist()])
        else:
            values = ", ".join(_written(how).format("%s") for how in columns.values())
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({values})', rows.tolist())


def _written(how: str) -> str:
    if how != DAY:
        return how
    return "DATE '1970-01-01' + {0}::int" if connection.vendor == "postgresql" else "DATE({0} * 86400, 'unixepoch')"
