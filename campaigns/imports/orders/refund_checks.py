"""What may be given back of a sale: never more than it came to, and never before it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from campaigns.external_ids import outward_id
from campaigns.imports.mapping.currencies import at_rate
from campaigns.imports.orders.records import SaleRecord
from campaigns.models import Agency, Sale
from core.currencies import RateTable

ROUNDED = 1  # cents


@dataclass
class RefundChecks:
    """What a file sells and gives back, in cents by the key of the sale; ``wrong`` notes what cannot be."""

    agency: Agency
    ids_in_file: Collection[str]
    wrong: Callable[..., None]
    table: RateTable
    sold: dict[str, tuple[int, date]] = field(default_factory=dict)
    refund_ids: set[str] = field(default_factory=set)
    found: set[int] = field(default_factory=set)  # the sales and refunds without an id that are rows of this file
    _given_back: dict[str, int] = field(default_factory=dict)

    def take_sale(self, unit: SaleRecord) -> None:
        self.sold[unit.own_key] = unit.values["amount_cents"], unit.values["sold_on"]

    def stays_a_sale(self, unit: SaleRecord, found: Sale | None) -> None:
        if found and found.is_refund:
            self.wrong(unit, "refund_of", str(unit.external_id), "was_a_refund")

    def plan(self, unit: SaleRecord, original: Sale | None, found: Sale | None) -> None:
        """Point a refund at the sale that it undoes, and refuse to give back more than was sold."""
        if unit.names_no_sale:
            return
        if self._names_a_refund(unit, original):
            self.wrong(unit, "refund_of", unit.refund_of, "refund_of_refund")
        elif found and not found.is_refund and found.refunds.exists():
            self.wrong(unit, "refund_of", str(unit.external_id), "was_refunded")
        elif (sold := self._sold_before(unit, original)) is None:
            self.wrong(unit, "refund_of", unit.refund_of, "unknown_sale")
        else:
            cents, sold_on = sold
            unit.values["refund_of_id"] = original.pk if original else None
            self._convert(unit, original, sold_on)
            self._check_amount_left(unit, original, cents)
            self._check_comes_after(unit, sold_on)

    def _convert(self, unit: SaleRecord, original: Sale | None, sold_on: date) -> None:
        """Count a refund in another currency at the rate of its sale: that of the day, else the one it was made at."""
        if not unit.waits_for_rate:
            return
        currency = unit.values["original_currency"]
        rate = self.table.on(currency, sold_on)
        if rate is None and original and original.original_currency == currency and original.original_cents:
            rate = Decimal(original.amount_cents) / original.original_cents
        if rate is None:
            self.wrong(
                unit, "amount", shown(-unit.values["original_cents"]), "no_rate", currency=currency, day=str(sold_on)
            )
        else:
            at_rate(unit.values, rate)

    def check_sale(self, unit: SaleRecord, sale: Sale) -> None:
        """A sale stays at least as large as what was given back of it, and before it: by refunds not in this file."""
        others = self._other_refunds(sale)
        cents, sold_on = unit.values["amount_cents"], unit.values["sold_on"]
        given = -sum(refund.amount_cents for refund in others)
        if cents < given and unit.own_key not in self._given_back:  # else the refunds were checked, all together
            self.wrong(unit, "amount", shown(cents), "under_refunds", refunded=shown(given))
        first = min((refund.sold_on for refund in others), default=sold_on)
        if first < sold_on:
            self.wrong(unit, "sold_on", sold_on.isoformat(), "sale_after_refund", refunded_on=first.isoformat())

    def _names_a_refund(self, unit: SaleRecord, original: Sale | None) -> bool:
        if unit.refund_of and unit.refund_of == unit.external_id:
            return False
        is_refund = original is not None and original.is_refund and unit.sale_key not in self.sold
        return is_refund or unit.refund_of in self.refund_ids

    def _sold_before(self, unit: SaleRecord, original: Sale | None) -> tuple[int, date] | None:
        """What the refunded sale came to, and its day: as this file says, else as it is there; None when unknown."""
        if unit.refund_of and unit.refund_of == unit.external_id:
            return None
        stored = (original.amount_cents, original.sold_on) if original else None
        return self.sold.get(unit.sale_key, stored)

    def _check_amount_left(self, unit: SaleRecord, original: Sale | None, sold: int) -> None:
        """All refunds of a sale together are at most its amount; those of this file are added up as they are met."""
        amount, key = unit.values["amount_cents"], unit.sale_key
        given = self._given_back.get(key)
        if given is None:
            given = sum(refund.amount_cents for refund in self._other_refunds(original)) if original else 0
        over = -(sold + given + amount)
        if "original_cents" in unit.values and 0 < over <= ROUNDED < -amount:
            # Parts of an amount that were rounded one by one come to a cent more than the whole.
            amount = unit.values["amount_cents"] = amount + over
        self._given_back[key] = given + amount
        if sold + given + amount < 0:
            self.wrong(unit, "amount", shown(amount), "over_refund", left=shown(sold + given))

    def _check_comes_after(self, unit: SaleRecord, sold_on: date) -> None:
        day = unit.values["sold_on"]
        if day < sold_on:
            self.wrong(unit, "sold_on", day.isoformat(), "refund_before_sale", sold_on=sold_on.isoformat())

    def _other_refunds(self, sale: Sale) -> list[Sale]:
        """The refunds that are there and not in this file."""
        others = [refund for refund in sale.refunds.live() if refund.pk not in self.found]
        return [refund for refund in others if self._ids_of(refund).isdisjoint(self.ids_in_file)]

    def _ids_of(self, sale: Sale) -> set[str]:
        return {str(sale.external_id), outward_id(sale, self.agency)}


def shown(cents: int) -> str:
    return f"{cents / 100:.2f}"
