"""Leads, touches, sales, spend and outcomes in Retour's own formats, which the importer reads back to the same rows.

What is voided stays at home: the formats have no word for it, and elsewhere it would count. A file is neutral, or in
the convention of its reader: then its columns have names of their language, and its numbers their decimal sign. Texts
and days are the same in both.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.utils import translation

from campaigns.external_ids import outward_id, outward_id_of
from campaigns.imports.formats.own_headings import in_words
from campaigns.models import Agency, Lead, Outcome, Sale, Spend
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
# Where a row belongs, as columns: what `_campaign` takes comes last.
PLACE = "platform__name", "campaign__name", "campaign__client__name", "campaign__is_general"
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
    texts = "name", "email", "company", "status", "disqualified_reason", "note", "phone", "how_heard"
    for pk, external_id, received_at, *said in _columns(rows, "pk", "external_id", "received_at", *texts):
        yield outward_id_of(Lead, pk, external_id, agency), _moment(received_at, agency), "", "", *said


def touches(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    """One line per touch, in the order in which they were."""
    columns = "lead", "lead__external_id", "at", "utm_source", "utm_medium", "utm_campaign", *PLACE
    found = _columns(rows.order_by("at", "pk"), *columns)
    for lead, external_id, at, *utm, platform, campaign, client, is_general in found:
        where = platform or DIRECT, _campaign(campaign, client, is_general=is_general)
        yield outward_id_of(Lead, lead, external_id, agency), _moment(at, agency), *where, *utm


def sales(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    """One line per sale or refund. A lead that is voided is not named: its own line is not sent either."""
    found = rows.filter(voided_at=None, refund_of__voided_at=None)
    for sale in found.select_related("lead", "refund_of", "platform", "campaign__client").iterator(ROWS_AT_ONCE):
        lead = outward_id(sale.lead, agency) if sale.lead and not sale.lead.is_void else ""
        refund_of = outward_id(sale.refund_of, agency) if sale.refund_of else OF_NO_SALE if sale.is_refund else ""
        what = sale.sold_on, _amount(sale.amount_cents), sale.description, refund_of
        yield outward_id(sale, agency), lead, *what, *_place(sale), *_original(sale)


def spend(rows: QuerySet, agency: Agency) -> Iterator[ExportRow]:
    for spend_row in rows.filter(voided_at=None).select_related("platform", "campaign__client").iterator(ROWS_AT_ONCE):
        what = spend_row.starts_on, spend_row.ends_on, _amount(spend_row.amount_cents), spend_row.description
        yield outward_id(spend_row, agency), *_place(spend_row), *what, *_original(spend_row)


def outcomes(rows: QuerySet) -> Iterator[ExportRow]:
    """One line per count. It needs no id: week, platform, campaign and measure say which one it is."""
    for outcome in rows.filter(voided_at=None).select_related("platform", "campaign__client").iterator(ROWS_AT_ONCE):
        yield str(Week(outcome.week)), *_place(outcome), outcome.measure, outcome.count, outcome.note


def _columns(rows: QuerySet, *names: str) -> Iterator[tuple[Any, ...]]:
    """These columns of what counts: of a million rows none needs to become an object."""
    return rows.filter(voided_at=None).values_list(*names).iterator(ROWS_AT_ONCE)


def _moment(at: datetime, agency: Agency) -> datetime:
    """As the agency's clocks show it; the offset that goes along says which hour it is when they are put back."""
    return at.astimezone(agency.zone)


def _original(row: Sale | Spend) -> ExportRow:
    """What an amount was in another currency, and which; empty for one in the agency's own."""
    return ("", "") if row.original_cents is None else (_amount(row.original_cents), row.original_currency)


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _place(row: Sale | Spend | Outcome) -> tuple[str, str]:
    """The names of the platform and the campaign, empty where there is none."""
    platform = row.platform.name if row.platform else ""
    campaign = row.campaign
    return platform, _campaign(campaign.name, campaign.client.name, is_general=campaign.is_general) if campaign else ""


def _campaign(name: str | None, client: str | None, *, is_general: bool | None) -> str:
    """With its client, so that the client is found, or made, with it; General presence is everybody's."""
    if name is None:
        return ""
    return name if is_general else f"{client} / {name}"
