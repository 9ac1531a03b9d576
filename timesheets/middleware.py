"""Each request in the agency's time zone and currency, and in the person's language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from campaigns import money
from campaigns.models import Agency


def localise(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: read the settings once, and speak the person's language, else the agency's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in ("/health", "/health/"):
            return get_response(request)  # must answer while the database does not
        agency = Agency.current()
        request.agency = agency  # type: ignore[attr-defined]
        language = getattr(request.user, "language", "") or agency.language
        with money.localised(language=language, country=agency.country, currency=agency.currency):
            timezone.activate(agency.zone)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
            response = get_response(request)
        timezone.deactivate()
        response.headers.setdefault("Content-Language", language)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def agency_context(request: HttpRequest) -> dict[str, object]:
    """Context processor: templates know the agency."""
    return {"agency": getattr(request, "agency", None)}
