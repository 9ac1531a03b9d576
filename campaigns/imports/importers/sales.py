"""Sales and refunds, from a CRM's deals or from Retour's own format."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from statistics import median
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from campaigns.external_ids import named, outward_id
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record, is_usable_id
from campaigns.imports.importers.changes import created_rows, differences, filled, planned, updated
from campaigns.imports.importers.sales_again import (
    SalesAgain,
    lacking_sales,
    planned_losses,
    planned_removals,
    rows_of,
    undo_sales,
)
from campaigns.imports.ledger.lacking import Lacking
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.models import ImportedRow, Lead, LeadMerge, Sale
from campaigns.models.catalogue import normalise
from campaigns.models.erasures import is_erased_id

TIMES_THE_MEDIAN = 50


@dataclass
class SaleRecord(Record):
    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    leads: tuple[str, ...] = ()
    lead_name: str = ""
    lead_company: str = ""
    refund_of: str = ""
    gone: ImportedRow | None = None  # an earlier row that the file lacks and that goes
    is_lost: bool = False  # a deal that is not won, with its id: an earlier file may have brought it as a sale


class SaleImporter(Importer):
    """One row is one sale, or one refund that names its sale; of a CRM's deals only the won ones."""

    key = "sales"
    fields: ClassVar[Mapping[str, Field]] = {
        "sold_on": Field(_("the day of the sale"), "day", one_of="sold_on"),
        "amount": Field(_("the amount"), "amount", one_of="amount"),
        "external_id": Field(_("the external id"), most=120),
        "lead_external_id": Field(_("the lead's external id"), most=500),
        "lead_name": Field(_("the lead's name"), most=160),
        "lead_company": Field(_("the lead's company"), most=160),
        "description": Field(_("the description")),
        "refund_of": Field(_("the external id of the sale it refunds"), most=120),
        "platform": Field(_("the platform, of a sale without a lead"), "name"),
        "campaign": Field(_("the campaign, of a sale without a lead"), "name"),
        "currency": Field(_("the currency")),
        "stage": Field(_("the stage of the deal")),
        "status": Field(_("the status of the deal")),
    }

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        # What the file sells, by external id, in cents and as a day, and what it refunds: bounded by its rows.
        self._sold: dict[str, tuple[int, date]] = {}
        self._refunded: dict[str, int] = {}
        self._refunds: set[str] = set()
        # Sales that are there and would get another amount or day.
        self._changed: list[tuple[SaleRecord, Sale]] = []
        self._amounts, self._at_lines = array("q"), array("L")
        self._days: list[date] = []

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, cells: RowCells) -> SaleRecord | None:
        if self.context.layout.file_format.only_when and cells.says_nothing("amount"):
            # A deal of a CRM may be won before anybody wrote down for how much.
            self.context.remarks.set_aside("won_without_amount", cells.line, {})
            return None
        self.check_currency(cells, "amount")
        amount, sold_on, refund_of = cells.cents("amount"), cells.day("sold_on"), cells.text("refund_of")
        _check_sign(cells, amount, is_refund=bool(refund_of))
        self.note_future(cells.line, sold_on)
        _contact, platform = self.origin(cells["platform"], cells.line)
        values: dict[str, Any] = {
            "sold_on": sold_on,
            "amount_cents": amount,
            "description": cells.text("description"),
            "platform_id": platform,
            "campaign_id": self.campaign(cells["campaign"], cells.line),
        }
        record = SaleRecord(
            cells.line,
            values=values,
            leads=self._lead_ids(cells),
            external_id=self.usable_id(cells),
            lead_name=cells["lead_name"],
            lead_company=cells["lead_company"],
            refund_of=refund_of,
        )
        return self._taken(cells, record)

    def unwanted(self, line: int, texts: Mapping[str, str]) -> SaleRecord | None:
        """A deal that is not won; without a usable id nothing tells which sale it was."""
        external_id = texts.get("external_id", "")
        if not is_usable_id(external_id):
            return None
        return SaleRecord(line, external_id=external_id, natural_key=external_id, is_lost=True)

    def _lead_ids(self, cells: RowCells) -> tuple[str, ...]:
        """The external ids of the leads that a row names; a CRM's deal may have several."""
        separator = self.context.layout.file_format.many.get("lead_external_id")
        text = cells.text("lead_external_id")
        parts = text.split(separator) if separator else [text]
        return tuple(part.strip() for part in parts if part.strip())

    def _taken(self, cells: RowCells, record: SaleRecord) -> SaleRecord | None:
        """The record with what identifies it, counted with the file's; None when the row stood there before."""
        content = tuple(record.values.values())
        if record.external_id is None:
            record.fingerprint = self._identity(record)
        elif self.is_repeated(cells, record.external_id, content, record.leads, record.refund_of):
            return None
        amount, sold_on = record.values["amount_cents"], record.values["sold_on"]
        self._give_keys(record)
        if not cells.errors and amount is not None and sold_on is not None:
            self._take_into_account(record, amount, sold_on)
        return record

    def _identity(self, record: SaleRecord) -> str:
        """What tells a sale without an id from others."""
        values = record.values
        names = normalise(record.lead_name), normalise(record.lead_company), record.refund_of
        description = normalise(values["description"])
        return self.imprint(values["sold_on"], values["amount_cents"], description, record.leads, *names)

    def _give_keys(self, record: SaleRecord) -> None:
        """What the sale is found again by; its amount is what people correct."""
        who = record.leads, normalise(record.lead_name), normalise(record.lead_company)
        sold_on, description = record.values["sold_on"], normalise(record.values["description"])
        record.natural_key = self.keyed(self.source, sold_on, *who, description, record.refund_of)
        record.identity = self.keyed(self.source, record.external_id) if record.external_id else None
        record.day = sold_on

    def _take_into_account(self, record: SaleRecord, amount: int, sold_on: date) -> None:
        self.context.totals["cents"] += amount
        if record.external_id and record.refund_of:
            self._refunds.add(record.external_id)
        elif record.external_id:
            self._sold[record.external_id] = amount, sold_on
        if amount == 0:
            self.context.remarks.note("zero_sale", record.line)
        elif amount > 0:
            self._amounts.append(amount)
            self._at_lines.append(record.line)

    def units(self, records: Iterable[SaleRecord]) -> Iterator[SaleRecord]:
        """Sales first, then refunds: the sale that one undoes may stand further down. Then deals that are not won."""
        by_turn: dict[int, list[SaleRecord]] = {0: [], 1: [], 2: []}
        for record in records:
            by_turn[_turn(record)].append(record)
        for of_turn in by_turn.values():
            yield from self.in_groups(of_turn)

    def batches(self, units: Iterator[SaleRecord], size: int) -> Iterator[list[SaleRecord]]:
        """Never a sale and a refund in one batch: the refund needs the sale to be there."""
        for _is_turn, group in groupby(units, key=_turn):
            yield from self.batches_of_groups(group, size)

    def finish(self) -> None:
        middle = median(self._amounts) if self._amounts else 0
        for line, amount in zip(self._at_lines, self._amounts, strict=True):
            if amount > TIMES_THE_MEDIAN * middle:
                self.context.remarks.note("big_sale", line, f"{amount // 100}.{amount % 100:02d}")
        for unit, sale in self._changed:
            self._check_against_refunds(unit, sale)

    def _check_against_refunds(self, unit: SaleRecord, sale: Sale) -> None:
        """A sale stays at least as large as what was given back of it, and before it: by refunds not in this file."""
        others = self._other_refunds(sale)
        cents, sold_on = unit.values["amount_cents"], unit.values["sold_on"]
        given = -sum(refund.amount_cents for refund in others)
        if cents < given and unit.external_id not in self._refunded:  # else the refunds were checked, all together
            self._wrong(unit, "amount", _money(cents), "under_refunds", refunded=_money(given))
        first = min((refund.sold_on for refund in others), default=sold_on)
        if first < sold_on:
            self._wrong(unit, "sold_on", sold_on.isoformat(), "sale_after_refund", refunded_on=first.isoformat())

    def _wrong(self, unit: SaleRecord, name: str, value: str, code: str, **params: str) -> None:
        self.context.errors.append(
            RowError.of_value(unit.line, self.context.layout.column(name), value, code, **params)
        )

    # -- what it would do ---------------------------------------------------------------------------------------------

    def plan(self, units: Sequence[SaleRecord]) -> list[PlannedChange]:
        ids = {unit.external_id for unit in units} | {unit.refund_of for unit in units}
        sales = named(Sale.objects.all(), ids, self.context.agency)
        if units and units[0].gone:
            return planned_removals(self.context, units)
        if units and units[0].is_lost:
            self.found |= rows_of(sales.values())
            return planned_losses(self.context, units, sales)
        again = SalesAgain.of(self, units, sales)
        self.found |= {row.pk for row in again.earlier.values()}
        self._days += [unit.values["sold_on"] for unit in units]
        leads = self._leads(units)
        return [self._planned(unit, sales, leads, again) for unit in units]

    def _planned(
        self, unit: SaleRecord, sales: Mapping[str, Sale], leads: Mapping[str, list[Lead]], again: SalesAgain
    ) -> PlannedChange:
        self._link_lead(unit, leads)
        found, is_imported = again.find(unit)
        if not unit.refund_of:
            self._check_stays_a_sale(unit, found)
        elif not is_imported:
            self._plan_refund(unit, sales.get(unit.refund_of), found)
        now = _new_values(unit, found) | again.more_values(unit, found)
        if found and not unit.refund_of and now.keys() & {"amount_cents", "sold_on"}:
            self._changed.append((unit, found))
        change = planned(unit, found, now, is_imported=is_imported)
        change.replaces = again.earlier.get(unit.line)
        return change

    def lacking(self) -> Lacking | None:
        return lacking_sales(self._days, self.source, self.found) if self._days else None

    def removal_units(self, rows: Sequence[ImportedRow]) -> Sequence[SaleRecord]:
        return [SaleRecord(0, gone=row, natural_key=row.natural_key) for row in rows]

    # -- the lead of a sale -------------------------------------------------------------------------------------------

    def _link_lead(self, unit: SaleRecord, leads: Mapping[str, list[Lead]]) -> None:
        lead = self._lead_of(unit, leads)
        unit.values["lead_id"] = lead.pk if lead else None
        if lead and unit.values["sold_on"] < lead.received_at.astimezone(self.context.agency.zone).date():
            self.context.remarks.note("before_lead", unit.line)

    def _leads(self, units: Sequence[SaleRecord]) -> dict[str, list[Lead]]:
        """The leads that units may mean, by external id and by folded name or company."""
        ids = {external_id for unit in units for external_id in unit.leads}
        by_id = LeadMerge.surviving(named(Lead.objects.all(), ids, self.context.agency))
        leads = {text: [lead] for text, lead in by_id.items()}
        for lead in _leads_by_name(units):
            for key in {f"name:{normalise(lead.name)}", f"company:{normalise(lead.company)}"}:
                leads.setdefault(key, []).append(lead)
        return leads

    def _lead_of(self, unit: SaleRecord, leads: Mapping[str, list[Lead]]) -> Lead | None:
        """The first lead whose id the unit names, else the only one of that name, else of that company."""
        known = [leads[external_id][0] for external_id in unit.leads if external_id in leads]
        if known:
            return known[0]
        if unit.leads and self.context.layout.file_format.key == "generic":
            self._wrong(unit, "lead_external_id", unit.leads[0], "unknown_lead")
            return None
        lead = _only_lead_called(unit, leads)
        if lead is None and (unit.leads or unit.lead_name or unit.lead_company):
            self.context.remarks.note("unlinked", unit.line)
        return lead

    # -- the sale of a refund -----------------------------------------------------------------------------------------

    def _check_stays_a_sale(self, unit: SaleRecord, found: Sale | None) -> None:
        if found and found.refund_of_id:
            self._wrong(unit, "refund_of", str(unit.external_id), "was_a_refund")

    def _plan_refund(self, unit: SaleRecord, original: Sale | None, found: Sale | None) -> None:
        """Find the sale that a refund undoes, and refuse to give back more than was sold."""
        if self._names_a_refund(unit, original):
            self._wrong(unit, "refund_of", unit.refund_of, "refund_of_refund")
        elif found and not found.refund_of_id and found.refunds.exists():
            self._wrong(unit, "refund_of", str(unit.external_id), "was_refunded")
        elif (sold := self._sold_before(unit, original)) is None:
            self._wrong(unit, "refund_of", unit.refund_of, "unknown_sale")
        else:
            cents, sold_on = sold
            unit.values["refund_of_id"] = original.pk if original else None
            self._check_amount_left(unit, original, cents)
            self._check_comes_after(unit, sold_on)

    def _names_a_refund(self, unit: SaleRecord, original: Sale | None) -> bool:
        if unit.refund_of == unit.external_id:
            return False
        is_refund = original is not None and bool(original.refund_of_id) and unit.refund_of not in self._sold
        return is_refund or unit.refund_of in self._refunds

    def _sold_before(self, unit: SaleRecord, original: Sale | None) -> tuple[int, date] | None:
        """What the refunded sale came to, and its day: as this file says, else as it is there; None when unknown."""
        if unit.refund_of == unit.external_id:
            return None
        stored = (original.amount_cents, original.sold_on) if original else None
        return self._sold.get(unit.refund_of, stored)

    def _check_amount_left(self, unit: SaleRecord, original: Sale | None, sold: int) -> None:
        """All refunds of a sale together are at most its amount; those of this file are added up as they are met."""
        amount = unit.values["amount_cents"]
        given = self._refunded.get(unit.refund_of)
        if given is None:
            given = self._given_back(original) if original else 0
        self._refunded[unit.refund_of] = given + amount
        if sold + given + amount < 0:
            self._wrong(unit, "amount", _money(amount), "over_refund", left=_money(sold + given))

    def _check_comes_after(self, unit: SaleRecord, sold_on: date) -> None:
        day = unit.values["sold_on"]
        if day < sold_on:
            self._wrong(unit, "sold_on", day.isoformat(), "refund_before_sale", sold_on=sold_on.isoformat())

    def _given_back(self, original: Sale) -> int:
        """What refunds that are there and not in this file give back of a sale, in cents, as a negative number."""
        return sum(refund.amount_cents for refund in self._other_refunds(original))

    def _other_refunds(self, sale: Sale) -> list[Sale]:
        return [refund for refund in sale.refunds.live() if not self._lines.keys() & self._ids_of(refund)]

    def _ids_of(self, sale: Sale) -> set[str]:
        return {str(sale.external_id), outward_id(sale, self.context.agency)}

    # -- doing it and taking it back ----------------------------------------------------------------------------------

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = [updated(self.key, self.source, change, self.user) for change in changes if change.action == "update"]
        new = [change.record for change in changes if change.action == "create"]
        sales = [Sale(external_id=record.external_id, **record.values) for record in new]
        made = bulk_create_with_history(sales, Sale, default_user=self.user) if sales else []
        return rows + created_rows(self.key, self.source, new, made, [record.values for record in new])

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        """Refunds go before the sales they undo, whatever their order in the file."""
        return undo_sales(rows)


