"""When a person is away: for themselves, and for managers and directors."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.views.editing import posted, saved_once, writing
from campaigns.working_days import work_calendar
from core.access import EVERYONE, STEERING, log_refusal, role_required
from core.lists import pages_of
from core.weeks import Week
from timesheets.absences import AbsenceForm
from timesheets.models import Absence, User, lock_member
from timesheets.views.page import member_of

FREE_DAYS_AHEAD = timedelta(days=180)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*EVERYONE)
def own(request: HttpRequest) -> HttpResponse:
    """One's own absences."""
    return _page(request, member_of(request), then=reverse("timesheets:absences"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*STEERING)
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Those of somebody else, as that person sees them."""
    return _page(request, get_object_or_404(User, pk=pk), then=reverse("timesheets:absences_of", args=[pk]))


@require_POST
@role_required(*EVERYONE)
def remove_own(request: HttpRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence, pk=pk)
    if absence.member != member_of(request):
        log_refusal(request, 404)  # answered as if there were none
        raise Http404
    return _removed(request, absence, "timesheets:absences")


@require_POST
@role_required(*STEERING)
def remove(request: HttpRequest, pk: int, absence_pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence, pk=absence_pk, member__pk=pk)
    return _removed(request, absence, reverse("timesheets:absences_of", args=[pk]))


def _removed(request: HttpRequest, absence: Absence, then: str) -> HttpResponse:
    absence.delete()
    messages.success(request, _("Removed: %(days)s.") % {"days": absence})
    return redirect(then)


def _page(request: HttpRequest, person: User, *, then: str) -> HttpResponse:
    today = timezone.localdate()
    with writing(request):
        if request.method == "POST":
            lock_member(person.pk)  # of two that overlap, one waits and is refused
        form = AbsenceForm(posted(request), member=person, initial={"first_day": request.GET.get("first") or today})
        answer = (
            saved_once(request, form, _("Noted. No hours are expected then."), then=then) if form.is_bound else None
        )
    if answer:
        return answer
    absences = Absence.objects.filter(member=person)
    coming = absences.filter(last_day__gte=today).reverse()
    context = {
        **pages_of(request.GET, coming=coming, past=absences.filter(last_day__lt=today)),
        "person": person,
        "is_own": person == request.user,
        "form": form,
        "free": sorted(work_calendar(today, today + FREE_DAYS_AHEAD).free.items()),
        "week": Week.containing(today),
    }
    return render(request, "timesheets/absences.html", context, status=422 if form.is_bound else 200)
