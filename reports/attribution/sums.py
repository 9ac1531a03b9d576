"""What the rollups add up, declared once: their columns, the sums that fill them and `Figures` follow. Pure: no Django.

A new credited count is a line in `Sums`, one in `CREDITED_COUNTS`, and a migration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from campaigns.attribution import PATH_MODELS


class RollupCell(NamedTuple):
    """Where a cost or a credit belongs: the Monday of the week, the platform and the campaign."""

    week: date
    platform_id: int | None
    campaign_id: int | None


class Sums(NamedTuple):
    """Sums over any set of hours, spend, leads and sales; sums of sums are exact.

    ``labour_cent_minutes`` is minutes times the hourly rate in cents: divided by 60 it is cents.
    Leads, qualified leads and sales are in millionths of one. ``unrated_minutes`` are part of ``minutes`` and have
    no rate: their cost is missing from the labour cost. A tuple, because a page adds hundreds of them.
    """

    minutes: int = 0
    unrated_minutes: int = 0
    labour_cent_minutes: int = 0
    spend_cents: int = 0
    leads_millionths: int = 0
    qualified_millionths: int = 0
    sales_millionths: int = 0
    revenue_cents: int = 0


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


# The fields of `Sums` that have one column for each attribution model, in its order; the others have one each.
CREDITED_COUNTS: dict[str, CreditedCount] = {
    "leads_millionths": CreditedCount("leads", "share", {"sale": None}),
    "qualified_millionths": CreditedCount("qualified", "share", {"sale": None, "is_qualified": True}),
    "sales_millionths": CreditedCount("sales", "share", {"lead": None}),
    "revenue_cents": CreditedCount("revenue", "cents", {}),
}
COST_COLUMNS = tuple(name for name in Sums._fields if name not in CREDITED_COUNTS)

# Columns of a credit, and those of the rollups that add up.
SHARE_COLUMNS = tuple(f"share_{model.name}" for model in PATH_MODELS)
CENTS_COLUMNS = tuple(f"cents_{model.name}" for model in PATH_MODELS)
CREDITED_COLUMNS = tuple(count.column(model.name) for count in CREDITED_COUNTS.values() for model in PATH_MODELS)
SUM_COLUMNS = COST_COLUMNS + CREDITED_COLUMNS


def columns_of(model: str) -> tuple[str, ...]:
    """The columns of the rollups for the fields of `Sums`, in their order, under one attribution model."""
    return COST_COLUMNS + tuple(count.column(model) for count in CREDITED_COUNTS.values())
