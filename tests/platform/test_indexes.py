"""Each index of ours holds a rule, or is what a statement looks its rows up by; none is the beginning of another.

An index that nobody asks is kept up by each row that is written. A new one needs a line in NEEDED_BY, and a comment
where it is declared (docs/adr/0050).
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from campaigns import search_indexes
from tests.app import ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
OURS = ("campaigns", "timesheets", "reports", "operations")
# Tables that Django makes for permissions, which nobody has here.
DJANGOS = {"timesheets_user_groups", "timesheets_user_user_permissions"}


def joined(columns: Sequence[str]) -> str:
    """These columns as one text, as PostgreSQL writes that expression."""
    parts = [f"COALESCE({column}, ''::character varying)::text" for column in columns]
    text = parts[0]
    for part in parts[1:]:
        text = f"(({text} || '{search_indexes.BETWEEN}'::text) || {part})"
    return text[1:-1]


TEXT_OF_LEAD = joined(search_indexes.SEARCHED)
# Indexes that hold no rule and are not of one foreign key alone: who asks, as module:name.
NEEDED_BY = {
    "campaigns_bulkchange (at)": "campaigns.retention:purge",
    "campaigns_capturedcontact (at)": "campaigns.retention:purge",
    "campaigns_capturedcontact (content_hash)": "campaigns.capture.intake:_is_double",
    "campaigns_capturedcontact (sender_hash)": "campaigns.capture.intake:_is_double",
    "campaigns_historicalsale (lead_id)": "campaigns.erasure:_erase_versions",
    "campaigns_historicalsale (platform_id)": "operations.merge_platforms:MOVES",
    "campaigns_historicalsale (refund_of_id)": "campaigns.erasure:_erase_versions",
    "campaigns_idempotentanswer (at)": "campaigns.retention:purge",
    "campaigns_importedrow (kind, identity)": "campaigns.imports.ledger.earlier_rows:earlier_rows",
    "campaigns_importedrow (kind, natural_key)": "campaigns.imports.ledger.earlier_rows:earlier_rows",
    "campaigns_importedrow (kind, owner_id, day)": "timesheets.imports.left_out:rows_left_out",
    "campaigns_importedrow (kind, object_id)": "campaigns.erasure:_erase_copies",
    "campaigns_lead (received_at)": "campaigns.views.leads:LEADS",
    "campaigns_lead (lower(email::text))": "campaigns.models.funnel:LeadQuerySet",
    "campaigns_lead (name, company, id)": "campaigns.views.leads:LEADS",
    "campaigns_lead (id) where": "campaigns.models.funnel:LeadQuerySet",
    f"campaigns_lead (upper({TEXT_OF_LEAD}))": "campaigns.search_indexes:INDEX",
    "campaigns_lead (how_heard) where": "campaigns.asked_origin:_texts",
    "campaigns_lead (voided_at, status)": "campaigns.views.leads:LEADS",
    "campaigns_sale (sold_on)": "campaigns.views.sales:SALES",
    "campaigns_securityevent (at)": "operations.security_log:EVENTS",
    "campaigns_spend (ends_on)": "campaigns.models.money:SpendQuerySet",
    "campaigns_submission (at)": "campaigns.retention:purge",
    "campaigns_touch (lead_id, at)": "reports.attribution.credits:_touches",
    "campaigns_webhookdelivery (webhook_id, state, next_attempt_at)": "campaigns.webhooks.delivery:send_due",
    "reports_campaignweek (campaign_id, basis, week)": "reports.figures.query:grouped",
    "reports_credit (money_week, COALESCE(platform_id, 0::bigint), COALESCE(campaign_id, 0::bigint))": (
        "reports.attribution.cell_sums:_credits"
    ),
    "reports_credit (work_week, COALESCE(platform_id, 0::bigint), COALESCE(campaign_id, 0::bigint))": (
        "reports.attribution.cell_sums:_credits"
    ),
    "reports_summarydelivery (state, next_attempt_at)": "core.outbox:Outbox",
    "timesheets_absence (member_id, last_day)": "timesheets.models.absences:AbsenceQuerySet",
    "timesheets_historicalcostrate (member_id)": "timesheets.views.rates:of_person",
    "timesheets_historicaltimeentry (member_id)": "operations.erase_person:_erase_words_on_hours",
    "timesheets_historicaltimeentry (platform_id)": "operations.merge_platforms:MOVES",
    "timesheets_historicaltimesheet (member_id)": "operations.erase_person:_erase_words_on_hours",
    "timesheets_reminder (state, next_attempt_at)": "core.outbox:Outbox",
    "timesheets_session (expire_date)": "campaigns.retention:_forget_sessions",
    "timesheets_session (person_id)": "timesheets.sessions:of_person",
    "timesheets_timeentry (week) where": "timesheets.missing_hours:without_rate",
    "timesheets_timeentry (member_id, week)": "timesheets.grid:build",
    "timesheets_timeentry (week, platform_id, campaign_id)": "reports.attribution.cell_sums:_entries",
    "timesheets_timesheet (week)": "timesheets.team:of_week",
}
# Of the versions of each row.
HISTORY = "core.history:steps_of"


@dataclass(frozen=True)
class Index:
    table: str
    name: str
    columns: tuple[str, ...]
    operators: tuple[str, ...]
    kind: str
    condition: str
    is_unique: bool

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)}){' where' if self.condition else ''}"

    def is_led_by(self, other: "Index") -> bool:
        """Whether the other one begins with it and holds the same rows, so that it finds all that this one does."""
        length = len(self.columns)
        begins = (other.columns[:length], other.operators[:length]) == (self.columns, self.operators)
        alike = (self.table, self.kind, self.condition) == (other.table, other.kind, other.condition)
        return self.name != other.name and self.kind == "btree" and begins and alike and not self.is_unique


INDEXES = """
    SELECT t.relname, i.relname,
      array(SELECT pg_get_indexdef(x.indexrelid, k, true) FROM generate_series(1, x.indnkeyatts) k),
      array(SELECT o.opcname::text FROM unnest(x.indclass::oid[]) WITH ORDINALITY c (c, k)
            JOIN pg_opclass o ON o.oid = c.c ORDER BY c.k),
      m.amname, COALESCE(pg_get_expr(x.indpred, x.indrelid), ''), x.indisunique
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_am m ON m.oid = i.relam
    WHERE t.relnamespace = 'public'::regnamespace
