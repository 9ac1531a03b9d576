"""Sales that an earlier file brought: found again, corrected, and voided when their deal is no longer won."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange
from campaigns.imports.importers.changes import as_json, is_unchanged
from campaigns.imports.ledger.earlier_rows import paired
from campaigns.models import Agency, ImportedRow, Sale

NO_LONGER_WON = _("The deal is no longer won.")


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
