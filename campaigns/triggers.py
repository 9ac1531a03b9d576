"""What the database guards and remembers about campaigns; core/triggers.py says how."""

from collections.abc import Sequence

from core.triggers import Trigger

MARK = "INSERT INTO campaigns_stalemark (week_from, week_to, lead_id, sale_id, everything)"


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

TRIGGERS = [
    *WEBHOOK_TRIGGERS,
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
