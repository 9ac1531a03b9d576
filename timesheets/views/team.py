"""The team's page, for managers and directors, and the people in it, for directors."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.access import STEERING, Role, role_required
from campaigns.fields import WeekField
from campaigns.weeks import Week
from timesheets import grid, hours, team
from timesheets.forms import PersonForm, ReopenForm
from timesheets.models import Timesheet, User


@require_GET
@role_required(*STEERING)
def show(request: HttpRequest) -> HttpResponse:
    """Hours by person and platform in one week, submitted, open or missing; what a director adds is for them alone."""
    today = timezone.localdate()
    week = chosen_week(request.GET.get("week", "")) or Week.containing(today)
    sheet = team.of_week(week, today=today)
    context: dict[str, Any] = {
        "team": sheet,
        "title": grid.title(week),
        "this_week": Week.containing(today),
        "counts": sheet.counts(),
    }
    if getattr(request.user, "role", None) == Role.DIRECTOR:
        people = User.objects.with_rate_on(today).order_by(F("left_on").desc(nulls_first=True), "name")
        context |= {"people": list(people), "uncosted": hours.without_rate(week, week)}
    return render(request, "timesheets/team.html", context)


def chosen_week(text: str) -> Week | None:
    """The week that a week field sent, None when it is none."""
    try:
        return Week(WeekField(required=False).clean(text))
    except (ValidationError, AttributeError):
        return None


@require_POST
@role_required(*STEERING)
def reopen(request: HttpRequest, pk: int, week: Week) -> HttpResponse:
    """Give a submitted week back to its person, with a reason that is kept."""
    timesheet = get_object_or_404(Timesheet.objects.select_related("member"), member=pk, week=week.monday)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the week is reopened."))
    elif not timesheet.is_locked:
        messages.info(request, _("This week is open already."))
    else:
        timesheet.reopen(reason=form.cleaned_data["reason"])
        messages.success(
            request, _("Week %(week)s of %(person)s is open.") % {"week": week, "person": timesheet.member}
        )
    return redirect(f"{reverse('timesheets:team')}?week={week}")


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
def add_person(request: HttpRequest) -> HttpResponse:
    """Add a person and send them a link to set their password."""
    form = PersonForm(request.POST if request.method == "POST" else None, initial={"joined_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        person = form.save()
        get_adapter(request).invite(person)
        told = _("%(person)s was added, and an e-mail to set a password was sent to %(email)s.")
        messages.success(request, told % {"person": person, "email": person.email})
        return redirect("timesheets:rates", person.pk)
    return render(request, "timesheets/person.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
def edit_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person; `invite` sends the link to set a password again."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST" and "invite" in request.POST:
        get_adapter(request).invite(person)
        messages.success(request, _("An e-mail to set a password was sent to %(email)s.") % {"email": person.email})
        return redirect("timesheets:person", pk)
    form = PersonForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("timesheets:team")
    status = 422 if form.errors else 200
    # Read again: the form has written what was refused into its own instance.
    return render(request, "timesheets/person.html", {"form": form, "person": User.objects.get(pk=pk)}, status=status)
