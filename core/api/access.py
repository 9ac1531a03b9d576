"""Who asks: what a token may, and the guard that each address under `/api/` names."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.security import HttpBearer

from core.access import Role
from core.api.problems import Problem

READ, WRITE = "read", "write"
# What a token may be for; only some can be written.
NOUNS = {
    "hours": gettext_lazy("Hours"),
    "catalogue": gettext_lazy("Platforms, clients and campaigns"),
    "leads": gettext_lazy("Leads and touchpoints"),
    "sales": gettext_lazy("Sales and refunds"),
    "spend": gettext_lazy("Spend"),
    "exchange_rates": gettext_lazy("Exchange rates"),
    "outcomes": gettext_lazy("Outcomes"),
    "figures": gettext_lazy("Figures, verdicts, flags and summaries"),
    "decisions": gettext_lazy("Decisions, trials of limits, answers to flags"),
    "views": gettext_lazy("Saved views"),
}
READ_ONLY = ("figures",)
WRITTEN_BY_DIRECTORS = ("decisions",)
SCOPES = tuple(f"{noun}:{verb}" for noun in NOUNS for verb in (READ, WRITE) if verb == READ or noun not in READ_ONLY)
# A role never has more than the ones before it.
RANKS = (Role.MEMBER, Role.MANAGER, Role.DIRECTOR)


def nouns_of(role: Role) -> tuple[str, ...]:
    """What a token of this role can be for: a member has hours, and nothing else that is read here."""
    return ("hours",) if role == Role.MEMBER else tuple(NOUNS)


def can_write(role: Role, noun: str) -> bool:
    """Whether there is anything that a token of this role could write under the noun."""
    return noun not in READ_ONLY and (role == Role.DIRECTOR or noun not in WRITTEN_BY_DIRECTORS)


def lower_of(first: str, second: str) -> Role:
    """The role that sees less."""
    return min(Role(first), Role(second), key=RANKS.index)


@dataclass(frozen=True)
class Caller:
    """The token that a request came with: whose it is (None for a service), and what it may at this moment."""

    token_id: int
    role: Role
    scopes: frozenset[str]
    person: Any = None

    @property
    def is_director(self) -> bool:
        return self.role == Role.DIRECTOR

    def may_read(self, noun: str) -> bool:
        return f"{noun}:{READ}" in self.scopes


class BearerToken(HttpBearer):
    """The guard of one address: the scope that a token needs, None for any, and the roles that may.

    `shows` is the noun of what is answered, which is that of the scope unless it is said. `returns_stored_data`: even
    what it adds is answered with more than was sent.
    """

    def __init__(
        self, scope: str | None, roles: Sequence[Role], *, shows: str = "", returns_stored_data: bool = False
    ) -> None:
        super().__init__()
        if scope is not None and scope not in SCOPES:
            raise ValueError(scope)
        self.scope, self.roles, self.returns_stored_data = scope, roles, returns_stored_data
        self.shows = shows or (scope or "").partition(":")[0]

    def __call__(self, request: HttpRequest) -> Caller:
        caller: Caller | None = getattr(request, "caller", None)
        if caller is None:
            problem = Problem(
                401,
                getattr(request, "not_let_in", "")
                or _("Send a token in the header Authorization, after the word Bearer."),
            )
            problem.headers["WWW-Authenticate"] = 'Bearer realm="Retour"'
            raise problem
        if caller.role not in self.roles:
            raise Problem(403, _("The role of this token may not see or do that."))
        if self.scope is not None:
            check_scope(request, caller, self.scope)
        check_rate(caller)
        request.is_write_only = bool(self.shows) and not caller.may_read(self.shows)  # type: ignore[attr-defined]
        request.returns_stored_data = self.returns_stored_data  # type: ignore[attr-defined]
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        raise NotImplementedError  # the middleware of timesheets/api_tokens.py has read the token already


def check_scope(request: HttpRequest, caller: Caller, scope: str) -> None:
    is_repeated = getattr(request, "is_repeated", False)  # it is told what it was told before
    if scope not in caller.scopes and not is_repeated:
        raise Problem(403, _("This token lacks the scope “%(scope)s”.") % {"scope": scope})


def may_be_told(request: Any, status: int) -> bool:
    """Whether an answer with this status may hold what is stored: a token that may only write reads nothing by it.

    What it adds (201) or puts in the place of what was there (PUT) it has sent itself.
    """
    if not getattr(request, "is_write_only", False):
        return True
    is_put = request.method == "PUT" and status == HTTPStatus.OK
    return is_put or (status == HTTPStatus.CREATED and not request.returns_stored_data)


def check_rate(caller: Caller) -> None:
    """Refuse more requests than a program needs; each token is counted by itself, minute by minute."""
    minute, second = divmod(int(time.time()), 60)
    key = f"api-token-{caller.token_id}-{minute}"
    most = settings.API_REQUESTS_A_MINUTE
    if not cache.add(key, 1, timeout=120) and _counted(key) > most:
        problem = Problem(429, _("A token may ask %(count)s times a minute. Wait a moment.") % {"count": most})
        problem.headers["Retry-After"] = str(60 - second)
        raise problem


def _counted(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # forgotten between the two questions
        return 1


def caller_of(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller
