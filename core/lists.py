"""Search, filter, sort and page for every list: all of it in the address, whatever the address holds.

Reading is lenient: an invalid value in an address is replaced by the default, and a sentence says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

ROWS_A_PAGE = 50
LONGEST_SEARCH = 100

ALL = pgettext_lazy("filter", "All")
Options = Sequence[tuple[Any, Any]]
ListedRow = TypeVar("ListedRow", bound=Model)


@dataclass(frozen=True)
class Filter:
    """One choice over a list. `filter` takes the rows and the value chosen, which is one of those offered."""

    name: str
    label: Any
    options: Callable[[], Options]
    filter: Callable[[QuerySet, str], QuerySet]
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
    """One page of a list and what brought it about; `problems` are sentences about what the address cannot mean."""

    title: Any
    page: Page
    rows: QuerySet
    sort: str
    text: str
    filters: list[Chosen]
    is_narrowed: bool
    is_searchable: bool
    problems: Sequence[str]


@dataclass(frozen=True)
class Listing:
    """What a list is called and offers: the fields searched, the orders by name, the filters."""

    title: Any
    sorts: dict[str, Sequence[str]]
    default: str
    search: Sequence[str] = ()
    filters: Sequence[Filter] = field(default=())

    def of(self, rows: QuerySet, query: QueryDict) -> Listed:
        """The page of `rows` that the address asks for; anything it cannot mean falls back to the default."""
        text, chosen, sort, problems = self._read(query)
        rows = self._matching(self._filtered(rows, chosen), text)
        page = paginate(self._in_order(rows, sort), ROWS_A_PAGE, query.get("page", ""), problems)
        narrowed = bool(text) or any(
            choice.value != offered.default for offered, choice in zip(self.filters, chosen, strict=True)
        )
        return Listed(self.title, page, rows, sort, text, chosen, narrowed, bool(self.search), problems)

    def every(self, rows: QuerySet, query: QueryDict) -> QuerySet:
        """All the rows that the address asks for, in its order, on every page; InvalidQuery for what it cannot mean."""
        text, chosen, sort, problems = self._read(query)
        if problems:
            raise InvalidQuery(problems)
        return self._in_order(self._matching(self._filtered(rows, chosen), text), sort)

    def _read(self, query: QueryDict) -> tuple[str, list[Chosen], str, list[str]]:
        """The search, the filters and the order that an address asks for, and what could not be read."""
        problems: list[str] = []
        text = clean(query.get("q", ""))
        if len(text) == LONGEST_SEARCH and clean(query.get("q", ""), LONGEST_SEARCH + 1) != text:
            problems.append(gettext("Only the first %(most)s characters are searched for.") % {"most": LONGEST_SEARCH})
        chosen = [self._chosen(offered, query.get(offered.name, offered.default), problems) for offered in self.filters]
        return text, chosen, self._sort(query.get("sort", ""), problems), problems

    def _filtered(self, rows: QuerySet, chosen: Sequence[Chosen]) -> QuerySet:
        for offered, choice in zip(self.filters, chosen, strict=True):
            if choice.value:
                rows = offered.filter(rows, choice.value)
        return rows

    def _chosen(self, offered: Filter, value: str, problems: list[str]) -> Chosen:
        options = offered.options()
        known = {str(option) for option, _words in options} | ({""} if offered.empty else set())
        if value not in known:
            problems.append(no_choice(offered.label, value))
            value = offered.default
        return Chosen(offered.name, offered.label, offered.empty, options, value)

    def _matching(self, rows: QuerySet, text: str) -> QuerySet:
        if not text or not self.search:
            return rows
        anywhere = Q()
        for name in self.search:
            anywhere |= Q(**{f"{name}__icontains": text})
        return rows.filter(anywhere)

    def _sort(self, name: str, problems: list[str]) -> str:
        if name.removeprefix("-") in self.sorts and not name.startswith("--"):
            return name
        if name:
            problems.append(no_choice(gettext("Order"), name))
        return self.default

    def _in_order(self, rows: QuerySet, sort: str) -> QuerySet:
        """The number at the end makes the order complete: no row is on two pages, none is on no page."""
        in_order = rows.order_by(*self.sorts[sort.removeprefix("-")], "pk")
        return in_order.reverse() if sort.startswith("-") else in_order


class InvalidQuery(Exception):
    """The address holds an invalid value; the argument says which, in sentences.

    Only exports raise it: a file must hold exactly what was asked for. A page shows the default and the sentences.
    """


def no_choice(label: Any, value: str) -> str:
    return gettext("%(label)s: “%(asked)s” is not one of the choices, so the usual one is shown.") % {
        "label": label,
        "asked": truncate(value),
    }


def truncate(text: str) -> str:
    """As much of a text from outside as fits into a sentence, without what cannot be seen."""
    shown = "".join(letter for letter in text[:40] if letter.isprintable())
    return shown if len(text) <= 40 else f"{shown}…"


def clean(text: str, most: int = LONGEST_SEARCH) -> str:
    """A search as it can be sent to a database: short, without the null bytes that PostgreSQL refuses."""
    return text[: most * 2].replace("\x00", "").strip()[:most]


def paginate(rows: Any, size: int, number: str, problems: list[str]) -> Page:
    """Return the page that an address asks for, else the nearest, with a sentence that says so."""
    page = Paginator(rows, size).get_page(page_number(number))
    if number and number != str(page.number):
        words = {"asked": truncate(number), "shown": page.number}
        problems.append(gettext("There is no page “%(asked)s”, so page %(shown)s is shown.") % words)
    return page


def page_number(text: str) -> int:
    """The page asked for; 1 for whatever is not a number above 0."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def named_by_number(rows: QuerySet[ListedRow], text: str) -> ListedRow | None:
    """The row whose number stands in an address, None when it is no number of a row."""
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return rows.filter(pk=int(text)).first() if is_number else None


def named_rows(rows: QuerySet[Model]) -> Callable[[], Options]:
    """Options made of rows, asked for anew on each request."""
    return lambda: [(row.pk, str(row)) for row in rows.all()]


def by_field(name: str) -> Callable[[QuerySet, str], QuerySet]:
    return lambda rows, value: rows.filter(**{name: value})


VOIDED = Filter(
    name="show",
    label=_("Show"),
    options=lambda: [("live", _("What counts")), ("void", _("Voided")), ("all", _("Everything"))],
    filter=lambda rows, value: rows if value == "all" else rows.filter(voided_at__isnull=value == "live"),
    empty=None,
    default="live",
)

ACTIVE = Filter(
    name="show",
    label=_("Show"),
    options=lambda: [("active", _("Active")), ("inactive", _("Inactive")), ("all", _("Everything"))],
    filter=lambda rows, value: rows if value == "all" else rows.filter(is_active=value == "active"),
    empty=None,
    default="active",
)
