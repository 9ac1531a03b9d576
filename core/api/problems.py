"""What went wrong, in words, as RFC 9457 has it: nothing under `/api/` ever answers with a page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MEDIA_TYPE = "application/problem+json"

TITLES: Mapping[int, Any] = {
    400: gettext_lazy("This request cannot be read."),
    401: gettext_lazy("A token is needed."),
    403: gettext_lazy("This token may not do that."),
    404: gettext_lazy("There is no such thing."),
    405: gettext_lazy("This address does not take this method."),
    409: gettext_lazy("This contradicts what is there."),
    410: gettext_lazy("That is no longer kept."),
    412: gettext_lazy("It was changed meanwhile."),
    413: gettext_lazy("This is too large."),
    415: gettext_lazy("This is not written as JSON."),
    422: gettext_lazy("Something in it is not right."),
    423: gettext_lazy("It is locked."),
    428: gettext_lazy("Say which version you have seen."),
    429: gettext_lazy("Too many requests."),
    500: gettext_lazy("Something went wrong here."),
}
# What pydantic calls a mistake, in words that say what would be right; the rest keeps its own.
SENTENCES: Mapping[str, Any] = {
    "missing": gettext_lazy("This is required."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_type": gettext_lazy("Write a text."),
    "string_too_long": gettext_lazy("This text is too long."),
    "int_type": gettext_lazy("Write a whole number."),
    "int_parsing": gettext_lazy("Write a whole number."),
    "int_parsing_size": gettext_lazy("This number is too large."),
    "int_from_float": gettext_lazy("Write a whole number."),
    "bool_type": gettext_lazy("Write true or false."),
    "bool_parsing": gettext_lazy("Write true or false."),
    "list_type": gettext_lazy("Write a list."),
    "dict_type": gettext_lazy("Write an object with names and values."),
    "model_attributes_type": gettext_lazy("Write an object with names and values."),
    "date_from_datetime_parsing": gettext_lazy("Write the day as year-month-day, like 2026-11-18."),
    "date_parsing": gettext_lazy("Write the day as year-month-day, like 2026-11-18."),
}


class Problem(Exception):
    """Refuse a request: the status and a sentence, with what is wrong at which field."""

    def __init__(self, status: int, detail: Any = "", *, errors: Sequence[Mapping[str, Any]] = (), **more: Any) -> None:
        super().__init__(status)
        self.status, self.detail, self.errors, self.more = status, detail, errors, more
        self.headers: dict[str, str] = {}

    def response(self) -> HttpResponse:
        return problem_response(self.status, self.detail, errors=self.errors, headers=self.headers, **self.more)


def problem_response(
    status: int,
    detail: Any = "",
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    title = str(TITLES.get(status) or HTTPStatus(status).phrase)
    body = {"type": "about:blank", "title": title, "status": status, "detail": str(detail) or title, **more}
    if errors:
        body["errors"] = [dict(error) for error in errors]
    content = json.dumps(body, default=str, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers=headers)


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, or the problem that an error page of Django's or of a middleware stands for."""
    if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    return problem_response(response.status_code, headers=kept)


def of_form(form: BaseForm, names: Mapping[str, str] | None = None) -> Problem:
    """What a form refused, at the names that the request has for its fields."""
    known = names or {}
    errors = [
        {"field": known.get(field, field) if field != "__all__" else "", "message": str(message)}
        for field, messages in form.errors.items()
        for message in messages
    ]
    return Problem(422, errors[0]["message"] if len(errors) == 1 else "", errors=errors)


def of_django(error: ValidationError, status: int = 422) -> Problem:
    return Problem(status, " ".join(error.messages))


def of_pydantic(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """What the description of the API refuses, at the field, in the language of who asks."""
    told = [{"field": _field(error["loc"]), "message": _sentence(error)} for error in errors]
    return Problem(422, told[0]["message"] if len(told) == 1 and not told[0]["field"] else "", errors=told)


def _field(location: Sequence[Any]) -> str:
    """`body.body.rows.0.name` is `rows.0.name` to who sent it."""
    parts = [str(part) for part in location[1:]]
    return ".".join(parts[1:] if parts[:1] in (["body"], ["query"]) else parts)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] in ("literal_error", "enum"):
        return _("Write one of: %(choices)s.") % {"choices": error["ctx"]["expected"]}
    return str(SENTENCES.get(error["type"]) or error["msg"])


def not_found(_request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """For every address under `/api/` that there is not."""
    return problem_response(404)
