"""Erasing a person who left, for directors."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.models import SecurityEvent
from core.access import Role, role_required
from core.identity import identity_required
from operations import erase_person
from timesheets import sign_in
from timesheets.models import TimeEntry, User

log = logging.getLogger(__name__)


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
@identity_required
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would go and what would stay, and ask: this cannot be taken back."""
    person = get_object_or_404(User, pk=pk)
    if erase_person.is_erased(person):
        messages.info(request, _("This person was erased already."))
        return redirect("timesheets:team")
    if request.method != "POST":
        return render(request, "operations/erase_person.html", {"person": person, **_held(person)})
    try:
        erase_person.erase_now(person, at=timezone.now())
    except erase_person.StillHere:
        messages.error(request, _("Nothing was erased: this person can still sign in."))
        return redirect("operations:erase_person", pk)
    except erase_person.HoursImportUnderWay:
        messages.error(request, _("A file of hours is being imported just now. Try again when it is done."))
        return redirect("operations:erase_person", pk)
    SecurityEvent.record(SecurityEvent.Kind.ERASED, by=request.user, person=person, detail="person")
    log.info("person=%s erased by user=%s", pk, request.user.pk)
    messages.success(request, _("Erased. The hours and what they cost stay."))
    return redirect(f"{reverse('timesheets:people')}?show=inactive")


def _held(person: User) -> dict[str, object]:
    entries = TimeEntry.objects.filter(member=person)
    return {
        "has_left": not sign_in.may_sign_in(person),
        "entries": entries.count(),
        "notes": entries.exclude(note="").count(),
    }
