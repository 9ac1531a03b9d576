"""The exports of programs that keep contacts and deals: leads and sales. Pure."""

from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.utm_columns import UTM

HUBSPOT_CONTACTS = FileFormat(
    key="hubspot",
    kind="leads",
    label="HubSpot",
    columns={
        "external_id": ("Record ID", "Contact ID"),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "email": ("Email",),
        "phone": ("Phone Number", "Mobile Phone Number", "Phone"),
        "company": ("Company Name", "Company", "Associated Company", "Primary Associated Company Name"),
        "status": ("Lead Status",),
        "received_at": ("Create Date",),
        "platform": ("Original Source", "Original Traffic Source", "Original Source Type"),
        "detail": ("Original Source Drill-Down 1", "Original Traffic Source Drill-Down 1"),
        "campaign": ("Original Source Drill-Down 2", "Original Traffic Source Drill-Down 2"),
        **UTM,
    },
    needs=("external_id", "received_at"),
    # Which columns are exported is everyone's own choice, but deals have none of these.
    needs_any=("email", "phone", "first_name", "last_name", "status", "platform"),
)

SALESFORCE_LEADS = FileFormat(
    key="salesforce",
    kind="leads",
    label="Salesforce",
    columns={
        "external_id": ("Lead ID", "Record ID"),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "phone": ("Phone", "Mobile"),
        "company": ("Company / Account", "Company"),
        "platform": ("Lead Source",),
        "email": ("Email",),
        "status": ("Lead Status", "Status"),
        # A report may leave the day out; then the person says when these leads came.
        "received_at": ("Create Date", "Created Date"),
        "note": ("Title",),
        **UTM,
    },
    needs=("last_name", "platform", "company"),
)

HUBSPOT_DEALS = FileFormat(
    key="hubspot",
    kind="sales",
    label="HubSpot",
    columns={
        "external_id": ("Record ID", "Deal ID"),
        "description": ("Deal Name",),
        "stage": ("Deal Stage",),
        "amount": ("Amount", "Amount in company currency"),
        "currency": ("Currency",),
        "sold_on": ("Close Date",),
        "lead_external_id": ("Associated Contact IDs", "Associated Contact ID"),
    },
    needs=("external_id", "stage", "amount", "sold_on"),
    many={"lead_external_id": ";"},
)

PIPEDRIVE_DEALS = FileFormat(
    key="pipedrive",
    kind="sales",
    label="Pipedrive",
    columns={
        "external_id": ("Deal - ID",),
        "description": ("Deal - Title",),
        "amount": ("Deal - Value",),
        "currency": ("Deal - Currency of value", "Deal - Currency"),
        "status": ("Deal - Status",),
        "sold_on": ("Deal - Won time",),
        "lead_company": ("Organization", "Deal - Organization"),
        "lead_name": ("Contact person", "Deal - Contact person"),
    },
    needs=("description", "amount", "status", "sold_on"),
)

FORMATS = (HUBSPOT_CONTACTS, SALESFORCE_LEADS, HUBSPOT_DEALS, PIPEDRIVE_DEALS)
