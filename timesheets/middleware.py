"""Each request in the agency's time zone and currency, and in the person's language."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from campaigns.models import Agency
from core import money
from core.monitors import is_asked_by_monitors

# Every request needs the settings, which change a few times a year. Another process learns of a change this much later.
REMEMBERED_SECONDS = 5.0

_remembered: tuple[float, int, Agency] | None = None


def remembered_agency(now: float) -> Agency:
    """The settings, read at most every few seconds and after each change that this process made."""
    global _remembered
    if _remembered and now < _remembered[0] and _remembered[1] == Agency.changes_here:
        return _remembered[2]
    changes = Agency.changes_here  # counted before the row is read: a change in between makes it old at once
    agency = Agency.current()
    _remembered = now + REMEMBERED_SECONDS, changes, agency
    return agency


def localise(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: know the settings, and speak the person's language, else the agency's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_asked_by_monitors(request.path):
            return get_response(request)  # must answer while the database does not
        agency = remembered_agency(time.monotonic())
        request.agency = agency  # type: ignore[attr-defined]
        language = getattr(request.user, "language", "") or agency.language
        with money.localised(language=language, country=agency.country, currency=agency.currency):
            timezone.activate(agency.zone)
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
        timezone.deactivate()
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def agency_context(request: HttpRequest) -> dict[str, object]:
    """Context processor: templates know the agency."""
    return {"agency": getattr(request, "agency", None)}