"""


def indexes() -> list[Index]:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        found = [Index(*(tuple(part) if isinstance(part, list) else part for part in row)) for row in cursor.fetchall()]
    return [index for index in found if index.table.partition("_")[0] in OURS and index.table not in DJANGOS]


def foreign_keys() -> set[str]:
    """Columns that the database holds to a row elsewhere: it looks for them when that row is to go."""
    tables = [table for table in apps.get_models() if table._meta.app_label in OURS]
    fields = ((table, field) for table in tables for field in table._meta.concrete_fields)
    return {
        f"{table._meta.db_table} ({field.column})"
        for table, field in fields
        if field.is_relation and getattr(field, "db_constraint", False)
    }


def of_versions(index: Index) -> bool:
    return "_historical" in index.table and index.columns == ("id",)


def test_no_index_is_the_beginning_of_another():
    found = indexes()
    assert [f"{index} by {other}" for index in found for other in found if index.is_led_by(other)] == []


def test_each_index_holds_a_rule_or_is_asked():
    asked = {str(index) for index in indexes() if not index.is_unique and not of_versions(index)}
    assert asked - foreign_keys() == set(NEEDED_BY), "say in NEEDED_BY who asks it, or take it away"


@pytest.mark.parametrize("statement", sorted({*NEEDED_BY.values(), HISTORY}))
def test_who_asks_is_there(statement):
    module, _colon, name = statement.partition(":")
    assert name in names_in(module)


@cache
def names_in(module: str) -> set[str]:
    path = ROOT / f"{module.replace('.', '/')}.py"
    return set(_names(ast.parse(path.read_text()).body))


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


# -- migrations that take them away -----------------------------------------------------------------------------------


@pytest.mark.parametrize("app_label", ["campaigns", "reports", "timesheets"])
def test_the_indexes_that_went_come_back_with_the_older_version(app_label):
    """As they were; and forward again they are gone. No table is written anew for it."""
    loader = MigrationExecutor(connection).loader
    name = next(name for app, name in loader.graph.nodes if app == app_label and name.endswith("_fewer_indexes"))
    migration, before = loader.get_migration(app_label, name), loader.project_state((app_label, name), at_end=False)
    now = {index.name for index in indexes()}
    back = statements_of(lambda editor: migration.unapply(before.clone(), editor))
    assert {index.name for index in indexes()} > now
    forth = statements_of(lambda editor: migration.apply(before.clone(), editor))
    assert {index.name for index in indexes()} == now
    assert {statement.partition(" INDEX ")[0] for statement in back} == {"CREATE"}
    assert {statement.partition(" INDEX ")[0] for statement in forth} == {"DROP"}


def statements_of(act: Callable[[BaseDatabaseSchemaEditor], object]) -> list[str]:
    """What it does to the database; not what it only asks."""
    with CaptureQueriesContext(connection) as queries, connection.schema_editor(atomic=False) as editor:
        act(editor)
    asking = ("SELECT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in queries if not query["sql"].lstrip().startswith(asking)]
