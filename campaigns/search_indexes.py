"""The index by which leads are searched for on PostgreSQL (docs/adr/0053): three letters at a time, in all fields.

It is no part of the migrations: it needs the extension pg_trgm, which PostgreSQL brings and the owner of a database
may install. Where it cannot be installed, a search finds the same and reads every lead for it. Made after each
`migrate`, as triggers are, so that an extension that is there later is used from then on.
"""

import logging

from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper

log = logging.getLogger("retour.search")

EXTENSION = "pg_trgm"
LEADS = "campaigns_lead"
# The fields in which the search of leads and the search over everything look.
SEARCHED = ("name", "company", "email", "phone", "external_id")
BETWEEN = "\x1f"  # what separates units: no field holds it, so no text reaches from one into the next
INDEX = "lead_trigrams"
TEXT = f" || '{BETWEEN}' || ".join(f"COALESCE({column}, '')" for column in SEARCHED)


def install(using: str) -> None:
    """Make the index, where the extension is there or can be installed."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        if _has_columns(cursor) and _has_extension(cursor, using):
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {INDEX} ON {LEADS} USING gin (UPPER(({TEXT})::text) gin_trgm_ops)"
            )


def _has_columns(cursor: CursorWrapper) -> bool:
    """A database that went back to an older version may lack some."""
    cursor.execute(
        "SELECT COUNT(*) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = ANY(%s) AND NOT attisdropped",
        [LEADS, list(SEARCHED)],
    )
    (found,) = cursor.fetchone() or (0,)
    return bool(found == len(SEARCHED))


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
