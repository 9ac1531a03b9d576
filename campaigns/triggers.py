"""What the database guards and remembers about campaigns; core/triggers.py says how."""

from collections.abc import Sequence
from typing import Any

from core.triggers import Installable, NotingTrigger, Trigger

MARKS = "campaigns_stalemark"
EVENTS = ("INSERT", "UPDATE", "DELETE")
MarkColumns = dict[str, str]


def mark_cells(first: str, last: str, *, costs: bool) -> MarkColumns:
    """The platform and campaign of a row, in the weeks of two of its days: what they cost, or were credited with."""
    return {
        "week_from": f"{{row}}.{first}",
        "week_to": f"{{row}}.{last}",
        "platform_id": "{row}.platform_id",
        "campaign_id": "{row}.campaign_id",
        "is_cell": "TRUE",
        "of_costs": "TRUE" if costs else "FALSE",
        "everything": "FALSE",
    }


def mark_lead(column: str) -> MarkColumns:
    return {"lead_id": f"{{row}}.{column}", "is_cell": "FALSE", "everything": "FALSE"}


def mark_sale() -> MarkColumns:
    return {"sale_id": "{row}.id", "is_cell": "FALSE", "everything": "FALSE"}


def marking(table: str, *marks: MarkColumns) -> list[NotingTrigger]:
    """Insert, update and delete of `table` leave these marks."""
    return [
        NotingTrigger(name=f"mark_{table}_{event.lower()}", table=table, event=event, into=MARKS, rows=marks)
        for event in EVENTS
    ]


# -- the log of changes (docs/adr/0039) --------------------------------------------------------------------------------

LOG_TABLE = "campaigns_loggedchange"
LOG = f"INSERT INTO {LOG_TABLE} (kind, object_id, event, owner_id, at, is_for_directors)"
LOG_COLUMNS = frozenset({(LOG_TABLE, "is_for_directors")})
# What a change of these columns is called, the first that fits; any other is a change.
VOIDED_OR_NOT = (
    "WHEN OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL THEN 'voided' "
    "WHEN OLD.voided_at IS NOT NULL AND NEW.voided_at IS NULL THEN 'restored' "
)
ERASED = "WHEN OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL THEN 'erased' "
WITHDRAWN = "WHEN OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL THEN 'withdrawn' "
IS_WITHDRAWN = "OLD.withdrawn_at IS NOT NULL"
# Of whom: of all who may read the kind, or of directors alone (docs/adr/0047).
TO_ALL, TO_DIRECTORS = "FALSE", "TRUE"


def log_change(
    kind: str, row: str, event: str, *, owner: str = "NULL", number: str = "id", hidden: str = TO_ALL
) -> str:
    return f"{LOG} VALUES ('{kind}', {row}.{number}, {event}, {owner.format(row=row)}, CURRENT_TIMESTAMP, {hidden});"


def log_changes(kind: str, event: str, what: str, columns: Sequence[str], owner: str, hidden: str) -> str:
    """What `log_change` says of a row, said of all rows of a statement."""
    rows = {
        "INSERT": "new_rows AS fresh",
        "UPDATE": "new_rows AS fresh JOIN old_rows AS past ON past.id = fresh.id WHERE "
        + " OR ".join(f"past.{column} IS DISTINCT FROM fresh.{column}" for column in columns),
        "DELETE": "old_rows AS past",
    }[event]
    row = "past" if event == "DELETE" else "fresh"
    what, hidden = (text.replace("OLD.", "past.").replace("NEW.", "fresh.") for text in (what, hidden))
    return f"{LOG} SELECT '{kind}', {row}.id, {what}, {owner.format(row=row)}, CURRENT_TIMESTAMP, {hidden} FROM {rows};"  # noqa: S608 - ours


