"""Second factors: who must have one, and keeping them at the door until they do."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from campaigns.models import Agency, SecurityEvent
from core.access import STEERING
from timesheets import account_emails, sessions
from timesheets.models import User

# Recovery codes stand in for one of these; alone they are none.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Where a second factor is set up, and where one signs out.
OPEN = "/accounts/"


def is_needed(person: User, agency: Agency) -> bool:
    return agency.needs_second_factor and person.role in STEERING


def has_one(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=KINDS).exists())


def can_do_without(authenticator: Authenticator, agency: Agency) -> bool:
    """Whether a person may remove this one: not the last one of somebody who must have one."""
    if authenticator.type not in KINDS or not is_needed(authenticator.user, agency):
        return True
    others = Authenticator.objects.filter(user=authenticator.user, type__in=KINDS).exclude(pk=authenticator.pk)
    return bool(others.exists())


def remove_all(person: User, *, by: Any = None) -> bool:
    """Take away every second factor of somebody who lost theirs, sign them out and tell them; False for none."""
    if not Authenticator.objects.filter(user=person).delete()[0]:
        return False
    sessions.end(person)
    SecurityEvent.record(SecurityEvent.Kind.SECOND_FACTOR, by=by, person=person)
    get_adapter().send_notification_mail(account_emails.SECOND_FACTOR_REMOVED, person)
    return True


def end_other_sessions(*, request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    """Whoever signed in elsewhere before there was a second factor has never been asked for it."""
    if authenticator.type in KINDS:
        sessions.end(user, but=request.session.session_key)


def require(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: who needs a second factor and has none gets no page but those where it is set up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        agency = getattr(request, "agency", None)
        if agency is None or request.path_info.startswith(OPEN) or not request.user.is_authenticated:
            return get_response(request)
        if not is_needed(request.user, agency) or has_one(request.user):
            return get_response(request)
        if "HX-Request" in request.headers:
            return HttpResponse(status=401)  # a redirect would put the page into a part of this one
        messages.info(request, _("Your agency asks for a second factor. Set it up here; then everything opens again."))
        return redirect(resolve_url("mfa_index"))

    return middleware
