"""Figures as a plain table of numbers: what the command prints and exports hold.

Money is decimal with cents, hours and counts are decimal; a ratio that divides by nothing is None.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.money import to_decimal
from reports.figures.totals import Figures


def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def _ratio(value: Fraction | None) -> Decimal | None:
    return None if value is None else to_decimal(value, 4)


def cells(figures: Figures, margin: Fraction) -> dict[str, Any]:
    """One line of the table, in the order of `COLUMNS`."""
    return {
        "hours": to_decimal(figures.hours, 2),
        "hours_without_rate": to_decimal(Fraction(figures.unrated_minutes, 60), 2),
        "labour_cost": _money(figures.labour_cents),
        "spend": _money(figures.spend_cents),
        "cost": _money(figures.cost_cents),
        "leads": to_decimal(figures.leads, 6),
        "qualified_leads": to_decimal(figures.qualified, 6),
        "cost_per_lead": _money(figures.cost_per_lead_cents),
        "cost_per_qualified_lead": _money(figures.cost_per_qualified_cents),
        "sales": to_decimal(figures.sales, 6),
        "revenue": _money(figures.revenue_cents),
        "return_per_1": _ratio(figures.return_per_unit(margin)),
        "roi": _ratio(figures.roi(margin)),
    }


COLUMNS = tuple(cells(Figures(), Fraction(1)))
