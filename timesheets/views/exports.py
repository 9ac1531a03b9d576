"""Everybody's hours on their way out, for who steers; what they cost for directors alone."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import export_formats
from campaigns.exports_guard import recorded_export
from core.access import STEERING, role_required
from core.spreadsheets import or_the_page
from core.weeks import Week
from timesheets import hours_export
from timesheets.forms import PeriodForm
from timesheets.models import TimeEntry, User
from timesheets.views.team import EXPORTED_WEEKS


@require_safe
@role_required(*STEERING)
@recorded_export("hours", "timesheets:team", of_people=True)
@or_the_page("timesheets:team")
def team_hours(request: HttpRequest) -> HttpResponseBase:
    """The hours of all people in some weeks, else in the last quarter. A director adds their cost by `rates=yes`."""
    this_week = Week.containing(timezone.localdate())
    usual = {"first": str(this_week.plus(1 - EXPORTED_WEEKS)), "last": str(this_week)}
    form = PeriodForm(request.GET if {"first", "last"} & set(request.GET) else usual)
    weeks = form.weeks()
    if weeks is None:
        messages.error(request, " ".join(str(sentence) for of_field in form.errors.values() for sentence in of_field))
        return redirect("timesheets:team")
    name = f"hours-of-the-team-{weeks[0]}-{weeks[1]}"
    entries = TimeEntry.objects.in_weeks(*weeks)
    if not _wants_rates(request):
        return export_formats.response(request.GET, name, hours_export.HEADER, hours_export.hours(entries))
    lines = hours_export.hours_with_rates(entries)
    return export_formats.response(request.GET, f"{name}-with-rates", hours_export.HEADER_WITH_RATES, lines)


def _wants_rates(request: HttpRequest) -> bool:
    """Whether the rates are asked for: refused to a manager rather than left out, so that no file is another."""
    reader: User = request.user  # type: ignore[assignment]
    if "rates" in request.GET and not reader.is_director:
        raise PermissionDenied
    return request.GET.get("rates") == "yes"
