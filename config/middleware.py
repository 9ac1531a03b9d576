"""What surrounds every request: room for its frames; a number for its log lines, tasks and answer; a second try."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from csp.constants import HEADER as HEADER_OF_POLICY
from csp.utils import build_policy
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.defaults import bad_request

from core import logs
from core.monitors import is_asked_by_monitors

log = logging.getLogger("retour.requests")

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


# Places for values, 512 kB: what the deepest of our pages uses is a fraction of it.
ROOM_FOR_FRAMES = 65_536


def in_one_stack(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the functions of a request find room for their frames in one piece of memory (docs/adr/0052).

    Python takes such memory in pieces of 16 kB and gives a piece back as soon as it is empty. What a loop calls at the
    end of a piece asks the system for memory each time: a page took up to a third longer by it, or not at all,
    depending on how deep its loops stand. A function that says it needs much is given a piece that has room for all
    that it calls. The memory is not touched before it is used.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.__code__ = middleware.__code__.replace(co_stacksize=ROOM_FOR_FRAMES)
    return middleware


def numbered(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: take the number that a proxy gave, or make one; and leave one line for each request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number, started = number_of(request), time.monotonic()
        with logs.log_context(request=number, user=lambda: user_of(request), view=lambda: view_of(request)):
            response = get_response(request)
            if response.status_code != 200 or not is_asked_by_monitors(request.path):
                log_request(request, response, seconds=time.monotonic() - started)
        response.headers[HEADER] = number
        return response

    return middleware


def number_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def log_request(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    path = logs.safe_path(request.path)
    request_fields = {
        "method": request.method,
        "path": path,
        "status": response.status_code,
        "ms": round(seconds * 1000),
    }
    log.info("%s %s %s", request.method, path, response.status_code, extra={"log_context": request_fields})


def user_of(request: HttpRequest) -> Any:
    """Who asks, by number, if anybody has looked that up: a log line asks the database nothing."""
    return getattr(getattr(request, "_cached_user", None), "pk", None)


def view_of(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None


def kept_nowhere(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: nothing that we write is for keeping by a shared browser or a proxy, errors and redirects included.

    Static files do not come through here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def with_content_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a page may load, written once. That of django-csp writes it, and one for reports, for each page.

    Of that package's decorators, `csp` alone is heard: a page that has a policy of its own.
    """
    usual = build_policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        own = getattr(response, "_csp_config", None)
        response.headers.setdefault(HEADER_OF_POLICY, usual if own is None else build_policy(own))
        return response

    return middleware


# Asked for by the visitors of other sites, and by programs: who they are is nobody's business there.
VISITED = ("/go/", "/capture/")


def without_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: where visitors of other sites come by, no cookie is read, so that nobody has a session there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(VISITED):
            request.COOKIES = {}
        return get_response(request)

    return middleware


def readable(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what is not written in UTF-8 (config/wsgi.py) is answered with 400, whatever view it is for.

    So is what breaks off because its sender has gone away.
    """

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        return bad_request(request, error) if isinstance(error, UnreadablePostError) else None

    def middleware(request: HttpRequest) -> HttpResponse:
        if "retour.other_charset" in request.META:
            raise BadRequest("The request says that it is not written in UTF-8.")
        return get_response(request)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def asked_again(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: of two who write the same thing at the same moment, the later one is asked again.

    Both forms found nothing of that name when they looked; the database then took one. The view runs once more, and its
    form now says at the field what it says to everybody who comes later. It wrote nothing the first time: what a view
    writes, it writes in one transaction. What is refused twice was no race, and is an error like any other.
    """

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not isinstance(error, IntegrityError):
            return None
        log.info("two wrote the same at once; asked again")
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
