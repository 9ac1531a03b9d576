"""What somebody narrowed their lists to on the screen: parameters that the lists here take as well."""

from typing import Any, Literal

from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from campaigns import saved_views
from campaigns.api.collection import NAMESPACE
from campaigns.forms import SavedViewForm
from campaigns.models import SavedView
from campaigns.views import editing
from campaigns.views.saved_views import LISTINGS
from core.access import STEERING
from core.api import gate, problems
from core.api.access import READ, WRITE, BearerToken, caller_of
from core.api.paging import Number, Sent
from core.api.problems import Problem
from core.lists import Listing

ViewedListName = Literal["leads", "sales", "spend", "campaigns", "outcomes"]
# What an address of a list has besides its filters.
OF_DATES, ORDER, SEARCH = ("when", "from", "to"), "sort", "q"


class SavedViewOut(Schema):
    """`query` goes after the `?` of the list of the same name; `sort` alone says nothing here."""

    id: int
    list: str
    name: str
    query: str


class SavedViewNameIn(Sent):
    name: str = Field(max_length=60)


class SavedViewIn(SavedViewNameIn):
    list: ViewedListName
    query: str = Field("", max_length=1000, description="As in the address of the list: `status=won&when=month`.")


router = Router(tags=["Saved views"])
READER, WRITER = (BearerToken(f"views:{verb}", STEERING) for verb in (READ, WRITE))


def show_view(row: SavedView) -> SavedViewOut:
    return SavedViewOut(id=row.pk, list=row.list_name, name=row.name, query=row.query)


def answer(response: HttpResponse, row: SavedView, status: int = 200) -> Status:
    shown = show_view(row)
    response["ETag"] = gate.quoted(gate.version_of(shown))
    response["Location"] = reverse(f"{NAMESPACE}:saved_view", args=[row.pk])
    return Status(status, shown)


def viewer(request: HttpRequest) -> Any:
    person = caller_of(request).person
    if person is None:
        raise Problem(403, _("A service has no views of its own."))
    return person


def own_view(request: HttpRequest, pk: int) -> SavedView:
    """A view of the person whose token it is; one of somebody else is not there."""
    row = SavedView.objects.filter(member=viewer(request), pk=pk).first()
    if row is None:
        raise Http404
    return row


def held(request: HttpRequest, pk: int) -> SavedView:
    """The view, of which the writer has seen the version."""
    row = own_view(request, pk)
    SavedView.objects.select_for_update().filter(pk=pk).first()
    gate.check_version(request.headers, show_view(row))
    return row


@router.get(
    "/saved-views",
    response=list[SavedViewOut],
    auth=READER,
    url_name="saved_views",
    summary="One's own saved views",
)
def read_views(request: HttpRequest) -> Any:
    """Of the person whose token it is; a service has none."""
    views = SavedView.objects.filter(member=caller_of(request).person).order_by("pk")
    return [show_view(row) for row in views]


@router.get(
    "/saved-views/{int:pk}", response=SavedViewOut, auth=READER, url_name="saved_view", summary="One's own saved view"
)
def read_view(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    return answer(response, own_view(request, pk))


@router.post("/saved-views", response={201: SavedViewOut}, auth=WRITER, url_name="saved_views", summary="Save a view")
def add_view(request: HttpRequest, response: HttpResponse, body: SavedViewIn) -> Any:
    """Keep filters, days and order of a list under a name."""
    view = SavedView(member=viewer(request), list_name=body.list, query=query_of(LISTINGS[body.list], body.query))
    return answer(response, written(SavedViewForm({"name": body.name}, instance=view)), 201)


def query_of(listing: Listing, text: str) -> str:
    """What a view keeps of it; a problem for what the list does not know, and for a search."""
    query = QueryDict(text)
    known = {*(offered.name for offered in listing.filters), *(OF_DATES if listing.dates else ()), ORDER}
    if SEARCH in query:
        raise wrong_query(_("The search is not kept: it may be a person's name. Leave it out."))
    if unknown := sorted(set(query) - known):
        raise wrong_query(_("This list has no filter “%(name)s”.") % {"name": unknown[0][:60]})
    asked = listing.read(query, today=timezone.localdate())
    if asked.problems:
        raise wrong_query(" ".join(map(str, asked.problems)))
    return saved_views.query_of(asked)


def wrong_query(sentence: str) -> Problem:
    return Problem(422, errors=[{"field": "query", "message": sentence}])


def written(form: BaseForm) -> SavedView:
    if not form.is_valid() or not editing.saved(form):  # type: ignore[arg-type]
        raise problems.of_form(form)
    return form.instance  # type: ignore[attr-defined,no-any-return]


@router.patch(
    "/saved-views/{int:pk}", response=SavedViewOut, auth=WRITER, url_name="saved_view", summary="Rename a saved view"
)
def rename_view(request: HttpRequest, response: HttpResponse, pk: Number, body: SavedViewNameIn) -> Any:
    with transaction.atomic():
        row = written(SavedViewForm({"name": body.name}, instance=held(request, pk)))
    return answer(response, row)


@router.delete(
    "/saved-views/{int:pk}", response={204: None}, auth=WRITER, url_name="saved_view", summary="Delete a saved view"
)
def delete_view(request: HttpRequest, pk: Number) -> Any:
    with transaction.atomic():
        held(request, pk).delete()
    return Status(204, None)
