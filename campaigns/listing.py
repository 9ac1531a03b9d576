"""Search, filter, sort and page for every list: all of it in the address, whatever the address holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ROWS_A_PAGE = 50
LONGEST_SEARCH = 100

ALL = pgettext_lazy("filter", "All")
Options = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Filter:
    """One choice over a list. `narrow` takes the rows and the value chosen; a value that is not offered is ignored."""

    name: str
    label: Any
    options: Callable[[], Options]
    narrow: Callable[[QuerySet, str], QuerySet]
    empty: Any = ALL
    default: str = ""


@dataclass(frozen=True)
class Chosen:
    """A filter as the page draws it."""

    name: str
    label: Any
    empty: Any
    options: Options
    value: str

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """Value, words and whether it is the current one, the empty choice first unless it has no words."""
        first = [("", self.empty)] if self.empty else []
        return [(str(value), words, str(value) == self.value) for value, words in [*first, *self.options]]


@dataclass(frozen=True)
class Listed:
    """One page of a list and what brought it about."""

    page: Page
    rows: QuerySet
    sort: str
    text: str
    filters: list[Chosen]
    is_narrowed: bool
    is_searchable: bool


@dataclass(frozen=True)
class Listing:
    """What a list can be asked: the fields searched, the orders by name, the filters."""

    sorts: dict[str, Sequence[str]]
    default: str
    search: Sequence[str] = ()
    filters: Sequence[Filter] = field(default=())

    def of(self, rows: QuerySet, query: QueryDict) -> Listed:
        """The page of `rows` that the address asks for; anything it cannot mean falls back to the default."""
        text = clean(query.get("q", ""))
        chosen = self._all_chosen(query)
        rows = self._matching(self._narrowed(rows, chosen), text)
        sort = self._sort(query.get("sort", ""))
        page = Paginator(self._in_order(rows, sort), ROWS_A_PAGE).get_page(page_number(query.get("page", "")))
        narrowed = bool(text) or any(c.value != one.default for one, c in zip(self.filters, chosen, strict=True))
        return Listed(page, rows, sort, text, chosen, narrowed, bool(self.search))

    def every(self, rows: QuerySet, query: QueryDict) -> QuerySet:
        """All the rows that the address asks for, in its order, on whatever page."""
        found = self._matching(self._narrowed(rows, self._all_chosen(query)), clean(query.get("q", "")))
        return self._in_order(found, self._sort(query.get("sort", "")))

    def _all_chosen(self, query: QueryDict) -> list[Chosen]:
        return [self._chosen(one, query.get(one.name, one.default)) for one in self.filters]

    def _narrowed(self, rows: QuerySet, chosen: Sequence[Chosen]) -> QuerySet:
        for one, choice in zip(self.filters, chosen, strict=True):
            if choice.value:
                rows = one.narrow(rows, choice.value)
        return rows

    def _chosen(self, one: Filter, asked: str) -> Chosen:
        options = one.options()
        known = {str(value) for value, _words in options} | ({""} if one.empty else set())
        return Chosen(one.name, one.label, one.empty, options, asked if asked in known else one.default)

    def _matching(self, rows: QuerySet, text: str) -> QuerySet:
        if not text or not self.search:
            return rows
        anywhere = Q()
        for name in self.search:
            anywhere |= Q(**{f"{name}__icontains": text})
        return rows.filter(anywhere)

    def _sort(self, asked: str) -> str:
        return asked if asked.removeprefix("-") in self.sorts and not asked.startswith("--") else self.default

    def _in_order(self, rows: QuerySet, sort: str) -> QuerySet:
        """The number at the end makes the order complete: no row is on two pages, none is on no page."""
        sign = "-" if sort.startswith("-") else ""
        return rows.order_by(*(f"{sign}{name}" for name in [*self.sorts[sort.removeprefix("-")], "pk"]))


def clean(text: str) -> str:
    """A search as it can be sent to a database: short, without the null bytes that PostgreSQL refuses."""
    return text[: LONGEST_SEARCH * 2].replace("\x00", "").strip()[:LONGEST_SEARCH]


def page_number(text: str) -> int:
    """The page asked for; 1 for whatever is not a number above 0."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def named_rows(rows: QuerySet[Model]) -> Callable[[], Options]:
    """Options made of rows, asked for anew on each request."""
    return lambda: [(row.pk, str(row)) for row in rows.all()]


def by_field(name: str) -> Callable[[QuerySet, str], QuerySet]:
    return lambda rows, value: rows.filter(**{name: value})


VOIDED = Filter(
    name="show",
    label=_("Show"),
    options=lambda: [("live", _("What counts")), ("void", _("Voided")), ("all", _("Everything"))],
    narrow=lambda rows, value: rows if value == "all" else rows.filter(voided_at__isnull=value == "live"),
    empty=None,
    default="live",
)

ACTIVE = Filter(
    name="show",
    label=_("Show"),
    options=lambda: [("active", _("Active")), ("inactive", _("Inactive")), ("all", _("Everything"))],
    narrow=lambda rows, value: rows if value == "all" else rows.filter(is_active=value == "active"),
    empty=None,
    default="active",
)
