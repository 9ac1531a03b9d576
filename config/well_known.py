"""Addresses that programs look for on every site, under the names that are known to all."""

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

EXPIRES_AFTER = timedelta(days=90)  # what a reader may go by before asking again; RFC 9116 wants less than a year

PAPER = "#fbfaf7"  # as in static/css/tokens.css, by day


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116): SECURITY_CONTACT, else the address that e-mails come from."""
    contact = settings.SECURITY_CONTACT or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {(timezone.now() + EXPIRES_AFTER):%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: en, fr",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people whose password they found in a leak."""
    return redirect("account_change_password")


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Nothing here is for a search engine."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For what asks without reading the page, which names the icon."""
    return redirect(static("icon.svg"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone or computer needs to install the app, in the agency's language. Nothing is kept for use offline.

    Asked for without a session, so that it says nothing of the agency but its language.
    """
    language = request.agency.language  # type: ignore[attr-defined]
    with translation.override(language):
        described = {
            "name": _("Retour: hours and what they bring"),
            "description": _("Your week, and what the hours on each platform bring back."),
        }
    pictures = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("maskable-512.png", 512, "maskable"))
    content = {
        "id": "/",
        "short_name": "Retour",
        **described,
        "lang": language,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": static(f"icons/{name}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in pictures
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")
