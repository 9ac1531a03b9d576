"""Refunds whose row does not say of which sale: matched with the only sale that fits, else as somebody says."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum

from campaigns.imports.ledger.earlier_rows import paired
from campaigns.imports.orders.buyers import Buyers
from campaigns.imports.orders.records import SaleRecord
from campaigns.imports.warnings import Remarks
from campaigns.models import Agency, ImportedRow, Lead, Sale
from campaigns.models.catalogue import normalise
from campaigns.models.imports import ImportKind

Candidate = SaleRecord | Sale


@dataclass
class Returns:
    """The refunds without a sale of one file; ``answer`` is what a person said of them: unattributed or leave_out."""

    agency: Agency
    answer: str
    remarks: Remarks
    run_id: int | None
    open_lines: list[int] = field(default_factory=list)
    _left: dict[str, int] = field(default_factory=dict)

    def settled(self, returns: Sequence[SaleRecord], sales: Sequence[SaleRecord]) -> Iterator[SaleRecord]:
        """Those that can be written, each with its sale, or as one of no known sale."""
        earlier = self._earlier(returns)
        in_file = SalesOfFile.of(sales)
        new = [unit for unit in returns if unit.line not in earlier]
        buyers = Buyers.of(new, self.agency)
        own = self._written_before()
        for unit in sorted(returns, key=lambda unit: unit.line):
            if stored := earlier.get(unit.line):
                unit.of_sale, unit.names_no_sale = stored.refund_of, stored.refund_of is None
                unit.refund_of = (stored.refund_of.external_id or "") if stored.refund_of else ""
                yield unit
            elif self._is_matched(unit, in_file, buyers.lead_of(unit), own) or self._is_taken_without(unit):
                yield unit

    def question(self) -> list[dict[str, Any]]:
        lines = self.open_lines
        return [{"ask": "returns", "count": len(lines), "line": lines[0]}] if lines else []

    def _earlier(self, returns: Sequence[SaleRecord]) -> dict[int, Sale]:
        """The refunds that an earlier file brought, by line: what they are of is known since."""
        rows = paired(ImportKind.SALES, returns, run_id=self.run_id)
        stored = Sale.objects.select_related("refund_of").in_bulk([row.object_id for row in rows.values()])
        return {line: stored[row.object_id] for line, row in rows.items() if row.object_id in stored}

    def _written_before(self) -> set[int]:
        """What this run wrote before its worker was lost: it was not there when the file was checked."""
        rows = ImportedRow.objects.filter(run_id=self.run_id) if self.run_id else ImportedRow.objects.none()
        return {number for number in rows.values_list("object_id", flat=True) if number}

    def _is_matched(self, unit: SaleRecord, in_file: "SalesOfFile", lead: Lead | None, own: set[int]) -> bool:
        """Whether exactly one sale fits, which is then the unit's: told by its customer or its description."""
        fitting: list[Candidate] = [sale for sale in in_file.like(unit) if self._has_left(unit, sale, own)]
        fitting += [
            sale
            for sale in _stored_like(unit, lead)
            if not in_file.has(sale) and sale.pk not in own and self._has_left(unit, sale, own)
        ]
        if len(fitting) != 1:
            return False
        (sale,) = fitting
        self._left[_key(unit, sale)] += _amount_of(unit, sale)
        if isinstance(sale, SaleRecord):
            unit.of_row = sale
        else:
            unit.of_sale = sale
        unit.refund_of = sale.external_id or ""
        self.remarks.note("return_matched", unit.line)
        return True

    def _has_left(self, unit: SaleRecord, sale: Candidate, own: set[int]) -> bool:
        key, amount = _key(unit, sale), _amount_of(unit, sale)
        if key not in self._left:
            name = "original_cents" if _shares_currency(unit, sale) else "amount_cents"
            self._left[key] = sale.values[name] if isinstance(sale, SaleRecord) else _left_of(sale, own, name)
        return self._left[key] + amount >= 0

    def _is_taken_without(self, unit: SaleRecord) -> bool:
        """Whether a refund that fits no sale, or several, is taken as one of no known sale."""
        if self.answer == "unattributed":
            unit.names_no_sale = True
            self.remarks.note("return_unattributed", unit.line)
            return True
        if self.answer == "leave_out":
            self.remarks.set_aside("return_left_out", unit.line, {"cents": unit.values["amount_cents"]})
        else:
            self.open_lines.append(unit.line)
        return False


