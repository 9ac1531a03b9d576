"""Rows of the database as columns of whole numbers, which is how credits are read, compared and written in bulk.

A day is the number of days since 1970, an instant that of microseconds; NULL is 0, a flag 0 or 1. Both databases are
told so in SQL: a row becomes no object. For jobs: it imports numpy.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from core.bulk_insert import insert_values
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

# What a column holds: a number of 64 or 32 bits, one that is NULL where it is 0, whether something holds, a day.
NUMBER, SHORT_NUMBER, KEY, FLAG, DAY = "number", "short number", "key", "flag", "day"

IN_SQLITE = {NUMBER: "%s", SHORT_NUMBER: "%s", KEY: "NULLIF(%s, 0)", FLAG: "%s", DAY: "DATE(%s * 86400, 'unixepoch')"}
# As PostgreSQL's binary COPY has them; its days begin with 2000.
IN_COPY = {NUMBER: ">i8", SHORT_NUMBER: ">i4", KEY: ">i8", FLAG: "i1", DAY: ">i4"}
DAYS_UNTIL_2000 = (date(2000, 1, 1) - FIRST_DAY).days
COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def insert(table: str, columns: Mapping[str, str], rows: IntArray) -> None:
    """Insert these rows at once; `columns` says what each column holds."""
    if connection.vendor != "postgresql":
        insert_values(table, list(columns), rows.tolist(), places=[IN_SQLITE[holds] for holds in columns.values()])
        return
    copied = f'COPY "{table}" ({", ".join(columns)}) FROM STDIN (FORMAT BINARY)'
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        copy.write(as_copied(columns, rows))


def as_copied(columns: Mapping[str, str], rows: IntArray) -> bytes:
    """The rows in PostgreSQL's binary format. Those that have NULL in the same columns are made together."""
    holds = list(columns.values())
    is_null = (rows == 0) & (np.array(holds) == KEY)
    pattern = is_null @ (1 << np.arange(len(holds)))  # a bit for each column: numbers are sorted faster than rows
    groups = [pattern == one for one in np.unique(pattern)]
    blocks = [_block(holds, is_null[group][0], rows[group]) for group in groups]
    return b"".join([COPY_HEAD, *blocks, COPY_END])


def _block(holds: Sequence[str], is_null: npt.NDArray[np.bool_], rows: IntArray) -> bytes:
    """Rows of one width: how many columns, then the length of each, -1 for NULL, and its value."""
    fields = [("columns", ">i2")]
    for number, (held, is_left_out) in enumerate(zip(holds, is_null, strict=True)):
        fields += [(f"length{number}", ">i4"), *([] if is_left_out else [(f"value{number}", IN_COPY[held])])]
    block = np.empty(len(rows), dtype=fields)
    block["columns"] = len(holds)
    for number, held in enumerate(holds):
        block[f"length{number}"] = -1 if is_null[number] else np.dtype(IN_COPY[held]).itemsize
        if not is_null[number]:
            block[f"value{number}"] = rows[:, number] - (DAYS_UNTIL_2000 if held == DAY else 0)
    return block.tobytes()
