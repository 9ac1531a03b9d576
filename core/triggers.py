"""What the database itself guards and remembers, on PostgreSQL and SQLite: how a rule becomes a trigger.

Triggers rather than Python because they hold on every path: forms, admin, bulk writes, plain SQL. They are dropped
and made again after every `migrate`, for two reasons: the code is then the one place that says what they are, and
SQLite loses the triggers of a table whenever a migration rebuilds it. Each app lists its own in `triggers.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True)
class Trigger:
    """One rule: on `event` of `table`, when `when` holds, do `body` (statements ending in a semicolon).

    The same text runs on both databases, so it keeps to what both understand; `refuse` is the one thing they say
    differently. `postgres_first` runs only there: SQLite has one writer at a time and needs no row lock. `reads` names
    other tables that the rule looks into. With `changed`, an update matters only if it changes one of these columns.
    """

    name: str
    table: str
    event: str
    timing: str = "AFTER"
    when: str = ""
    body: str = ""
    refuse: str = ""
    postgres_first: str = ""
    reads: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def statements(self, vendor: str) -> list[str]:
        return self._postgres() if vendor == "postgresql" else self._sqlite()

    def _postgres(self) -> list[str]:
        act = f"RAISE EXCEPTION '{self.refuse}' USING ERRCODE = 'check_violation';" if self.refuse else self.body
        when = self._when("IS DISTINCT FROM")
        guarded = f"IF {when} THEN {act} END IF;" if when else act
        back = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {self.postgres_first} {guarded} RETURN {back}; END $$",
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


def install(triggers: Sequence[Trigger], using: str) -> None:
    """Make these triggers in the database, replacing those of the same name.

    A database that went back to an older version lacks some of their tables, and needs no trigger on them.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for trigger in (each for each in triggers if {each.table, *each.reads} <= tables):
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)
