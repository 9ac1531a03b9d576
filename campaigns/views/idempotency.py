"""Save a form once when it is sent twice: two clicks, a lost answer, a browser that sends again on Back.

Each loading of a form has an idempotency key, in a hidden field (`{% once %}`). A save creates a `Submission` in the
same transaction, so that of two that arrive together the database refuses the later one. A form without a key is saved
each time.
"""

import hashlib
import json

from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Submission

FIELD = "once"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (the name of a field)


def saved_address(request: HttpRequest) -> str:
    """Return the address that this submission led to when it was saved before; empty when it was not."""
    key = _key(request)
    return (Submission.objects.filter(key=key).values_list("led_to", flat=True).first() or "") if key else ""


def record(request: HttpRequest, address: str) -> None:
    """Record the submission within the transaction that saves it; IntegrityError when it is recorded already."""
    if key := _key(request):
        Submission.objects.create(key=key, led_to=address, at=timezone.now())


def _key(request: HttpRequest) -> str:
    if not request.POST.get(FIELD):
        return ""
    sent = sorted((name, values) for name, values in request.POST.lists() if name != TOKEN)
    content = json.dumps([request.user.pk, request.path, sent])
    return hashlib.sha256(content.encode()).hexdigest()
