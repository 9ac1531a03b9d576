"""Search, filter, sort and page for every list: all of it in the address, whatever the address holds.

Reading is lenient: an invalid value in an address is replaced by the default, and a sentence says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.core.paginator import Page
from django.db.models import Count, Model, Q, QuerySet, prefetch_related_objects
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.list_asked import Asked, Chosen, SearchBounds
from core.list_dates import DateFilter, read_dates
from core.list_pages import ListPage, ListPaginator, page_number
from core.list_words import no_choice, truncate
from core.lookups import Lookup, Options, drawn_as_text, typed_value
from core.statements import Statement

ROWS_A_PAGE = 50
LONGEST_SEARCH = 100
FEW = 1_000
MOST_COUNTED = 10_000  # of what a search finds in a list with bounds

ALL = pgettext_lazy("filter", "All")
ListedRow = TypeVar("ListedRow", bound=Model)


@dataclass(frozen=True)
class Filter:
    """One choice over a list. `filter` takes the rows and the value chosen, which is one of those offered.

    `moved` says what a value that is offered no more has become: a bookmark may name a row that became part of another.
    `lookup` is of choices that may become many: then one is named.
    """

    name: str
    label: Any
    options: Callable[[], Options]
    filter: Callable[[QuerySet, str], QuerySet]
    empty: Any = ALL
    default: str = ""
    moved: Callable[[str], str] = str
    lookup: Lookup | None = None


@dataclass(frozen=True)
class Listed:
    """One page of a list and what brought it about; `sums` are those of all rows found, not of the page."""

    title: Any
    page: ListPage
    rows: QuerySet
    asked: Asked
    is_searchable: bool
    sums: Mapping[str, int]
    every_row: QuerySet

    @property
    def sort(self) -> str:
        return self.asked.sort

    @property
    def text(self) -> str:
        return self.asked.text

    @property
    def filters(self) -> list[Chosen]:
        return self.asked.filters

    @property
    def is_narrowed(self) -> bool:
        return self.asked.is_narrowed

    @property
    def problems(self) -> Sequence[str]:
        return self.asked.problems

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than were counted: then the sums are not those of all."""
        return self.page.paginator.is_cut

    @cached_property
    def is_empty(self) -> bool:
        """Whether there is no row at all, not even one that the usual filters hide: then nothing is there to filter."""
        return not self.count and not self.is_narrowed and not self.every_row.exists()


def no_rows(text: str) -> Q:
    """A condition that no row fulfils."""
    return Q(pk__in=[])


def holding(names: Iterable[str], text: str) -> Q:
    """Rows of which one of these fields holds the text, whatever its case."""
    return reduce(or_, (Q(**{f"{name}__icontains": text}) for name in names))


