"""Sales that an earlier file brought: found again, corrected, and voided when their deal is no longer won."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange
from campaigns.imports.importers.changes import as_json, differences, filled, is_unchanged, undo_rows
from campaigns.imports.ledger.earlier_rows import paired
from campaigns.imports.ledger.lacking import Lacking, LackingRow
from campaigns.imports.mapping.currencies import without_original
from campaigns.imports.orders.buyers import Buyers
from campaigns.models import Agency, ImportedRow, Sale
from campaigns.models.erasures import is_erased_id
from campaigns.models.imports import ImportKind

NO_LONGER_WON = _("The deal is no longer won.")
GIVEN_BACK = _("It was given back as a whole.")
NOT_IN_THE_FILE = _("A later file that holds everything does not have it.")


@dataclass
class SalesAgain:
    """The earlier row of each unit, by its line, and the sales that these rows made."""

    importer: Importer
    by_id: Mapping[str, Sale]
    earlier: dict[int, ImportedRow]
    sales: Mapping[int, Sale]
    imported: Mapping[str, int | None]
    voided: set[int] = field(default_factory=set)  # the sales that an import voided
    # The sales that rows of this file without an id made or found, by the fingerprint and the key of these rows.
    of_rows: Mapping[str, Sale] = field(default_factory=dict)

    @classmethod
    def of(cls, importer: Importer, units: Sequence[Any], by_id: Mapping[str, Sale]) -> "SalesAgain":
        earlier = paired(importer.key, units, run_id=importer.own_run)
        sales = Sale.objects.in_bulk([row.object_id for row in earlier.values()])
        voided = _voided_by_imports([*by_id.values(), *sales.values()])
        return cls(importer, by_id, earlier, sales, importer.imported(units), voided, _sales_of_rows(units))

    def original(self, unit: Any, by_id: Mapping[str, Sale]) -> Sale | None:
        """The sale that a refund undoes, if it is there."""
        if unit.of_row and not unit.refund_of:
            return self.of_rows.get(unit.of_row.fingerprint) or self.of_rows.get(unit.of_row.natural_key)
        return unit.of_sale or by_id.get(unit.refund_of)

    def find(self, unit: Any) -> tuple[Sale | None, bool]:
        """The sale that a unit is, and whether nothing of it is to be written."""
        found = self.by_id.get(unit.external_id or "")
        if found is None and (old := self.earlier.get(unit.line)):
            found = self.sales.get(old.object_id or 0)
            was_voided = found is not None and found.pk in self.voided
            if unit.fingerprint == old.fingerprint and unit.fingerprint and not was_voided:
                return found, True
            if (
                found is None
                or (found.is_void and not was_voided)
                or not is_unchanged(found, (old.before or {}).get("now", {}))
            ):
                here = found.amount_cents if found and not found.is_void else 0
                what = unit.values["description"] or str(unit.values["sold_on"])
                self.importer.note_conflict(unit.line, what, here=here, in_file=unit.values["amount_cents"])
                return found, True
        return found, unit.fingerprint in self.imported

    def more_values(self, unit: Any, found: Sale | None) -> dict[str, Any]:
        """What a unit gives a sale besides its values: its first id, and its life back when its deal is won again."""
        values: dict[str, Any] = {}
        if found and unit.external_id and not found.external_id and unit.external_id not in self.by_id:
            values["external_id"] = unit.external_id
        if found and found.pk in self.voided:
            values |= {"voided_at": None, "void_reason": ""}
        return values


def new_values(unit: Any, found: Sale | None) -> dict[str, Any]:
    """What a unit would change of the sale that is there; what was erased of a description does not come back."""
    if found is None:
        return {}
    wanted = filled(unit.values)
    if is_erased_id(found.external_id) or (found.lead is not None and found.lead.erased_at):
        wanted.pop("description", None)
    now = differences(found, wanted)
    return now | without_original(found, unit.values, now)


def _sales_of_rows(units: Sequence[Any]) -> dict[str, Sale]:
    """The sales of the rows without an id that these refunds are of."""
    rows = [unit.of_row for unit in units if unit.of_row and not unit.refund_of]
    if not rows:
        return {}
    prints, keys = {row.fingerprint for row in rows}, {row.natural_key for row in rows}
    standing = ImportedRow.objects.standing().filter(kind=ImportKind.SALES)
    ledger = list(standing.filter(Q(fingerprint__in=prints) | Q(natural_key__in=keys)).order_by("pk"))
    sales = Sale.objects.in_bulk([row.object_id for row in ledger])
    pairs = [(row, sales[row.object_id]) for row in ledger if row.object_id in sales]
    by_key = {str(row.natural_key): sale for row, sale in pairs if not sale.is_refund}
    return by_key | {str(row.fingerprint): sale for row, sale in pairs if row.fingerprint}


def _voided_by_imports(sales: Sequence[Sale]) -> set[int]:
    """Those of these sales whose void is an import's, not somebody's."""
    void = {sale.pk: sale for sale in sales if sale.is_void}
    rows = ImportedRow.objects.filter(kind="sales", object_id__in=void) if void else ()
    return {row.object_id for row in rows if row.object_id and _is_its_void(row, void[row.object_id])}


def _is_its_void(row: ImportedRow, sale: Sale) -> bool:
    return bool((row.before or {}).get("now", {}).get("voided_at") == as_json({"at": sale.voided_at})["at"])


def planned_losses(importer: Importer, units: Sequence[Any], sales: Mapping[str, Sale]) -> list[PlannedChange]:
    """Void the sales of deals that are not won any more, and of what was given back; what never was one is nothing."""
    without_id = [unit for unit in units if not unit.external_id]
    earlier = paired(importer.key, without_id, run_id=importer.own_run) if without_id else {}
    # A row that another of this file is found in is that one's: two payments may be alike, one paid, one failed.
    rows = {line: row for line, row in earlier.items() if row.pk not in importer.found}
    by_row = Sale.objects.in_bulk([row.object_id for row in rows.values()])
    importer.found |= {row.pk for row in rows.values()}
    pairs = [(unit, sales[unit.external_id]) for unit in units if unit.external_id in sales]
    pairs += [
        (unit, by_row[row.object_id]) for unit in without_id if (row := rows.get(unit.line)) and row.object_id in by_row
    ]
    nameless = [unit for unit in without_id if unit.day is None]
    return list(_losses(importer.context, [*pairs, *_lost_by_title(importer, nameless)]))


def _lost_by_title(importer: Importer, units: Sequence[Any]) -> list[tuple[Any, Sale]]:
    """The sales of lost deals without an id and a day: the only one of that title and lead that the source brought.

    A title alone may be another customer's deal: then nothing is voided, and it is said.
    """
    titles = {unit.values["description"] for unit in units if unit.values["description"]}
    known = (
        Sale.objects.refundable().filter(description__in=titles, external_id=None) if titles else Sale.objects.none()
    )
    brought = ImportedRow.objects.standing().filter(kind=ImportKind.SALES, source=importer.source)
    ledger = brought.filter(object_id__in=known.values("pk")).exclude(pk__in=importer.found)
    sales = [sale for sale in known if sale.pk in set(ledger.values_list("object_id", flat=True))]
    buyers = Buyers.of(units, importer.context.agency) if sales else None
    pairs = []
    for unit in units if buyers else ():
        titled = [sale for sale in sales if sale.description == unit.values["description"]]
        lead = buyers.lead_of(unit) if buyers else None
        of_lead = [sale for sale in titled if lead and sale.lead_id == lead.pk]
        if len(of_lead) == 1:
            pairs.append((unit, of_lead[0]))
        elif titled:
            importer.context.remarks.note("lost_unclear", unit.line)
    return pairs


def _losses(context: ImportContext, pairs: Sequence[tuple[Any, Sale]]) -> Iterator[PlannedChange]:
    for unit, sale in pairs:
        if sale.is_void or sale.is_refund != bool(unit.of_row):
            continue
        # The refunds of what was given back as a whole are a part of that, and count no more than their sale.
        if not unit.is_given_back and sale.refunds.live().exists():
            context.remarks.note("lost_but_refunded", unit.line)
            continue
        what = "given_back" if unit.is_given_back else "no_more_refunded" if unit.of_row else "lost"
        context.totals[what] += 1
        context.totals[f"{what}_cents"] += sale.amount_cents
        reason = Agency.translate(GIVEN_BACK if unit.is_given_back else NO_LONGER_WON)
        yield PlannedChange(unit, "update", sale, {"voided_at": context.at, "void_reason": reason})


def rows_of(sales: Iterable[Sale]) -> set[int]:
    """The earlier rows that stand and brought these sales, by number."""
    standing = ImportedRow.objects.standing().filter(kind=ImportKind.SALES, object_id__in=[sale.pk for sale in sales])
    return set(standing.values_list("pk", flat=True))


def lacking_sales(days: Sequence[date], source: str, found: Container[int]) -> Lacking:
    """The sales that earlier files of the source brought for these days and this one does not have."""
    known = ImportedRow.objects.standing().filter(kind=ImportKind.SALES, source=source)
    rows = list(known.filter(day__range=(min(days), max(days))).exclude(natural_key=None).order_by("day", "pk"))
    sales = Sale.objects.live().in_bulk([row.object_id for row in rows])
    here = [(row, sales[row.object_id]) for row in rows if row.object_id in sales]
    absent = [LackingRow(row, str(sale), sale.amount_cents) for row, sale in here if row.pk not in found]
    return Lacking(rows=absent, known=len(here), unit="cents", lost=False)


def planned_removals(context: ImportContext, units: Sequence[Any]) -> list[PlannedChange]:
    """Void what the file lacks; what somebody changed since is kept, and so is a sale with refunds."""
    sales = Sale.objects.in_bulk([unit.gone.object_id for unit in units])
    changes = []
    for unit in units:
        sale = sales.get(unit.gone.object_id)
        if sale and not sale.is_void and _may_go(sale, unit.gone):
            reason = Agency.translate(NOT_IN_THE_FILE)
            now = {"voided_at": context.at, "void_reason": reason}
            changes.append(PlannedChange(unit, "update", sale, now, replaces=unit.gone))
        else:
            context.remarks.note("lacking_kept")
    return changes


def _may_go(sale: Sale, row: ImportedRow) -> bool:
    return is_unchanged(sale, (row.before or {}).get("now", {})) and not sale.refunds.live().exists()


def undo_sales(rows: Sequence[ImportedRow]) -> int:
    """Take back what these rows did, refunds first; return how many had to be kept."""
    refunds, sales = _apart(rows)
    kept = undo_rows(Sale, refunds)
    refunds_of = _refunds_of(sales)
    free = [row for row in sales if not _is_held(row, refunds_of.get(row.object_id, []))]
    return kept + len(sales) - len(free) + undo_rows(Sale, free)


def _apart(rows: Sequence[ImportedRow]) -> tuple[list[ImportedRow], list[ImportedRow]]:
    """Rows that brought refunds, and the others."""
    of_rows = Sale.objects.filter(pk__in=[row.object_id for row in rows])
    refunds = set(of_rows.exclude(refund_of=None).values_list("pk", flat=True))
    return [row for row in rows if row.object_id in refunds], [row for row in rows if row.object_id not in refunds]


def _refunds_of(rows: Sequence[ImportedRow]) -> dict[int | None, list[Sale]]:
    """The refunds of the sales that these rows brought, by sale."""
    refunds: dict[int | None, list[Sale]] = {}
    for refund in Sale.objects.filter(refund_of__in=[row.object_id for row in rows]):
        refunds.setdefault(refund.refund_of_id, []).append(refund)
    return refunds


def _is_held(row: ImportedRow, refunds: Sequence[Sale]) -> bool:
    """Whether refunds keep a sale from what it was: those of a new one keep it, others its amount and day."""
    was = (row.before or {}).get("was")
    if was is None:
        return bool(refunds)
    live = [refund for refund in refunds if not refund.is_void]
    is_too_small = "amount_cents" in was and was["amount_cents"] + sum(refund.amount_cents for refund in live) < 0
    is_too_late = "sold_on" in was and any(refund.sold_on.isoformat() < was["sold_on"] for refund in live)
    return is_too_small or is_too_late
