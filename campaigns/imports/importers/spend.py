"""Spend: ads, tools, freelancers, from an ad account's daily rows or from Retour's own format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.external_ids import named
from campaigns.imports.columns import Field, RowCells
from campaigns.imports.importers.base import Importer, PlannedChange, Record, as_json, differences, is_unchanged
from campaigns.imports.name_resolution import LEFT_OUT
from campaigns.models import ImportedRow, Spend
from campaigns.models.catalogue import normalise


@dataclass
class SpendRecord(Record):
    external_id: str | None = None
    values: dict[str, Any] | None = None


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
        if starts_on and ends_on and ends_on < starts_on:
            cells.wrong("ends_on", "dates_reversed", first=starts_on.isoformat())
        if amount is not None and amount < 0:
            cells.wrong("amount", "not_positive")
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
        record = SpendRecord(cells.line, values=values, external_id=self._external_id(cells, starts_on))
        if cells["external_id"] and self.is_repeated(cells, cells["external_id"], tuple(values.values())):
            return None
        if record.external_id is None:
            names = normalise(cells["platform"]), normalise(cells["campaign"])
            record.fingerprint = self.imprint(*names, starts_on, ends_on, amount, values["description"])
        if not cells.errors:
            self.context.totals["cents"] += amount or 0
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
            wanted = {name: value for name, value in (unit.values or {}).items() if value not in (None, "")}
            now = differences(found, wanted) if found else {}
            if unit.fingerprint in imported or (found and not now):
                changes.append(PlannedChange(unit, "same"))
            else:
                changes.append(PlannedChange(unit, "update" if found else "create", found, now))
        return changes

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = []
        for change in changes:
            if change.action == "update":
                rows.append(updated(self.key, change, self.user))
        new = [change.record for change in changes if change.action == "create"]
        made = Spend.objects.bulk_create([Spend(external_id=one.external_id, **one.values) for one in new])
        for record, spend in zip(new, made, strict=True):
            before = {"was": None, "now": as_json(record.values)}
            rows.append(
                ImportedRow(
                    line=record.line,
                    kind=self.key,
                    fingerprint=record.fingerprint,
                    object_id=spend.pk,
                    before=before,
                )
            )
        return rows

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        return undo_plainly(Spend, rows)


def updated(key: str, change: PlannedChange, user: Any) -> ImportedRow:
    """Save what changes on a row that is there, and keep what it was."""
    was = {name: getattr(change.found, name) for name in change.now}
    for name, value in change.now.items():
        setattr(change.found, name, value)
    change.found._history_user = user  # what django-simple-history asks, where there is a history
    change.found.save(update_fields=list(change.now))
    before = {"was": as_json(was), "now": as_json(change.now)}
    return ImportedRow(line=change.record.line, kind=key, object_id=change.found.pk, before=before)


def undo_plainly(model: Any, rows: Sequence[ImportedRow]) -> int:
    """Remove what was made, give back what was changed; keep, and count, what somebody has changed since."""
    found = model.objects.in_bulk([row.object_id for row in rows])
    columns = {column.attname: column for column in model._meta.concrete_fields}
    kept = 0
    for row in rows:
        one, before = found.get(row.object_id), row.before or {}
        if one is None:
            continue
        if not is_unchanged(one, before.get("now", {})):
            kept += 1
        elif before.get("was") is None:
            one.delete()
        else:
            for name, value in before["was"].items():
                setattr(one, name, columns[name].to_python(value))
            one.save(update_fields=list(before["was"]))
    return kept
