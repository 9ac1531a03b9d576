"""Who may see what: the three roles and the guard that names them."""

import functools
import logging
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


class Role(models.TextChoices):
    """What a person may see: a member their own hours, a manager the work, a director the money."""

    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    DIRECTOR = "director", _("Director")


EVERYONE = (Role.MEMBER, Role.MANAGER, Role.DIRECTOR)
STEERING = (Role.MANAGER, Role.DIRECTOR)


def role_required(*roles: Role) -> Callable[[View], View]:
    """Let only these roles in: anonymous people go to sign-in and come back, others get a 403 that is logged."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated and "HX-Request" in request.headers:
                return HttpResponse(status=401)  # a redirect would put the sign-in page into a part of this one
            if not request.user.is_authenticated:
                return redirect(f"{resolve_url('account_login')}?{urlencode({'next': request.get_full_path()})}")
            if getattr(request.user, "role", None) not in roles:
                log.warning("refused user=%s role=%s path=%s", request.user.pk, request.user.role, request.path)
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
