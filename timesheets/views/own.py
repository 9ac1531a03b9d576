"""A person's own pages: what they logged, and what they set."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from campaigns import export_formats
from core.access import EVERYONE, role_required
from core.list_words import no_choice
from core.lists import InvalidQuery
from core.weeks import Week
from timesheets import history, hours_export, reminders
from timesheets.forms import PeriodForm, ProfileForm
from timesheets.models import TimeEntry, User

USUAL_WEEKS = 13


@require_GET
@role_required(*EVERYONE)
def my_hours(request: HttpRequest) -> HttpResponseBase:
    """A member's own history over some weeks, by week, platform or campaign; `format` to take it away."""
    member: User = request.user  # type: ignore[assignment]
    this_week = Week.containing(timezone.localdate())
    form = PeriodForm(request.GET if {"first", "last"} & set(request.GET) else None)
    first, last = form.weeks() or (this_week.plus(1 - USUAL_WEEKS), this_week)
    problems = []
    # A file has no room for a sentence: of weeks and formats that there cannot be, the page is the answer.
    if "format" in request.GET and not form.errors:
        try:
            return _taken_out(request, first, last)
        except InvalidQuery as invalid:
            problems += invalid.args[0]
    wanted = request.GET.get("by", "")
    by = wanted if wanted in history.GROUPINGS else "week"
    groups = history.grouped(member, first, last, by=by)
    context = {
        "groups": groups,
        "by": by,
        "form": form if form.errors else PeriodForm({"first": str(first), "last": str(last)}),
        "minutes": sum(group.minutes for group in groups),
        "problems": [*problems, no_choice(_("Grouped by"), wanted)] if wanted not in ("", by) else problems,
    }
    return render(request, "timesheets/my_hours.html", context)


def _taken_out(request: HttpRequest, first: Week, last: Week) -> HttpResponseBase:
    entries = TimeEntry.objects.of(request.user).in_weeks(first, last)  # type: ignore[arg-type]
    return export_formats.response(
        request.GET, f"hours-{first}-{last}", hours_export.HEADER, hours_export.hours(entries)
    )


@require_http_methods(["GET", "POST"])
@role_required(*EVERYONE)
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, look, and how hours are written."""
    member: User = request.user  # type: ignore[assignment]
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=User.objects.get(pk=member.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(form.instance.language or translation.get_language()):  # that of the page to come
            messages.success(request, _("Saved."))
        return redirect("timesheets:profile")
    return render(request, "timesheets/profile.html", {"form": form}, status=422 if form.errors else 200)


@csrf_exempt  # a mail program posts here, without a cookie of ours (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def reminders_off(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link only asks: mail scanners open links. Posting to it turns the reminders off."""
    member = reminders.member_of(token)
    if member is None:
        raise Http404
    if request.method == "POST":
        reminders.turn_off(member)
        member.refresh_from_db()
    with translation.override(member.language or translation.get_language()):
        return render(request, "timesheets/reminders_off.html", {"member": member})
