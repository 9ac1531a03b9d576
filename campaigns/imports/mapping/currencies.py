"""In which currency an amount of a file is, and what it comes to in the agency's own."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from campaigns.imports.errors import RowError
from campaigns.imports.files.headers import header_currency
from campaigns.imports.mapping.columns import RowCells
from campaigns.models import Agency, ExchangeRate
from core.currencies import RateTable, converted
from core.numbers import currency_of_mark, other_currency

_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Currencies:
    """The agency's currency, and its table of rates."""

    own: str
    table: RateTable

    @classmethod
    def of(cls, agency: Agency) -> Self:
        return cls(agency.currency, ExchangeRate.objects.table())

    def other(self, cells: RowCells, name: str) -> str:
        """The code of the currency of an amount that is not in the agency's own; else empty, or noted as unclear."""
        column = "currency" if cells["currency"] else name
        stated = cells["currency"].upper() or header_currency(cells.layout.column(name)) or ""
        mark = stated if stated != self.own else ""
        if not stated and (mark := other_currency(cells[name], self.own)):
            stated = currency_of_mark(mark)
        if not mark or _CODE.fullmatch(stated):
            return stated if mark else ""
        header = cells.layout.column(column)
        cells.errors.append(RowError.of_value(cells.line, header, mark, "other_currency", currency=self.own))
        return ""

    def rate(self, cells: RowCells, currency: str, day: date | None) -> Decimal | None:
        """The rate of a day, or of the last before it; none is noted: without a rate there is no figure."""
        if day is None:
            return None
        rate = self.table.on(currency, day)
        if rate is None:
            wrong_rate(cells, currency, day)
        return rate

    def stated_original(self, cells: RowCells) -> dict[str, Any]:
        """What an amount in the agency's own currency was, as Retour's own format says it."""
        currency = cells["original_currency"].upper()
        if not currency or cells.says_nothing("original_amount"):
            return {}
        return original(cells.cents("original_amount"), currency[:3])


def wrong_rate(cells: RowCells, currency: str, day: date) -> None:
    cells.wrong("amount", "no_rate", currency=currency, day=day.isoformat())


def original(cents: int | None, currency: str) -> dict[str, Any]:
    """What a row keeps of an amount in another currency."""
    return {"original_cents": cents, "original_currency": currency} if cents is not None else {}


def at_rate(values: dict[str, Any], rate: Decimal) -> None:
    """Give values the amount that their original comes to."""
    values["amount_cents"] = converted(values["original_cents"], rate)


def without_original(found: Any, values: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What a row in the agency's own currency changes of one that was in another: its mark goes with its amount."""
    if found.original_currency and "original_currency" not in values and "amount_cents" in now:
        return {"original_cents": None, "original_currency": ""}
    return {}
