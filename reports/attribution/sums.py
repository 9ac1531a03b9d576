"""What the rollups add up, declared once: their columns, the sums that fill them and `Figures` follow. Pure: no Django.

A new credited count is a line in `Sums` and a migration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, NamedTuple

from campaigns.attribution import PATH_MODELS


class RollupCell(NamedTuple):
    """Where a cost or a credit belongs: the Monday of the week, the platform and the campaign."""

    week: date
    platform_id: int | None
    campaign_id: int | None


@dataclass(frozen=True, slots=True)
class CreditedCount:
    """What each attribution model credits platforms with. ``name`` begins its columns: `leads_linear`.

    ``adds`` is what it adds up of the credits, "share" (millionths) or "cents"; ``where`` tells of which ones.
    """

    name: str
    adds: str
    where: Mapping[str, Any]

    def column(self, model: str) -> str:
        return f"{self.name}_{model}"


def credited(name: str, adds: str, **where: Any) -> int:
    """Declare a field of `Sums` that has one column for each attribution model."""
    return field(default=0, metadata={"credited": CreditedCount(name, adds, where)})


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over any set of hours, spend, leads and sales; sums of sums are exact.

    ``labour_cent_minutes`` is minutes times the hourly rate in cents: divided by 60 it is cents.
    Leads, qualified leads and sales are in millionths of one. ``unrated_minutes`` are part of ``minutes`` and have
    no rate: their cost is missing from the labour cost.
    """

    minutes: int = 0
    unrated_minutes: int = 0
    labour_cent_minutes: int = 0
    spend_cents: int = 0
    leads_millionths: int = credited("leads", "share", sale=None)
    qualified_millionths: int = credited("qualified", "share", sale=None, is_qualified=True)
    sales_millionths: int = credited("sales", "share", lead=None)
    revenue_cents: int = credited("revenue", "cents")


COST_COLUMNS = tuple(column.name for column in fields(Sums) if not column.metadata)
# The credited fields of `Sums`, each with its declaration.
CREDITED_COUNTS: dict[str, CreditedCount] = {
    column.name: column.metadata["credited"] for column in fields(Sums) if column.metadata
}

# Columns of a credit, and those of the rollups that add up.
SHARE_COLUMNS = tuple(f"share_{model.name}" for model in PATH_MODELS)
CENTS_COLUMNS = tuple(f"cents_{model.name}" for model in PATH_MODELS)
CREDITED_COLUMNS = tuple(count.column(model.name) for count in CREDITED_COUNTS.values() for model in PATH_MODELS)
SUM_COLUMNS = COST_COLUMNS + CREDITED_COLUMNS


def columns_of(model: str) -> dict[str, str]:
    """The fields of `Sums`, each with its column in the rollups under one attribution model."""
    costs = {column: column for column in COST_COLUMNS}
    return costs | {name: count.column(model) for name, count in CREDITED_COUNTS.items()}
