"""Tracking links: each stands for one place where a campaign is seen. Their platform and campaign never change."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Field, Router, Schema, Status

from campaigns.api.collection import NAMESPACE, Collection, add_reading, as_posted, filled
from campaigns.links import qr
from campaigns.links.forms import MOST_LINES, LinkEditForm, LinkRows, TrackingLinkForm
from campaigns.models import Campaign, LinkRules, Platform, TrackingLink
from campaigns.models.catalogue import campaign_options
from core.access import STEERING
from core.api import gate
from core.api.access import caller_of
from core.api.paging import Number, Sent, left_out
from core.api.problems import Problem
from core.lists import ACTIVE, Filter, Listing, by_field, named_rows

LINKS = Listing(
    title=gettext_lazy("Tracking links"),
    sorts={"made": ["created_at"]},
    default="made",
    filters=[
        Filter("platform", gettext_lazy("Platform"), named_rows(Platform.objects.all()), by_field("platform")),
        Filter("campaign", gettext_lazy("Campaign"), campaign_options, by_field("campaign")),
        ACTIVE,
    ],
)


class LinkOut(Schema):
    """`address` is what is posted and printed; it leads to `target` with what the link says appended."""

    id: int
    slug: str
    address: str
    campaign: int
    platform: int
    target: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_term: str
    utm_content: str
    is_active: bool
    created_at: datetime


class LinkTextsIn(Sent):
    """What a link says besides where it is seen."""

    target: str = Field(max_length=1000, description="A whole address on a host that a director allowed.")
    utm_medium: str = Field(max_length=60)
    utm_content: str = Field("", max_length=100, description="Which post, picture or place it stands in.")
    utm_term: str = Field("", max_length=100)
    utm_source: str = Field("", max_length=100, description="Left out: the platform's name.")
    utm_campaign: str = Field("", max_length=160, description="Left out: the campaign's name.")
    slug: str = Field("", max_length=40, description="Left out: letters by chance.")


class LinkIn(LinkTextsIn):
    platform: Number


class LinkRowIn(LinkTextsIn):
    """A line of a sheet: its platform is named."""

    platform: str = Field(max_length=80, description="One of its names.")


class LinkRowsIn(Sent):
    rows: list[LinkRowIn] = Field(min_length=1, max_length=MOST_LINES)


class LinkChangeIn(Sent):
    target: str = left_out(max_length=1000)
    is_active: bool = left_out()


class LinkRulesOut(Schema):
    """How the agency names what links say, and on which hosts they may lead; any medium where none is named."""

    hosts: list[str]
    mediums: list[str]
    is_lower_case: bool
    has_no_spaces: bool


class LinkCodeOut(Schema):
    """A QR code of the link's address, to be printed in any size."""

    svg: str


class ClicksOut(Schema):
    day: date
    count: int


LINKS_API = Collection(
    name="links",
    one="link",
    scope="catalogue",
    roles=STEERING,
    listing=LINKS,
    rows=lambda: TrackingLink.objects.all(),
    show=partial(filled, LinkOut),
    out=LinkOut,
)

router = Router(tags=["Tracking links"])
add_reading(router, LINKS_API)


@router.get(
    "/link-rules", response=LinkRulesOut, auth=LINKS_API.reader(), url_name="link_rules", summary="Rules of links"
)
def read_rules(request: HttpRequest) -> Any:
    """What a new link is held to; a director sets it on the page of the rules."""
    rules = LinkRules.current()
    return filled(LinkRulesOut, rules, mediums=list(rules.naming.mediums))


@router.get(
    "/links/{int:pk}/clicks",
    response=list[ClicksOut],
    auth=LINKS_API.reader(),
    url_name="link_clicks",
    summary="How often a link was followed",
)
def read_clicks(request: HttpRequest, pk: Number) -> Any:
    """By day of the agency; nothing is kept of who followed it."""
    days = LINKS_API.get(pk).days.order_by("day").values_list("day", "count")
    return [ClicksOut(day=day, count=count) for day, count in days]


@router.get(
    "/links/{int:pk}/code", response=LinkCodeOut, auth=LINKS_API.reader(), url_name="link_code", summary="A QR code"
)
def read_code(request: HttpRequest, pk: Number) -> Any:
    return LinkCodeOut(svg=qr.svg(LINKS_API.get(pk).address).decode())


@router.get(
    "/campaigns/{int:pk}/links",
    response=list[LinkOut],
    auth=LINKS_API.reader(),
    url_name="campaign_links",
    summary="A campaign's newest links",
)
def read_campaign_links(request: HttpRequest, pk: Number) -> Any:
    """The newest first, 500 at most; all of them, page by page, are at `/links?campaign=7`."""
    return [LINKS_API.show(row) for row in get_object_or_404(Campaign, pk=pk).links.order_by("-pk")[:MOST_LINES]]


@router.post(
    "/campaigns/{int:pk}/links/bulk",
    response={201: list[LinkOut]},
    auth=LINKS_API.writer(),
    url_name="campaign_links_bulk",
    summary="Add many tracking links",
)
def add_links(request: HttpRequest, response: HttpResponse, pk: Number, body: LinkRowsIn) -> Any:
    """Make all of them, or none with what is wrong at each row; rows are counted from 0."""
    campaign = get_object_or_404(Campaign, pk=pk)
    rows = [(number, row.model_dump()) for number, row in enumerate(body.rows)]
    read = LinkRows(rows, campaign=campaign, rules=LinkRules.current(), by=caller_of(request).person)
    if read.errors:
        errors = [{"row": error.row, "field": error.field, "message": error.message} for error in read.errors]
        raise Problem(422, _("Nothing was written."), errors=errors)
    try:
        links = read.save()
    except IntegrityError as error:
        raise Problem(409, _("Somebody has made one of these links meanwhile. Send them again.")) from error
    response["Location"] = reverse(f"{NAMESPACE}:campaign_links", args=[pk])
    return Status(201, [LINKS_API.show(link) for link in reversed(links)])


@router.post(
    "/campaigns/{int:pk}/links",
    response={201: LinkOut},
    auth=LINKS_API.writer(),
    url_name="campaign_links",
    summary="Add a tracking link",
)
def add_link(request: HttpRequest, response: HttpResponse, pk: Number, body: LinkIn) -> Any:
    """Make a link of a campaign, named by the agency's rules."""
    campaign = get_object_or_404(Campaign, pk=pk)
    form = partial(TrackingLinkForm, campaign=campaign, rules=LinkRules.current(), by=caller_of(request).person)
    link = LINKS_API.write(form(as_posted(LINKS_API, form(), body)))
    return LINKS_API.answer(request, response, link, 201)


@router.patch(
    "/links/{int:pk}", response=LinkOut, auth=LINKS_API.writer(), url_name="link", summary="Change a tracking link"
)
def change_link(request: HttpRequest, response: HttpResponse, pk: Number, body: LinkChangeIn) -> Any:
    """Say where it leads, or switch it off or on; what it stands for stays."""
    with transaction.atomic():
        row = LINKS_API.get(pk, held=True)
        gate.check_version(request.headers, LINKS_API.show(row))
        form = partial(LinkEditForm, instance=row, rules=LinkRules.current())
        LINKS_API.write(form(as_posted(LINKS_API, form(), body)))
    return LINKS_API.answer(request, response, row)
