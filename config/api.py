"""The API under `/api/v1/`: the routers of the apps joined, its description, and what it says when it refuses.

Its shape is a promise: what is sent and what is answered never changes within a version (docs/adr/0038); a test holds
it to tests/api/v1.json.
"""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

import campaigns.api
import reports.api
import timesheets.api
from campaigns.api.collection import NAMESPACE
from core.api import problems
from core.api.access import may_be_told
from core.api.gate import IF_MATCH
from core.api.problems import MEDIA_TYPE, Problem

DESCRIPTION = """
Send a token as `Authorization: Bearer …`; people make theirs on their profile, a director those of services.
Amounts are decimals as text with their currency, weeks are ISO weeks, instants have their offset from UTC.
A change is sent with the ETag of what was read as `If-Match`; a POST may carry an `Idempotency-Key`.
"""

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer"},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
REFUSED = {
    "description": "Refused, in words (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
UNCHANGED = {"description": "It is still what you have: nothing is sent again"}
UNTOLD = {204: {"description": "Done; this token may not read what is there, which stands at Location"}}
IF_NONE_MATCH = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
HEADERS = {
    "get": [IF_NONE_MATCH],
    "patch": [IF_MATCH],
    "put": [IF_MATCH, IF_NONE_MATCH],
    "delete": [IF_MATCH],
    "post": [IDEMPOTENCY_KEY],
}


class DescribedAPI(NinjaAPI):
    """Ninja's, with what all addresses share in its description: refusals, versions, keys."""

    def create_response(self, request: HttpRequest, data: Any, **how: Any) -> HttpResponse:
        """The answer; to a token that may only write, where the row is and its version, without what it holds."""
        response = super().create_response(request, data, **how)
        if response.status_code < HTTPStatus.BAD_REQUEST and not may_be_told(request, response.status_code):
            response.status_code, response.content = HTTPStatus.NO_CONTENT, b""
        return response

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """`get_lead`, `post_leads`: what generated clients call it."""
        return f"{operation.methods[0].lower()}_{operation.url_name}"

    def get_openapi_schema(self, **how: Any) -> Any:
        schema = super().get_openapi_schema(**how)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                usual = {304: UNCHANGED} if method == "get" else UNTOLD
                operation["responses"] = {**usual, **operation["responses"], "4XX": REFUSED}
                operation.setdefault("parameters", []).extend(HEADERS.get(method, []))
        return schema


api = DescribedAPI(
    title="Retour",
    version="1",
    description=DESCRIPTION.strip(),
    urls_namespace=NAMESPACE,
    openapi_url="/openapi.json",
    docs_url="/docs",
)
api.add_router("", campaigns.api.router)
api.add_router("", timesheets.api.router)
api.add_router("", reports.api.router)


@api.exception_handler(Problem)
def refused(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(ValidationError)
def not_as_described(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    if any(each["loc"][0] == "path" for each in error.errors):
        return problems.problem_response(404)
    return problems.of_pydantic(error.errors).response()


@api.exception_handler(Http404)
def not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.problem_response(404)


@api.exception_handler(PermissionDenied)
def denied(_request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    return problems.problem_response(403)


@api.exception_handler(AuthenticationError)
def no_token(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problems.problem_response(401)


@api.exception_handler(HttpError)
def not_readable(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.problem_response(error.status_code)


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", api.urls),
    re_path(r"", problems.not_found, name="api_nowhere"),
]
