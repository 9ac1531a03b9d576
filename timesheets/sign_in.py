"""Who may sign in, and how wrong passwords are counted (docs/adr/0012)."""

import time
from contextvars import ContextVar
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import middleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from campaigns.models import ApiToken
from core.statements import Given, Statement
from timesheets import sessions
from timesheets.middleware import remembered_agency
from timesheets.models import User

PERSON_WITH_TIMER = Statement(
    lambda: User.objects.select_related(*sessions.WITH_TIMER).filter(pk=Given("person")).order_by(),
    is_planned_once=True,
)
# Whose session it is that is being asked for its person: Django gives the backend a number alone.
_asked: ContextVar[sessions.SessionStore | None] = ContextVar("asked", default=None)


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's, which takes the person who was read with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    token = _asked.set(request.session)  # type: ignore[arg-type]
    try:
        return middleware.get_user(request)
    finally:
        _asked.reset(token)


class Backend(AuthenticationBackend):
    """Asked for the person of every request, so who may no longer sign in is out at once, open sessions included."""

    def get_user(self, user_id: int) -> User | None:
        """The person, as they were read with their session; else they are asked for."""
        person = getattr(_asked.get(), "person", None)
        if person is None or person.pk != user_id:
            person = PERSON_WITH_TIMER.first(person=user_id)
        return person if self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: User | None) -> bool:
        return user is not None and may_sign_in(user)


def may_sign_in(person: User) -> bool:
    """Whether the account is open today: not closed, and its last day at work not over in the agency's time zone."""
    if person.left_on is None:
        return person.is_active  # the usual case, without asking for the agency
    today = timezone.localdate(timezone=remembered_agency(time.monotonic()).zone)
    return person.is_active and today <= person.left_on


def hold_to(person: User) -> None:
    """After a change to a person: an address they no longer have signs in no more, nor do they who may not."""
    EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()
    if not may_sign_in(person):
        sessions.end(person)  # an account opened again brings none back
        ApiToken.objects.filter(person=person).revoke(timezone.now())


def address_tried(_request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The e-mail address somebody tried to sign in with, whatever its case: what wrong passwords are counted by."""
    tried = credentials or {}
    return str(tried.get("email") or tried.get("username") or "").strip().lower()[:255]


def network_of(request: HttpRequest) -> str | None:
    """The visitor's network address, read past our own proxies; None when there is none, as in a command."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None


def forget_wrong_passwords(person: User) -> None:
    """Open the way again: who has just chosen a new password has shown who they are."""
    AxesProxyHandler.reset_attempts(username=person.email)
