"""What forms of other sites are sent to. No cookie is read or set here, so nothing can be done in anybody's name."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from campaigns.capture import intake, limits, reading, senders
from campaigns.models import CaptureKey

MOST_BYTES = 64 * 1024
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class FormRefused(Exception):
    """The status and the sentence with which a form is turned away."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@csrf_exempt  # there is no session here that somebody else's page could use
def capture(request: HttpRequest, key: str) -> HttpResponse:
    """Take in a form; new, known, spam and erased people get the same answer."""
    if request.method not in ("POST", "OPTIONS"):
        return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})
    row = get_object_or_404(CaptureKey.objects.in_force(), key=key)
    try:
        _check_origin(request, row)
        response = _preflight(request) if request.method == "OPTIONS" else _answer(request, row)
    except FormRefused as refusal:
        response = JsonResponse({"error": refusal.sentence}, status=refusal.status)
        if refusal.status == 429:
            response.headers["Retry-After"] = str(limits.SECONDS)
        if refusal.status == 403:
            return response
    return _shared(request, row, response)


def _answer(request: HttpRequest, row: CaptureKey) -> HttpResponse:
    now = timezone.now()
    sent = _sent(request, row)
    if limits.is_over(request, row, at=now):  # after the signature: a stranger uses up nobody's
        raise FormRefused(429, _("Too many forms in a short time. Try again in ten minutes."))
    contact = reading.read(sent, row.field_names, at=now)
    if not contact.says_who and not contact.is_spam:
        raise FormRefused(422, _("The form says neither a name, an e-mail, a phone nor a company."))
    intake.take_in(row, contact, at=now)
    return _thanks(request, row)


def _sent(request: HttpRequest, row: CaptureKey) -> senders.SentForm:
    """The body, read as its sender writes it, and signed where it must be."""
    kind, body = request.content_type or "", _body(request)
    if kind not in (FORM, JSON):
        raise FormRefused(415, _("Send the form as application/x-www-form-urlencoded or as JSON."))
    sender = senders.SIGNED.get(row.source)
    if sender and not (row.secret and sender.is_signed(body, request.headers, row.secret, timezone.now())):
        raise FormRefused(403, _("The signature is not the one of this key's secret."))
    try:
        sent = sender.read(body, kind) if sender else senders.plain(body, kind)
    except (senders.UnreadableBody, RecursionError) as error:  # lists in lists in lists
        raise FormRefused(400, _("The body is not what this form sends.")) from error
    most = senders.MOST_SIGNED_FIELDS if sender else senders.MOST_FIELDS
    if len(sent.fields) > most:
        raise FormRefused(400, _("At most %(most)s fields.") % {"most": most})
    return sent


def _body(request: HttpRequest) -> bytes:
    """Read no more than is allowed, whatever length was promised."""
    promised = request.headers.get("Content-Length", "")
    if promised.isdigit() and int(promised) > MOST_BYTES:
        raise FormRefused(413, _("At most 64 kB."))
    body: bytes = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise FormRefused(413, _("At most 64 kB."))
    return body


def _thanks(request: HttpRequest, row: CaptureKey) -> HttpResponse:
    """A form that the browser itself sent leads on to the page that stands with the key; a program is told."""
    is_page = row.is_public and request.content_type == FORM and "text/html" in request.headers.get("Accept", "")
    if not is_page:
        return JsonResponse({"ok": True})
    if row.thank_you:
        return HttpResponse(status=303, headers={"Location": row.thank_you})
    return HttpResponse(_("Thank you. Your message has arrived."), content_type="text/plain; charset=utf-8")


# -- other sites ------------------------------------------------------------------------------------------------------


def _check_origin(request: HttpRequest, row: CaptureKey) -> None:
    """A browser says on whose page the form stands; a server says nothing, and signs instead."""
    origin = request.headers.get("Origin")
    if (origin is not None or request.method == "OPTIONS") and origin not in row.origins.split():
        raise FormRefused(403, _("This form may not be sent from there."))


def _preflight(request: HttpRequest) -> HttpResponse:
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "600",
    }
    return HttpResponse(status=204, headers=allowed)


def _shared(request: HttpRequest, row: CaptureKey, response: Any) -> HttpResponse:
    """The page that sent it may read the answer. It was checked to be on one of the key's sites."""
    if origin := request.headers.get("Origin"):
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    result: HttpResponse = response
    return result
