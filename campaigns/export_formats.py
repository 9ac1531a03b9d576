"""Leads, touches, sales, spend and outcomes in Retour's own formats, which the importer reads back to the same rows.

What is voided stays at home: the formats have no word for it, and elsewhere it would count. A file is neutral, or in
the convention of its reader: then its columns have names of their language, and its numbers their decimal sign. Texts
and days are the same in both.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.utils import translation

from campaigns.external_ids import outward_id
from campaigns.imports.formats.own_headings import in_words
from campaigns.models import Agency, Campaign, Platform, Sale, Spend
from core.spreadsheets import TableFormat, table_response
from core.weeks import Week

LEADS = [
    "external_id",
    "received_at",
    "platform",
    "campaign",
    "name",
    "email",
    "company",
    "status",
    "disqualified_reason",
    "note",
    "phone",
    "how_heard",
]
TOUCHES = ["lead_external_id", "at", "platform", "campaign", "utm_source", "utm_medium", "utm_campaign"]
ORIGINAL = ["original_amount", "original_currency"]
SALES = [
    *("external_id", "lead_external_id", "sold_on", "amount", "description", "refund_of", "platform", "campaign"),
    *ORIGINAL,
]
SPEND = ["external_id", "platform", "campaign", "starts_on", "ends_on", "amount", "description", *ORIGINAL]
OUTCOMES = ["week", "platform", "campaign", "measure", "count", "note"]

# What a touch without a platform says, lest the importer look for one in its utm_source.
DIRECT = "direct"
# What a refund of which nobody knows the sale says, lest the importer look for one.
OF_NO_SALE = "-"
ROWS_AT_ONCE = 2_000

ExportRow = tuple[object, ...]


def response(query: QueryDict, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """Rows of one of these formats as the file that an address asks for; InvalidQuery for one that there is not."""
    table_format = TableFormat.of(query)
    language = (translation.get_language() or "en").partition("-")[0]
    shown = in_words(header, language) if table_format.is_for_readers else header
    return table_response(table_format, name, shown, rows)


def leads(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    """One line per lead. Platform and campaign stay empty: its touches have a file of their own, and count once."""
    for lead in rows.filter(voided_at=None).iterator(ROWS_AT_ONCE):
        who = lead.name, lead.email, lead.company
        state = lead.status, lead.disqualified_reason, lead.note
        more = lead.phone, lead.how_heard
        yield outward_id(lead, agency), _moment(lead.received_at, agency), "", "", *who, *state, *more


def touches(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    """One line per touch, in the order in which they were."""
    found = rows.filter(voided_at=None).select_related("lead", "platform", "campaign__client")
    for touch in found.order_by("at", "pk").iterator(ROWS_AT_ONCE):
        platform = touch.platform.name if touch.platform else DIRECT
        utm = touch.utm_source, touch.utm_medium, touch.utm_campaign
        moment = _moment(touch.at, agency)
        yield outward_id(touch.lead, agency), moment, platform, _campaign(touch.campaign), *utm


def sales(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    """One line per sale or refund. A lead that is voided is not named: its own line is not sent either."""
    found = rows.filter(voided_at=None, refund_of__voided_at=None)
    for sale in found.select_related("lead", "refund_of", "platform", "campaign__client").iterator(ROWS_AT_ONCE):
        lead = outward_id(sale.lead, agency) if sale.lead and not sale.lead.is_void else ""
        refund_of = outward_id(sale.refund_of, agency) if sale.refund_of else OF_NO_SALE if sale.is_refund else ""
        what = sale.sold_on, _amount(sale.amount_cents), sale.description, refund_of
        where = _platform(sale.platform), _campaign(sale.campaign)
        yield outward_id(sale, agency), lead, *what, *where, *_original(sale)


def spend(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    for spend_row in rows.filter(voided_at=None).select_related("platform", "campaign__client").iterator(ROWS_AT_ONCE):
        where = _platform(spend_row.platform), _campaign(spend_row.campaign)
        what = spend_row.starts_on, spend_row.ends_on, _amount(spend_row.amount_cents), spend_row.description
        yield outward_id(spend_row, agency), *where, *what, *_original(spend_row)


def outcomes(rows: QuerySet) -> Iterator[ExportRow]:
    """One line per count. It needs no id: week, platform, campaign and measure say which one it is."""
    for outcome in rows.filter(voided_at=None).select_related("platform", "campaign__client").iterator(ROWS_AT_ONCE):
        where = _platform(outcome.platform), _campaign(outcome.campaign)
        yield str(Week(outcome.week)), *where, outcome.measure, outcome.count, outcome.note


def _moment(at: datetime, agency: Agency) -> datetime:
    """As the agency's clocks show it; the offset that goes along says which hour it is when they are put back."""
    return at.astimezone(agency.zone)


def _original(row: Sale | Spend) -> ExportRow:
    """What an amount was in another currency, and which; empty for one in the agency's own."""
    return ("", "") if row.original_cents is None else (_amount(row.original_cents), row.original_currency)


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _platform(platform: Platform | None) -> str:
    return platform.name if platform else ""


def _campaign(campaign: Campaign | None) -> str:
    """With its client, so that the client is found, or made, with it; General presence is everybody's."""
    if campaign is None:
        return ""
    return campaign.name if campaign.is_general else f"{campaign.client.name} / {campaign.name}"