def logging(
    kind: str,
    table: str,
    columns: Sequence[str],
    *,
    cases: str = "",
    owner: str = "NULL",
    hidden: str = TO_ALL,
) -> list[Trigger]:
    """Each row that is made, deleted, or changed in one of the columns that `/api/` shows leaves an entry.

    `hidden` says of the row as it was when directors alone are told.
    """
    hidden_by_event = {event: TO_ALL if event == "INSERT" and "OLD." in hidden else hidden for event in EVENTS}
    changed = f"CASE {cases}ELSE 'changed' END" if cases else "'changed'"
    said = {"INSERT": "'created'", "UPDATE": changed, "DELETE": "'deleted'"}
    return [
        Trigger(
            name=f"log_{table}_{event.lower()}",
            table=table,
            event=event,
            body=log_change(
                kind, "OLD" if event == "DELETE" else "NEW", what, owner=owner, hidden=hidden_by_event[event]
            ),
            for_statement=log_changes(kind, event, what, columns, owner, hidden_by_event[event]),
            reads=(LOG_TABLE,),
            writes=LOG_COLUMNS,
            changed=tuple(columns) if event == "UPDATE" else (),
        )
        for event, what in said.items()
    ]


def logging_of(kind: str, table: str, event: str, *, event_name: str = "changed", **more: Any) -> Trigger:
    """What happens to a row of `table` is something that happens to the row of this kind that it belongs to."""
    number, hidden = more.pop("number", f"{kind}_id"), more.pop("hidden", TO_ALL)
    row = "OLD" if event == "DELETE" else "NEW"
    return Trigger(
        name=f"log_{table}_{event.lower()}",
        table=table,
        event=event,
        body=log_change(kind, row, f"'{event_name}'", number=number, hidden=hidden),
        reads=(LOG_TABLE,),
        writes=LOG_COLUMNS,
        **more,
    )


def logging_names(kind: str, table: str) -> list[Trigger]:
    """Another name of something is a change of it."""
    return [logging_of(kind, table, event) for event in ("INSERT", "DELETE")]


# What forms captured of a lead is shown with it.
CAPTURED = ("lead_id", "kind", '"values"', "origin", "consent_at", "consent_text")
CONTACTS = [
    logging_of("lead", "campaigns_capturedcontact", "INSERT", when="NEW.lead_id IS NOT NULL"),
    logging_of("lead", "campaigns_capturedcontact", "UPDATE", when="NEW.lead_id IS NOT NULL", changed=CAPTURED),
    logging_of("lead", "campaigns_capturedcontact", "DELETE", when="OLD.lead_id IS NOT NULL"),
]


