"""Rows behind a figure, which may be many: they are counted and cut before they are read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from django.db.models import QuerySet, Sum

from campaigns.attribution import MILLION
from core import money
from core.weeks import Week
from reports.models import Credit

T = TypeVar("T")


class CreditRows(Generic[T]):
    """Rows made of credits, read from the database as they are needed."""

    def __init__(self, credited: QuerySet[Credit], row: Callable[[Credit], T]) -> None:
        self.credited, self.row = credited, row

    def __len__(self) -> int:
        return self.credited.count()

    def __getitem__(self, wanted: slice) -> list[T]:
        return [self.row(credit) for credit in self.credited[wanted]]

    def __iter__(self) -> Iterator[T]:
        return map(self.row, self.credited.iterator(chunk_size=1000))


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row behind a figure. `millionths` is its share of one lead or sale; what a kind does not know is None."""

    kind: str
    name: str
    url: str = ""
    person: int | None = None
    day: date | None = None
    week: Week | None = None
    platform: str = ""
    campaign: str = ""
    minutes: int | None = None
    hourly_cents: int | None = None
    millionths: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class SourceSums:
    """What all rows of a kind add up to."""

    minutes: int = 0
    millionths: int = 0
    cents: int | None = 0


class SourceRows(Protocol):
    """The rows of one kind; `kind` is its name."""

    kind: str

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice) -> list[SourceRow]: ...

    def __iter__(self) -> Iterator[SourceRow]: ...

    def sums(self) -> SourceSums: ...


class LoadedRows(list[SourceRow]):
    """Rows that are few enough to hold."""

    def __init__(self, kind: str, rows: Sequence[SourceRow]) -> None:
        super().__init__(rows)
        self.kind = kind

    def sums(self) -> SourceSums:
        known = [row.cents for row in self if row.cents is not None]
        cents = sum(known) if known or not self else None  # hours of which none has a rate cost more than nothing
        return SourceSums(minutes=sum(row.minutes or 0 for row in self), cents=cents)


class CreditedRows(CreditRows[SourceRow]):
    """Leads or sales as one model credits them."""

    def __init__(self, kind: str, credited: QuerySet[Credit], model: str, name: Callable[[Credit], str]) -> None:
        super().__init__(credited, self._source_row)
        self.kind, self.name = kind, name
        self.share_field, self.cents_field = f"share_{model}", f"cents_{model}"

    def sums(self) -> SourceSums:
        totals = self.credited.order_by().aggregate(
            millionths=Sum(self.share_field, default=0), cents=Sum(self.cents_field, default=0)
        )
        return SourceSums(millionths=int(totals["millionths"]), cents=int(totals["cents"]))

    def _source_row(self, credit: Credit) -> SourceRow:
        origin = credit.sale or credit.lead
        assert origin
        return SourceRow(
            kind=self.kind,
            name=self.name(credit),
            url=origin.get_absolute_url(),
            day=credit.sale.sold_on if credit.sale else None,
            week=Week(credit.work_week),
            platform=str(credit.platform or ""),
            campaign=str(credit.campaign or ""),
            millionths=getattr(credit, self.share_field),
            cents=getattr(credit, self.cents_field) if credit.sale else None,
        )


# -- as a file --------------------------------------------------------------------------------------------------------

EXPORT_COLUMNS = (
    "part",
    "name",
    "day",
    "work_week",
    "platform",
    "campaign",
    "minutes",
    "hourly_rate",
    "share",
    "amount",
)


def export_rows(kinds: Sequence[SourceRows]) -> Iterator[Sequence[object]]:
    """All rows of all kinds, one after the other, numbers as numbers."""
    for rows in kinds:
        for row in rows:
            yield (
                row.kind,
                row.name,
                row.day,
                str(row.week) if row.week else None,
                row.platform,
                row.campaign,
                row.minutes,
                _decimal(row.hourly_cents, 100, 2),
                _decimal(row.millionths, MILLION, 6),
                _decimal(row.cents, 100, 2),
            )


def _decimal(value: int | None, unit: int, digits: int) -> object:
    return None if value is None else money.to_decimal(Fraction(value, unit), digits)
