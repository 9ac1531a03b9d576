"""The first page: the director's dashboard, and the way on for everyone else."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Agency, AgencyDay
from core.access import EVERYONE, Role, role_required
from core.lists import pages_of
from reports.pages import first_steps
from reports.pages.dashboard import freshness as read_freshness
from reports.pages.dashboard import read_dashboard
from reports.pages.dashboard_columns import PAGE_COLUMNS
from reports.pages.dashboard_counts import WITH_FIRST_STEPS, DashboardCounts
from reports.pages.figure_links import FigureLinks
from reports.views.report_form import read_form


@require_safe
@role_required(*EVERYONE)
def dashboard(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "role", None) != Role.DIRECTOR:
        return redirect("timesheets:this_week")
    at = timezone.now()
    agency, counts = _read_agency(request, at)
    form = read_form(request, at=at, agency=agency)
    links = FigureLinks(form.parameters())
    shown = read_dashboard(
        form.period, form.filters, links, agency=agency, at=at, platforms=form.platforms, counts=counts
    )
    context = {
        **pages_of(request.GET, platforms=shown.rows.platforms, changes=shown.changes, waiting=shown.waiting),
        "form": form,
        "dashboard": shown,
        "columns": PAGE_COLUMNS,
        "first_steps": None if agency.is_demo else first_steps.steps_of(agency),
    }
    return render(request, "reports/dashboard.html", context)


def _read_agency(request: HttpRequest, at: datetime) -> tuple[Agency, DashboardCounts | None]:
    """The agency and what is counted beside the figures, in one statement.

    The counts are of the week that the settings which the request began with say. None where those are of before a
    change that another process made: then they are counted for the right week.
    """
    known: Agency = request.agency  # type: ignore[attr-defined]
    week = known.last_complete_week(at)
    agency = first_steps.with_counts(request.user, WITH_FIRST_STEPS, sunday=week.sunday)  # type: ignore[arg-type]
    agency.known_days = AgencyDay.known_to(known)  # remembered as those settings are
    return agency, DashboardCounts.of(agency) if agency.last_complete_week(at) == week else None


@require_safe
@role_required(Role.DIRECTOR)
def freshness(request: HttpRequest) -> HttpResponse:
    """The note that says until when the figures are complete; the page asks again while they are not."""
    context = {"freshness": read_freshness(timezone.now()), "is_asked_again": True}
    return render(request, "reports/_freshness.html", context)
