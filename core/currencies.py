"""Amounts in other currencies: a table of rates by day, and what an amount comes to by it. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

# A rate holds for its day and for weekends and holidays after it; an older one is none.
LONGEST = timedelta(days=7)

DatedRate = tuple[date, Decimal]


@dataclass(frozen=True)
class RateTable:
    """What one of each currency was worth, in the agency's own, from the oldest day on."""

    rates: Mapping[str, Sequence[DatedRate]]

    def on(self, currency: str, day: date) -> Decimal | None:
        """The rate of a day, else the last one before it; None when that is older than a week, or there is none."""
        dated = self.rates.get(currency, ())
        place = bisect_right(dated, day, key=lambda rate: rate[0])
        if place == 0 or day - dated[place - 1][0] > LONGEST:
            return None
        return dated[place - 1][1]

    def with_changes(self, changes: Mapping[tuple[str, date], Decimal | None]) -> "RateTable":
        """The table with some rates put in, or taken out where there is None."""
        tables = {currency: dict(dated) for currency, dated in self.rates.items()}
        for (currency, day), rate in changes.items():
            table = tables.setdefault(currency, {})
            if rate is None:
                table.pop(day, None)
            else:
                table[day] = rate
        return RateTable({currency: sorted(table.items()) for currency, table in tables.items()})


def converted(cents: int, rate: Decimal) -> int:
    """An amount at a rate, in cents of the agency's currency; a half goes away from zero, as for every amount."""
    return int((Decimal(cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))
