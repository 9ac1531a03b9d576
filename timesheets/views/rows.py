"""Rows of the week: added, copied, pinned, removed and brought back. What htmx asks for is answered with parts."""

import json
from datetime import date

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from core.access import EVERYONE, role_required
from core.weeks import Week
from timesheets import grid, hours, week_rows
from timesheets.forms import RowForm
from timesheets.models import User
from timesheets.views.page import is_anothers_page, member_of, no_such_row, not_your_page, pk_in

UNDO_SECONDS = 10
# The button goes after ten seconds; whoever pressed it in the tenth may have a slow line.
UNDO_LEEWAY = 20
REMOVED = "timesheets.removed"


@require_POST
@role_required(*EVERYONE)
def add_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Add a row; the reply is that row alone, or the fields with why it was refused."""
    if is_anothers_page(request):
        return not_your_page()
    form = RowForm(request.POST)
    if not form.is_valid():
        return _refused(request, week, form)
    platform, campaign, today = form.cleaned_data["platform"], form.cleaned_data["campaign"], timezone.localdate()
    try:
        is_new = week_rows.add_row(
            member=member_of(request), week=week, platform=platform, campaign=campaign, today=today
        )
    except hours.HoursRefused as refused:
        form.add_error(None, str(refused))
    else:
        if is_new:
            return _back(request, week, [(platform.pk, campaign.pk)])
        form.add_error(None, _("This row is there already."))
    return _refused(request, week, form)


def _refused(request: HttpRequest, week: Week, form: RowForm) -> HttpResponse:
    """The fields with what was sent and what is wrong; without htmx the page reads both from its address."""
    if getattr(request, "htmx", False):
        answer = render(request, "timesheets/_row_fields.html", {"form": form})
        return retarget(reswap(answer, "outerHTML"), "#row-fields")
    address = reverse("timesheets:week", args=[week])
    if not form.first_refused:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
        return redirect(address)
    return redirect(f"{address}?{urlencode(form.sent)}#{form.first_refused}")


def _back(request: HttpRequest, week: Week, pairs: list[grid.PlatformCampaign]) -> HttpResponse:
    """New rows for the page that asked by htmx, else the page again."""
    if not getattr(request, "htmx", False):
        return redirect("timesheets:week", week)
    sheet = _sheet(member_of(request), week)
    wanted = [row for row in sheet.rows if (row.platform_id, row.campaign_id) in pairs]
    return render(request, "timesheets/_added.html", {"grid": sheet, "rows": wanted})


def _sheet(member: User, week: Week) -> grid.Grid:
    return grid.build(member=member, week=week, today=timezone.localdate())


@require_POST
@role_required(*EVERYONE)
def copy_rows(request: HttpRequest, week: Week) -> HttpResponse:
    """Take over last week's rows; the reply is the new ones."""
    if is_anothers_page(request):
        return not_your_page()
    try:
        new = week_rows.copy_rows(
            member=member_of(request), source=week.previous, target=week, today=timezone.localdate()
        )
    except hours.Locked as locked:
        messages.error(request, str(locked))
        return _back(request, week, [])
    if new:
        sentence = ngettext("%(count)s row copied from last week.", "%(count)s rows copied from last week.", len(new))
        messages.success(request, sentence % {"count": len(new)})
    else:
        messages.info(request, _("Last week has no row that is not here already."))
    return _back(request, week, new)


@require_POST
@role_required(*EVERYONE)
def copy_hours(request: HttpRequest, week: Week) -> HttpResponse:
    """Take over last week's rows and fill the empty cells with its hours; the reply is every row and sum."""
    if is_anothers_page(request):
        return not_your_page()
    try:
        filled = week_rows.copy_hours(
            member=member_of(request), source=week.previous, target=week, today=timezone.localdate()
        )
    except hours.HoursRefused as refused:
        messages.error(request, str(refused))
    else:
        _tell_filled(request, filled)
    if not getattr(request, "htmx", False):
        return redirect("timesheets:week", week)
    return render(request, "timesheets/_filled.html", {"grid": _sheet(member_of(request), week)})


def _tell_filled(request: HttpRequest, filled: int) -> None:
    if filled:
        sentence = ngettext("%(count)s cell filled from last week.", "%(count)s cells filled from last week.", filled)
        messages.success(request, sentence % {"count": filled})
    else:
        messages.info(request, _("Last week has no hours for a cell that is empty here."))