@dataclass(frozen=True)
class Listing:
    """What a list is called and offers: the fields searched, the orders by name, the filters, the days, the sums.

    `search` names the fields, or says itself what holds a text; `also` finds more rows for it, as by an index of
    another table. `counted_by` is a field of few values: the sums hold how many rows there are of each. `bounds` are of
    a list of so many rows that a search must not look at them all.
    """

    title: Any
    sorts: dict[str, Sequence[str]]
    default: str
    search: Sequence[str] | Callable[[str], Q] = ()
    also: Callable[[str], Q] = no_rows
    filters: Sequence[Filter] = field(default=())
    dates: DateFilter | None = None
    sums: Mapping[str, Any] = field(default_factory=dict)
    counted_by: str = ""
    bounds: SearchBounds | None = None

    def of(self, rows: QuerySet, query: QueryDict, *, today: date | None = None) -> Listed:
        """The page of `rows` that the address asks for; anything it cannot mean falls back to the default.

        A list that has dates needs `today`, the agency's. Of many rows the keys are sorted, and what is shown beside a
        row is joined to those of the page alone.
        """
        asked = self.read(query, today=today)
        if asked.text and self.bounds:
            return self._searched(self.bounds, rows, asked, query.get("page", ""))
        found = self.narrowed(rows, asked)
        return self._listed(rows, found, asked, query.get("page", ""), self.add_up(found))

    def _searched(self, bounds: SearchBounds, rows: QuerySet, asked: Asked, number: str) -> Listed:
        """What a text finds: rows of one page are read at once, and more are counted up to a number."""
        within = self.narrowed(rows, replace(asked, text=""))
        found = self._matching(bounds.within_reach(within, asked), asked.text)
        if len(few := self._few(rows, found, asked)) <= ROWS_A_PAGE:
            page = paginate(few, ROWS_A_PAGE, number, asked.problems)
            return Listed(self.title, page, found, asked, True, {"count": len(few), **bounds.sums_of(few)}, rows)
        most = max(MOST_COUNTED, page_number(number) * ROWS_A_PAGE)
        sums = self.add_up(rows.filter(pk__in=found.order_by().values("pk")[: most + 1]))
        return self._listed(rows, found, asked, number, sums, most)

    def _listed(
        self, rows: QuerySet, found: QuerySet, asked: Asked, number: str, sums: dict[str, int], most: int | None = None
    ) -> Listed:
        in_order = self._in_order(few_of(found, sums, rows) if asked.is_narrowed else found, asked.sort)
        page = paginate(in_order, ROWS_A_PAGE, number, asked.problems, count=sums.get("count"), most=most)
        if sums.get("count", 0) > FEW:
            of_page: Any = page.object_list
            page.object_list = self._in_order(rows.filter(pk__in=of_page.values("pk")), asked.sort)
        return Listed(self.title, page, found, asked, bool(self.search), sums, rows)

    def _few(self, rows: QuerySet, found: QuerySet, asked: Asked) -> list[Any]:
        """These rows in their order if they fit on one page; else one more, so that it is known that they do not."""
        some = rows.filter(pk__in=found.order_by().values("pk")[: ROWS_A_PAGE + 1])
        few = list(self._in_order(some.prefetch_related(None), asked.sort))
        if len(few) <= ROWS_A_PAGE:
            prefetch_related_objects(few, *rows._prefetch_related_lookups)  # type: ignore[attr-defined]
        return few

    def every(self, rows: QuerySet, query: QueryDict, *, today: date | None = None) -> QuerySet:
        """All the rows that the address asks for, in its order, on every page; InvalidQuery for what it cannot mean."""
        asked = self.read(query, today=today)
        if asked.problems:
            raise InvalidQuery(asked.problems)
        return self._in_order(self.narrowed(rows, asked), asked.sort)

    def read(self, query: QueryDict, *, today: date | None = None) -> Asked:
        """The search, the filters, the days and the order that an address asks for."""
        problems: list[str] = []
        text = clean(query.get("q", ""))
        if len(text) == LONGEST_SEARCH and clean(query.get("q", ""), LONGEST_SEARCH + 1) != text:
            problems.append(gettext("Only the first %(most)s characters are searched for.") % {"most": LONGEST_SEARCH})
        refused: list[str] = []
        chosen = [_chosen(offered, query, refused) for offered in self.filters]
        dates = read_dates(self.dates.label, query, today, refused) if self.dates and today else None
        problems += refused
        sort = self._sort(query.get("sort", ""), problems)
        return Asked(text, chosen, dates, sort, self.default, problems, has_refused_filter=bool(refused))

    def narrowed(self, rows: QuerySet, asked: Asked) -> QuerySet:
        """The rows that are asked for, in no order."""
        if self.dates and asked.days:
            rows = self.dates.filter(rows, asked.days)
        return self._matching(self._filtered(rows, asked.filters), asked.text)

    def add_up(self, rows: QuerySet) -> dict[str, int]:
        """The sums of these rows and their `count`, in one statement; nothing for a list that has no sums."""
        if not self.sums:
            return {}
        sums = {"count": Count("*"), **self.sums}
        if self.counted_by:
            return self._add_up_groups(rows.order_by().values(self.counted_by).annotate(**sums), sums)
        return {name: value or 0 for name, value in rows.aggregate(**sums).items()}

    def _add_up_groups(self, groups: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, int]:
        """The sums over all groups, and the count of each group under its value; 0 under any other."""
        found = Counter(dict.fromkeys(names, 0))
        for group in groups:
            found.update({name: group[name] or 0 for name in names})
            found[group[self.counted_by]] = group["count"]
        return found

    def _filtered(self, rows: QuerySet, chosen: Sequence[Chosen]) -> QuerySet:
        for offered, choice in zip(self.filters, chosen, strict=True):
            if choice.value:
                rows = offered.filter(rows, choice.value)
        return rows

    def _matching(self, rows: QuerySet, text: str) -> QuerySet:
        if not text or not self.search:
            return rows
        held = self.search(text) if callable(self.search) else holding(self.search, text)
        return rows.filter(held | self.also(text))

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


