"""The days on which the agency does not work, for the director: public holidays, and its own."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import working_days
from campaigns.forms import AgencyDayForm, HolidaysForm
from campaigns.models import Agency, AgencyDay
from campaigns.views.editing import posted, saved, wanted, writing
from core.access import Role, role_required

YEARS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the list: free or worked; `own` is what the agency itself said of it, None for a public holiday."""

    day: date
    name: str
    own: AgencyDay | None

    @property
    def is_free(self) -> bool:
        return self.own is None or self.own.is_free


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """Choose the public holidays; `preview` shows the days of a choice without saving it."""
    with writing(request):
        agency = wanted(request, Agency.objects.all(), Agency.current().pk)
        form = HolidaysForm(posted(request), instance=agency, year=timezone.localdate().year)
        if form.is_bound and form.is_valid() and "preview" not in request.POST and saved(form):
            messages.success(request, _("Saved. Weeks, reminders and what is missing follow these days from now on."))
            return redirect("campaigns:holidays")
    return _page(request, agency, form, AgencyDayForm())


@role_required(Role.DIRECTOR)
@require_POST
def agency_day(request: HttpRequest) -> HttpResponse:
    """Add a free day, or say of a public holiday that it is worked."""
    form = AgencyDayForm(request.POST)
    if form.is_valid() and saved(form):
        messages.success(request, _("Nobody works then.") if form.instance.is_free else _("This day is worked."))
        return redirect("campaigns:holidays")
    agency = Agency.current()
    return _page(request, agency, HolidaysForm(instance=agency, year=timezone.localdate().year), form)


@role_required(Role.DIRECTOR)
@require_POST
def agency_day_remove(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        wanted(request, AgencyDay.objects.all(), pk).delete()
    messages.success(request, _("Removed. The day is again as the calendar has it."))
    return redirect("campaigns:holidays")


def _page(request: HttpRequest, agency: Agency, form: HolidaysForm, day_form: AgencyDayForm) -> HttpResponse:
    """The agency may be one that is not saved: then the list is a preview."""
    context = {
        "form": form,
        "day_form": day_form,
        "days": _listed(agency, timezone.localdate().year),
        "is_known": working_days.has_holidays(agency.country),
        "is_preview": form.is_bound and form.is_valid(),
    }
    is_refused = (form.is_bound and not form.is_valid()) or day_form.is_bound
    return render(request, "campaigns/holidays.html", context, status=422 if is_refused else 200)


def _listed(agency: Agency, year: int) -> list[CalendarDay]:
    """Every day of this year and the next that is free, or would be."""
    first, last = date(year, 1, 1), date(year + YEARS_SHOWN - 1, 12, 31)
    public = dict(working_days.holidays_between(agency, first, last)) if agency.keeps_public_holidays else {}
    days = {day: CalendarDay(day, name, None) for day, name in public.items()}
    for own in AgencyDay.between(first, last):
        days[own.day] = CalendarDay(own.day, own.name, own)
    return [days[day] for day in sorted(days)]
