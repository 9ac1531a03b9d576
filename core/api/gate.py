"""What every request to `/api/` goes through: no cookie counts, errors are in words, and reading again is cheap."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from pydantic import BaseModel

from core.api.problems import Problem, as_problem, problem_response

PREFIX = "/api/"
# The header as the description has it.
IF_MATCH = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX)


def speak_json(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a cookie opens nothing here, so that no page elsewhere can have a browser ask in somebody's name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        response = as_problem(get_response(request) if is_json(request) else problem_response(415))
        if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.streaming:
            response = _conditional(request, response)
        return response  # type: ignore[return-value]

    return middleware


def is_json(request: HttpRequest) -> bool:
    """Whether what is sent, if anything, says that it is JSON: what a form of a page can send is nothing for us."""
    return request.META.get("CONTENT_LENGTH") in (None, "", "0") or request.content_type == "application/json"


def _conditional(request: HttpRequest, response: Any) -> Any:
    """The answer with its ETag, or 304 for who has it already."""
    if "ETag" not in response.headers:
        response.headers["ETag"] = quoted(hashlib.sha256(response.content).hexdigest()[:32])
    return get_conditional_response(request, etag=response.headers["ETag"], response=response)


def quoted(version: str) -> str:
    return f'"{version}"'


def version_of(shown: BaseModel) -> str:
    """The version of what a reader is shown: it moves with what they see, and with nothing else."""
    content = json.dumps(shown.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def wanted_version(headers: Mapping[str, str]) -> str:
    """The version that a writer has seen; "" for `If-None-Match: *`, which is that there was nothing yet.

    Without either nobody could tell whether the writer overwrites what somebody else has just written.
    """
    if headers.get("If-None-Match", "").strip() == "*":
        return ""
    seen = headers.get("If-Match", "").strip()
    if not seen:
        raise Problem(428, _("Send the ETag of what you have read as If-Match."))
    return seen.removeprefix("W/").strip('"')


def check_version(headers: Mapping[str, str], shown: BaseModel) -> None:
    seen = wanted_version(headers)
    if seen not in ("*", version_of(shown)):
        raise Problem(412, _("Read it again, and send what it is now as If-Match."))
