"""Sessions: rows as Django's, which end so long after the last request, and a person's own list of theirs.

A row's `expire_date` is its last request plus the idle limit, so that a session left alone ends by itself and is swept
up like any other that is over. What else is known of it (since when, in which browser) stands in the session and goes
with it. Whose it is stands there too, signed, and beside it in a column, by which it is read together with the person
and found to be ended (docs/adr/0061). Nobody's network address is kept.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from campaigns.models import SecurityEvent
from core import browsers
from core.identity import SIGNED_IN_AT
from core.statements import Given, Statement
from timesheets import known_browsers
from timesheets.models import Session, User

log = logging.getLogger(__name__)

BROWSER = "browser"  # in a session: what `browsers.name_of` gives
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
# How often a row is written while somebody works: an idle limit is kept to within a few minutes.
STEP = timedelta(minutes=5)
# A page that lies open asks for these by itself: nobody is at work.
ASKED_BY_PAGES = ("reports:freshness", "campaigns:import_progress")

# What is read with a person: the head of each page shows their timer without asking again.
WITH_TIMER = ("timer__platform", "timer__campaign__client")
OPEN_SESSION = Statement(
    lambda: Session.objects.select_related(*(f"person__{path}" for path in WITH_TIMER)).filter(
        session_key=Given("key"), expire_date__gt=Given("now")
    ),
    is_planned_once=True,
)


def idle_limit() -> timedelta:
    return settings.SESSION_IDLE or LONGEST


class SessionStore(db.SessionStore):
    """Django's, with an end that moves along with each use and one that does not, and with whose it is.

    The name is Django's too: it is part of what a session is signed with.
    """

    expires_at: datetime | None = None
    person: User | None = None  # as they were read with the session

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = OPEN_SESSION.first(key=self.session_key, now=timezone.now())
        data: dict[str, Any] = self.decode(row.session_data) if row else {}
        if row is None or is_too_old(data) or row.person_id != person_in(data):
            self._session_key = None
            return {}
        self.expires_at, self.person = row.expire_date, row.person
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.person_id = person_in(data)
        return row

    def get_expiry_date(self, **_kwargs: Any) -> datetime:
        return timezone.now() + idle_limit()

    def touch(self) -> bool:
        """Move the end along, unless that was done a moment ago; what the session holds is not written again."""
        end = self.get_expiry_date()
        if not self.session_key or self.expires_at is None or self.expires_at > end - min(STEP, idle_limit() / 10):
            return False
        return bool(self.model.objects.filter(session_key=self.session_key).update(expire_date=end))


def is_too_old(data: dict[str, Any]) -> bool:
    return bool(time.time() - data.get(SIGNED_IN_AT, time.time()) > LONGEST.total_seconds())


def person_in(data: dict[str, Any]) -> int | None:
    """Whom the signed data of a session name, by number."""
    return int(data[SESSION_KEY]) if SESSION_KEY in data else None


def keep_alive(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: who is at work stays signed in, and their browser known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if person := getattr(request, "signed_in", None):
            known_browsers.remember(request, response, person)
        elif is_at_work(request) and touch(request):
            known_browsers.remember(request, response, request.user)  # type: ignore[arg-type]
        return response

    return middleware


def is_at_work(request: HttpRequest) -> bool:
    match = request.resolver_match
    by_itself = match is not None and match.view_name in ASKED_BY_PAGES
    return request.session.accessed and not by_itself and request.user.is_authenticated


def touch(request: HttpRequest) -> bool:
    """A database that cannot be written to is no reason not to show a page."""
    try:
        return bool(request.session.touch())  # type: ignore[attr-defined]
    except DatabaseError as error:
        log.warning("the end of a session was not moved along: %s", error)
        return False


def begin(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    """Note in a session that has just been made what its person will want to know of it; tell of a new browser.

    The person was not signed in before this: `last_login` is still that of the time before.
    """
    known_browsers.tell_of_new(request, user)
    SecurityEvent.record(SecurityEvent.Kind.SIGNED_IN, by=user, person=user)
    request.signed_in = user  # type: ignore[attr-defined]
    request.session[SIGNED_IN_AT] = int(time.time())
    request.session[BROWSER] = browsers.name_of(request.META.get("HTTP_USER_AGENT", ""))


# -- a person's own ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's sessions. `mark` names it without being its key, which opens the account."""

    key: str
    browser: list[str]
    since: datetime | None
    last_seen: datetime
    is_this: bool

    @property
    def mark(self) -> str:
        return mark_of(self.key)

    @property
    def in_words(self) -> str:
        return browsers.in_words(self.browser)


def mark_of(key: str) -> str:
    return salted_hmac("timesheets.sessions", key).hexdigest()[:16]


def of_person(person: User, *, this: str | None, at: datetime) -> list[OpenSession]:
    """Where a person is signed in: this session first, then the ones used last."""
    hashes = {person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()}
    rows = ((row, row.get_decoded()) for row in Session.objects.filter(person=person, expire_date__gt=at))
    sessions = [
        OpenSession(
            key=row.session_key,
            browser=data.get(BROWSER, ["", ""]),
            since=datetime.fromtimestamp(data[SIGNED_IN_AT], UTC) if SIGNED_IN_AT in data else None,
            last_seen=row.expire_date - idle_limit(),
            is_this=row.session_key == this,
        )
        for row, data in rows
        if data.get(HASH_SESSION_KEY) in hashes  # else a new password has closed it
    ]
    return sorted(sessions, key=lambda session: (session.is_this, session.last_seen), reverse=True)


def end(person: User, *, but: str | None = None, mark: str | None = None) -> int:
    """End a person's sessions, `but` the one of this key, or only the one of this mark; return how many these were."""
    theirs = Session.objects.filter(person=person, expire_date__gt=timezone.now())
    keys = theirs.values_list("session_key", flat=True)
    chosen = [key for key in keys if key != but and mark in (None, mark_of(key))]
    return Session.objects.filter(session_key__in=chosen).delete()[0]
