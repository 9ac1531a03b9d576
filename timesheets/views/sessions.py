"""Where a person is signed in, and ending that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.access import EVERYONE, role_required
from timesheets import sessions
from timesheets.models import User


@require_http_methods(["GET", "POST"])
@role_required(*EVERYONE)
def show(request: HttpRequest) -> HttpResponse:
    """A person's own sessions. `end` is the mark of one to end; without it all others end."""
    person: User = request.user  # type: ignore[assignment]
    this = request.session.session_key
    if request.method == "POST":
        ended = sessions.end(person, but=this, mark=request.POST.get("end"))
        _say(request, ended)
        return redirect("timesheets:sessions")
    open_sessions = sessions.of_person(person, this=this, at=timezone.now())
    return render(request, "timesheets/sessions.html", {"sessions": open_sessions, "others": len(open_sessions) - 1})


def _say(request: HttpRequest, ended: int) -> None:
    if ended:
        sentence = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended)
        messages.success(request, sentence % {"count": ended})
    else:
        messages.info(request, _("There was nothing to end: that session is over, or it is this one."))
