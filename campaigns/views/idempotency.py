"""A form that is sent twice is saved once: two clicks, a lost answer, a browser that sends again on Back.

Each loading of a form has a number of its own, in a hidden field (`{% once %}`). What is saved leaves a `Submission`
in the same transaction, so that of two that arrive together the database refuses the later one. A form that carries
no number is saved each time.
"""

import hashlib
import json

from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Submission

FIELD = "once"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (the name of a field)


def led_to(request: HttpRequest) -> str:
    """Where this very submission led when it was saved before; empty when it was not."""
    key = _key(request)
    return (Submission.objects.filter(key=key).values_list("led_to", flat=True).first() or "") if key else ""


def note(request: HttpRequest, address: str) -> None:
    """Keep that it is saved, within the transaction that saves it; IntegrityError when that was done already."""
    if key := _key(request):
        Submission.objects.create(key=key, led_to=address, at=timezone.now())


def _key(request: HttpRequest) -> str:
    if not request.POST.get(FIELD):
        return ""
    sent = sorted((name, values) for name, values in request.POST.lists() if name != TOKEN)
    told = json.dumps([request.user.pk, request.path, sent])
    return hashlib.sha256(told.encode()).hexdigest()
