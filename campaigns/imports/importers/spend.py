"""Spend: ads, tools, freelancers, from an ad account's daily rows or from Retour's own format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.external_ids import named
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record, is_usable_id
from campaigns.imports.importers.changes import created_rows, differences, filled, is_unchanged, undo_rows, updated
from campaigns.imports.importers.lacking_spend import SpendExtent, lacking_spend
from campaigns.imports.importers.spend_periods import PeriodsOfFile, SpendPeriod, overlapping_spend
from campaigns.imports.ledger.earlier_rows import paired
from campaigns.imports.ledger.lacking import Lacking
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.imports.mapping.currencies import at_rate, original, without_original
from campaigns.imports.mapping.name_resolution import LEFT_OUT
from campaigns.models import ImportedRow, Spend
from campaigns.models.catalogue import normalise
from core.periods import parse_period


@dataclass
class SpendRecord(Record):
    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    account: str = ""  # a hash
    names: str = ""  # the campaign, for a message
    plain_fingerprint: str = ""  # without the account and the parts of a campaign, which were not read before
    gone: ImportedRow | None = None  # an earlier row that the file lacks and that goes


# What an ad account's export may break its amounts down by, from the outside in: this is its level.
LEVELS = ("platform", "placement", "campaign", "ad_set", "ad")


class SpendImporter(Importer):
    """One row is one spend; an ad account's row is one campaign, or a part of it, in one period."""

    key = "spend"
    fields: ClassVar[Mapping[str, Field]] = {
        "starts_on": Field(_("the first day"), "day", one_of="day"),
        "ends_on": Field(_("the last day"), "day"),
        "amount": Field(_("the amount"), "amount", one_of="amount"),
        "platform": Field(_("the platform"), "name", one_of="platform"),
        "campaign": Field(_("the campaign"), "name"),
        "external_id": Field(_("the external id"), most=120),
        "campaign_id": Field(_("the campaign's id"), most=80),
        "account": Field(_("the ad account"), most=400),
        "placement": Field(_("the placement"), most=400),
        "ad_set": Field(_("the ad set"), most=400),
        "ad": Field(_("the ad"), most=400),
        "description": Field(_("the description")),
        "currency": Field(_("the currency")),
        "original_amount": Field(_("the amount in its original currency"), "amount"),
        "original_currency": Field(_("the original currency")),
    }

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._periods = PeriodsOfFile()
        self._extent = SpendExtent()
        layout = context.layout
        broken_down = [name for name in LEVELS if name in layout.places]
        self.level = ",".join(broken_down)
        self.columns = ", ".join(layout.column(name) for name in broken_down)

    def read(self, cells: RowCells) -> SpendRecord | None:
        amount = self._amount(cells)
        starts_on, ends_on = _days(cells)
        platform = self.platforms.find(cells["platform"], line=cells.line)
        campaign = self.campaign(cells["campaign"], cells.line)
        _check(cells, amount, starts_on, ends_on)
        if platform == LEFT_OUT:
            self.context.remarks.note("left_out", cells.line)
            return None
        self.note_future(cells.line, starts_on)
        values = {
            "platform_id": platform,
            "campaign_id": campaign,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "amount_cents": amount,
            "description": cells.text("description"),
            **self.currencies.stated_original(cells),
        }
        self._convert(cells, values)
        return self._record(cells, values)

    def _convert(self, cells: RowCells, values: dict[str, Any]) -> None:
        """Count an amount in another currency at the rate of its first day, and keep what it was."""
        currency = self.currencies.other(cells, "amount")
        if currency and values["amount_cents"]:
            values |= original(values["amount_cents"], currency)
            if rate := self.currencies.rate(cells, currency, values["starts_on"]):
                at_rate(values, rate)
                self.context.remarks.note("converted", cells.line, currency)

    def _record(self, cells: RowCells, values: dict[str, Any]) -> SpendRecord | None:
        """The record of a row, and its part of the file's sum; None when the row stood there before."""
        record = SpendRecord(cells.line, values=values, external_id=self._external_id(cells, values["starts_on"]))
        own_id = self.usable_id(cells)
        if own_id and self.is_repeated(cells, own_id, tuple(values.values())):
            return None
        self._give_keys(cells, record)
        if not cells.errors:
            self.context.totals["cents"] += values["amount_cents"] or 0
            self._check_periods(cells, record)
            self._extent.add(record)
        return record

    def keys_of(self, cells: RowCells) -> Sequence[SpendRecord]:
        starts_on = cells.day("starts_on")
        ends_on = cells.day("ends_on") if cells["ends_on"] else starts_on
        values = {"starts_on": starts_on, "ends_on": ends_on, "amount_cents": self._amount(cells)}
        record = SpendRecord(cells.line, values={**values, "description": cells["description"]})
        self._give_keys(cells, record)
        return [record]

    def _give_keys(self, cells: RowCells, record: SpendRecord) -> None:
        """What the row is found again by; its amount and its description are what people correct."""
        names = [normalise(cells[name]) for name in LEVELS]
        days = record.values["starts_on"], record.values["ends_on"]
        # What it was in its own currency does not change with the rates.
        amounts = [record.values[name] for name in ("original_currency", "original_cents") if name in record.values]
        what = [*days, *(amounts or [record.values["amount_cents"]]), record.values["description"]]
        # As it was before accounts and levels were read, so that what was imported then is the same.
        earlier = normalise(cells["platform"]), normalise(cells["campaign"])
        more = [normalise(cells[name]) for name in ("account", "placement", "ad_set", "ad") if cells[name]]
        record.plain_fingerprint = self.imprint(*earlier, *what)
        record.fingerprint = self.imprint(*earlier, *what, *more) if more else record.plain_fingerprint
        account = normalise(cells["account"])
        record.account = self.keyed(account)[:16] if account else ""
        record.natural_key = self.keyed(self.source, account, self.level, *names, *days)
        record.identity = self._identity(cells, account, names, days)
        record.day, record.names = days[0], cells["campaign"] or cells["platform"]

    def _identity(self, cells: RowCells, account: str, names: list[str], days: tuple[Any, ...]) -> str | None:
        """The hash of the row's id in its source: its own, or the campaign's and what it is a part of."""
        if is_usable_id(cells["external_id"]):
            return self.keyed(self.source, account, cells["external_id"])
        if not is_usable_id(cells["campaign_id"]):
            return None
        parts = [name for level, name in zip(LEVELS, names, strict=True) if level != "campaign"]
        return self.keyed(self.source, account, self.level, cells["campaign_id"], *parts, *days)

    def _check_periods(self, cells: RowCells, record: SpendRecord) -> None:
        """Two periods of one part of a campaign that overlap would count some days twice."""
        if not self.is_ad_account or not record.values["amount_cents"]:
            return
        period = SpendPeriod(record.values["starts_on"], record.values["ends_on"])
        part = self.keyed(record.account, *(cells[name] for name in LEVELS))
        if other := self._periods.overlapping(part, period, cells.line):
            other_period, line = other
            cells.wrong(
                "starts_on", "overlap_in_file", other_line=str(line), period=str(period), other=str(other_period)
            )

    def _amount(self, cells: RowCells) -> int | None:
        """The amount in cents; a day on which an ad account spent nothing may say nothing."""
        says_nothing = cells.says_nothing("amount") and (self.is_ad_account or bool(cells["amount"]))
        return 0 if says_nothing else cells.cents("amount")

    @property
    def is_ad_account(self) -> bool:
        return self.source != "generic"

    def _external_id(self, cells: RowCells, day: date | None) -> str | None:
        """The row's own id, or the one that an ad account's row had before rows were told by their keys."""
        if is_usable_id(cells["external_id"]):
            return cells.text("external_id")
        if not self.is_ad_account:
            return None
        base = f"{self.source}:{cells.text('campaign_id') or normalise(cells['campaign'])[:80]}:{day}"
        self._seen[base.encode()] += 1
        number = self._seen[base.encode()]
        return base if number == 1 else f"{base}:{number}"

    def units(self, records: Iterable[SpendRecord]) -> Iterator[SpendRecord]:
        return self.in_groups(records)

    def batches(self, units: Iterator[SpendRecord], size: int) -> Iterator[list[SpendRecord]]:
        return self.batches_of_groups(units, size)

    def plan(self, units: Sequence[SpendRecord]) -> list[PlannedChange]:
        if any(unit.gone for unit in units):
            return self._planned_removals(units)
        by_id = named(Spend.objects.all(), [unit.external_id for unit in units], self.context.agency)
        imported = {*self.imported(units), *self.imported(units, of=lambda unit: unit.plain_fingerprint)}
        earlier = paired(self.key, units, run_id=self.own_run)
        self.found |= {row.pk for row in earlier.values()}
        spend = Spend.objects.in_bulk([row.object_id for row in earlier.values()])
        changes = []
        for unit in units:
            old = earlier.get(unit.line)
            if old is not None:
                changes.append(self._again(unit, old, spend.get(old.object_id), by_id))
            elif not unit.values["amount_cents"]:
                self.context.remarks.note("zero_spend", unit.line)
            else:
                is_imported = not imported.isdisjoint((unit.fingerprint, unit.plain_fingerprint))
                changes.append(self._first_time(unit, by_id.get(unit.external_id or ""), is_imported=is_imported))
        self._check_overlaps([change.record for change in changes if change.action == "create"])
        return changes

    def _planned_removals(self, units: Sequence[SpendRecord]) -> list[PlannedChange]:
        """Void what the file lacks; what somebody changed since is kept."""
        spend = Spend.objects.in_bulk([unit.gone.object_id for unit in units if unit.gone])
        changes = []
        for unit in units:
            found = spend.get(unit.gone.object_id or 0) if unit.gone else None
            if found and unit.gone and not found.is_void and _is_as_imported(found, unit.gone):
                now = {"voided_at": self.context.at, "void_reason": "import"}
                changes.append(PlannedChange(unit, "update", found, now, replaces=unit.gone))
            else:
                self.context.remarks.note("lacking_kept")
        return changes

    def lacking(self) -> Lacking | None:
        return (
            lacking_spend(self._extent, self.source, self.level, self.found | self.rows_left_out())
            if self._extent.days
            else None
        )

    def removal_units(self, rows: Sequence[ImportedRow]) -> Sequence[SpendRecord]:
        return [SpendRecord(0, gone=row, natural_key=row.natural_key) for row in rows]

    def _again(
        self, unit: SpendRecord, old: ImportedRow, found: Spend | None, by_id: Mapping[str, Spend]
    ) -> PlannedChange:
        """What a row does that an earlier file brought; what somebody changed or voided since is kept and listed."""
        is_named = found is not None and by_id.get(unit.external_id or "") == found
        if unit.fingerprint == old.fingerprint and not is_named:
            return PlannedChange(unit, "same", found)
        if found is None or (not is_named and not _is_as_imported(found, old)):
            here = found.amount_cents if found and not found.is_void else 0
            self.note_conflict(unit.line, unit.names, here=here, in_file=unit.values["amount_cents"])
            return PlannedChange(unit, "same", found)
        if not unit.values["amount_cents"]:
            return self._voided(unit, found, old)
        now = differences(found, filled(unit.values))
        now |= without_original(found, unit.values, now)
        if now:
            self.context.totals["changed_cents"] += unit.values["amount_cents"] - found.amount_cents
        return PlannedChange(unit, "update" if now else "same", found, now, replaces=old)

    def _voided(self, unit: SpendRecord, found: Spend, old: ImportedRow) -> PlannedChange:
        """An amount that was corrected to 0 counts no more."""
        if found.is_void:
            return PlannedChange(unit, "same", found)
        self.context.totals["changed_cents"] -= found.amount_cents
        now = {"voided_at": self.context.at, "void_reason": "import"}
        return PlannedChange(unit, "update", found, now, replaces=old)

    def _first_time(self, unit: SpendRecord, found: Spend | None, *, is_imported: bool) -> PlannedChange:
        if is_imported or (found and self.is_ad_account and not _is_same_place(found, unit)):
            return PlannedChange(unit, "same" if is_imported else "create")
        now = differences(found, filled(unit.values)) if found else {}
        now |= without_original(found, unit.values, now) if found else {}
        action = "create" if found is None else "update" if now else "same"
        return PlannedChange(unit, action, found, now)  # type: ignore[arg-type]

    def _check_overlaps(self, units: Sequence[SpendRecord]) -> None:
        """Amounts of an ad account that earlier files brought for the same days, at another level or for a period."""
        if not self.is_ad_account:
            return
        for unit, overlap in overlapping_spend(
            units, source=self.source, level=(self.level, self.columns), run_id=self.own_run
        ):
            column = self.context.layout.column("starts_on")
            self.context.errors.append(RowError.of_value(unit.line, column, unit.names, overlap.code, **overlap.params))

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = [updated(self.key, self.source, change, self.user) for change in changes if change.action == "update"]
        new = [change.record for change in changes if change.action == "create"]
        made = Spend.objects.bulk_create([self._made(record) for record in new])
        rows += created_rows(self.key, self.source, new, made, [record.values for record in new])
        accounts = {change.record.line: change.record.account for change in changes}
        for row in rows:
            row.before = {
                **(row.before or {}),
                "level": self.level,
                "columns": self.columns,
                "account": accounts[row.line],
            }
        return rows

    def _made(self, record: SpendRecord) -> Spend:
        return Spend(external_id=None if self.is_ad_account else record.external_id, **record.values)

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        return undo_rows(Spend, rows)


