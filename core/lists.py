"""Search, filter, sort and page for every list: all of it in the address, whatever the address holds.

Reading is lenient: whatever an address cannot mean is replaced by the usual and said in a sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as told
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ROWS_A_PAGE = 50
LONGEST_SEARCH = 100

ALL = pgettext_lazy("filter", "All")
Options = Sequence[tuple[Any, Any]]
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Filter:
    """One choice over a list. `narrow` takes the rows and the value chosen, which is one of those offered."""

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
    """One page of a list and what brought it about; `problems` are sentences about what the address cannot mean."""

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
    """What a list can be asked: the fields searched, the orders by name, the filters."""

    sorts: dict[str, Sequence[str]]
    default: str
    search: Sequence[str] = ()
    filters: Sequence[Filter] = field(default=())

    def of(self, rows: QuerySet, query: QueryDict) -> Listed:
        """The page of `rows` that the address asks for; anything it cannot mean falls back to the default."""
        text, chosen, sort, problems = self._read(query)
        rows = self._matching(self._narrowed(rows, chosen), text)
        page = turned_to(self._in_order(rows, sort), ROWS_A_PAGE, query.get("page", ""), problems)
        narrowed = bool(text) or any(c.value != one.default for one, c in zip(self.filters, chosen, strict=True))
        return Listed(page, rows, sort, text, chosen, narrowed, bool(self.search), problems)

    def every(self, rows: QuerySet, query: QueryDict) -> QuerySet:
        """All the rows that the address asks for, in its order, on every page; Unreadable for what it cannot mean."""
        text, chosen, sort, problems = self._read(query)
        if problems:
            raise Unreadable(problems)
        return self._in_order(self._matching(self._narrowed(rows, chosen), text), sort)

    def _read(self, query: QueryDict) -> tuple[str, list[Chosen], str, list[str]]:
        """The search, the filters and the order that an address asks for, and what could not be read."""
        problems: list[str] = []
        text = clean(query.get("q", ""))
        if len(text) == LONGEST_SEARCH and clean(query.get("q", ""), LONGEST_SEARCH + 1) != text:
            problems.append(told("Only the first %(most)s characters are searched for.") % {"most": LONGEST_SEARCH})
        chosen = [self._chosen(one, query.get(one.name, one.default), problems) for one in self.filters]
        return text, chosen, self._sort(query.get("sort", ""), problems), problems

    def _narrowed(self, rows: QuerySet, chosen: Sequence[Chosen]) -> QuerySet:
        for one, choice in zip(self.filters, chosen, strict=True):
            if choice.value:
                rows = one.narrow(rows, choice.value)
        return rows

    def _chosen(self, one: Filter, asked: str, problems: list[str]) -> Chosen:
        options = one.options()
        known = {str(value) for value, _words in options} | ({""} if one.empty else set())
        if asked not in known:
            problems.append(no_choice(one.label, asked))
            asked = one.default
        return Chosen(one.name, one.label, one.empty, options, asked)

    def _matching(self, rows: QuerySet, text: str) -> QuerySet:
        if not text or not self.search:
            return rows
        anywhere = Q()
        for name in self.search:
            anywhere |= Q(**{f"{name}__icontains": text})
        return rows.filter(anywhere)

    def _sort(self, asked: str, problems: list[str]) -> str:
        if asked.removeprefix("-") in self.sorts and not asked.startswith("--"):
            return asked
        if asked:
            problems.append(no_choice(told("Order"), asked))
        return self.default

    def _in_order(self, rows: QuerySet, sort: str) -> QuerySet:
        """The number at the end makes the order complete: no row is on two pages, none is on no page."""
        sign = "-" if sort.startswith("-") else ""
        return rows.order_by(*(f"{sign}{name}" for name in [*self.sorts[sort.removeprefix("-")], "pk"]))


class Unreadable(Exception):
    """An address that asks for rows that there cannot be; its argument says why, in sentences.

    A file that leaves here is never of something else than was asked: who asks wrongly gets the page, which says so.
    """


def no_choice(label: Any, asked: str) -> str:
    return told("%(label)s: “%(asked)s” is not one of the choices, so the usual one is shown.") % {
        "label": label,
        "asked": cut(asked),
    }


def cut(text: str) -> str:
    """As much of a text from outside as fits into a sentence, without what cannot be seen."""
    shown = "".join(letter for letter in text[:40] if letter.isprintable())
    return shown if len(text) <= 40 else f"{shown}…"


def clean(text: str, most: int = LONGEST_SEARCH) -> str:
    """A search as it can be sent to a database: short, without the null bytes that PostgreSQL refuses."""
    return text[: most * 2].replace("\x00", "").strip()[:most]


def turned_to(rows: Any, size: int, asked: str, problems: list[str]) -> Page:
    """The page that an address asks for, else the nearest that there is, with a sentence that says so."""
    page = Paginator(rows, size).get_page(page_number(asked))
    if asked and asked != str(page.number):
        words = {"asked": cut(asked), "shown": page.number}
        problems.append(told("There is no page “%(asked)s”, so page %(shown)s is shown.") % words)
    return page


def page_number(text: str) -> int:
    """The page asked for; 1 for whatever is not a number above 0."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def named_by_number(rows: QuerySet[Row], text: str) -> Row | None:
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
