"""Sales and refunds, from a CRM's deals or from Retour's own format."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from statistics import median
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from campaigns.external_ids import named, outward_id
from campaigns.imports.columns import Field, RowCells
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record, as_json, differences
from campaigns.imports.importers.spend import undo_plainly, updated
from campaigns.models import ImportedRow, Lead, Sale
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

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, cells: RowCells) -> SaleRecord | None:
        self.check_currency(cells, "amount")
        amount, sold_on = cells.cents("amount"), cells.day("sold_on")
        refund_of = cells.text("refund_of")
        if amount is not None and amount < 0 and not refund_of:
            cells.wrong("amount", "negative_sale")
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
        }
        separator = self.context.layout.file_format.many.get("lead_external_id")
        text = cells.text("lead_external_id")
        leads = tuple(part.strip() for part in (text.split(separator) if separator else [text]) if part.strip())
        record = SaleRecord(cells.line, external_id=cells.text("external_id") or None, values=values, leads=leads)
        record.lead_name, record.lead_company, record.refund_of = cells["lead_name"], cells["lead_company"], refund_of
        if record.external_id is None:
            names = normalise(record.lead_name), normalise(record.lead_company), refund_of
            record.fingerprint = self.imprint(sold_on, amount, normalise(values["description"]), leads, *names)
        elif self.is_repeated(cells, record.external_id, tuple(values.values()), leads, refund_of):
            return None
        if not cells.errors and amount is not None and sold_on is not None:
            self._take_into_account(record, amount, sold_on)
        return record

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
        """Sales first, then refunds: the sale that one undoes may stand further down."""
        refunds = []
        for record in records:
            if record.refund_of:
                refunds.append(record)
            else:
                yield record
        yield from refunds

    def batches(self, units: Iterator[SaleRecord], size: int) -> Iterator[list[SaleRecord]]:
        """Never a sale and a refund in one batch: the refund needs the sale to be there."""
        for _is_refund, group in groupby(units, key=lambda unit: bool(unit.refund_of)):
            yield from super().batches(group, size)

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
        given = -sum(one.amount_cents for one in others)
        if cents < given and unit.external_id not in self._refunded:  # else the refunds were checked, all together
            self._wrong(unit, "amount", _money(cents), "under_refunds", refunded=_money(given))
        first = min((one.sold_on for one in others), default=sold_on)
        if first < sold_on:
            self._wrong(unit, "sold_on", sold_on.isoformat(), "sale_after_refund", refunded_on=first.isoformat())

    def _wrong(self, unit: SaleRecord, name: str, value: str, code: str, **params: str) -> None:
        self.context.errors.append(
            RowError.of_value(unit.line, self.context.layout.column(name), value, code, **params)
        )

    # -- what it would do ---------------------------------------------------------------------------------------------

    def plan(self, units: Sequence[SaleRecord]) -> list[PlannedChange]:
        imported = self.imported(units)
        ids = {unit.external_id for unit in units} | {unit.refund_of for unit in units}
        by_id = named(Sale.objects.all(), ids, self.context.agency)
        leads = self._leads(units)
        changes = []
        for unit in units:
            lead = self._lead_of(unit, leads)
            unit.values["lead_id"] = lead.pk if lead else None
            if lead and unit.values["sold_on"] < lead.received_at.astimezone(self.context.agency.zone).date():
                self.context.remarks.note("before_lead", unit.line)
            found = by_id.get(unit.external_id or "")
            if unit.refund_of and unit.fingerprint not in imported:
                self._plan_refund(unit, by_id.get(unit.refund_of), found)
            elif found and found.refund_of_id and not unit.refund_of:
                self._wrong(unit, "refund_of", str(unit.external_id), "was_a_refund")
            wanted = {name: value for name, value in unit.values.items() if value not in (None, "")}
            if found and is_erased_id(found.external_id):
                wanted.pop("description", None)
            now = differences(found, wanted) if found else {}
            if found and not unit.refund_of and now.keys() & {"amount_cents", "sold_on"}:
                self._changed.append((unit, found))
            if unit.fingerprint in imported or (found and not now):
                changes.append(PlannedChange(unit, "same", found))
            else:
                changes.append(PlannedChange(unit, "update" if found else "create", found, now))
        return changes

    def _leads(self, units: Sequence[SaleRecord]) -> dict[str, list[Lead]]:
        """The leads that units may mean, by external id and by folded name or company."""
        ids = {one for unit in units for one in unit.leads}
        leads = {text: [lead] for text, lead in named(Lead.objects.all(), ids, self.context.agency).items()}
        names = {name for unit in units if not unit.leads for name in (unit.lead_name, unit.lead_company) if name}
        by_name = Q(name__in=names) | Q(company__in=names)
        for lead in Lead.objects.live().filter(by_name) if names else ():
            for key in {f"name:{normalise(lead.name)}", f"company:{normalise(lead.company)}"}:
                leads.setdefault(key, []).append(lead)
        return leads

    def _lead_of(self, unit: SaleRecord, leads: Mapping[str, list[Lead]]) -> Lead | None:
        for external_id in unit.leads:
            if external_id in leads:
                return leads[external_id][0]
        if unit.leads and self.context.layout.file_format.key == "generic":
            column = self.context.layout.column("lead_external_id")
            self.context.errors.append(RowError.of_value(unit.line, column, unit.leads[0], "unknown_lead"))
            return None
        for key in (f"name:{normalise(unit.lead_name)}", f"company:{normalise(unit.lead_company)}"):
            if not key.endswith(":") and len(leads.get(key, [])) == 1:
                return leads[key][0]
        if unit.leads or unit.lead_name or unit.lead_company:
            self.context.remarks.note("unlinked", unit.line)
        return None

    def _plan_refund(self, unit: SaleRecord, original: Sale | None, found: Sale | None) -> None:
        """Find the sale that a refund undoes, and refuse to give back more than was sold."""
        column = self.context.layout.column("refund_of")
        is_refund = original is not None and original.refund_of_id and unit.refund_of not in self._sold
        if unit.refund_of != unit.external_id and (is_refund or unit.refund_of in self._refunds):
            self._wrong(unit, "refund_of", unit.refund_of, "refund_of_refund")
            return
        if found and not found.refund_of_id and found.refunds.exists():
            self._wrong(unit, "refund_of", str(unit.external_id), "was_refunded")
            return
        known = self._sold.get(unit.refund_of) or (original and (original.amount_cents, original.sold_on))
        if not known or unit.refund_of == unit.external_id:
            self.context.errors.append(RowError.of_value(unit.line, column, unit.refund_of, "unknown_sale"))
            return
        unit.values["refund_of_id"] = original.pk if original else None
        given = self._refunded.get(unit.refund_of)
        if given is None:
            given = self._given_back(original) if original else 0
        left = known[0] + given
        self._refunded[unit.refund_of] = given + unit.values["amount_cents"]
        if left + unit.values["amount_cents"] < 0:
            amount = f"{unit.values['amount_cents'] / 100:.2f}"
            amount_column = self.context.layout.column("amount")
            self.context.errors.append(
                RowError.of_value(unit.line, amount_column, amount, "over_refund", left=f"{left / 100:.2f}")
            )
        if unit.values["sold_on"] < known[1]:
            self.context.errors.append(
                RowError.of_value(
                    unit.line,
                    self.context.layout.column("sold_on"),
                    unit.values["sold_on"].isoformat(),
                    "refund_before_sale",
                    sold_on=known[1].isoformat(),
                )
            )

    def _given_back(self, original: Sale) -> int:
        """What refunds that are there and not in this file give back of a sale, in cents, as a negative number."""
        return sum(one.amount_cents for one in self._other_refunds(original))

    def _other_refunds(self, sale: Sale) -> list[Sale]:
        return [one for one in sale.refunds.live() if not self._lines.keys() & self._ids_of(one)]

    def _ids_of(self, sale: Sale) -> set[str]:
        return {str(sale.external_id), outward_id(sale, self.context.agency)}

    # -- doing it and taking it back ----------------------------------------------------------------------------------

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = [updated(self.key, change, self.user) for change in changes if change.action == "update"]
        new = [change.record for change in changes if change.action == "create"]
        sales = [Sale(external_id=record.external_id, **record.values) for record in new]
        made = bulk_create_with_history(sales, Sale, default_user=self.user) if sales else []
        for record, sale in zip(new, made, strict=True):
            before = {"was": None, "now": as_json(record.values)}
            rows.append(
                ImportedRow(
                    line=record.line,
                    kind=self.key,
                    fingerprint=record.fingerprint,
                    object_id=sale.pk,
                    before=before,
                )
            )
        return rows

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        """Refunds go before the sales they undo, whatever their order in the file."""
        refunds = set(
            Sale.objects.filter(pk__in=[r.object_id for r in rows]).exclude(refund_of=None).values_list("pk", flat=True)
        )
        first = [row for row in rows if row.object_id in refunds]
        then = [row for row in rows if row.object_id not in refunds]
        kept = undo_plainly(Sale, first)
        refunds_of: dict[int, list[Sale]] = {}
        for refund in Sale.objects.filter(refund_of__in=[row.object_id for row in then]):
            refunds_of.setdefault(refund.refund_of_id or 0, []).append(refund)
        free = [row for row in then if not _is_held(row, refunds_of.get(row.object_id or 0, []))]
        return kept + len(then) - len(free) + undo_plainly(Sale, free)


def _is_held(row: ImportedRow, refunds: Sequence[Sale]) -> bool:
    """Whether refunds keep a sale from what it was: those of a new one keep it, others its amount and day."""
    was = (row.before or {}).get("was")
    if was is None:
        return bool(refunds)
    live = [one for one in refunds if not one.is_void]
    is_too_small = "amount_cents" in was and was["amount_cents"] + sum(one.amount_cents for one in live) < 0
    is_too_late = "sold_on" in was and any(one.sold_on.isoformat() < was["sold_on"] for one in live)
    return is_too_small or is_too_late


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
