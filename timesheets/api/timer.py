"""One's own timer, which runs on a platform and a campaign until its minutes are added to the cell of its day."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from campaigns.api.collection import NAMESPACE
from core.access import EVERYONE
from core.api import problems
from core.api.access import READ, WRITE, BearerToken
from core.api.paging import Number, Sent
from core.api.problems import Problem
from timesheets import hours, timers
from timesheets.api.asked import member_of
from timesheets.forms import RowForm
from timesheets.models import Timer


class AddedOut(Schema):
    """The minutes that a timer added, to which cell."""

    day: date
    platform: int
    campaign: int
    minutes: int


class TimerOut(Schema):
    """The timer that runs; all null where none does. `added` is what the one before it brought when it stopped.

    One that ran over midnight stops only when its person says how long it was.
    """

    id: int | None
    platform: int | None
    campaign: int | None
    started_at: datetime | None
    is_overnight: bool
    added: AddedOut | None


class TimerIn(Sent):
    platform: Number
    campaign: Number


class SettleIn(Sent):
    minutes: int | None = Field(None, ge=0, le=24 * 60, description="Left out: up to midnight; 0: log nothing.")


router = Router(tags=["Hours"])
READER, WRITER = (BearerToken(f"hours:{verb}", EVERYONE) for verb in (READ, WRITE))


def show_timer(timer: Timer | None, landed: timers.Landed | None) -> TimerOut:
    return TimerOut(
        id=timer.pk if timer else None,
        platform=timer.platform_id if timer else None,
        campaign=timer.campaign_id if timer else None,
        started_at=timer.started_at if timer else None,
        is_overnight=bool(timer and timers.is_overnight(timer, at=timezone.now())),
        added=show_added(landed) if landed else None,
    )


def show_added(landed: timers.Landed) -> AddedOut:
    cell = landed.cell
    return AddedOut(day=cell.day, platform=cell.platform_id, campaign=cell.campaign_id, minutes=landed.minutes)


def answer(request: HttpRequest, response: HttpResponse, landed: timers.Landed | None = None) -> Status:
    response["Location"] = reverse(f"{NAMESPACE}:timer")
    return Status(200, show_timer(timers.running(member_of(request)), landed))


def done(act: Callable[[], timers.Landed | None]) -> timers.Landed | None:
    """What came of it, or the problem that its refusal is."""
    try:
        return act()
    except timers.Overnight as error:
        raise Problem(409, _("The timer ran over midnight: say first how long it was.")) from error
    except hours.Locked as locked:
        raise Problem(409, str(locked)) from locked
    except hours.HoursRefused as refused:
        raise Problem(422, str(refused)) from refused


def running_timer(request: HttpRequest) -> Timer:
    timer = timers.running(member_of(request))
    if timer is None:
        raise Problem(409, _("No timer runs."))
    return timer


@router.get("/timer", response=TimerOut, auth=READER, url_name="timer", summary="One's own timer")
def read_timer(request: HttpRequest, response: HttpResponse) -> Any:
    return answer(request, response)


@router.post("/timer/start", response=TimerOut, auth=WRITER, url_name="timer_start", summary="Start the timer")
def start_timer(request: HttpRequest, response: HttpResponse, body: TimerIn) -> Any:
    """Start on a platform and a campaign; one that runs on others stops first."""
    member, form = member_of(request), RowForm(body.model_dump())
    if not form.is_valid():
        raise problems.of_form(form)
    landed = done(lambda: timers.start(member=member, at=timezone.now(), **form.cleaned_data))
    return answer(request, response, landed)


@router.post("/timer/stop", response=TimerOut, auth=WRITER, url_name="timer_stop", summary="Stop the timer")
def stop_timer(request: HttpRequest, response: HttpResponse) -> Any:
    """Add its minutes, rounded up, to today's cell."""
    member, pk = member_of(request), running_timer(request).pk
    return answer(request, response, done(lambda: timers.stop(member=member, pk=pk, at=timezone.now())))


@router.post("/timer/settle", response=TimerOut, auth=WRITER, url_name="timer_settle", summary="Say how long it was")
def settle_timer(request: HttpRequest, response: HttpResponse, body: SettleIn) -> Any:
    """End a timer that ran over midnight: with these minutes on the day it began, or up to midnight."""
    member, timer = member_of(request), running_timer(request)
    if not timers.is_overnight(timer, at=timezone.now()):
        raise Problem(409, _("The timer began today: stop it."))
    if body.minutes == 0:
        timers.discard(member=member, pk=timer.pk)
        return answer(request, response)
    landed = done(lambda: timers.settle(member=member, pk=timer.pk, minutes=body.minutes))
    return answer(request, response, landed)
