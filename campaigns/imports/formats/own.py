"""Retour's own format of each kind of rows, which its exports write. Pure."""

from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.own_headings import in_all_words

GENERIC_HOURS = FileFormat(
    key="generic",
    kind="hours",
    label="CSV",
    columns=in_all_words(
        {
            "day": ("date",),
            "email": ("email",),
            "name": ("name",),
            "platform": ("platform",),
            "campaign": ("campaign",),
            "duration": ("hours",),
            "note": ("note",),
        }
    ),
    needs=("day", "email", "platform", "duration"),
)

GENERIC_LEADS = FileFormat(
    key="generic",
    kind="leads",
    label="CSV",
    columns=in_all_words(
        {
            "external_id": ("external_id",),
            "received_at": ("received_at",),
            "platform": ("platform",),
            "campaign": ("campaign",),
            "utm_source": ("utm_source",),
            "utm_medium": ("utm_medium",),
            "utm_campaign": ("utm_campaign",),
            "utm_source_platform": ("utm_source_platform",),
            "name": ("name",),
            "email": ("email",),
            "company": ("company",),
            "phone": ("phone",),
            "status": ("status",),
            "disqualified_reason": ("disqualified_reason",),
            "how_heard": ("how_heard",),
            "note": ("note",),
        }
    ),
    needs=("external_id", "received_at"),
)

GENERIC_TOUCHES = FileFormat(
    key="generic",
    kind="touches",
    label="CSV",
    columns=in_all_words(
        {
            "lead_external_id": ("lead_external_id",),
            "at": ("at",),
            "platform": ("platform",),
            "campaign": ("campaign",),
            "utm_id": ("utm_id",),
            "utm_source": ("utm_source",),
            "utm_medium": ("utm_medium",),
            "utm_campaign": ("utm_campaign",),
            "utm_source_platform": ("utm_source_platform",),
            "utm_term": ("utm_term",),
            "utm_content": ("utm_content",),
        }
    ),
    needs=("lead_external_id", "at"),
)

GENERIC_SALES = FileFormat(
    key="generic",
    kind="sales",
    label="CSV",
    columns=in_all_words(
        {
            "external_id": ("external_id",),
            "lead_external_id": ("lead_external_id",),
            "lead_email": ("lead_email", "customer email"),
            "sold_on": ("sold_on",),
            "amount": ("amount",),
            "description": ("description",),
            "refund_of": ("refund_of",),
            "status": ("status", "payment status", "financial status"),
            "refunded": ("refunded", "amount refunded", "refunded amount", "amount_refunded"),
            "currency": ("currency",),
            "original_amount": ("original_amount",),
            "original_currency": ("original_currency",),
            "platform": ("platform",),
            "campaign": ("campaign",),
        }
    ),
    needs=("external_id", "sold_on", "amount"),
)

GENERIC_SPEND = FileFormat(
    key="generic",
    kind="spend",
    label="CSV",
    columns=in_all_words(
        {
            "external_id": ("external_id",),
            "platform": ("platform",),
            "campaign": ("campaign",),
            "starts_on": ("starts_on",),
            "ends_on": ("ends_on",),
            "amount": ("amount",),
            "description": ("description",),
            "currency": ("currency",),
            "original_amount": ("original_amount",),
            "original_currency": ("original_currency",),
        }
    ),
    needs=("platform", "starts_on", "ends_on", "amount"),
)

GENERIC_OUTCOMES = FileFormat(
    key="generic",
    kind="outcomes",
    label="CSV",
    columns=in_all_words(
        {
            "week": ("week",),
            "day": ("date", "day"),
            "platform": ("platform",),
            "campaign": ("campaign",),
            "measure": ("measure",),
            "count": ("count",),
            "note": ("note",),
        }
    ),
    needs=("platform", "measure", "count"),
    needs_any=("week", "day"),
)

FORMATS = (GENERIC_HOURS, GENERIC_LEADS, GENERIC_TOUCHES, GENERIC_SALES, GENERIC_SPEND, GENERIC_OUTCOMES)
