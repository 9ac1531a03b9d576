"""A POST that is sent twice with the same `Idempotency-Key` writes once, and is answered twice (docs/adr/0038).

The key is recorded in the transaction that writes: of two that arrive together the later one waits, and is then told
what the first one led to. What failed wrote nothing, and may be sent again with the same key.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from campaigns.models import IdempotentAnswer
from core.api.access import Caller
from core.api.problems import Problem

HEADER = "Idempotency-Key"
LONGEST_KEY = 255


def answer_once(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: see above. Only a token that is let in has keys, and only a POST needs one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        caller: Caller | None = getattr(request, "caller", None)
        key = request.headers.get(HEADER, "")
        if caller is None or request.method != "POST" or not key:
            return get_response(request)
        try:
            return _once(request, caller, _checked(key), get_response)
        except Problem as problem:
            return problem.response()

    return middleware


def _checked(key: str) -> str:
    if len(key) > LONGEST_KEY:
        raise Problem(422, _("An Idempotency-Key has at most %(most)s characters.") % {"most": LONGEST_KEY})
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _once(request: HttpRequest, caller: Caller, key: str, get_response: Callable[..., HttpResponse]) -> HttpResponse:
    at, sent = timezone.now(), _hash_of(request)
    kept = IdempotentAnswer.objects.filter(token_id=caller.token_id, key=key)
    kept.filter(at__lt=at - IdempotentAnswer.KEPT).delete()
    if earlier := kept.first():
        return _repeated(request, earlier, sent)
    try:
        with transaction.atomic():
            answer = IdempotentAnswer.objects.create(token_id=caller.token_id, key=key, body_hash=sent, at=at)
            return _recorded(answer, get_response(request))
    except IntegrityError:
        if (earlier := kept.first()) is None:
            raise
        return _repeated(request, earlier, sent)


def _recorded(answer: IdempotentAnswer, response: HttpResponse) -> HttpResponse:
    """Keep what it led to; what was refused is no answer to keep."""
    if response.status_code >= 300 or "Location" not in response.headers:
        transaction.set_rollback(True)
    else:
        answer.status, answer.led_to = response.status_code, response.headers["Location"]
        answer.save(update_fields=["status", "led_to"])
    return response


def _hash_of(request: HttpRequest) -> str:
    """Keyed, so that what was sent cannot be guessed from it."""
    content = b"\n".join([request.path.encode(), request.body])
    return salted_hmac("campaigns.api.idempotency", content, algorithm="sha256").hexdigest()


def _repeated(request: Any, earlier: IdempotentAnswer, sent: str) -> HttpResponse:
    """What the first request led to, as it is now: nobody's data is kept for this."""
    if not earlier.body_hash:
        raise Problem(410, _("Somebody was erased since, and with them what this key was sent with. Use another key."))
    if earlier.body_hash != sent:
        raise Problem(422, _("This Idempotency-Key was sent with something else before. Use another key."))
    match = resolve(earlier.led_to)
    request.method, request.is_repeated = "GET", True
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    request.method = "POST"
    if response.status_code == 200:
        response.status_code = earlier.status
    response.headers["Location"] = earlier.led_to
    response.headers["Idempotency-Replayed"] = "true"
    return response
