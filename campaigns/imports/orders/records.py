"""One sale or refund, read from a file, before it is compared with what is there."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.imports.importers.base import Record
from campaigns.models import ImportedRow, Sale
from core.currencies import converted

# What a refund says that is of no known sale, in Retour's own format.
OF_NO_SALE = "-"
LONGEST_ID = 120


@dataclass
class SaleRecord(Record):
    """A row of sales. ``refunded_cents`` is what the row says was given back of it, None where it does not say.

    An amount in another currency, and what was given back of it, come to the agency's own at ``rate``.
    """

    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    leads: tuple[str, ...] = ()
    lead_name: str = ""
    lead_company: str = ""
    lead_email: str = ""
    refunded_cents: int | None = None
    refunded_on: date | None = None
    rate: Decimal | None = None
    waits_for_rate: bool = False  # a refund in another currency, which has its sale's
    # The sale that it refunds: by its external id, as a row of this file, or as one that is there.
    refund_of: str = ""
    of_row: "SaleRecord | None" = None
    of_sale: Sale | None = None
    is_return: bool = False  # a refund whose row does not say of which sale
    names_no_sale: bool = False  # a refund of no known sale
    gone: ImportedRow | None = None  # an earlier row that the file lacks and that goes
    # A row that does not count: an earlier file may have brought it as a sale.
    is_lost: bool = False
    is_given_back: bool = False

    @property
    def is_refund(self) -> bool:
        return bool(self.refund_of or self.of_row or self.of_sale or self.is_return or self.names_no_sale)

    @property
    def refunded_own_cents(self) -> int:
        """What the row says was given back, in the agency's currency; nothing where it does not say."""
        cents = self.refunded_cents or 0
        return converted(cents, self.rate) if self.rate else cents

    @property
    def turn(self) -> int:
        """Sales come first, then refunds, then what takes sales back."""
        return 2 if self.is_lost or self.gone else int(self.is_refund)

    @property
    def sale_key(self) -> str:
        """What the sale of a refund is counted under."""
        if self.of_row:
            return self.of_row.own_key
        if self.of_sale and not self.of_sale.external_id:
            return f"sale {self.of_sale.pk}"
        return self.refund_of or str(self.of_sale and self.of_sale.external_id)

    @property
    def own_key(self) -> str:
        return self.external_id or f"line {self.line}"


def refund_id(external_id: str) -> str | None:
    """The id of what was given back of a sale, where the sale's own row says it; None when it would be too long."""
    text = f"{external_id}:refund"
    return text if len(text) <= LONGEST_ID else None