CHANGES_FOR_DIRECTORS = [
    Trigger(
        name="log_campaigns_campaign_costs_update",
        table="campaigns_campaign",
        event="UPDATE",
        changed=("budget_cost_cents", "target_lead_cents"),
        body=log_change("campaign", "NEW", "'changed'", hidden=TO_DIRECTORS),
        reads=(LOG_TABLE,),
        writes=LOG_COLUMNS,
    ),
    *logging(
        "outcome_value",
        "campaigns_outcomevalue",
        ["measure", "week", "value_cents", "reason", "voided_at", "void_reason"],
        cases=VOIDED_OR_NOT,
        hidden=TO_DIRECTORS,
    ),
    *logging(
        "trial",
        "campaigns_limittrial",
        [
            *("platform_id", "limit_minutes", "earlier_limit_minutes", "first_week", "last_week"),
            *("started_at", "ended_at"),
        ],
        hidden=TO_DIRECTORS,
    ),
]
CHANGES = [
    *logging("platform", "campaigns_platform", ["name", "kind", "weekly_limit_minutes", "colour", "is_active"]),
    *logging("client", "campaigns_client", ["name", "is_own_brand", "is_active"]),
    *logging(
        "campaign",
        "campaigns_campaign",
        [
            *("client_id", "name", "purpose", "goal", "objective", "action", "indicator", "measure", "counted"),
            *("baseline_starts_on", "baseline_ends_on", "starts_on", "ends_on", "is_active"),
            *("budget_minutes", "budget_spend_cents"),
        ],
    ),
    *logging_names("platform", "campaigns_platformalias"),
    *logging_names("campaign", "campaigns_campaignalias"),
    *logging(
        "lead",
        "campaigns_lead",
        [
            *("external_id", "received_at", "name", "email", "company", "phone", "status", "disqualified_reason"),
            *("qualified_at", "how_heard", "note", "erased_at", "voided_at", "void_reason"),
        ],
        cases=ERASED + VOIDED_OR_NOT,
    ),
    *logging(
        "touchpoint",
        "campaigns_touch",
        [
            *("lead_id", "platform_id", "campaign_id", "utm_source", "utm_medium", "utm_campaign"),
            *("voided_at", "void_reason"),
        ],
        cases=VOIDED_OR_NOT,
    ),
    *logging(
        "sale",
        "campaigns_sale",
        [
            *("external_id", "lead_id", "platform_id", "campaign_id", "sold_on", "amount_cents", "refund_of_id"),
            *("original_cents", "original_currency", "description", "voided_at", "void_reason"),
        ],
        cases=VOIDED_OR_NOT,
    ),
    *logging(
        "spend",
        "campaigns_spend",
        [
            *("external_id", "platform_id", "campaign_id", "starts_on", "ends_on", "amount_cents"),
            *("original_cents", "original_currency", "description", "voided_at", "void_reason"),
        ],
        cases=VOIDED_OR_NOT,
    ),
    *logging(
        "outcome",
        "campaigns_outcome",
        ["platform_id", "campaign_id", "week", "measure", "count", "note", "voided_at", "void_reason"],
        cases=VOIDED_OR_NOT,
    ),
    logging_of("lead", "campaigns_leadmerge", "INSERT", event_name="merged", number="merged_id"),
    *CONTACTS,
    *logging("exchange_rate", "campaigns_exchangerate", ["currency", "day", "rate"]),
    *logging(
        "link",
        "campaigns_trackinglink",
        [
            *("slug", "campaign_id", "platform_id", "target", "is_active", "created_at"),
            *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
        ],
    ),
    *logging(
        "decision",
        "campaigns_decision",
        ["platform_id", "heading", "facts", "sentence", "published_at", "published_by_id", "withdrawn_at"],
        cases=WITHDRAWN,
        hidden=IS_WITHDRAWN,
    ),
    *CHANGES_FOR_DIRECTORS,
]

MOVED = "COALESCE(OLD.platform_id, 0) <> COALESCE(NEW.platform_id, 0)"
FOLLOWS = "(OLD.platform_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaigns_platform WHERE id = OLD.platform_id))"

# A lead that was merged into another gives it its touches, and gets them back when the two are split.
OTHER_LEAD = (
    "(OLD.lead_id <> NEW.lead_id AND NOT EXISTS (SELECT 1 FROM campaigns_leadmerge WHERE "
    "(merged_id = OLD.lead_id AND survivor_id = NEW.lead_id) "
    "OR (merged_id = NEW.lead_id AND survivor_id = OLD.lead_id)))"
)

TELL = "INSERT INTO campaigns_webhookevent (kind, at, row_id, other_id, data)"
IS_TOLD = "EXISTS (SELECT 1 FROM campaigns_webhook WHERE is_active)"


def telling(table: str, event: str, kind: str, *, row: str, other: str = "NULL", when: str = "TRUE") -> Trigger:
    """`event` of `table` is told to the webhooks, if there are any (docs/adr/0042)."""
    return Trigger(
        name=f"tell_{kind.replace('.', '_')}",
        table=table,
        event=event,
        reads=("campaigns_webhook", "campaigns_webhookevent"),
        when=f"{when} AND {IS_TOLD}",
        body=f"{TELL} VALUES ('{kind}', CURRENT_TIMESTAMP, {row}, {other}, NULL);",
    )


