"""Lists under `/api/`: narrowed as on the screen, in the order of their numbers, page by page behind a cursor.

The order is that of the numbers and of nothing else, so that a page never shifts, whatever is written meanwhile, and no
order tells what a reader may not see.
"""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import ConfigDict, create_model

from core.api.problems import Problem
from core.lists import Listing

USUAL, MOST = 50, 200
LARGEST = 2**63 - 1

ItemT = TypeVar("ItemT")
# A number of a row, as a database can hold it.
Number = Annotated[int, Field(ge=1, le=LARGEST)]


def left_out(**about: Any) -> Any:
    """A field that may be left out: a change leaves what is there, and of a new row the form says what it needs."""
    return Field(None, json_schema_extra=_without_default, **about)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Sent(Schema):
    """What somebody sends: a name that is not in it is refused, never passed over."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PageQuery(Schema):
    """Where a page begins, and how much it holds."""

    cursor: str = Field("", max_length=100, description="`next` of the page before; empty for the first page.")
    limit: int = Field(USUAL, ge=1, le=MOST, description="How many at most.")


class Page(Schema, Generic[ItemT]):
    """Part of a list; `next` is empty on the last page."""

    items: list[ItemT]
    next: str


def query_of(listing: Listing, name: str) -> type[PageQuery]:
    """The parameters of a list, named as in the addresses of its page."""
    fields: dict[str, Any] = {"q": (str, Field("", max_length=100))} if listing.search else {}
    fields |= {each.name: (str, Field(each.default, max_length=200)) for each in listing.filters}
    if listing.dates:
        fields |= {
            "when": (str, Field("", max_length=20)),
            "first": (str, Field("", alias="from", max_length=10, description="The first day: 2026-11-16.")),
            "last": (str, Field("", alias="to", max_length=10, description="The last day.")),
        }
    return create_model(name, __base__=PageQuery, **fields)


def narrowed(rows: QuerySet, listing: Listing, request: HttpRequest) -> QuerySet:
    """The rows that the parameters ask for, in no order; a problem for whatever these cannot mean."""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in request.GET.dict().items() if value})
    asked = listing.read(query, today=timezone.localdate())
    if asked.problems:
        raise Problem(422, " ".join(map(str, asked.problems)))
    return listing.narrowed(rows, asked)


def known_only(request: HttpRequest, schema: type[Schema]) -> None:
    """Refuse a parameter that there is not: passed over, it would quietly give more than was asked for."""
    known = {field.alias or name for name, field in schema.model_fields.items()}
    if unknown := sorted(set(request.GET) - known):
        errors = [{"field": name[:60], "message": _("There is no such parameter.")} for name in unknown[:20]]
        raise Problem(422, errors=errors)


def page_of(rows: QuerySet, query: PageQuery, show: Callable[[Any], ItemT]) -> Page[ItemT]:
    """One page of rows in the order of their numbers, shown one by one."""
    after = number_of(query.cursor) if query.cursor else 0
    found = list(rows.filter(pk__gt=after).order_by("pk")[: query.limit + 1])
    shown = found[: query.limit]
    return Page(items=[show(row) for row in shown], next=str(shown[-1].pk) if len(found) > query.limit else "")


def number_of(cursor: str) -> int:
    """The number after which a page begins; a problem for what is no cursor."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20 and int(cursor) <= LARGEST):
        raise Problem(422, errors=[{"field": "cursor", "message": _("Send `next` of the page before.")}])
    return int(cursor)
