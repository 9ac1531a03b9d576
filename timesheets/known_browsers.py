"""Which browsers a person has signed in with, so that a sign-in from another one is told to them.

The browser itself knows, by a cookie that names nobody; nothing is stored here. Whoever clears the cookies of a browser
is told of it anew.
"""

from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from core import browsers
from timesheets.models import User

COOKIE, SALT = "known_to", "timesheets.known_browsers"
MOST_PEOPLE = 8  # of one browser, as on a computer that an office shares
KEPT_SECONDS = 60 * 60 * 24 * 365


def mark_of(person: User) -> str:
    return salted_hmac(SALT, str(person.pk)).hexdigest()[:16]


def marks_in(request: HttpRequest) -> Sequence[str]:
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT)).split(".")


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Let the browser know for a year from now that this person uses it."""
    mark = mark_of(person)
    others = [other for other in marks_in(request) if other not in ("", mark)]
    response.set_signed_cookie(
        COOKIE,
        ".".join([mark, *others][:MOST_PEOPLE]),
        salt=SALT,
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def tell_of_new(request: HttpRequest, person: User) -> None:
    """Tell a person by e-mail that somebody signed in as them where they have not been before.

    Nobody is told of the first time ever.
    """
    if person.last_login is None or mark_of(person) in marks_in(request):
        return
    name = browsers.name_of(request.META.get("HTTP_USER_AGENT", ""))
    get_adapter(request).send_new_browser_mail(person, name)
