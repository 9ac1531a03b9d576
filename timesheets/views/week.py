"""My week: the grid, and what it sends."""

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from campaigns.access import EVERYONE, STEERING, role_required
from campaigns.weeks import Week
from timesheets import durations, grid, hours
from timesheets.forms import RowForm
from timesheets.models import Timesheet, User

DAYS = {f"d{number}": number for number in range(7)}


@require_GET
@role_required(*EVERYONE)
def this_week(request: HttpRequest) -> HttpResponse:
    """Lead to the week that is asked for, else to the current one in the agency's zone."""
    try:
        week = Week.parse(request.GET.get("week", "").strip().upper())
    except ValueError:
        week = Week.containing(timezone.localdate())
        if request.GET.get("week"):
            messages.warning(request, _("There is no such week. Weeks are written like %(week)s.") % {"week": week})
    return redirect("timesheets:week", week)


@require_GET
@role_required(*EVERYONE)
def show(request: HttpRequest, week: Week) -> HttpResponse:
    """The member's own grid."""
    member = _member(request)
    sheet = grid.build(member=member, week=week, today=timezone.localdate())
    context: dict[str, Any] = {"grid": sheet, "this_week": Week.containing(timezone.localdate())}
    if sheet.timesheet and sheet.timesheet.submitted_at:
        context["submitted_on"] = timezone.localdate(sheet.timesheet.submitted_at)
        context["openers"] = list(User.objects.filter(role__in=STEERING, is_active=True).exclude(pk=member.pk)[:4])
    else:
        context |= {"row_form": RowForm(), "suggestions": grid.suggestions(member, sheet)}
    return render(request, "timesheets/week.html", context)


@require_POST
@role_required(*EVERYONE)
def save_cell(request: HttpRequest, week: Week) -> HttpResponse:
    """Save one cell: 200 with the sums around it, 422 when it cannot be, 409 when stale, 423 when locked."""
    member = _member(request)
    if _is_anothers_page(request):
        return _refusal(request, week, _("This page was opened by someone else. Reload it to log your own hours."), 409)
    try:
        cell, typed = _cell(request, week)
        minutes = durations.parse(typed)
        saved = hours.log(
            member=member, cell=cell, minutes=minutes, note=request.POST.get("note"), seen=request.POST.get("seen", "")
        )
    except durations.DurationError as error:
        return _refusal(request, week, _why(error, typed), 422, suggestion=_suggested(error, member))
    except hours.Locked as locked:
        return _refusal(request, week, str(locked), 423)
    except hours.Stale as stale:
        return _refusal(request, week, str(stale), 409, theirs=_shown(stale.theirs, member), mine=typed)
    except hours.Refused as refused:
        return _refusal(request, week, str(refused), 422)
    except ValueError:
        return _refusal(request, week, _("This row is gone. Reload the page."), 422)
    return _saved(request, cell, saved)


def _is_anothers_page(request: HttpRequest) -> bool:
    """Whether the page was made for someone else, who has signed in over it in another window since."""
    return request.POST.get("member", str(request.user.pk)) != str(request.user.pk)


