"""What the database itself guards and remembers, on PostgreSQL and SQLite: how a rule becomes a trigger.

Triggers rather than Python because they hold on every path: forms, admin, bulk writes, plain SQL. They are dropped
and made again after every `migrate`, for two reasons: the code is then the one place that says what they are, and
SQLite loses the triggers of a table whenever a migration rebuilds it. Each app lists its own in `triggers.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Protocol

from django.db import connections

NOTED = "noted_"  # begins the name of an index by which SQLite finds what is noted already
CHANGED_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


@dataclass(frozen=True)
class Trigger:
    """One rule: on `event` of `table`, when `when` holds, do `body` (statements ending in a semicolon).

    The same text runs on both databases, so it keeps to what both understand; `refuse` is the one thing they say
    differently. `reads` names
    other tables that the rule looks into. With `changed`, an update matters only if it changes one of these columns.

    With `for_statement`, PostgreSQL does that instead, once for all rows that a statement changed: `new_rows` and
    `old_rows` (docs/adr/0044).
    """

    name: str
    table: str
    event: str
    timing: str = "AFTER"
    when: str = ""
    body: str = ""
    refuse: str = ""
    for_statement: str = ""
    reads: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    writes: frozenset[tuple[str, str]] = frozenset()

    def names(self, _vendor: str) -> list[str]:
        """What the database calls it."""
        return [self.name]

    def statements(self, vendor: str) -> list[str]:
        return self._postgres() if vendor == "postgresql" else self._sqlite()

    def _postgres(self) -> list[str]:
        if self.for_statement:
            # Nor nested loops: old and new rows that are joined by one would be compared each with each.
            return for_each_statement(self.name, self.table, self.event, self.for_statement, "enable_nestloop")
        act = raising(self.refuse) if self.refuse else self.body
        when = self._when("IS DISTINCT FROM")
        guarded = f"IF {when} THEN {act} END IF;" if when else act
        back = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {guarded} RETURN {back}; END $$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} {self.timing} {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]

    def _sqlite(self) -> list[str]:
        act = f"SELECT RAISE(ABORT, '{self.refuse}');" if self.refuse else self.body
        condition = self._when("IS NOT")
        when = f"WHEN {condition}" if condition else ""
        return [
            f"DROP TRIGGER IF EXISTS {self.name}",
            f"CREATE TRIGGER {self.name} {self.timing} {self.event} ON {self.table} "
            f"FOR EACH ROW {when} BEGIN {act} END",
        ]

    def _when(self, differs: str) -> str:
        """The condition, with the comparison of the database that takes two nulls for the same."""
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in self.changed)
        return " AND ".join(f"({part})" for part in (self.when, changed) if part)


def raising(refusal: str) -> str:
    return f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation';"


def for_each_statement(name: str, table: str, event: str, body: str, *without: str) -> list[str]:
    """A trigger of PostgreSQL that runs once for all rows of a statement, `new_rows` and `old_rows`.

    Without sequential scans, and what else is named: a plan that was made for one row, or while a table was empty, is
    kept for a million.
    """
    off = " ".join(f"SET {setting} = off" for setting in ("enable_seqscan", *without))
    referencing = " ".join(f"{kind} TABLE AS {kind.lower()}_rows" for kind in CHANGED_ROWS[event])
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {off} AS "
        f"$$ BEGIN {body} RETURN NULL; END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


@dataclass(frozen=True)
class NotingTrigger:
    """On `event` of `table`, add to `into` what each of `rows` says of the changed rows: expressions by column.

    `{row}` stands for a changed row; an update notes the old and the new one. On PostgreSQL the trigger sees a whole
    statement and notes what is the same once. It does not look what has been noted already: of another transaction that
    says nothing, since it may be gone for a reader that did not see this change, and to look in a queue that grows is
    slow (docs/adr/0051). SQLite has triggers for each row, and one writer: there it is enough that it stands there
    (docs/adr/0002), and an index finds it.
    """

    name: str
    table: str
    event: str
    into: str
    rows: Sequence[dict[str, str]]

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.into,)

    @property
    def writes(self) -> frozenset[tuple[str, str]]:
        return frozenset((self.into, column) for row in self.rows for column in row)

    def names(self, vendor: str) -> list[str]:
        """What the database calls it: SQLite has a trigger for each thing that is noted."""
        notes = len(self.rows) * len(CHANGED_ROWS[self.event])
        return [self.name] if vendor == "postgresql" else [f"{self.name}_{number}" for number in range(notes)]

    def statements(self, vendor: str) -> list[str]:
        return self._postgres() if vendor == "postgresql" else self._sqlite()

    def _postgres(self) -> list[str]:
        tables = [f"{kind.lower()}_rows" for kind in CHANGED_ROWS[self.event]]
        columns = ", ".join(self.rows[0])
        said = (f"SELECT {_says(row)} FROM {table} AS changed" for row in self.rows for table in tables)  # noqa: S608 - ours
        changed = " UNION ALL ".join(said)
        note = f"INSERT INTO {self.into} ({columns}) SELECT DISTINCT {columns} FROM ({changed}) AS fresh;"  # noqa: S608 - ours
        return for_each_statement(self.name, self.table, self.event, note)

    def _sqlite(self) -> list[str]:
        changed = product(self.rows, CHANGED_ROWS[self.event])
        triggers = (self._trigger(name, *each) for name, each in zip(self.names("sqlite"), changed, strict=True))
        return [*map(self._index, self.rows), *chain.from_iterable(triggers)]

    def _index(self, row: dict[str, str]) -> str:
        """By what a row says of the changed one, as `_same` compares it; of the notes that say it alone."""
        names = [name for name, value in row.items() if "{row}" in value]
        columns = ", ".join(f"COALESCE({name}, 0)" if _may_be_null(name, row) else name for name in names)
        name = f"{NOTED}{self.into}_{'_'.join(names)}"
        return f"CREATE INDEX IF NOT EXISTS {name} ON {self.into} ({columns}) WHERE {names[0]} IS NOT NULL"

    def _trigger(self, name: str, row: dict[str, str], kind: str) -> list[str]:
        """It looks in its condition: an INSERT that reads its own table would copy what it reads, row by row."""
        said = {column: value.format(row=kind) for column, value in row.items()}
        is_new = f"NOT EXISTS (SELECT 1 FROM {self.into} AS noted WHERE {_same(said)})"  # noqa: S608 - ours
        note = f"INSERT INTO {self.into} ({', '.join(said)}) VALUES ({', '.join(said.values())});"  # noqa: S608 - ours
        return [
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} AFTER {self.event} ON {self.table} FOR EACH ROW WHEN {is_new} BEGIN {note} END",
        ]


def _same(said: dict[str, str]) -> str:
    """Whether a row that is `noted` says this; compared as the indexes are."""
    nullable = [name for name in said if _may_be_null(name, said)]
    of_ids = (f"COALESCE(noted.{name}, 0) = COALESCE({said[name]}, 0)" for name in nullable)
    others = (f"noted.{name} = {value}" for name, value in said.items() if name not in nullable)
    return " AND ".join((*others, *of_ids))


def _may_be_null(name: str, row: dict[str, str]) -> bool:
    """A platform and a campaign may; what a note begins with says of what it is."""
    return name.endswith("_id") and name != next(iter(row))


def _says(row: dict[str, str]) -> str:
    return ", ".join(f"{value} AS {column}" for column, value in row.items()).format(row="changed")


class Installable(Protocol):
    """A trigger as `install` needs it."""

    @property
    def name(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def writes(self) -> frozenset[tuple[str, str]]: ...
    def names(self, vendor: str, /) -> list[str]: ...
    def statements(self, vendor: str) -> list[str]: ...


def install(triggers: Sequence[Installable], using: str) -> None:
    """Make these triggers in the database, replacing those of the same name.

    A database that went back to an older version lacks some of their tables and columns, and needs no trigger on them.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        written = {table for trigger in triggers for table, _column in trigger.writes} & tables
        columns = {
            (table, column.name)
            for table in written
            for column in connection.introspection.get_table_description(cursor, table)
        }
        for trigger in triggers:
            if {trigger.table, *trigger.reads} <= tables and trigger.writes <= columns:
                for statement in trigger.statements(connection.vendor):
                    cursor.execute(statement)


def drop_all(using: str) -> None:
    """Take all triggers and their indexes out of SQLite before its tables are altered.

    It refuses that where a trigger or an index names what goes.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR name GLOB %s", [f"{NOTED}*"])
        for kind, name in cursor.fetchall():
            cursor.execute(f"DROP {kind} {connection.ops.quote_name(name)}")
