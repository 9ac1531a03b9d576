"""Reminding all who have not submitted a week, from one link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core import task_queue
from core.access import STEERING, role_required
from core.lists import pages_of
from core.week_names import week_name
from core.weeks import Week
from timesheets import grid, missing_hours, reminders
from timesheets.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*STEERING)
def remind_missing(request: HttpRequest, week: Week) -> HttpResponse:
    """Opening the link only asks: mail programs open links. Posting reminds who is still missing by then."""
    at = timezone.now()
    if week > Week.containing(timezone.localdate()):
        messages.error(
            request, _("Week %(week)s has not begun: nobody can have submitted it.") % {"week": week_name(week)}
        )
        return redirect("timesheets:team")
    if request.method == "POST":
        _remind(request, week)
        return redirect(f"{reverse('timesheets:team')}?week={week}")
    lately = reminders.reminded_lately(week, at=at)
    people = missing_hours.missing(week)
    lists = pages_of(
        request.GET,
        people=[person for person in people if person.pk not in lately],
        reminded=[lately[person.pk] for person in people if person.pk in lately],
    )
    context = lists | {"week": week, "title": grid.title(week)}
    return render(request, "timesheets/remind_missing.html", context)


def _remind(request: HttpRequest, week: Week) -> None:
    asker: User = request.user  # type: ignore[assignment]
    asked = reminders.ask_missing(week, by=asker, at=timezone.now())
    for reminder in asked:
        task_queue.enqueue_on_commit("timesheets.remind", reminder_id=reminder.pk)
    if asked:
        sentence = ngettext("%(count)s reminder is on its way.", "%(count)s reminders are on their way.", len(asked))
        messages.success(request, sentence % {"count": len(asked)})
    else:
        messages.info(request, _("Nobody was reminded: all have submitted, or were reminded within the last day."))
