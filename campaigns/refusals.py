"""Middleware: who is signed in and refused a page leaves a security event."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from campaigns.models import SecurityEvent

log = logging.getLogger(__name__)


def record_refusals(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            _record(request)
        return response

    return middleware


def _record(request: HttpRequest) -> None:
    """What cannot be written down is refused all the same."""
    match = request.resolver_match
    try:
        SecurityEvent.record(SecurityEvent.Kind.REFUSED, by=request.user, detail=match.view_name if match else "")
    except DatabaseError as error:
        log.warning("a refusal was not recorded: %s", error)
