"""Who may see what: the three roles, the guard that names them, and the log of whom it turned away."""

import functools
import logging
from collections.abc import Callable
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("retour.access")

View = Callable[..., HttpResponseBase]


class Role(models.TextChoices):
    """What a person may see: a member their own hours, a manager the work, a director the money."""

    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    DIRECTOR = "director", _("Director")


EVERYONE = (Role.MEMBER, Role.MANAGER, Role.DIRECTOR)
STEERING = (Role.MANAGER, Role.DIRECTOR)


def role_required(*roles: Role) -> Callable[[View], View]:
    """Let only these roles in: anonymous people go to sign-in and come back, others get a 403."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated and "HX-Request" in request.headers:
                return HttpResponse(status=401)  # a redirect would put the sign-in page into a part of this one
            if not request.user.is_authenticated:
                return redirect(f"{resolve_url('account_login')}?{urlencode({'next': request.get_full_path()})}")
            if getattr(request.user, "role", None) not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


# -- the log of refusals ----------------------------------------------------------------------------------------------

# Parts of an address that open something by themselves, and so must not stand in a log.
SECRET_PARTS = {"token", "key", "uidb36"}


def log_refusals(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every 401 and 403 leaves a line, whoever gave it: the guard, the CSRF check, the admin."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code in (401, 403):
            log_refusal(request, response.status_code)
        return response

    return middleware


def log_refusal(request: HttpRequest, status: int) -> None:
    """Say who was refused what. People by number, and nothing that was typed: a log holds no personal data."""
    match = request.resolver_match
    parts = match.kwargs.items() if match else ()
    named = [f"{name}={quote(str(value))}" for name, value in parts if name not in SECRET_PARTS]
    log.warning(
        "refused status=%s user=%s role=%s method=%s view=%s",
        status,
        request.user.pk or "nobody",
        getattr(request.user, "role", "nobody"),
        request.method,
        " ".join([(match.view_name if match else "") or "unnamed", *named]),
    )
