"""Who signed in, was refused, changed a role or a rate, took data out or erased it: for directors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.models import SecurityEvent
from core.access import Role, role_required
from operations import security_log


@require_safe
@role_required(Role.DIRECTOR)
def events(request: HttpRequest) -> HttpResponse:
    listed = security_log.EVENTS.of(SecurityEvent.objects.select_related("by", "person"), request.GET)
    rows = [(event, security_log.doer(event), security_log.in_words(event)) for event in listed.page]
    return render(request, "operations/security.html", {"listed": listed, "rows": rows})
