"""Leads and their touchpoints. A touchpoint is never changed: it is voided, and another one added."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Field, Router, Schema

from campaigns.api.collection import Collection, add_reading, add_voiding, add_writing, filled
from campaigns.forms import LeadForm, NewLeadForm, StatusForm, TouchForm
from campaigns.models import Lead, LeadMerge, Platform, Touch
from campaigns.models.catalogue import campaign_options
from campaigns.views.leads import LEADS, check_not_merged
from core import task_queue
from core.access import STEERING
from core.api.access import caller_of
from core.api.paging import Number, Sent, left_out
from core.api.problems import Problem, of_form
from core.lists import VOIDED, Filter, Listing, few_keys, named_rows

StatusName = Literal["new", "qualified", "disqualified", "won", "lost"]
ReasonName = Literal["", "cannot_afford", "wrong_fit", "no_answer", "duplicate", "spam"]


def of_touches(name: str) -> Callable[[QuerySet, str], QuerySet]:
    def filter_rows(rows: QuerySet, value: str) -> QuerySet:
        found = rows.filter(**{name: value})
        few = few_keys(found.values_list("pk", flat=True))
        return found if few is None else rows.filter(pk__in=few)

    return filter_rows


TOUCHPOINTS = Listing(
    title=gettext_lazy("Touchpoints"),
    sorts={"at": ["at"]},
    default="at",
    filters=[
        Filter("platform", gettext_lazy("Platform"), named_rows(Platform.objects.all()), of_touches("platform")),
        Filter("campaign", gettext_lazy("Campaign"), campaign_options, of_touches("campaign")),
        VOIDED,
    ],
)


class LeadOut(Schema):
    id: int
    external_id: str | None
    received_at: datetime
    name: str
    company: str
    email: str
    phone: str
    how_heard: str
    note: str
    status: str
    disqualified_reason: str
    qualified_at: datetime | None
    voided_at: datetime | None
    void_reason: str
    erased_at: datetime | None


class LeadIn(Sent):
    external_id: str | None = left_out(max_length=120)
    received_at: datetime = left_out()
    name: str = Field("", max_length=160)
    company: str = Field("", max_length=160)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=40)
    how_heard: str = Field("", max_length=200, description="What they answered when asked, in their words.")
    note: str = Field("", max_length=20_000)
    platform: Number | None = left_out(description="Only with a new lead: where it came through.")
    campaign: Number | None = left_out(description="Only with a new lead.")
    status: StatusName = left_out(description="Only with a new lead: later it is moved by its own address.")
    disqualified_reason: ReasonName = left_out(description="Only with a new lead that is disqualified.")


class StatusIn(Sent):
    status: StatusName
    disqualified_reason: ReasonName = ""


class TouchpointOut(Schema):
    id: int
    lead: int
    at: datetime
    platform: int | None
    campaign: int | None
    utm_source: str
    utm_medium: str
    utm_campaign: str
    voided_at: datetime | None
    void_reason: str


class TouchpointIn(Sent):
    lead: Number
    at: datetime
    platform: Number | None = None
    campaign: Number | None = None


def lead_form(request: HttpRequest, row: Lead | None, data: Any) -> LeadForm:
    if row is None:
        return NewLeadForm(data, now=timezone.now(), by=caller_of(request).person)
    if row.erased_at:
        raise Problem(409, _("This lead was erased and can no longer be changed."))
    return LeadForm(data, instance=row, now=timezone.now())


LEADS_API = Collection(
    name="leads",
    one="lead",
    scope="leads",
    roles=STEERING,
    listing=LEADS,
    rows=lambda: Lead.objects.all(),
    show=partial(filled, LeadOut),
    out=LeadOut,
    sent=LeadIn,
    form=lead_form,
    check_restore=check_not_merged,
)
TOUCHPOINTS_API = Collection(
    name="touchpoints",
    one="touchpoint",
    scope="leads",
    roles=STEERING,
    listing=TOUCHPOINTS,
    rows=lambda: Touch.objects.all(),
    show=partial(filled, TouchpointOut),
    out=TouchpointOut,
)

router = Router(tags=["Leads"])
add_reading(router, LEADS_API)
add_writing(router, LEADS_API)
add_voiding(router, LEADS_API)
add_reading(router, TOUCHPOINTS_API)
add_voiding(router, TOUCHPOINTS_API)


@router.post(
    "/leads/{int:pk}/status", response=LeadOut, auth=LEADS_API.writer(), url_name="lead_status", summary="Move a lead"
)
def move_lead(request: HttpRequest, response: HttpResponse, pk: Number, body: StatusIn) -> Any:
    """Say where a lead stands."""
    with transaction.atomic():
        lead = LEADS_API.get(pk, held=True)
        data = {"status-status": body.status, "status-disqualified_reason": body.disqualified_reason}
        form = StatusForm(data, lead=lead)
        if not form.is_valid():
            raise of_form(form)
        form.save(at=timezone.now(), by=caller_of(request).person)
        task_queue.enqueue_on_commit()
    return LEADS_API.answer(request, response, lead)


@router.post(
    "/touchpoints",
    response={201: TouchpointOut},
    auth=TOUCHPOINTS_API.writer(),
    url_name="touchpoints",
    summary="Add a touchpoint",
)
def add_touchpoint(request: HttpRequest, response: HttpResponse, body: TouchpointIn) -> Any:
    """Add a contact to a lead, or to the one that it is part of by now."""
    lead = Lead.objects.filter(pk=body.lead).first()
    if lead is None:
        raise Problem(422, errors=[{"field": "lead", "message": _("There is no such lead.")}])
    lead = LeadMerge.surviving({"": lead})[""]
    sent = TOUCHPOINTS_API.data(body)
    data = {f"touch-{name}": value for name, value in sent.items() if name != "lead"}
    touch = TOUCHPOINTS_API.write(TouchForm(data, now=timezone.now(), instance=Touch(lead=lead)))
    return TOUCHPOINTS_API.answer(request, response, touch, 201)
