"""What was given back of a sale, where the row of the sale itself says it: a refund that follows that row."""

from campaigns.imports.importers.base import Importer
from campaigns.imports.mapping.currencies import original
from campaigns.imports.orders.records import SaleRecord, refund_id


def refund_in(importer: Importer, sale: SaleRecord) -> SaleRecord:
    """The refund that a sale's row holds; where nothing was given back, what takes an earlier one back."""
    refunded = sale.refunded_cents or 0
    refund = SaleRecord(sale.line, of_row=sale, refund_of=sale.external_id or "", is_lost=refunded == 0)
    refund.external_id = refund_id(sale.external_id) if sale.external_id else None
    refund.day = max(sale.refunded_on or sale.values["sold_on"], sale.values["sold_on"])
    refund.values = {
        "sold_on": refund.day,
        "amount_cents": -sale.refunded_own_cents,
        "description": sale.values["description"],
        **(original(-refunded, sale.values["original_currency"]) if sale.rate else {}),
    }
    _give_keys(importer, refund, sale)
    return refund


def _give_keys(importer: Importer, refund: SaleRecord, sale: SaleRecord) -> None:
    """What the refund is found again by: its sale."""
    refund.natural_key = importer.keyed(importer.source, "refund in", sale.identity or sale.natural_key)
    if refund.external_id:
        refund.identity = importer.keyed(importer.source, refund.external_id)
    elif not refund.is_lost:
        refund.fingerprint = importer.imprint("refund in", sale.fingerprint, refund.day, sale.refunded_cents)
