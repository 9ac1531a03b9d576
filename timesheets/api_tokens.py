"""Tokens of programs: who gives them, what they are worth at this moment, and how they end (docs/adr/0038)."""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import ApiToken, SecurityEvent
from core.access import Role
from core.api.access import NOUNS, READ, WRITE, Caller, lower_of
from core.api.gate import is_api
from timesheets import second_factor, sign_in
from timesheets.middleware import remembered_agency
from timesheets.models import User

log = logging.getLogger(__name__)

SCHEME = "bearer"
LONGEST_TEXT = 200
NO_SUCH_TOKEN = _("There is no such token, or it is revoked or has expired.")
SECOND_FACTOR_FIRST = _("Whose token this is must set up a second factor first.")


# -- giving and ending ------------------------------------------------------------------------------------------------


def give(
    *, name: str, role: Role, scopes: Collection[str], expires_at: datetime | None, by: User, person: User | None
) -> tuple[ApiToken, str]:
    """Make a token for a person, or for a service without one; return it with its text, which is told this once."""
    if person is None and (not by.is_director or role == Role.DIRECTOR):
        raise ValueError("a service has a role below director, and a director gives it")
    with transaction.atomic():
        token, text = ApiToken.make(
            name=name,
            role=role,
            scopes=sorted(scopes),
            person=person,
            made_by=by,
            made_at=timezone.now(),
            expires_at=expires_at,
        )
        SecurityEvent.record(SecurityEvent.Kind.TOKEN_MADE, by=by, person=person, detail=f"token {token.pk}")
    return token, text


def revoke(token: ApiToken, *, by: User | None) -> bool:
    """End a token now; False when it had ended already."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk).revoke(timezone.now()):
            return False
        SecurityEvent.record(
            SecurityEvent.Kind.TOKEN_REVOKED, by=by, person=token.person_id, detail=f"token {token.pk}"
        )
    return True


@dataclass(frozen=True, slots=True)
class RightsInWords:
    """What a token may, by the names that the form has for it."""

    writes: str
    reads: str


def in_words(token: ApiToken) -> RightsInWords:
    """What it reads and writes, and what it reads only."""
    writes = [noun for noun in NOUNS if f"{noun}:{WRITE}" in token.scopes]
    reads = [noun for noun in NOUNS if f"{noun}:{READ}" in token.scopes and noun not in writes]
    return RightsInWords(writes=_listed(writes), reads=_listed(reads))


def _listed(nouns: Collection[str]) -> str:
    return " · ".join(str(NOUNS[noun]) for noun in nouns)


# -- reading ----------------------------------------------------------------------------------------------------------


def read_token(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: whoever asks `/api/` is who their token says, and nobody without one, whatever else they send."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            request.user = AnonymousUser()
            if text := text_of(request):
                _let_in(request, text)
        return get_response(request)

    return middleware


def text_of(request: HttpRequest) -> str:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == SCHEME and len(text) <= LONGEST_TEXT else ""


def _let_in(request: Any, text: str) -> None:
    at = timezone.now()
    token = ApiToken.objects.of(text, at)
    person: Any = token.person if token else None
    if token is None or (person and not sign_in.may_sign_in(person)):
        request.not_let_in = NO_SUCH_TOKEN
    elif person and lacks_second_factor(person):
        request.not_let_in = SECOND_FACTOR_FIRST
    else:
        request.caller = caller_with(token)
        request.user = person or AnonymousUser()
        note_use(token, at)


def lacks_second_factor(person: User) -> bool:
    is_needed = second_factor.is_needed(person, remembered_agency(time.monotonic()))
    return is_needed and not second_factor.has_one(person)


def caller_with(token: ApiToken) -> Caller:
    """What the token is worth now: never more than when it was given, nor than its person may."""
    person: Any = token.person
    role = lower_of(token.role, person.role) if person else Role(token.role)
    return Caller(token_id=token.pk, role=role, scopes=frozenset(token.scopes), person=person)


def note_use(token: ApiToken, at: datetime) -> None:
    """A database that cannot be written to is no reason not to answer."""
    try:
        token.note_use(at)
    except DatabaseError as error:
        log.warning("the use of a token was not noted: %s", error)


def expiry(days: int, at: datetime) -> datetime | None:
    return at + timedelta(days=days) if days else None