@dataclass(frozen=True)
class SalesOfFile:
    """The sales of a file by what a refund may say of them, and by what they are found again by."""

    by_word: Mapping[str, list[SaleRecord]]
    ids: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, sales: Sequence[SaleRecord]) -> "SalesOfFile":
        by_word: dict[str, list[SaleRecord]] = defaultdict(list)
        for sale in sales:
            for word in {*_buyer_words(sale), *_beginnings(sale.values["description"])}:
                by_word[word].append(sale)
        keys = frozenset(str(sale.natural_key) for sale in sales)
        return cls(by_word, frozenset(sale.external_id for sale in sales if sale.external_id), keys)

    def like(self, unit: SaleRecord) -> list[SaleRecord]:
        """The sales that share the customer or the description of a refund, and contradict it in nothing."""
        words = [*_buyer_words(unit), *_beginnings(unit.values["description"])]
        alike = {id(sale): sale for word in words for sale in self.by_word.get(word, ())}
        return [sale for sale in alike.values() if _fits(unit, sale)]

    def has(self, sale: Sale) -> bool:
        """Whether a sale that is there is a row of this file."""
        if sale.external_id in self.ids:
            return True
        rows = ImportedRow.objects.standing().filter(kind=ImportKind.SALES, object_id=sale.pk)
        return any(key in self.keys for key in rows.values_list("natural_key", flat=True))


def _fits(unit: SaleRecord, sale: SaleRecord) -> bool:
    if sale.values["sold_on"] > unit.values["sold_on"]:
        return False
    pairs = list(zip(_buyer(unit), _buyer(sale), strict=True))
    if any(one and other and one != other for one, other in pairs):
        return False
    is_same_buyer = any(one and one == other for one, other in pairs)
    return is_same_buyer or _are_alike(unit.values["description"], sale.values["description"])


def _stored_like(unit: SaleRecord, lead: Lead | None) -> list[Sale]:
    """The sales that are there and may be what a refund is of."""
    words = normalise(unit.values["description"]).split()
    told = Q(lead=lead) if lead else Q(pk=None)
    if words:
        told |= Q(description__istartswith=words[0])
    before = Sale.objects.refundable().filter(told, sold_on__lte=unit.values["sold_on"])
    return [
        sale
        for sale in before
        if (lead and sale.lead_id == lead.pk)
        or (not (lead and sale.lead_id) and _are_alike(unit.values["description"], sale.description))
    ]


def _are_alike(one: str, other: str) -> bool:
    """Whether one description is the other, or its beginning: Mug, and Mug returned."""
    shorter, longer = sorted((normalise(one).split(), normalise(other).split()), key=len)
    return bool(shorter) and longer[: len(shorter)] == shorter


def _beginnings(description: str) -> list[str]:
    words = normalise(description).split()
    return [f"text:{words[0]}"] if words else []


def _buyer(unit: SaleRecord) -> tuple[Any, ...]:
    return unit.leads, normalise(unit.lead_email), normalise(unit.lead_name), normalise(unit.lead_company)


def _buyer_words(unit: SaleRecord) -> list[str]:
    return [f"{number}:{value}" for number, value in enumerate(_buyer(unit)) if value]


def _key(unit: SaleRecord, sale: Candidate) -> str:
    own = sale.own_key if isinstance(sale, SaleRecord) else f"sale {sale.pk}"
    return f"{own} {_shares_currency(unit, sale)}"


def _shares_currency(unit: SaleRecord, sale: Candidate) -> bool:
    """Whether both are in one other currency: then they are compared in it, whatever the rates of their days."""
    of_sale = sale.values.get("original_currency") if isinstance(sale, SaleRecord) else sale.original_currency
    return bool(of_sale) and unit.values.get("original_currency") == of_sale


def _amount_of(unit: SaleRecord, sale: Candidate) -> int:
    return int(unit.values["original_cents" if _shares_currency(unit, sale) else "amount_cents"])


def _left_of(sale: Sale, own: set[int], name: str) -> int:
    given = sale.refunds.live().exclude(pk__in=own).aggregate(total=Sum(name))["total"] or 0
    return int(getattr(sale, name)) + int(given)
