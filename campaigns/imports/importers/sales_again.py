"""Sales that an earlier file brought: found again, corrected, and voided when their deal is no longer won."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange
from campaigns.imports.importers.changes import as_json, is_unchanged, undo_rows
from campaigns.imports.ledger.earlier_rows import paired
from campaigns.imports.ledger.lacking import Lacking, LackingRow
from campaigns.models import Agency, ImportedRow, Sale
from campaigns.models.imports import ImportKind

NO_LONGER_WON = _("The deal is no longer won.")
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

    @classmethod
    def of(cls, importer: Importer, units: Sequence[Any], by_id: Mapping[str, Sale]) -> "SalesAgain":
        earlier = paired(importer.key, units, run_id=importer.own_run)
        sales = Sale.objects.in_bulk([row.object_id for row in earlier.values()])
        return cls(importer, by_id, earlier, sales, importer.imported(units), _voided_by_imports(by_id))

    def find(self, unit: Any) -> tuple[Sale | None, bool]:
        """The sale that a unit is, and whether nothing of it is to be written."""
        found = self.by_id.get(unit.external_id or "")
        if found is None and (old := self.earlier.get(unit.line)):
            found = self.sales.get(old.object_id or 0)
            if unit.fingerprint == old.fingerprint and unit.fingerprint:
                return found, True
            if found is None or found.is_void or not is_unchanged(found, (old.before or {}).get("now", {})):
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


def _voided_by_imports(sales: Mapping[str, Sale]) -> set[int]:
    """Those of these sales whose void is an import's, not somebody's."""
    void = {sale.pk: sale for sale in sales.values() if sale.is_void}
    rows = ImportedRow.objects.filter(kind="sales", object_id__in=void) if void else ()
    return {row.object_id for row in rows if row.object_id and _is_its_void(row, void[row.object_id])}


def _is_its_void(row: ImportedRow, sale: Sale) -> bool:
    return bool((row.before or {}).get("now", {}).get("voided_at") == as_json({"at": sale.voided_at})["at"])


def planned_losses(context: ImportContext, units: Sequence[Any], sales: Mapping[str, Sale]) -> list[PlannedChange]:
    """Void the sales of deals that are not won any more, unless refunds hang on them; what never was one is nothing."""
    return list(_losses(context, [(unit, sales[unit.external_id]) for unit in units if unit.external_id in sales]))


def _losses(context: ImportContext, pairs: Sequence[tuple[Any, Sale]]) -> Iterator[PlannedChange]:
    for unit, sale in pairs:
        if sale.is_void or sale.is_refund:
            continue
        if sale.refunds.live().exists():
            context.remarks.note("lost_but_refunded", unit.line)
            continue
        context.totals["lost"] += 1
        context.totals["lost_cents"] += sale.amount_cents
        reason = Agency.translate(NO_LONGER_WON)
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