def _turn(record: SaleRecord) -> int:
    return 2 if record.is_lost or record.gone else int(bool(record.refund_of))


def _check_sign(cells: RowCells, amount: int | None, *, is_refund: bool) -> None:
    """A refund is below 0, a sale is not."""
    if amount is None:
        return
    if amount < 0 and not is_refund:
        cells.wrong("amount", "negative_sale")
    if amount >= 0 and is_refund:
        cells.wrong("amount", "positive_refund")


def _new_values(unit: SaleRecord, found: Sale | None) -> dict[str, Any]:
    """What a unit would change of the sale that is there; what was erased of a description does not come back."""
    if found is None:
        return {}
    wanted = filled(unit.values)
    if is_erased_id(found.external_id) or (found.lead is not None and found.lead.erased_at):
        wanted.pop("description", None)
    return differences(found, wanted)


def _leads_by_name(units: Sequence[SaleRecord]) -> QuerySet[Lead]:
    """The leads whose name or company is that of a unit which names no lead by id."""
    names = {name for unit in units if not unit.leads for name in (unit.lead_name, unit.lead_company) if name}
    return Lead.objects.live().filter(Q(name__in=names) | Q(company__in=names)) if names else Lead.objects.none()


def _only_lead_called(unit: SaleRecord, leads: Mapping[str, list[Lead]]) -> Lead | None:
    """The lead that alone has the unit's name, else its company."""
    keys = [f"name:{normalise(unit.lead_name)}", f"company:{normalise(unit.lead_company)}"]
    groups = (leads.get(key, []) for key in keys if not key.endswith(":"))
    return next((group[0] for group in groups if len(group) == 1), None)


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
