"""Sales and refunds: a CRM's deals, a shop's orders and payments, or Retour's own format."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from statistics import median
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from campaigns.external_ids import named
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, is_usable_id
from campaigns.imports.importers.changes import created_rows, planned, updated
from campaigns.imports.importers.sales_again import (
    SalesAgain,
    lacking_sales,
    new_values,
    planned_losses,
    planned_removals,
    rows_of,
    undo_sales,
)
from campaigns.imports.ledger.lacking import Lacking
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.imports.mapping.currencies import at_rate, original
from campaigns.imports.mapping.name_resolution import Directory
from campaigns.imports.orders.buyers import Buyers
from campaigns.imports.orders.line_items import LineItems
from campaigns.imports.orders.records import OF_NO_SALE, SaleRecord
from campaigns.imports.orders.refund_checks import RefundChecks, shown
from campaigns.imports.orders.returns import Returns
from campaigns.imports.orders.row_refunds import refund_in
from campaigns.imports.orders.stages import SAYING, Stages
from campaigns.models import ImportedRow, Sale
from campaigns.models.catalogue import normalise

TIMES_THE_MEDIAN = 50


class SaleImporter(Importer):
    """One order is one sale, a refund names its sale; of deals only the won ones, of payments only the paid ones."""

    key = "sales"
    fields: ClassVar[Mapping[str, Field]] = {
        "sold_on": Field(_("the day of the sale"), "day", one_of="sold_on"),
        "amount": Field(_("the amount"), "amount", one_of="amount"),
        "external_id": Field(_("the external id"), most=120),
        "lead_external_id": Field(_("the lead's external id"), most=500),
        "lead_name": Field(_("the lead's name"), most=160),
        "lead_company": Field(_("the lead's company"), most=160),
        "lead_email": Field(_("the lead's e-mail"), most=254),
        "description": Field(_("the description")),
        "refund_of": Field(_("the external id of the sale it refunds"), most=120),
        "refunded": Field(_("the amount given back"), "amount"),
        "refunded_on": Field(_("the day it was given back"), "day"),
        "platform": Field(_("the platform, of a sale without a lead"), "name"),
        "campaign": Field(_("the campaign, of a sale without a lead"), "name"),
        "currency": Field(_("the currency")),
        "original_amount": Field(_("the amount in its original currency"), "amount"),
        "original_currency": Field(_("the original currency")),
        "stage": Field(_("the stage of the deal")),
        "status": Field(_("the status of the deal or payment")),
        "mode": Field(_("whether it is real or a test")),
        "cancelled_at": Field(_("when it was cancelled")),
    }
    directory_types: ClassVar[Mapping[str, type[Directory]]] = {**Importer.directory_types, "stage": Stages}

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self.stages = Stages.of(context.mapping)
        self._items = LineItems(context.mapping.options.get("order_lines", ""))
        answer = context.mapping.options.get("returns", "")
        self._returns = Returns(context.agency, answer, context.remarks, self.own_run)
        self._checks = RefundChecks(context.agency, self._lines.keys(), self._wrong, self.currencies.table)
        # Sales that are there and would get another amount or day.
        self._changed: list[tuple[SaleRecord, Sale]] = []
        self._amounts, self._at_lines = array("q"), array("L")
        self._days: list[date] = []

    @property
    def directories(self) -> list[Directory]:
        return [*super().directories, self.stages]

    # -- reading ------------------------------------------------------------------------------------------------------

    def accept(self, line: int, texts: Mapping[str, str], surplus: int) -> Any:
        """Read a row that counts; of one that does not, what it takes back of an earlier file."""
        cells = RowCells(line, texts, self.context.layout, [])
        if self._items.continues(texts, says_nothing=cells.says_nothing("amount")):
            self.context.remarks.set_aside("line_item", line, {})
            return None
        standing = self.stages.standing(line, self.context.layout, texts)
        # What was given back may be a row of its own, below 0: it is a refund, whatever its status says.
        if standing in ("won", "partly") or (standing == "refunded" and _is_below_zero(cells)):
            return super().accept(line, texts, surplus)
        if standing is None:
            return None  # it is asked about
        self.context.remarks.note("not_wanted" if standing == "not_won" else "refunded_whole", line)
        return self._taken_back(cells, is_given_back=standing == "refunded")

    def _taken_back(self, cells: RowCells, *, is_given_back: bool) -> SaleRecord | None:
        """The sale that a row takes back: by its id, else by what it is about, where it says a day."""
        external_id = cells["external_id"] if is_usable_id(cells["external_id"]) else None
        record = SaleRecord(cells.line, external_id=external_id, is_lost=True, is_given_back=is_given_back)
        record.natural_key = external_id
        if external_id is None:
            record.values = {"sold_on": cells.day("sold_on"), "description": cells["description"]}
            self._give_buyer(cells, record)
            self._give_keys(record)
        return record if external_id or record.day or record.values["description"] else None

    def read(self, cells: RowCells) -> SaleRecord | None:
        if self._is_of_stages and cells.says_nothing("amount"):
            # A deal of a CRM may be won before anybody wrote down for how much.
            self.context.remarks.set_aside("won_without_amount", cells.line, {})
            return None
        amount, sold_on, refund_of = cells.cents("amount"), cells.day("sold_on"), cells.text("refund_of")
        if amount is not None and amount >= 0 and refund_of:
            cells.wrong("amount", "positive_refund")
        self.note_future(cells.line, sold_on)
        _contact, platform = self.origin(cells["platform"], cells.line)
        values: dict[str, Any] = {
            "sold_on": sold_on,
            "amount_cents": amount,
            "description": cells.text("description"),
            "platform_id": platform,
            "campaign_id": self.campaign(cells["campaign"], cells.line),
            **self.currencies.stated_original(cells),
        }
        record = SaleRecord(cells.line, values=values, external_id=self.usable_id(cells))
        self._give_buyer(cells, record)
        record.names_no_sale = refund_of == OF_NO_SALE
        record.refund_of = "" if record.names_no_sale else refund_of
        record.is_return = bool(amount and amount < 0 and not refund_of)
        record.refunded_cents = self._refunded(cells, amount)
        if amount and record.refunded_cents == amount:
            self.context.remarks.note("refunded_whole", cells.line)
            return self._taken_back(cells, is_given_back=True)
        self._convert(cells, record)
        return self._taken(cells, record)

    def _convert(self, cells: RowCells, record: SaleRecord) -> None:
        """Count amounts in another currency at the rate of their day, and keep what they were.

        A refund that names its sale has the sale's rate, which is looked up once the sale is known.
        """
        currency = self.currencies.other(cells, "amount")
        if not currency or not record.values["amount_cents"]:
            return
        record.values |= original(record.values["amount_cents"], currency)
        self.context.remarks.note("converted", cells.line, currency)
        record.waits_for_rate = record.is_refund and not record.names_no_sale
        if record.refund_of:
            return
        record.rate = self.currencies.rate(cells, currency, record.values["sold_on"])
        if record.rate:
            at_rate(record.values, record.rate)

    @property
    def _is_of_stages(self) -> bool:
        return any(self.context.layout.has(name) for name in SAYING)

    def _refunded(self, cells: RowCells, amount: int | None) -> int | None:
        """What was given back of a sale, in cents, as its own row says it."""
        if cells.says_nothing("refunded"):
            standing = self.stages.standing(cells.line, self.context.layout, cells.texts)
            if standing == "partly" and amount and amount > 0:
                cells.wrong("refunded", "partly_refunded")
            return None
        refunded = cells.cents("refunded")
        if refunded is None or amount is None:
            return None
        if abs(refunded) > amount:
            cells.wrong("refunded", "over_refund", left=shown(amount))
        return abs(refunded)

    def _give_buyer(self, cells: RowCells, record: SaleRecord) -> None:
        record.leads = self._lead_ids(cells)
        record.lead_name, record.lead_company = cells["lead_name"], cells["lead_company"]
        record.lead_email = cells["lead_email"].strip()
        record.refunded_on = cells.day("refunded_on") if cells["refunded_on"] else None

    def _lead_ids(self, cells: RowCells) -> tuple[str, ...]:
        """The external ids of the leads that a row names; a CRM's deal may have several."""
        separator = self.context.layout.file_format.many.get("lead_external_id")
        text = cells.text("lead_external_id")
        parts = text.split(separator) if separator else [text]
        return tuple(part.strip() for part in parts if part.strip())

    def _taken(self, cells: RowCells, record: SaleRecord) -> SaleRecord | None:
        """The record with what identifies it, counted with the file's; None when it adds to an earlier one."""
        if record.external_id is None:
            record.fingerprint = self._identity(record)
        elif not self._is_first_line(cells, record):
            return None
        self._give_keys(record)
        if not cells.errors and record.values["amount_cents"] is not None and record.day is not None:
            self._take_into_account(record)
        return record

    def _is_first_line(self, cells: RowCells, record: SaleRecord) -> bool:
        """Whether no earlier line has the id of this one; what a further one says is added, or noted."""
        line, first = self._items.place(record)
        if line is None:
            self._lines[str(record.external_id)] = (record.line, 0)
            return True
        if line == "other":
            cells.wrong("external_id", "repeated_id", other_line=str(first.line))
        elif line != "open":
            self.context.remarks.note("repeated" if line == "same" else "line_item", cells.line)
        if line == "added" and not cells.errors:
            self._add(record, first)
        return False

    def _add(self, record: SaleRecord, first: SaleRecord) -> None:
        """Add a further article to its order."""
        if first.rate and record.rate:
            first.values["original_cents"] += record.values["original_cents"]
            at_rate(first.values, first.rate)
        else:
            first.values["amount_cents"] += record.values["amount_cents"]
        if record.refunded_cents:
            first.refunded_cents = (first.refunded_cents or 0) + record.refunded_cents
        self.context.totals["cents"] += record.values["amount_cents"] - record.refunded_own_cents

    def _identity(self, record: SaleRecord) -> str:
        """What tells a sale without an id from others."""
        values = record.values
        names = normalise(record.lead_name), normalise(record.lead_company), record.refund_of
        # Only where there is one, so that what was imported before files were read for it is the same.
        more = [normalise(record.lead_email)] if record.lead_email else []
        description = normalise(values["description"])
        # What an amount was in its own currency does not change with the rates.
        amount = values.get("original_cents", values["amount_cents"])
        more += [values["original_currency"]] if "original_currency" in values else []
        return self.imprint(values["sold_on"], amount, description, record.leads, *names, *more)

    def keys_of(self, cells: RowCells) -> Sequence[SaleRecord]:
        external_id = cells["external_id"] if is_usable_id(cells["external_id"]) else None
        record = SaleRecord(cells.line, external_id=external_id, refund_of=cells["refund_of"])
        record.values = {"sold_on": cells.day("sold_on"), "description": cells["description"]}
        self._give_buyer(cells, record)
        self._give_keys(record)
        return [record]

    def _give_keys(self, record: SaleRecord) -> None:
        """What the sale is found again by; its amount is what people correct."""
        who: tuple[Any, ...] = record.leads, normalise(record.lead_name), normalise(record.lead_company)
        if record.lead_email:
            who = *who, normalise(record.lead_email)
        if record.is_return or record.names_no_sale:
            who = *who, "refund"
        sold_on, description = record.values["sold_on"], normalise(record.values["description"])
        record.natural_key = self.keyed(self.source, sold_on, *who, description, record.refund_of)
        record.identity = self.keyed(self.source, record.external_id) if record.external_id else None
        record.day = sold_on

    def _take_into_account(self, record: SaleRecord) -> None:
        amount = record.values["amount_cents"]
        if not record.waits_for_rate:
            self.context.totals["cents"] += amount - record.refunded_own_cents
        if record.external_id and record.refund_of:
            self._checks.refund_ids.add(record.external_id)
        if amount == 0:
            self.context.remarks.note("zero_sale", record.line)
        elif amount > 0:
            self._amounts.append(amount)
            self._at_lines.append(record.line)

    def units(self, records: Iterable[SaleRecord]) -> Iterator[SaleRecord]:
        """Sales first, then refunds: the sale that one undoes may stand further down. Then what takes sales back."""
        by_turn: dict[int, list[SaleRecord]] = {0: [], 1: [], 2: []}
        for record in records:
            by_turn[record.turn].append(record)
        for sale in by_turn[0]:
            self._checks.take_sale(sale)
            if sale.refunded_cents is not None:
                refund = refund_in(self, sale)
                by_turn[refund.turn].append(refund)
                if refund.external_id:
                    self._lines[refund.external_id] = (sale.line, 0)
        by_turn[1] = self._with_returns(by_turn[1], by_turn[0])
        for of_turn in by_turn.values():
            yield from self.in_groups(of_turn)

    def _with_returns(self, refunds: list[SaleRecord], sales: list[SaleRecord]) -> list[SaleRecord]:
        """The refunds of a file, those that did not say of which sale settled."""
        returns = [unit for unit in refunds if unit.is_return]
        if not returns:
            return refunds
        return [unit for unit in refunds if not unit.is_return] + list(self._returns.settled(returns, sales))

    def batches(self, units: Iterator[SaleRecord], size: int) -> Iterator[list[SaleRecord]]:
        """Never a sale and a refund in one batch: the refund needs the sale to be there."""
        for _is_turn, group in groupby(units, key=lambda unit: unit.turn):
            yield from self.batches_of_groups(group, size)

    def finish(self) -> None:
        middle = median(self._amounts) if self._amounts else 0
        for line, amount in zip(self._at_lines, self._amounts, strict=True):
            if amount > TIMES_THE_MEDIAN * middle:
                self.context.remarks.note("big_sale", line, f"{amount // 100}.{amount % 100:02d}")
        for unit, sale in self._changed:
            self._checks.check_sale(unit, sale)

    def questions(self) -> list[dict[str, Any]]:
        return [*self._items.question(), *self._returns.question()]

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
            return planned_losses(self, units, sales)
        again = SalesAgain.of(self, units, sales)
        self._checks.found |= again.sales.keys()
        self.found |= {row.pk for row in again.earlier.values()}
        self._days += [unit.values["sold_on"] for unit in units]
        buyers = Buyers.of(units, self.context.agency)
        return [self._planned(unit, sales, buyers, again) for unit in units]

    def _planned(self, unit: SaleRecord, sales: Mapping[str, Sale], buyers: Buyers, again: SalesAgain) -> PlannedChange:
        if not unit.of_row or unit.is_return:
            self._link_lead(unit, buyers)
        found, is_imported = again.find(unit)
        if not unit.is_refund:
            self._checks.stays_a_sale(unit, found)
        elif not is_imported:
            self._checks.plan(unit, again.original(unit, sales), found)
        if unit.waits_for_rate:
            self.context.totals["cents"] += unit.values["amount_cents"]
        now = new_values(unit, found) | again.more_values(unit, found)
        if found and not unit.is_refund and now.keys() & {"amount_cents", "sold_on"}:
            self._changed.append((unit, found))
        change = planned(unit, found, now, is_imported=is_imported)
        old = again.earlier.get(unit.line)
        # A row that says the same gives a voided sale its life back, and stays the one that is found again.
        change.replaces = old if old is None or old.fingerprint != unit.fingerprint or old.identity else None
        return change

    def lacking(self) -> Lacking | None:
        return lacking_sales(self._days, self.source, self.found | self.rows_left_out()) if self._days else None

    def removal_units(self, rows: Sequence[ImportedRow]) -> Sequence[SaleRecord]:
        return [SaleRecord(0, gone=row, natural_key=row.natural_key) for row in rows]

    def _link_lead(self, unit: SaleRecord, buyers: Buyers) -> None:
        lead = None if unit.names_no_sale else buyers.lead_of(unit)
        unit.values["lead_id"] = lead.pk if lead else None
        if lead and unit.values["sold_on"] < lead.received_at.astimezone(self.context.agency.zone).date():
            self.context.remarks.note("before_lead", unit.line)
        if lead or unit.names_no_sale:
            return
        if unit.leads and self.context.layout.file_format.key == "generic":
            self._wrong(unit, "lead_external_id", unit.leads[0], "unknown_lead")
        elif unit.leads or unit.lead_name or unit.lead_company or unit.lead_email:
            self.context.remarks.note("unlinked", unit.line)

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


def _is_below_zero(cells: RowCells) -> bool:
    amount = None if cells.says_nothing("amount") else cells.cents("amount")
    return amount is not None and amount < 0
