"""Each request by a number that its log lines, its tasks and its answer carry."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from campaigns import logs

log = logging.getLogger("retour.requests")

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
ASKED_BY_MONITORS = ("/health", "/metrics")


def numbered(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: take the number that a proxy gave, or make one; and leave one line for each request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number, started = number_of(request), time.monotonic()
        with logs.facts(request=number, user=lambda: user_of(request), view=lambda: view_of(request)):
            response = get_response(request)
            if response.status_code != 200 or request.path not in ASKED_BY_MONITORS:
                tell(request, response, seconds=time.monotonic() - started)
        response.headers[HEADER] = number
        return response

    return middleware


def number_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def tell(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    path = logs.path_told(request.path)
    told = {"method": request.method, "path": path, "status": response.status_code, "ms": round(seconds * 1000)}
    log.info("%s %s %s", request.method, path, response.status_code, extra={"facts": told})


def user_of(request: HttpRequest) -> Any:
    """Who asks, by number, if anybody has looked that up: a log line asks the database nothing."""
    return getattr(getattr(request, "_cached_user", None), "pk", None)


def view_of(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None
