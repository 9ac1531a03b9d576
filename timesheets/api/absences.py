"""When people are away, for programs: one's own, and for managers and directors everybody's. Why, nobody is asked."""

from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from campaigns.api.collection import NAMESPACE, as_it_is, filled, typed
from campaigns.views import editing
from core.access import EVERYONE, STEERING
from core.api import gate, paging, problems
from core.api.access import READ, WRITE, BearerToken, Caller, caller_of
from core.api.paging import LARGEST, Number, Page, PageQuery, Sent
from core.api.problems import Problem
from timesheets.absences import AbsenceForm
from timesheets.api.asked import member_of
from timesheets.models import Absence, User, lock_member


class AbsenceOut(Schema):
    id: int
    member: int
    first_day: date
    last_day: date
    is_half: bool


class AbsenceIn(Sent):
    member: Number | None = Field(None, description="Oneself where it is left out; of others for managers, directors.")
    first_day: date
    last_day: date | None = Field(None, description="The last day away; left out: that one day.")
    is_half: bool = False


class AbsencesQuery(PageQuery):
    member: int | None = Field(None, ge=1, le=LARGEST)


router = Router(tags=["Absences"])
READER, WRITER = (BearerToken(f"hours:{verb}", EVERYONE) for verb in (READ, WRITE))
show_absence = partial(filled, AbsenceOut)


def absences_for(caller: Caller) -> QuerySet[Absence]:
    rows = Absence.objects.all()
    if caller.role in STEERING:
        return rows
    return rows.filter(member=caller.person) if caller.person else rows.none()


def absence_of(caller: Caller, pk: int) -> Absence:
    row = absences_for(caller).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def answer(response: HttpResponse, row: Absence, status: int = 200) -> Status:
    shown = show_absence(row)
    response["ETag"] = gate.quoted(gate.version_of(shown))
    response["Location"] = reverse(f"{NAMESPACE}:absence", args=[row.pk])
    return Status(status, shown)


@router.get("/absences", response=Page[AbsenceOut], auth=READER, url_name="absences", summary="Absences")
def read_absences(request: HttpRequest, query: Query[AbsencesQuery]) -> Any:
    """Days on which people are away: one's own, and for a manager and a director everybody's."""
    paging.known_only(request, AbsencesQuery)
    rows = absences_for(caller_of(request))
    return paging.page_of(rows.filter(member=query.member) if query.member else rows, query, show_absence)


@router.get("/absences/{int:pk}", response=AbsenceOut, auth=READER, url_name="absence", summary="An absence")
def read_absence(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    return answer(response, absence_of(caller_of(request), pk))


@router.post("/absences", response={201: AbsenceOut}, auth=WRITER, url_name="absences", summary="Note an absence")
def add_absence(request: HttpRequest, response: HttpResponse, body: AbsenceIn) -> Any:
    """No hours are expected then."""
    with transaction.atomic():
        person = who_is_away(request, body.member)
        lock_member(person.pk)  # of two that overlap, one waits and is refused
        sent = {name: typed(value) for name, value in body.model_dump(exclude={"member"}).items()}
        form = AbsenceForm(as_it_is(AbsenceForm(member=person)) | sent, member=person)
        if not form.is_valid() or not editing.saved(form):
            raise problems.of_form(form)
    return answer(response, form.instance, 201)


def who_is_away(request: HttpRequest, member: int | None) -> User:
    caller = caller_of(request)
    if member is None or (caller.person and member == caller.person.pk):
        return member_of(request)
    person = User.objects.filter(pk=member).first() if caller.role in STEERING else None
    if person is None:
        raise Problem(422, errors=[{"field": "member", "message": _("There is no such person.")}])
    return person


@router.delete("/absences/{int:pk}", response={204: None}, auth=WRITER, url_name="absence", summary="Remove an absence")
def remove_absence(request: HttpRequest, pk: Number) -> Any:
    with transaction.atomic():
        row = absence_of(caller_of(request), pk)
        lock_member(row.member_id)
        gate.check_version(request.headers, show_absence(row))
        row.delete()
    return Status(204, None)
