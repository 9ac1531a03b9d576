"""A member's own week: handed in, as a whole or by day, and taken back."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import EVERYONE, role_required
from core.weeks import Week
from timesheets.forms import ReopenForm
from timesheets.models import Timesheet
from timesheets.views.page import is_anothers_page, member_of


@require_POST
@role_required(*EVERYONE)
def submit(request: HttpRequest, week: Week) -> HttpResponse:
    """Hand the week in, with hours or with nothing; `through` hands in its days up to that one alone."""
    if is_anothers_page(request):
        messages.error(request, _("This page was opened by someone else. Look at your own week, then submit it."))
        return redirect("timesheets:week", week)
    try:
        through = date.fromisoformat(request.POST["through"]) if request.POST.get("through") else None
        Timesheet.of(member_of(request), week).submit(at=timezone.now(), through=through)
        messages.success(request, _("Submitted. Thank you."))
    except ValueError:
        messages.error(request, _("This day is not in the week."))
    except Timesheet.AlreadySubmitted:
        messages.info(request, _("This was submitted already."))
    return redirect("timesheets:week", week)


@require_POST
@role_required(*EVERYONE)
def take_back(request: HttpRequest, week: Week) -> HttpResponse:
    """Reopen one's own week, with a reason that is kept; what a manager has approved only a manager reopens."""
    form = ReopenForm(request.POST)
    if is_anothers_page(request):
        messages.error(request, _("This page was opened by someone else. Look at your own week first."))
    elif not form.is_valid():
        messages.error(request, _("Say why the week is reopened."))
    else:
        try:
            Timesheet.of(member_of(request), week).take_back(reason=form.cleaned_data["reason"])
            messages.success(request, _("The week is open again. Submit it when it is right."))
        except Timesheet.NotReopened:
            messages.info(request, _("There is nothing here that you can reopen yourself."))
    return redirect("timesheets:week", week)
