"""Leads that may hold a text, on SQLite: an FTS5 index of every three letters in what is searched (docs/adr/0049).

It holds no text, only which three letters each lead has in any of its fields. So it says which leads are worth
comparing, and the comparison itself stays the plain one. Triggers keep it. Before each `migrate` it is dropped and
after it made anew, as triggers are. Where SQLite was built without FTS5, a search finds the same and reads every lead.
"""

from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.db.models.expressions import RawSQL

from campaigns.search_indexes import LEADS, SEARCHED

TABLE = "campaigns_leadtrigrams"
LETTERS = 3
# Of more leads than these the plain comparison may read every lead: a page of the newest soon has its rows by that.
MOST_CANDIDATES = 10_000
MOST_LISTED = 500

CREATE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5({', '.join(SEARCHED)}, content='{LEADS}', content_rowid='id', "
    "tokenize='trigram', detail=none, columnsize=0)"
)
CHANGED = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in SEARCHED)
MATCHING = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608 - ours


def may_hold(text: str) -> Q:
    """What every lead fulfils that holds `text` in one of its fields; nothing where that would spare no work."""
    if connection.vendor != "sqlite" or not (match := _match(text)):
        return Q()
    numbers = _candidates(match)
    if numbers is None or len(numbers) > MOST_CANDIDATES:
        return Q()
    # Many of them as a condition: a statement takes only so many values.
    return Q(pk__in=numbers if len(numbers) <= MOST_LISTED else RawSQL(MATCHING, [match]))  # noqa: S611 - ours


def _candidates(match: str) -> list[int] | None:
    """The numbers of these leads, as far as they are counted; None where there is no index."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{MATCHING} LIMIT {MOST_CANDIDATES + 1}", [match])
            return [number for (number,) in cursor.fetchall()]
    except OperationalError:  # no such table
        return None


def _match(text: str) -> str:
    """Every three letters of a text, as FTS5 is asked for them; nothing for a text of fewer."""
    trigrams = {text[start : start + LETTERS] for start in range(len(text) - LETTERS + 1)}
    return " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in sorted(trigrams) if "\0" not in trigram)


def install(using: str) -> None:
    """Make the index of all leads and the triggers that keep it, unless they are there."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        if not _is_there(cursor) and _has_columns(cursor) and _create(cursor, using):
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')")  # noqa: S608 - ours
            for statement in triggers():
                cursor.execute(statement)


def drop(using: str) -> None:
    """Take it away, with its triggers, before a migration changes leads."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for event in ("insert", "update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{event}")
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def forget_deleted() -> None:
    """Write the index anew without what leads held before: until then FTS5 only notes that it is deleted."""
    with connection.cursor() as cursor:
        if _is_there(cursor):
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608 - ours


def triggers() -> list[str]:
    columns = ", ".join(SEARCHED)
    old, new = (", ".join(f"{row}.{column}" for column in SEARCHED) for row in ("OLD", "NEW"))
    add = f"INSERT INTO {TABLE} (rowid, {columns}) VALUES (NEW.id, {new});"  # noqa: S608 - ours
    take = f"INSERT INTO {TABLE} ({TABLE}, rowid, {columns}) VALUES ('delete', OLD.id, {old});"  # noqa: S608 - ours
    return [
        f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON {LEADS} FOR EACH ROW BEGIN {add} END",
        f"CREATE TRIGGER {TABLE}_update AFTER UPDATE ON {LEADS} FOR EACH ROW WHEN {CHANGED} BEGIN {take} {add} END",
        f"CREATE TRIGGER {TABLE}_delete AFTER DELETE ON {LEADS} FOR EACH ROW BEGIN {take} END",
    ]


def _is_there(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = %s", [TABLE])
    return cursor.fetchone() is not None


def _has_columns(cursor: CursorWrapper) -> bool:
    """A database that went back to an older version may lack some."""
    cursor.execute(f"SELECT name FROM pragma_table_info('{LEADS}')")  # noqa: S608 - ours
    return {name for (name,) in cursor.fetchall()} >= {"id", *SEARCHED}


def _create(cursor: CursorWrapper, using: str) -> bool:
    try:
        with transaction.atomic(using):
            cursor.execute(CREATE)
    except DatabaseError:  # no module fts5, or one before the tokenizer
        return False
    return True
