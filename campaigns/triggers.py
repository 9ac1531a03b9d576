"""What the database itself guards and remembers, on PostgreSQL and SQLite.

Triggers rather than Python because they hold on every path: forms, admin, bulk writes, plain SQL. They are dropped
and made again after every `migrate`, for two reasons: this file is then the one place that says what they are, and
SQLite loses the triggers of a table whenever a migration rebuilds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections

MARK = "INSERT INTO campaigns_stalemark (week_from, week_to, lead_id, sale_id, everything)"


@dataclass(frozen=True)
class Trigger:
    """One rule: on `event` of `table`, when `when` holds, do `body` (statements ending in a semicolon).

    The same text runs on both databases, so it keeps to what both understand; `refuse` is the one thing they say
    differently. `postgres_first` runs only there: SQLite has one writer at a time and needs no row lock.
    """

    name: str
    table: str
    event: str
    timing: str = "AFTER"
    when: str = ""
    body: str = ""
    refuse: str = ""
    postgres_first: str = ""

    def statements(self, vendor: str) -> list[str]:
        return self._postgres() if vendor == "postgresql" else self._sqlite()

    def _postgres(self) -> list[str]:
        act = f"RAISE EXCEPTION '{self.refuse}' USING ERRCODE = 'check_violation';" if self.refuse else self.body
        guarded = f"IF {self.when} THEN {act} END IF;" if self.when else act
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
        when = f"WHEN {self.when}" if self.when else ""
        return [
            f"DROP TRIGGER IF EXISTS {self.name}",
            f"CREATE TRIGGER {self.name} {self.timing} {self.event} ON {self.table} "
            f"FOR EACH ROW {when} BEGIN {act} END",
        ]


def mark_weeks(row: str, first: str, last: str) -> str:
    return f"{MARK} VALUES ({row}.{first}, {row}.{last}, NULL, NULL, FALSE);"


def mark_lead(row: str, column: str) -> str:
    return f"{MARK} VALUES (NULL, NULL, {row}.{column}, NULL, FALSE);"


def mark_sale(row: str) -> str:
    return f"{MARK} VALUES (NULL, NULL, NULL, {row}.id, FALSE);"


def marking(table: str, mark: "Sequence[str]") -> list[Trigger]:
    """Insert, update and delete of `table` leave the marks; `mark` are texts with `{row}` for OLD or NEW."""
    old = "".join(text.format(row="OLD") for text in mark)
    new = "".join(text.format(row="NEW") for text in mark)
    bodies = {"INSERT": new, "UPDATE": old + new, "DELETE": old}
    return [
        Trigger(name=f"mark_{table}_{event.lower()}", table=table, event=event, body=body)
        for event, body in bodies.items()
    ]


WEEKS_OF_SPEND = mark_weeks("{row}", "starts_on", "ends_on")

MOVED = "COALESCE(OLD.platform_id, 0) <> COALESCE(NEW.platform_id, 0)"
FOLLOWS = "(OLD.platform_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaigns_platform WHERE id = OLD.platform_id))"

TRIGGERS = [
    *marking("campaigns_spend", [WEEKS_OF_SPEND]),
    *marking("campaigns_lead", [mark_lead("{row}", "id")]),
    *marking("campaigns_touch", [mark_lead("{row}", "lead_id")]),
    *marking("campaigns_sale", [mark_sale("{row}")]),
    Trigger(
        name="mark_agency_credit_rules",
        table="campaigns_agency",
        event="UPDATE",
        when="OLD.lookback_days <> NEW.lookback_days OR COALESCE(OLD.half_life_days, 0) <> "
        "COALESCE(NEW.half_life_days, 0) OR OLD.time_zone <> NEW.time_zone",
        body=f"{MARK} VALUES (NULL, NULL, NULL, NULL, TRUE);",
    ),
    Trigger(
        name="touch_is_never_edited",
        table="campaigns_touch",
        event="UPDATE",
        timing="BEFORE",
        # Erasing a lead empties what its links said; no credit rests on that. A platform that became part of another
        # takes its touches along: only then is it gone while they still point at it.
        when="OLD.lead_id <> NEW.lead_id OR OLD.at <> NEW.at "
        "OR COALESCE(NEW.utm_source, '') NOT IN ('', COALESCE(OLD.utm_source, '')) "
        "OR COALESCE(NEW.utm_medium, '') NOT IN ('', COALESCE(OLD.utm_medium, '')) "
        "OR COALESCE(NEW.utm_campaign, '') NOT IN ('', COALESCE(OLD.utm_campaign, '')) "
        f"OR ({MOVED} AND NOT {FOLLOWS}) "
        "OR COALESCE(OLD.campaign_id, 0) <> COALESCE(NEW.campaign_id, 0)",
        refuse="A touch is never edited: void it and add another.",
    ),
]


def install(triggers: Sequence[Trigger], using: str) -> None:
    """Make these triggers in the database, replacing those of the same name."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for trigger in triggers:
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)
