"""Flags: read, taken note of, put off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import Agency
from core.access import STEERING, Role, role_required
from core.lists import clean, page_of, pages_of
from reports.models import BUDGETS_OF_MANAGERS, Flag
from reports.verdicts.budget_flags import open_alerts
from reports.verdicts.flags import MOST_WEEKS_SNOOZED, flag_lists, take_back, views_of_lists

LONGEST_NOTE = 500


@require_safe
@role_required(*STEERING)
def flags(request: HttpRequest) -> HttpResponse:
    """A director's flags; of a manager's alone the alerts of budgets of hours and bills (docs/adr/0034)."""
    at, agency = timezone.now(), Agency.current()
    week = agency.last_complete_week(at)
    if getattr(request.user, "role", None) != Role.DIRECTOR:
        alerts = page_of(open_alerts(week, agency, kinds=BUDGETS_OF_MANAGERS), request.GET)
        return render(request, "reports/budget_alerts.html", alerts)
    pages = pages_of(request.GET, **flag_lists())
    return render(request, "reports/flags.html", pages | views_of_lists(pages["open"], pages["past"], week, at))


@require_POST
@role_required(Role.DIRECTOR)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take note of a flag; a second click changes nothing."""
    flag = get_object_or_404(Flag.objects.open(), pk=pk)
    if flag.acknowledged_at is None:
        note = request.POST.get("note", "").replace("\x00", "").strip()[:LONGEST_NOTE]
        flag.acknowledge(at=timezone.now(), by=request.user, note=note)
    messages.success(request, _("Noted: %(flag)s.") % {"flag": flag})
    return _back(request)


@require_POST
@role_required(Role.DIRECTOR)
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a flag off for some weeks."""
    flag = get_object_or_404(Flag.objects.open(), pk=pk)
    text = clean(request.POST.get("weeks", ""))
    weeks = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= weeks <= MOST_WEEKS_SNOOZED:
        messages.error(request, _("Give a number of weeks from 1 to %(most)s.") % {"most": MOST_WEEKS_SNOOZED})
        return _back(request)
    flag.snooze(at=timezone.now(), weeks=weeks)
    messages.success(
        request,
        ngettext("%(flag)s is put off for %(weeks)s week.", "%(flag)s is put off for %(weeks)s weeks.", weeks)
        % {"flag": flag, "weeks": weeks},
    )
    return _back(request)


@require_POST
@role_required(Role.DIRECTOR)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the note or the snooze of a flag."""
    flag = get_object_or_404(Flag.objects.open().select_related("platform", "campaign", "acknowledged_by"), pk=pk)
    if take_back(flag, by=request.user):
        messages.success(request, _("Taken back: %(flag)s waits for an answer again.") % {"flag": flag})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("reports:dashboard" if request.POST.get("back") == "dashboard" else "reports:flags")
