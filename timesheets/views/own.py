"""A person's own pages: what they logged, and what they set."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.models import Campaign
from core.access import EVERYONE, role_required
from core.lists import no_choice
from core.spreadsheets import csv_response
from core.weeks import Week
from timesheets import durations, history, reminders
from timesheets.forms import PeriodForm, ProfileForm
from timesheets.models import TimeEntry, User

HEADER = ("date", "email", "platform", "campaign", "hours", "note")
USUAL_WEEKS = 13


@require_GET
@role_required(*EVERYONE)
def my_hours(request: HttpRequest) -> HttpResponseBase:
    """A member's own history over some weeks, by week, platform or campaign; `format=csv` to take it away."""
    member: User = request.user  # type: ignore[assignment]
    this_week = Week.containing(timezone.localdate())
    form = PeriodForm(request.GET if {"first", "last"} & set(request.GET) else None)
    first, last = form.weeks() or (this_week.plus(1 - USUAL_WEEKS), this_week)
    # A file has no room for a sentence: of weeks that there cannot be, the page is the answer.
    if request.GET.get("format") == "csv" and not form.errors:
        return csv_response(f"hours-{first}-{last}.csv", HEADER, _exported(member, first, last))
    wanted = request.GET.get("by", "")
    by = wanted if wanted in history.GROUPINGS else "week"
    groups = history.grouped(member, first, last, by=by)
    context = {
        "groups": groups,
        "by": by,
        "form": form if form.errors else PeriodForm({"first": str(first), "last": str(last)}),
        "minutes": sum(group.minutes for group in groups),
        "problems": [no_choice(_("Grouped by"), wanted)] if wanted not in ("", by) else [],
    }
    return render(request, "timesheets/my_hours.html", context)


def _exported(member: User, first: Week, last: Week) -> Iterator[tuple[object, ...]]:
    """Entries in the shape that the importer reads back: names that two campaigns share come with their client."""
    names = history.campaign_names(Campaign.objects.select_related("client"))
    entries = TimeEntry.objects.of(member).in_weeks(first, last).select_related("platform").order_by("day", "pk")
    for entry in entries.iterator(chunk_size=2000):
        hours = durations.format_decimal(entry.minutes)
        yield entry.day, member.email, entry.platform.name, names[entry.campaign_id], hours, entry.note


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
