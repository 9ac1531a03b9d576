"""The spend that earlier files brought for the days, platforms and accounts of this one, and it does not have."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from campaigns.imports.ledger.lacking import Lacking, LackingRow
from campaigns.models import ImportedRow, Spend
from campaigns.models.imports import ImportKind


@dataclass
class SpendExtent:
    """From which day to which a file has spend, and on what."""

    days: set[date] = field(default_factory=set)
    platforms: set[int] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    campaigns: set[int | None] = field(default_factory=set)

    def add(self, record: Any) -> None:
        self.days.add(record.values["starts_on"])
        self.platforms.add(record.values["platform_id"] or 0)
        self.campaigns.add(record.values["campaign_id"])
        self.accounts.add(record.account)


def lacking_spend(extent: SpendExtent, source: str, level: str, found: Container[int]) -> Lacking:
    """Of an ad account that the file does not name it lacks everything: that counts as lost, like a campaign."""
    span = min(extent.days), max(extent.days)
    known = ImportedRow.objects.standing().filter(kind=ImportKind.SPEND, source=source, day__range=span)
    rows = [row for row in known.exclude(natural_key=None).order_by("day", "pk") if _level(row) == level]
    live = Spend.objects.live().filter(platform_id__in=extent.platforms).select_related("campaign__client", "platform")
    spend = live.in_bulk([row.object_id for row in rows])
    here = [(row, spend[row.object_id]) for row in rows if row.object_id in spend]
    absent = [(row, one) for row, one in here if row.pk not in found]
    return Lacking(
        rows=[LackingRow(row, str(one.campaign or one.platform), one.amount_cents) for row, one in absent],
        known=len(here),
        unit="cents",
        lost=any(
            one.campaign_id not in extent.campaigns or (row.before or {}).get("account") not in extent.accounts
            for row, one in absent
        ),
    )


def _level(row: ImportedRow) -> str:
    return str((row.before or {}).get("level", ""))
