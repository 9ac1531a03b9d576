"""What hours and spend cost and what they bring back. Pure: no Django, no clock.

Sums stay exact whole numbers (cents, cent-minutes, millionths) and are rounded once, half up, when shown.
Division by nothing is no figure: None, never 0 and never infinity.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from operator import add, sub
from typing import Self

from campaigns.attribution import MILLION
from reports.attribution.sums import Sums

_MINUTES_PER_HOUR = 60


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Return the nearest whole number; a half goes up, and for negative values mirrors (-0.5 is -1).

    Mirrored, so that a refund undoes a rounded sale.
    """
    return _nearest(*value.as_integer_ratio())


def _nearest(numerator: int, denominator: int) -> int:
    """Return the whole number nearest to numerator / denominator. Fractions would take ten times as long."""
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest


class Figures(Sums):
    """The sums of a period, and what follows from them."""

    __slots__ = ()

    def __add__(self, other: Self) -> Self:  # type: ignore[override]  # two tuples would be put end to end
        return type(self)(*map(add, self, other))

    def __sub__(self, other: Self) -> Self:
        return type(self)(*map(sub, self, other))

    @classmethod
    def total(cls, parts: "Iterable[Figures]") -> "Figures":
        """Return the sum of all parts; no parts sum to zeros."""
        return cls(*map(sum, zip(*parts, strict=True)))

    @classmethod
    def from_json(cls, stored: Mapping[str, int]) -> "Figures":
        """Return what `to_json` wrote, in this version or another: a name unknown here is left out."""
        return cls(**{name: stored[short] for name, short in _STORED_NAMES.items() if short in stored})

    def to_json(self) -> dict[str, int]:
        return dict(zip(_STORED_NAMES.values(), self, strict=True))

    @property
    def is_empty(self) -> bool:
        return not any(self)

    @property
    def hours(self) -> Fraction:
        return Fraction(self.minutes, _MINUTES_PER_HOUR)

    @property
    def leads(self) -> Fraction:
        return Fraction(self.leads_millionths, MILLION)

    @property
    def qualified(self) -> Fraction:
        return Fraction(self.qualified_millionths, MILLION)

    @property
    def sales(self) -> Fraction:
        return Fraction(self.sales_millionths, MILLION)

    @property
    def labour_cents(self) -> int:
        """Labour cost = minutes x hourly rate / 60, rounded half up once over the whole sum."""
        return _nearest(self.labour_cent_minutes, _MINUTES_PER_HOUR)

    @property
    def cost(self) -> Fraction:
        """Exact cost in cents: labour + spend. Ratios are taken from it, not from the rounded cost."""
        return Fraction(self.cost_cent_minutes, _MINUTES_PER_HOUR)

    @property
    def cost_cent_minutes(self) -> int:
        """The exact cost as a whole number, in sixtieths of a cent."""
        return self.labour_cent_minutes + self.spend_cents * _MINUTES_PER_HOUR

    @property
    def cost_cents(self) -> int:
        """Cost as shown: rounded labour + spend."""
        return self.labour_cents + self.spend_cents

    @property
    def known_cost_cents(self) -> int | None:
        """Cost as it is shown: None, and not 0, where there are hours without a rate and nothing else is known."""
        return None if self.unrated_minutes and not self.cost_cent_minutes else self.cost_cents

    @property
    def known_labour_cents(self) -> int | None:
        """Labour cost as it is shown: None where none of the hours has a rate."""
        return None if self.unrated_minutes and not self.labour_cent_minutes else self.labour_cents

    def cost_each_cents(self, millionths: int) -> int | None:
        """Cost / what was counted, or None when nothing was or there was no cost.

        None rather than 0: what cost money and brought nothing must not sort as the cheapest, nor must leads
        whose hours have no rate yet, or that no work of ours brought.
        """
        if millionths <= 0 or self.cost_cent_minutes <= 0:
            return None
        return _nearest(self.cost_cent_minutes * MILLION, millionths * _MINUTES_PER_HOUR)

    @property
    def cost_per_lead_cents(self) -> int | None:
        """Cost / credited leads."""
        return self.cost_each_cents(self.leads_millionths)

    @property
    def cost_per_qualified_cents(self) -> int | None:
        """Cost / credited qualified leads."""
        return self.cost_each_cents(self.qualified_millionths)

    @property
    def roas(self) -> Fraction | None:
        """Return on spend = revenue / cost, before margin; break-even is at 1 / margin. None without cost."""
        return self.return_per_unit(Fraction(1))

    def return_per_unit(self, margin: Fraction) -> Fraction | None:
        """Return per unit of money spent = revenue x gross margin / cost; 1 is break-even. None without cost."""
        return return_per_unit(cost=self.cost, revenue_cents=self.revenue_cents, margin=margin)

    def loss(self, margin: Fraction) -> Fraction:
        """Cost - revenue x gross margin, in cents: what the work cost more than it brought; negative for a gain."""
        return self.cost - self.revenue_cents * margin

    def roi(self, margin: Fraction) -> Fraction | None:
        """ROI = (revenue x margin - cost) / cost = return per unit - 1; None without cost.

        1.10 back for 1.00 is 1/10.
        """
        returned = self.return_per_unit(margin)
        return None if returned is None else returned - 1


# What stored figures call them: millionths have had a short name since the first version.
_STORED_NAMES = {name: name.replace("_millionths", "_m") for name in Sums._fields}


def return_per_unit(*, cost: Fraction | int, revenue_cents: Fraction | int, margin: Fraction) -> Fraction | None:
    """Return revenue x margin / cost, all in one currency and unit, or None when nothing was spent."""
    if cost <= 0:
        return None
    return revenue_cents * margin / Fraction(cost)


def break_even_roas(margin: Fraction) -> Fraction | None:
    """Return the revenue per unit of cost that pays the cost back = 1 / gross margin; None when there is no margin."""
    return 1 / margin if margin > 0 else None


def change(now: Fraction | int | None, before: Fraction | int | None) -> Fraction | None:
    """Return (now - before) / before, or None when either is missing or ``before`` is nothing or negative."""
    if now is None or before is None or before <= 0:
        return None
    return (now - before) / Fraction(before)