def _chosen(offered: Filter, query: QueryDict, problems: list[str]) -> Chosen:
    options = offered.options()
    value = typed_value(query, offered.name, offered.label, options, problems) if offered.lookup else None
    if value is None:
        value = _value_among(offered, options, query.get(offered.name, offered.default), problems)
    text = drawn_as_text(offered.lookup, query, offered.name, options, value, offered.empty)
    return Chosen(offered.name, offered.label, offered.empty, options, value, offered.default, text)


def _value_among(offered: Filter, options: Options, value: str, problems: list[str]) -> str:
    """The value asked for, what it has become, or the default, with a sentence that says so."""
    if value == offered.default:  # what nearly every list is asked for: there is nothing to look up
        return value
    known = {str(option) for option, _words in options} | ({""} if offered.empty else set())
    if value not in known and offered.moved(value) in known:
        value = offered.moved(value)
    if value in known:
        return value
    problems.append(no_choice(offered.label, value))
    return offered.default


def few_of(found: QuerySet, sums: Mapping[str, int], every_row: QuerySet) -> QuerySet:
    """The rows found, by their keys, where they are counted and few: they are not searched for once more.

    Else PostgreSQL may go through all there are in the order of the list, to find the first of the few.
    """
    if not 0 < sums.get("count", 0) <= FEW:
        return found
    return every_row.filter(pk__in=list(found.order_by().values_list("pk", flat=True)))


def few_keys(keys: QuerySet) -> set[Any] | None:
    """These keys where they are few, None where they are not: few rows are looked up by them.

    Else PostgreSQL goes through all rows in the order that is asked for, until it has found enough of the few.
    """
    found = list(keys.order_by()[: FEW + 1])
    return set(found) if len(found) <= FEW else None


class InvalidQuery(Exception):
    """The address holds an invalid value; the argument says which, in sentences.

    Only exports raise it: a file must hold exactly what was asked for. A page shows the default and the sentences.
    """


def clean(text: str, most: int = LONGEST_SEARCH) -> str:
    """A search as it can be sent to a database: short, without the null bytes that PostgreSQL refuses."""
    return text[: most * 2].replace("\x00", "").strip()[:most]


def paginate(
    rows: Any, size: int, number: str, problems: list[str], *, count: int | None = None, most: int | None = None
) -> ListPage:
    """Return the page that an address asks for, else the nearest, with a sentence that says so.

    `count` is how many rows there are, where that is known, and `most` up to how many they were counted.
    """
    paginator = ListPaginator(rows, size)
    paginator.most = most
    if count is not None:
        paginator.count = count
    page: Any = paginator.get_page(page_number(number))
    if number and number != str(page.number):
        words = {"asked": truncate(number), "shown": page.number}
        problems.append(gettext("There is no page “%(asked)s”, so page %(shown)s is shown.") % words)
    return page  # type: ignore[no-any-return]


def page_of(rows: Any, query: QueryDict) -> dict[str, Any]:
    """For a list that is only paged: the `page` that the address asks for, and the `problems` with what it asks.

    Most such lists fit on one page: then its rows are all that is read, and nothing is counted.
    """
    return pages_of(query, page=rows)


def pages_of(query: QueryDict, **lists: Any) -> dict[str, Any]:
    """The same for several lists of one page: each has a page of its own, in the parameter that it is called by.

    What is sliced once more may be a queryset or a list.
    """
    problems: list[str] = []
    pages = {name: _page_of(rows, query.get(name, ""), problems) for name, rows in lists.items()}
    return {**pages, "problems": problems}


def _page_of(rows: Any, number: str, problems: list[str]) -> Page:
    first = list(rows[: ROWS_A_PAGE + 1])
    found = first if len(first) <= ROWS_A_PAGE else rows
    return paginate(found, ROWS_A_PAGE, number, problems)


def named_by_number(rows: QuerySet[ListedRow], text: str) -> ListedRow | None:
    """The row whose number stands in an address, None when it is no number of a row."""
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return rows.filter(pk=int(text)).first() if is_number else None


def named_rows(rows: QuerySet[Model]) -> Callable[[], Options]:
    """Options made of rows with their `name`, asked for anew on each request; as columns, for there may be hundreds."""
    names: Statement[tuple[Any, str]] = Statement(lambda: rows.values_list("pk", "name"))
    return names.rows


def by_field(name: str) -> Callable[[QuerySet, str], QuerySet]:
    return lambda rows, value: rows.filter(**{name: value})


# Among the sums of a list with voided rows: how many of those found count no more.
VOIDED_ROWS = {"voided": Count("voided_at")}

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
