"""Rows behind a figure, which may be many: they are counted and cut before they are read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from django.db.models import Model, QuerySet, Sum

from campaigns.attribution import MILLION
from core import money
from core.weeks import Week
from reports.models import Credit

T = TypeVar("T")
M = TypeVar("M", bound=Model)


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
    """The rows of one kind; `kind` is its name. `is_rounded` where cents of single rows may not add up to the sum."""

    kind: str
    is_rounded: bool

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice) -> list[SourceRow]: ...

    def __iter__(self) -> Iterator[SourceRow]: ...

    def sums(self) -> SourceSums: ...


# More than these are read page by page.
MOST_HELD = 500


def few_or_paged(
    kind: str,
    found: QuerySet[M],
    *,
    page: Callable[[Sequence[M]], list[SourceRow]],
    every: Callable[[], Iterable[SourceRow]],
    sums: Callable[[], SourceSums],
    most: int = MOST_HELD,
    is_rounded: bool = True,
) -> SourceRows:
    """All rows where `found` is few, else pages of them; it is counted once, as each page says how many there are."""
    count = found.order_by().count()
    if count <= most:
        return LoadedRows(kind, list(every()))
    return PagedRows(kind, found, count, page=page, every=every, sums=sums, is_rounded=is_rounded)


class LoadedRows(list[SourceRow]):
    """Rows that are few enough to hold."""

    is_rounded = False

    def __init__(self, kind: str, rows: Sequence[SourceRow]) -> None:
        super().__init__(rows)
        self.kind = kind

    def sums(self) -> SourceSums:
        known = [row.cents for row in self if row.cents is not None]
        cents = sum(known) if known or not self else None  # hours of which none has a rate cost more than nothing
        return SourceSums(minutes=sum(row.minutes or 0 for row in self), cents=cents)


class PagedRows(Generic[M]):
    """Rows that may be a million: each page is read by itself, and what they add up to comes from the rollup.

    With `is_rounded` a page rounds the cents of each row by itself, so that they may differ from the sum by a few
    cents; in a file, which holds all rows, they add up: `every` gives those.
    """

    def __init__(
        self,
        kind: str,
        found: QuerySet[M],
        count: int,
        *,
        page: Callable[[Sequence[M]], list[SourceRow]],
        every: Callable[[], Iterable[SourceRow]],
        sums: Callable[[], SourceSums],
        is_rounded: bool,
    ) -> None:
        self.kind, self.found, self.count, self.page, self.every = kind, found, count, page, every
        self.is_rounded, self._sums = is_rounded, sums

    def sums(self) -> SourceSums:
        return self._sums()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, wanted: slice) -> list[SourceRow]:
        return self.page(list(self.found[wanted]))

    def __iter__(self) -> Iterator[SourceRow]:
        return iter(self.every())


class CreditedRows(CreditRows[SourceRow]):
    """Leads or sales as one model credits them."""

    is_rounded = False

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