IS_REFUND = "(NEW.refund_of_id IS NOT NULL OR NEW.amount_cents < 0)"
WEBHOOK_TRIGGERS = [
    telling("campaigns_lead", "INSERT", "lead.created", row="NEW.id"),
    *(
        telling(
            "campaigns_statuschange",
            "INSERT",
            f"lead.{status}",
            row="NEW.lead_id",
            other="NEW.id",
            when=f"NEW.after = '{status}'",
        )
        for status in ("qualified", "won")
    ),
    telling("campaigns_leadmerge", "INSERT", "lead.merged", row="NEW.survivor_id", other="NEW.merged_id"),
    telling(
        "campaigns_lead",
        "UPDATE",
        "lead.erased",
        row="NEW.id",
        when="OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL",
    ),
    telling("campaigns_sale", "INSERT", "sale.created", row="NEW.id", when=f"NOT {IS_REFUND}"),
    telling("campaigns_sale", "INSERT", "refund.created", row="NEW.id", when=IS_REFUND),
]

TRIGGERS: list[Installable] = [
    *WEBHOOK_TRIGGERS,
    *CHANGES,
    *marking("campaigns_spend", mark_cells("starts_on", "ends_on", costs=True)),
    *marking("campaigns_lead", mark_lead("id")),
    *marking("campaigns_touch", mark_lead("lead_id")),
    *marking("campaigns_sale", mark_sale()),
    Trigger(
        name="mark_agency_credit_rules",
        table="campaigns_agency",
        event="UPDATE",
        when="OLD.lookback_days <> NEW.lookback_days OR COALESCE(OLD.half_life_days, 0) <> "
        "COALESCE(NEW.half_life_days, 0) OR OLD.time_zone <> NEW.time_zone",
        body="INSERT INTO campaigns_stalemark (is_cell, everything) VALUES (FALSE, TRUE);",
    ),
    Trigger(
        name="touch_is_never_edited",
        table="campaigns_touch",
        reads=("campaigns_leadmerge",),
        event="UPDATE",
        timing="BEFORE",
        # Erasing a lead empties what its links said; no credit rests on that. A platform that became part of another
        # takes its touches along: only then is it gone while they still point at it. A merge of leads, see above.
        when=f"{OTHER_LEAD} OR OLD.at <> NEW.at "
        "OR COALESCE(NEW.utm_source, '') NOT IN ('', COALESCE(OLD.utm_source, '')) "
        "OR COALESCE(NEW.utm_medium, '') NOT IN ('', COALESCE(OLD.utm_medium, '')) "
        "OR COALESCE(NEW.utm_campaign, '') NOT IN ('', COALESCE(OLD.utm_campaign, '')) "
        f"OR ({MOVED} AND NOT {FOLLOWS}) "
        "OR COALESCE(OLD.campaign_id, 0) <> COALESCE(NEW.campaign_id, 0)",
        refuse="A touch is never edited: void it and add another.",
    ),
    Trigger(
        name="link_stands_for_one_place",
        table="campaigns_trackinglink",
        event="UPDATE",
        timing="BEFORE",
        # What came through a link came from its platform and campaign. A platform that became part of another takes
        # its links along, as it does its touches.
        when=f"OLD.slug <> NEW.slug OR OLD.campaign_id <> NEW.campaign_id OR ({MOVED} AND NOT {FOLLOWS})",
        refuse="A link keeps its platform and campaign: make another one.",
    ),
    *(
        Trigger(
            name=f"unrecorded_periods_lie_apart_{event.lower()}",
            table="campaigns_unrecordedperiod",
            event=event,
            when="EXISTS (SELECT 1 FROM campaigns_unrecordedperiod other WHERE other.id <> NEW.id "
            "AND other.first_day <= NEW.last_day AND other.last_day >= NEW.first_day)",
            refuse="Periods without records do not overlap.",
        )
        for event in ("INSERT", "UPDATE")
    ),
]
