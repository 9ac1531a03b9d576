"""The timer in the head of the week: start, stop, and what to do with one that ran over midnight."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.access import EVERYONE, role_required
from core.weeks import Week
from timesheets import durations, grid, hours, timers
from timesheets.forms import RowForm
from timesheets.models import Timer, User
from timesheets.views.page import (
    day_key,
    is_anothers_page,
    member_of,
    no_such_row,
    not_your_page,
    pk_in,
    row_key,
    shown,
    sums,
)


def context(member: User, timer: Timer | None) -> dict[str, Any]:
    """What `_timer.html` needs: the timer that runs, since when, and whether it must be asked about."""
    now = timezone.now()
    if timer is None:
        return {"timer": None}
    return {
        "timer": timer,
        "started": timezone.localtime(timer.started_at),
        "elapsed": timers.elapsed(timer, at=now),
        "is_overnight": timers.is_overnight(timer, at=now),
        "until_midnight": hours.format_minutes(timers.minutes_to_midnight(timer), member),
    }


@require_POST
@role_required(*EVERYONE)
def start(request: HttpRequest, week: Week) -> HttpResponse:
    """Start the timer on a row; one that runs on another row lands first."""
    member, form = member_of(request), RowForm(request.POST)
    if is_anothers_page(request):
        return not_your_page()
    if not form.is_valid():
        return _bar(request, week, None, sentence=_("Choose a platform and a campaign that are in use."))
    try:
        landed = timers.start(member=member, at=timezone.now(), **form.cleaned_data)
    except timers.Overnight:
        return _bar(request, week, None, sentence=_("Say first what to do with this one."))
    except hours.HoursRefused as refused:
        return _bar(request, week, None, sentence=str(refused))
    return _bar(request, week, landed)


@require_POST
@role_required(*EVERYONE)
def stop(request: HttpRequest, week: Week) -> HttpResponse:
    """Stop the timer and add its minutes to today's cell."""
    if is_anothers_page(request):
        return not_your_page()
    try:
        landed = timers.stop(member=member_of(request), pk=pk_in(request, "timer"), at=timezone.now())
    except ValueError:
        return no_such_row()
    except timers.Overnight:
        return _bar(request, week, None)
    except hours.HoursRefused as refused:
        return _bar(request, week, None, sentence=str(refused))
    return _bar(request, week, landed)


@require_GET
@role_required(*EVERYONE)
def running(request: HttpRequest) -> HttpResponse:
    """The timer as it is now, for a tab that shows another: the bar of this `week`, else the head of the page alone."""
    try:
        week = Week.parse(request.GET.get("week", ""))
    except ValueError:
        details = {"timer": timers.running(member_of(request)), "is_asked": True}
        return render(request, "timesheets/_stopped.html", details)
    return _bar(request, week, None)


@require_POST
@role_required(*EVERYONE)
def stop_running(request: HttpRequest) -> HttpResponse:
    """Stop the timer from the head of any page: what it logged, or why it runs on, is a message."""
    member = member_of(request)
    if is_anothers_page(request):
        return not_your_page()
    try:
        landed = timers.stop(member=member, pk=pk_in(request, "timer"), at=timezone.now())
    except ValueError:
        return no_such_row()
    except timers.Overnight:
        messages.error(request, _("It ran over midnight: say on your week how long it was."))
    except hours.HoursRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _added(landed, member) if landed else _("No timer runs."))
    if not getattr(request, "htmx", False):
        return redirect("timesheets:this_week")
    return render(request, "timesheets/_stopped.html", {"timer": timers.running(member)})


@require_POST
@role_required(*EVERYONE)
def settle(request: HttpRequest, week: Week) -> HttpResponse:
    """End a timer that ran over midnight as its member chose: at midnight, with the hours typed, or without any."""
    member = member_of(request)
    if is_anothers_page(request):
        return not_your_page()
    try:
        landed = _settled(member, pk_in(request, "timer"), request.POST.get("choice"), request.POST.get("hours", ""))
    except durations.DurationError:
        return _bar(request, week, None, sentence=_("Write how long it was: 1:30, 1.5, 1h30 or 90m."))
    except ValueError:
        return no_such_row()
    except hours.HoursRefused as refused:
        return _bar(request, week, None, sentence=str(refused))
    return _bar(request, week, landed)


def _settled(member: User, pk: int, choice: str | None, typed: str) -> timers.Landed | None:
    if choice == "discard":
        timers.discard(member=member, pk=pk)
        return None
    if choice == "midnight":
        return timers.settle(member=member, pk=pk, minutes=None)
    minutes = durations.parse(typed)
    if not minutes:
        raise durations.DurationError("not_a_duration")
    return timers.settle(member=member, pk=pk, minutes=minutes)


def _bar(request: HttpRequest, week: Week, landed: timers.Landed | None, sentence: str = "") -> HttpResponse:
    """The timer as it is now, and the cell that it changed; the page again for whoever has no script."""
    member = member_of(request)
    if not getattr(request, "htmx", False):
        return redirect("timesheets:week", week)
    details = context(member, timers.running(member)) | {"grid": {"week": week}, "said": sentence, "is_answer": True}
    if landed is None:
        return render(request, "timesheets/_timer.html", details)
    details["told"] = _added(landed, member)
    is_shown = landed.cell.week == week
    if is_shown:
        details |= sums(landed.cell, landed.saved, member) | {"is_shown": True}
    response = render(request, "timesheets/_timer.html", details)
    if is_shown:
        place = {"id": f"c{row_key(landed.cell)}-d{day_key(landed.cell)}"}
        response["HX-Trigger"] = json.dumps({"hours:landed": place | shown(landed.saved, member)})
    return response


def _added(landed: timers.Landed, member: User) -> str:
    written = hours.format_minutes(landed.minutes, member)
    return _("%(hours)s added to %(day)s.") % {"hours": written, "day": grid.day_label(landed.cell.day)}
