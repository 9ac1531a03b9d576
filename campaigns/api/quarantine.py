"""What forms brought that looks like spam: read, let through, or deleted."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status

from campaigns.api.journeys import WrittenOut, show_written
from campaigns.api.leads import LEADS_API, LeadOut
from campaigns.capture import intake
from campaigns.models import CapturedContact
from core.access import STEERING
from core.api import gate, paging
from core.api.access import READ, WRITE, BearerToken
from core.api.paging import Number, Page, PageQuery


class QuarantinedOut(Schema):
    """It counts nowhere, and goes by itself after 30 days."""

    id: int
    form: str
    at: datetime
    written: WrittenOut


router = Router(tags=["Leads"])
READER, WRITER = (BearerToken(f"leads:{verb}", STEERING) for verb in (READ, WRITE))


def show_quarantined(row: CapturedContact) -> QuarantinedOut:
    return QuarantinedOut(id=row.pk, form=str(row.key), at=row.at, written=show_written(row))


def quarantined(pk: int) -> CapturedContact:
    row = CapturedContact.objects.quarantined().select_related("key").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@router.get("/quarantine", response=Page[QuarantinedOut], auth=READER, url_name="quarantine", summary="Spam set aside")
def read_quarantine(request: HttpRequest, query: Query[PageQuery]) -> Any:
    paging.known_only(request, PageQuery)
    rows = CapturedContact.objects.quarantined().select_related("key")
    return paging.page_of(rows, query, show_quarantined)


@router.get(
    "/quarantine/{int:pk}", response=QuarantinedOut, auth=READER, url_name="quarantined", summary="One set aside"
)
def read_quarantined(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    shown = show_quarantined(quarantined(pk))
    response["ETag"] = gate.quoted(gate.version_of(shown))
    return shown


@router.post(
    "/quarantine/{int:pk}/release",
    response=LeadOut,
    auth=WRITER,
    url_name="quarantined_release",
    summary="It was no spam",
)
def release(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Let it lead to what it would have led to when it came: a new lead, or a contact of a known one."""
    row = intake.release(quarantined(pk))
    if row.lead is None:
        raise Http404
    return LEADS_API.answer(request, response, row.lead)


@router.delete("/quarantine/{int:pk}", response={204: None}, auth=WRITER, url_name="quarantined", summary="Delete spam")
def delete_quarantined(request: HttpRequest, pk: Number) -> Any:
    with transaction.atomic():
        row = quarantined(pk)
        CapturedContact.objects.select_for_update().filter(pk=pk).first()
        gate.check_version(request.headers, show_quarantined(row))
        row.delete()
    return Status(204, None)
