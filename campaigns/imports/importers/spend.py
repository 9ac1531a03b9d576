"""Spend: ads, tools, freelancers, from an ad account's daily rows or from Retour's own format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.external_ids import named
from campaigns.imports.columns import Field, RowCells
from campaigns.imports.importers.base import Importer, PlannedChange, Record
from campaigns.imports.importers.changes import created_rows, differences, filled, planned, undo_rows, updated
from campaigns.imports.name_resolution import LEFT_OUT
from campaigns.models import ImportedRow, Spend
from campaigns.models.catalogue import normalise


@dataclass
class SpendRecord(Record):
    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


class SpendImporter(Importer):
    """One row is one spend; an ad account's row is one campaign on one day."""

    key = "spend"
    fields: ClassVar[Mapping[str, Field]] = {
        "starts_on": Field(_("the first day"), "day", one_of="day"),
        "ends_on": Field(_("the last day"), "day"),
        "amount": Field(_("the amount"), "amount", one_of="amount"),
        "platform": Field(_("the platform"), "name", one_of="platform"),
        "campaign": Field(_("the campaign"), "name"),
        "external_id": Field(_("the external id"), most=120),
        "campaign_id": Field(_("the campaign's id"), most=80),
        "description": Field(_("the description")),
        "currency": Field(_("the currency")),
    }

    def read(self, cells: RowCells) -> SpendRecord | None:
        self.check_currency(cells, "amount")
        amount, starts_on = self._amount(cells), cells.day("starts_on")
        ends_on = cells.day("ends_on") if cells["ends_on"] else starts_on
        platform = self.platforms.find(cells["platform"], line=cells.line)
        campaign = self.campaign(cells["campaign"], cells.line)
        _check(cells, amount, starts_on, ends_on)
        if platform == LEFT_OUT or amount == 0:
            self.context.remarks.note("left_out" if platform == LEFT_OUT else "zero_spend", cells.line)
            return None
        self.note_future(cells.line, starts_on)
        values = {
            "platform_id": platform,
            "campaign_id": campaign,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "amount_cents": amount,
            "description": cells.text("description"),
        }
        return self._record(cells, values)

    def _record(self, cells: RowCells, values: dict[str, Any]) -> SpendRecord | None:
        """The record of a row, and its part of the file's sum; None when the row stood there before."""
        record = SpendRecord(cells.line, values=values, external_id=self._external_id(cells, values["starts_on"]))
        if cells["external_id"] and self.is_repeated(cells, cells["external_id"], tuple(values.values())):
            return None
        if record.external_id is None:
            names = normalise(cells["platform"]), normalise(cells["campaign"])
            what = [values[name] for name in ("starts_on", "ends_on", "amount_cents", "description")]
            record.fingerprint = self.imprint(*names, *what)
        if not cells.errors:
            self.context.totals["cents"] += values["amount_cents"] or 0
        return record

    def _amount(self, cells: RowCells) -> int | None:
        """The amount in cents; a day on which an ad account spent nothing may say nothing."""
        return 0 if self.is_ad_account and not cells["amount"] else cells.cents("amount")

    @property
    def is_ad_account(self) -> bool:
        return self.context.layout.file_format.key == "meta"

    def _external_id(self, cells: RowCells, day: date | None) -> str | None:
        if cells["external_id"]:
            return cells.text("external_id")
        if not self.is_ad_account:
            return None
        # Broken down by ad or age, a campaign has several rows a day: they add up.
        base = f"meta:{cells.text('campaign_id') or normalise(cells['campaign'])[:80]}:{day}"
        self._seen[base.encode()] += 1
        number = self._seen[base.encode()]
        return base if number == 1 else f"{base}:{number}"

    def plan(self, units: Sequence[SpendRecord]) -> list[PlannedChange]:
        by_id = named(Spend.objects.all(), [unit.external_id for unit in units], self.context.agency)
        imported = self.imported(units)
        changes = []
        for unit in units:
            found = by_id.get(unit.external_id or "")
            now = differences(found, filled(unit.values)) if found else {}
            changes.append(planned(unit, found, now, is_imported=unit.fingerprint in imported))
        return changes

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = [updated(self.key, change, self.user) for change in changes if change.action == "update"]
        new = [change.record for change in changes if change.action == "create"]
        made = Spend.objects.bulk_create([Spend(external_id=record.external_id, **record.values) for record in new])
        return rows + created_rows(self.key, new, made, [record.values for record in new])

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        return undo_rows(Spend, rows)


def _check(cells: RowCells, amount: int | None, starts_on: date | None, ends_on: date | None) -> None:
    """Note days in the wrong order, and an amount below 0."""
    if starts_on and ends_on and ends_on < starts_on:
        cells.wrong("ends_on", "dates_reversed", first=starts_on.isoformat())
    if amount is not None and amount < 0:
        cells.wrong("amount", "not_positive")
