"""The exports that agencies have, described as data: which header holds which field. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from campaigns.imports.files.header_translations import in_every_language
from campaigns.imports.formats.file_format import FileFormat

TOGGL = FileFormat(
    key="toggl",
    kind="hours",
    label="Toggl Track",
    columns=in_every_language(
        {
            "email": ("Email",),
            "name": ("User", "Member"),
            "day": ("Start date",),
            "start_time": ("Start time",),
            "end_day": ("End date", "Stop date"),
            "end_time": ("End time", "Stop time"),
            "duration": ("Duration",),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task",),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    # Whose hours they are is left out of a report about oneself.
    needs=("day", "duration", "project"),
    needs_any=("name", "start_time"),
    many={"tags": ","},
)

CLOCKIFY = FileFormat(
    key="clockify",
    kind="hours",
    label="Clockify",
    columns=in_every_language(
        {
            "email": ("Email",),
            "name": ("User",),
            "day": ("Start Date",),
            "start_time": ("Start Time",),
            "end_day": ("End Date",),
            "end_time": ("End Time",),
            "duration": ("Duration (h)", "Duration (decimal)"),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task", "Activity"),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    needs=("name", "day", "duration", "project"),
    many={"tags": ","},
)

HARVEST = FileFormat(
    key="harvest",
    kind="hours",
    label="Harvest",
    columns=in_every_language(
        {
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "day": ("Date",),
            # The hours that were logged, not those that are invoiced.
            "duration": ("Hours",),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task",),
            "note": ("Notes",),
        }
    ),
    needs=("first_name", "last_name", "day", "duration", "project"),
)

KIMAI = FileFormat(
    key="kimai",
    kind="hours",
    label="Kimai",
    columns=in_every_language(
        {
            "email": ("E-mail", "Email"),
            "name": ("Name", "User", "Username"),
            "user": ("User", "Username"),
            "day": ("Date",),
            "start_time": ("From", "Begin"),
            "end_time": ("To", "End"),
            "duration": ("Duration",),
            "client": ("Customer",),
            "project": ("Project",),
            "task": ("Activity",),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    needs=("name", "day", "duration", "client", "project", "task"),
    many={"tags": ","},
)

GENERIC_HOURS = FileFormat(
    key="generic",
    kind="hours",
    label="CSV",
    columns={
        "day": ("date",),
        "email": ("email",),
        "name": ("name",),
        "platform": ("platform",),
        "campaign": ("campaign",),
        "duration": ("hours",),
        "note": ("note",),
    },
    needs=("day", "email", "platform", "duration"),
)

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
    },
    needs=("last_name", "platform", "company"),
)

GENERIC_LEADS = FileFormat(
    key="generic",
    kind="leads",
    label="CSV",
    columns={
        "external_id": ("external_id",),
        "received_at": ("received_at",),
        "platform": ("platform",),
        "campaign": ("campaign",),
        "name": ("name",),
        "email": ("email",),
        "company": ("company",),
        "phone": ("phone",),
        "status": ("status",),
        "disqualified_reason": ("disqualified_reason",),
        "note": ("note",),
    },
    needs=("external_id", "received_at"),
)

GENERIC_TOUCHES = FileFormat(
    key="generic",
    kind="touches",
    label="CSV",
    columns={
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
    },
    needs=("lead_external_id", "at"),
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
    only_when={"stage": ("closedwon", "closed won", "closed won (sales pipeline)")},
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
    only_when={"status": ("won",)},
)

GENERIC_SALES = FileFormat(
    key="generic",
    kind="sales",
    label="CSV",
    columns={
        "external_id": ("external_id",),
        "lead_external_id": ("lead_external_id",),
        "sold_on": ("sold_on",),
        "amount": ("amount",),
        "description": ("description",),
        "refund_of": ("refund_of",),
        "currency": ("currency",),
        "platform": ("platform",),
        "campaign": ("campaign",),
    },
    needs=("external_id", "sold_on", "amount"),
)

META_SPEND = FileFormat(
    key="meta",
    kind="spend",
    label="Meta Ads",
    columns=in_every_language(
        {
            "starts_on": ("Day", "Reporting starts"),
            "ends_on": ("Reporting ends",),
            "account": ("Account ID", "Account name"),
            "campaign_id": ("Campaign ID",),
            "campaign": ("Campaign name",),
            "ad_set": ("Ad set name", "Ad set ID"),
            "ad": ("Ad name", "Ad ID"),
            "amount": ("Amount spent",),
            "platform": ("Platform",),
            "placement": ("Placement", "Platform position"),
            "currency": ("Currency",),
        }
    ),
    needs=("starts_on", "campaign", "amount"),
    assumed={"platform": "Facebook"},
    blank_in_totals=("campaign",),
)

GENERIC_SPEND = FileFormat(
    key="generic",
    kind="spend",
    label="CSV",
    columns={
        "external_id": ("external_id",),
        "platform": ("platform",),
        "campaign": ("campaign",),
        "starts_on": ("starts_on",),
        "ends_on": ("ends_on",),
        "amount": ("amount",),
        "description": ("description",),
        "currency": ("currency",),
    },
    needs=("platform", "starts_on", "ends_on", "amount"),
)

GENERIC_OUTCOMES = FileFormat(
    key="generic",
    kind="outcomes",
    label="CSV",
    columns={
        "week": ("week",),
        "day": ("date", "day"),
        "platform": ("platform",),
        "campaign": ("campaign",),
        "measure": ("measure",),
        "count": ("count",),
        "note": ("note",),
    },
    needs=("platform", "measure", "count"),
    needs_any=("week", "day"),
)

FILE_FORMATS: tuple[FileFormat, ...] = (
    TOGGL,
    CLOCKIFY,
    HARVEST,
    KIMAI,
    HUBSPOT_CONTACTS,
    SALESFORCE_LEADS,
    HUBSPOT_DEALS,
    PIPEDRIVE_DEALS,
    META_SPEND,
    GENERIC_HOURS,
    GENERIC_LEADS,
    GENERIC_TOUCHES,
    GENERIC_SALES,
    GENERIC_SPEND,
    GENERIC_OUTCOMES,
)

# What lead statuses of other programs mean here; anything else is asked.
LEAD_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "new": "new",
        "open": "new",
        "open - not contacted": "new",
        "in_progress": "new",
        "in progress": "new",
        "attempted_to_contact": "new",
        "attempted to contact": "new",
        "connected": "new",
        "working - contacted": "new",
        "bad_timing": "lost",
        "bad timing": "lost",
        "qualified": "qualified",
        "open_deal": "qualified",
        "open deal": "qualified",
        "closed - converted": "qualified",
        "unqualified": "disqualified",
        "disqualified": "disqualified",
        "closed - not converted": "lost",
        "won": "won",
        "customer": "won",
        "lost": "lost",
    }
)


def recognise(header: Sequence[str], kind: str | None = None) -> FileFormat | None:
    """Return the format whose file this is, or None; ``kind`` leaves only those of that kind.

    Of several that fit, the one that explains the most columns wins, then the one listed first.
    """
    fitting = [known for known in FILE_FORMATS if kind in (None, known.kind) and known.fits(header)]
    return max(fitting, key=lambda known: len(set(known.locate(header).values())), default=None)


def find_format(key: str, kind: str) -> FileFormat | None:
    """Return the format a person named for a kind of rows, or None when it has none of that kind."""
    return next((known for known in FILE_FORMATS if (known.key, known.kind) == (key, kind)), None)
