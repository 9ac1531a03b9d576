"""Many leads by one act, as on the list and the board: a status or a first touchpoint for all, and the way back."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from campaigns import lead_moves
from campaigns.api.collection import NAMESPACE
from campaigns.api.leads import ReasonName, StatusName
from campaigns.lead_moves import MOST_LEADS, LeadStanding, MoveResult, SeenLead
from campaigns.models import BulkChange, Platform
from campaigns.models.funnel import LeadStatus
from core.access import STEERING
from core.api.access import READ, WRITE, BearerToken, caller_of
from core.api.paging import Number, Sent
from core.api.problems import Problem


class StandingIn(Sent):
    status: StatusName
    disqualified_reason: ReasonName = ""


class SeenLeadIn(StandingIn):
    """A lead as it was when it was read: one that somebody has moved since is left as it is."""

    id: Number


class LeadMoveIn(Sent):
    leads: list[SeenLeadIn] = Field(min_length=1, max_length=MOST_LEADS)
    to: StandingIn | None = Field(None, description="Where they stand from now on; one alone can be won.")
    platform: Number | None = Field(None, description="Or their first touchpoint, on the day that they came in.")


class LeadMoveOut(Schema):
    """The leads that were changed, and those that were left. `id` undoes it for a week; null where nothing changed."""

    id: int | None
    changed: list[int]
    left: list[int]
    undone_at: datetime | None


router = Router(tags=["Leads"])
READER, WRITER = (BearerToken(f"leads:{verb}", STEERING) for verb in (READ, WRITE))


def show_result(result: MoveResult, change: BulkChange | None) -> LeadMoveOut:
    return LeadMoveOut(
        id=change.pk if change else None,
        changed=[lead.pk for lead in result.changed],
        left=[lead.pk for lead in result.left],
        undone_at=change.undone_at if change else None,
    )


def own_change(request: HttpRequest, pk: int) -> BulkChange:
    """An act of the person whose token it is; those of others are not there."""
    person = caller_of(request).person
    if person is None:
        raise Problem(403, _("A person answers for this, and no service: use the token of one."))
    change = BulkChange.objects.filter(by=person, pk=pk).first()
    if change is None:
        raise Http404
    return change


@router.get("/lead-moves/{int:pk}", response=LeadMoveOut, auth=READER, url_name="lead_move", summary="What was moved")
def read_move(request: HttpRequest, pk: Number) -> Any:
    """Which leads one's own act changed, and whether it was taken back."""
    change = own_change(request, pk)
    return LeadMoveOut(id=pk, changed=[row["lead"] for row in change.rows], left=[], undone_at=change.undone_at)


@router.post(
    "/lead-moves", response={201: LeadMoveOut}, auth=WRITER, url_name="lead_moves", summary="Move many leads at once"
)
def move_leads(request: HttpRequest, response: HttpResponse, body: LeadMoveIn) -> Any:
    """Give all of them a status, or those without a touchpoint their platform."""
    result = result_of(request, body)
    if result.change:
        response["Location"] = reverse(f"{NAMESPACE}:lead_move", args=[result.change.pk])
    return Status(201, show_result(result, result.change))


def result_of(request: HttpRequest, body: LeadMoveIn) -> MoveResult:
    if body.to and body.platform is None:
        return moved(request, body, standing_of(body.to, "to"))
    if body.platform is not None and body.to is None:
        return met(request, body, body.platform)
    raise refused("to", _("Say where they stand, or give them a platform: one of the two."))


def refused(field: str, sentence: str) -> Problem:
    return Problem(422, errors=[{"field": field, "message": sentence}])


def standing_of(sent: StandingIn, field: str) -> LeadStanding:
    standing = LeadStanding(sent.status, sent.disqualified_reason)
    if standing not in lead_moves.STANDINGS:
        raise refused(field, _("A lead that is disqualified has a reason, and no other one has."))
    return standing


def seen_leads(body: LeadMoveIn) -> list[SeenLead]:
    return [SeenLead(each.id, standing_of(each, f"leads.{number}")) for number, each in enumerate(body.leads)]


def moved(request: HttpRequest, body: LeadMoveIn, to: LeadStanding) -> MoveResult:
    seen = seen_leads(body)
    if to.status == LeadStatus.WON and len(seen) > 1:
        raise refused("to", _("Won asks for amount and day, one lead at a time: choose one. Nothing was changed."))
    return lead_moves.move(seen, to, at=timezone.now(), by=caller_of(request).person)


def met(request: HttpRequest, body: LeadMoveIn, number: int) -> MoveResult:
    platform = Platform.objects.active().filter(pk=number).first()
    if platform is None:
        raise refused("platform", _("Choose one of the platforms that are in use. Nothing was changed."))
    return lead_moves.give_platform(seen_leads(body), platform, at=timezone.now(), by=caller_of(request).person)


@router.post(
    "/lead-moves/{int:pk}/undo", response=LeadMoveOut, auth=WRITER, url_name="lead_move_undo", summary="Move them back"
)
def undo_move(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Take one's own act back on each lead on which nothing has changed since."""
    change = own_change(request, pk)
    result = lead_moves.undo(change, at=timezone.now(), by=caller_of(request).person)
    if result is None:
        raise Problem(409, _("This has been taken back before."))
    change.refresh_from_db()
    response["Location"] = reverse(f"{NAMESPACE}:lead_move", args=[pk])
    return show_result(result, change)