@require_POST
@role_required(*EVERYONE)
def pin_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Show a row in each new week, or no longer (`off`); the reply is its button."""
    member, form = member_of(request), RowForm(request.POST)
    if is_anothers_page(request):
        return not_your_page()
    is_off = "off" in request.POST
    try:
        if is_off:
            week_rows.unpin(
                member=member, week=week, platform_id=pk_in(request, "platform"), campaign_id=pk_in(request, "campaign")
            )
        elif form.is_valid():
            week_rows.pin(member=member, week=week, **form.cleaned_data)
        else:
            return _said(request, _("Only a platform and a campaign that are in use can be pinned."), 422)
    except ValueError:
        return no_such_row()
    except hours.HoursRefused as refused:
        return _said(request, str(refused), 423)
    row = next((row for row in _sheet(member, week).rows if row.key == _key(request)), None)
    return render(request, "timesheets/_pin.html", {"row": row, "is_answer": True})


def _key(request: HttpRequest) -> str:
    return f"{pk_in(request, 'platform')}-{pk_in(request, 'campaign')}"


def _said(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "timesheets/_refused.html", {"sentence": sentence}, status=status)


@require_POST
@role_required(*EVERYONE)
def remove_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Take a row away; asks first (409) when it has hours. The reply can bring it back."""
    member = member_of(request)
    if is_anothers_page(request):
        return not_your_page()
    try:
        platform_id, campaign_id = pk_in(request, "platform"), pk_in(request, "campaign")
    except ValueError:
        return no_such_row()
    place = {"platform_id": platform_id, "campaign_id": campaign_id}
    try:
        removed = week_rows.remove_row(member=member, week=week, with_hours="with_hours" in request.POST, **place)
    except week_rows.HasHours as has:
        context = {"row_key": _key(request), "hours": hours.format_minutes(has.minutes, member), **place}
        return render(request, "timesheets/_ask_remove.html", context, status=409)
    except hours.Locked as locked:
        return _said(request, str(locked), 423)
    context = {"grid": _sheet(member, week), "token": _token(member, week, removed), "seconds": UNDO_SECONDS}
    response = render(request, "timesheets/_removed.html", context)
    response["HX-Trigger"] = json.dumps({"hours:removed": {"row": _key(request)}})
    return response


def _token(member: User, week: Week, removed: week_rows.RemovedRow) -> str:
    """The removed row, signed, so that the page can hand it back but nobody can change it."""
    return signing.dumps(
        {
            "member": member.pk,
            "week": str(week),
            "place": [removed.platform_id, removed.campaign_id],
            "row": removed.was_added,
            "pinned": removed.pinned_since and removed.pinned_since.isoformat(),
            "cells": [(day.isoformat(), minutes, note) for day, minutes, note in removed.cells],
        },
        salt=REMOVED,
        compress=True,
    )


def _removed(token: str, member: User, week: Week) -> week_rows.RemovedRow:
    """Read the token back; BadSignature when it is old, somebody else's or of another week."""
    content = signing.loads(token, salt=REMOVED, max_age=UNDO_SECONDS + UNDO_LEEWAY)
    if (content["member"], content["week"]) != (member.pk, str(week)):
        raise signing.BadSignature
    return week_rows.RemovedRow(
        platform_id=content["place"][0],
        campaign_id=content["place"][1],
        was_added=bool(content["row"]),
        pinned_since=content["pinned"] and date.fromisoformat(content["pinned"]),
        cells=[(date.fromisoformat(day), minutes, note) for day, minutes, note in content["cells"]],
    )


@require_POST
@role_required(*EVERYONE)
def restore_row(request: HttpRequest, week: Week) -> HttpResponse:
    """Bring a removed row back with its hours and notes; the reply is the row and every sum."""
    member = member_of(request)
    if is_anothers_page(request):
        return not_your_page()
    try:
        removed = _removed(request.POST.get("removed", ""), member, week)
        week_rows.restore_row(member=member, week=week, removed=removed)
    except signing.BadSignature:
        return _said(request, _("It is too late to bring this row back: add it again."), 422)
    except hours.HoursRefused as refused:
        return _said(request, str(refused), 423)
    sheet, pair = _sheet(member, week), (removed.platform_id, removed.campaign_id)
    rows = [row for row in sheet.rows if (row.platform_id, row.campaign_id) == pair]
    return render(request, "timesheets/_restored.html", {"grid": sheet, "rows": rows})