def _days(cells: RowCells) -> tuple[date | None, date | None]:
    """The first and last day; one cell may hold both."""
    if not cells["ends_on"] and (period := parse_period(cells["starts_on"], cells.layout.orders.get("starts_on"))):
        return period
    starts_on = cells.day("starts_on")
    return starts_on, cells.day("ends_on") if cells["ends_on"] else starts_on


def _check(cells: RowCells, amount: int | None, starts_on: date | None, ends_on: date | None) -> None:
    """Note days in the wrong order, and an amount below 0, which an ad account gives back."""
    if starts_on and ends_on and ends_on < starts_on:
        cells.wrong("ends_on", "dates_reversed", first=starts_on.isoformat())
    if amount is not None and amount < 0:
        cells.oddities.append("credit")


def _is_as_imported(found: Spend, old: ImportedRow) -> bool:
    """Whether nobody has changed it since the file brought it; a void that an import made is a value of the file."""
    now = (old.before or {}).get("now", {})
    return is_unchanged(found, now) and (not found.is_void or "voided_at" in now)


def _is_same_place(found: Spend, unit: SpendRecord) -> bool:
    """Whether a spend that was found by the id of old may be the row: others have that id by chance."""
    return (found.platform_id, found.campaign_id) == (unit.values["platform_id"], unit.values["campaign_id"])