def _member(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # role_required let them in
    return request.user


def _cell(request: HttpRequest, week: Week) -> tuple[hours.Cell, str]:
    """Which cell was sent and what was typed in it; ValueError when it is none of this week's."""
    sent = [name for name in DAYS if name in request.POST]
    if len(sent) != 1:
        raise ValueError
    cell = hours.Cell(
        day=week.days[DAYS[sent[0]]],
        platform_id=_pk(request, "platform"),
        campaign_id=_pk(request, "campaign"),
    )
    return cell, request.POST[sent[0]]


def _pk(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(name)
    return int(text)


def _why(error: durations.DurationError, typed: str) -> str:
    """Say what is wrong with a text that is no duration."""
    reasons = {
        "not_a_duration": _("“%(typed)s” is not a duration. Write 1:30, 1.5, 1h30 or 90m."),
        "minutes_over_59": _("“%(typed)s” has more than 59 minutes."),
        "seconds_over_59": _("“%(typed)s” has more than 59 seconds."),
        "negative": _("Hours cannot be negative."),
        "over_a_day": _("“%(typed)s” is more than a day, which has 24 hours."),
    }
    return reasons[error.code] % {"typed": typed.strip()[:20]}


def _suggested(error: durations.DurationError, member: User) -> str:
    return "" if error.suggestion is None else hours.written(error.suggestion, member)


def _shown(saved: hours.Saved, member: User) -> dict[str, str]:
    """A cell's content as the page holds it."""
    text = hours.written(saved.minutes, member) if saved.minutes else ""
    return {"text": text, "note": saved.note, "tag": saved.tag}


def _saved(request: HttpRequest, cell: hours.Cell, saved: hours.Saved) -> HttpResponse:
    member = _member(request)
    context = {
        "row_key": f"{cell.platform_id}-{cell.campaign_id}",
        "day_key": (cell.day - cell.week.monday).days,
        "row_total": _total(saved.row_minutes, member),
        "day_total": _total(saved.day_minutes, member),
        "week_total": _total(saved.week_minutes, member),
        "week_sum": hours.written(saved.week_minutes, member),
        "target": hours.written(member.weekly_minutes, member),
        "at": timezone.localtime(),
    }
    response = render(request, "timesheets/_saved.html", context)
    response["HX-Trigger"] = json.dumps({"hours:saved": _shown(saved, member)})
    return response


def _total(minutes: int, member: User) -> str:
    return hours.written(minutes, member) if minutes else "–"


def _refusal(request: HttpRequest, week: Week, sentence: str, status: int, **more: Any) -> HttpResponse:
    """The sentence that stands under the row, with what can be done about it."""
    sent = next((name for name in DAYS if name in request.POST), "d0")
    context = {
        "sentence": sentence,
        "day": grid.day_label(week.days[DAYS[sent]]),
        "cell_id": f"c{request.POST.get('platform')}-{request.POST.get('campaign')}-{sent}",
        **more,
    }
    return render(request, "timesheets/_refused.html", context, status=status)


@require_POST
@role_required(*EVERYONE)
def add_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Add a row; the reply is that row alone."""
    if _is_anothers_page(request):
        return HttpResponse(status=403)
    member, form = _member(request), RowForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a platform and a campaign that are in use."))
        return _back(request, week, [])
    platform, campaign = form.cleaned_data["platform"], form.cleaned_data["campaign"]
    try:
        is_new = hours.add_row(member=member, week=week, platform=platform, campaign=campaign)
    except hours.Locked as locked:
        messages.error(request, str(locked))
        return _back(request, week, [])
    if not is_new:
        messages.info(request, _("This row is there already."))
    return _back(request, week, [(platform.pk, campaign.pk)] if is_new else [])


@require_POST
@role_required(*EVERYONE)
def copy_rows(request: HttpRequest, week: Week) -> HttpResponse:
    """Take over last week's rows, without their hours."""
    if _is_anothers_page(request):
        return HttpResponse(status=403)
    try:
        new = hours.copy_rows(member=_member(request), source=week.previous, target=week)
    except hours.Locked as locked:
        messages.error(request, str(locked))
        return _back(request, week, [])
    if new:
        told = ngettext("%(count)s row copied from last week.", "%(count)s rows copied from last week.", len(new))
        messages.success(request, told % {"count": len(new)})
    else:
        messages.info(request, _("Last week has no row that is not here already."))
    return _back(request, week, new)


def _back(request: HttpRequest, week: Week, pairs: list[grid.Pair]) -> HttpResponse:
    """New rows for the page that asked by htmx, else the page again."""
    if not getattr(request, "htmx", False):
        return redirect("timesheets:week", week)
    rows = grid.fresh_rows(member=_member(request), week=week, pairs=pairs, today=timezone.localdate()) if pairs else []
    return render(request, "timesheets/_added.html", {"rows": rows})


@require_POST
@role_required(*EVERYONE)
def remove_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Take a row away; asks first (409) when it has hours."""
    member = _member(request)
    if _is_anothers_page(request):
        return HttpResponse(status=403)
    try:
        platform_id, campaign_id = _pk(request, "platform"), _pk(request, "campaign")
    except ValueError:
        return HttpResponse(status=400)
    key = f"{platform_id}-{campaign_id}"
    try:
        hours.remove_row(
            member=member,
            week=week,
            platform_id=platform_id,
            campaign_id=campaign_id,
            with_hours="with_hours" in request.POST,
        )
    except hours.HasHours as has:
        context = {"row_key": key, "platform_id": platform_id, "campaign_id": campaign_id}
        context["hours"] = hours.written(has.minutes, member)
        return render(request, "timesheets/_ask_remove.html", context, status=409)
    except hours.Locked as locked:
        return render(request, "timesheets/_refused.html", {"sentence": str(locked)}, status=423)
    response = render(request, "timesheets/_totals.html", {"grid": _sheet(member, week)})
    response["HX-Trigger"] = json.dumps({"hours:removed": {"row": key}})
    return response


def _sheet(member: User, week: Week) -> grid.Grid:
    today: date = timezone.localdate()
    return grid.build(member=member, week=week, today=today)


@require_POST
@role_required(*EVERYONE)
def submit(request: HttpRequest, week: Week) -> HttpResponse:
    """Hand the week in, with hours or with nothing."""
    if _is_anothers_page(request):
        messages.error(request, _("This page was opened by someone else. Look at your own week, then submit it."))
        return redirect("timesheets:week", week)
    try:
        Timesheet.of(_member(request), week).submit(at=timezone.now())
        messages.success(request, _("Submitted. Thank you."))
    except Timesheet.AlreadySubmitted:
        messages.info(request, _("This week was submitted already."))
    return redirect("timesheets:week", week)
