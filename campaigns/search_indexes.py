"""Indexes by which leads are searched for on PostgreSQL (docs/adr/0046): three letters at a time, anywhere in a text.

They are no part of the migrations: they need the extension pg_trgm, which PostgreSQL brings and the owner of a database
may install. Where it cannot be installed, a search finds the same and reads every lead for it. Made after each
`migrate`, as triggers are, so that an extension that is there later is used from then on.
"""

import logging

from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper

log = logging.getLogger("retour.search")

EXTENSION = "pg_trgm"
LEADS = "campaigns_lead"
# The fields in which the search of leads and the search over everything look: `icontains` compares UPPER(...::text).
SEARCHED = ("name", "company", "email", "phone", "external_id")


def install(using: str) -> None:
    """Make the indexes, where the extension is there or can be installed."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        columns = _columns(cursor)
        if columns and _has_extension(cursor, using):
            for column in columns:
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS lead_{column}_trigrams ON {LEADS} "
                    f"USING gin (UPPER({column}::text) gin_trgm_ops)"
                )


def _columns(cursor: CursorWrapper) -> list[str]:
    """Those that there are: a database that went back to an older version lacks some."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = ANY(%s) AND NOT attisdropped",
        [LEADS, list(SEARCHED)],
    )
    return [name for (name,) in cursor.fetchall()]


def _has_extension(cursor: CursorWrapper, using: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [EXTENSION])
    return cursor.fetchone() is not None or _install_extension(cursor, using)


def _install_extension(cursor: CursorWrapper, using: str) -> bool:
    try:
        with transaction.atomic(using):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
    except DatabaseError as error:
        log.warning(
            "The search of leads reads every lead, which is slow where there are many: the extension %s cannot be "
            "installed (%s). Have the owner of the database run CREATE EXTENSION %s, then run migrate again.",
            EXTENSION,
            str(error).strip().splitlines()[0],
            EXTENSION,
        )
        return False
    return True
