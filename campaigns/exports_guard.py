"""What taking data out asks for: that it is recorded, within a limit, and for data of people who it is."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import SecurityEvent
from core.access import View
from core.identity import ask_for_file, shown_recently


def recorded_export(what: str, page: str, *kept: str, of_people: bool = False) -> Callable[[View], View]:
    """The view of a file called `what`. `page` holds its link; `kept` are the arguments that the page's address shares.

    Instead of a file, the page: after being asked who one is, and with a sentence after too many.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            back = reverse(page, kwargs={name: kwargs[name] for name in kept})
            if of_people and not shown_recently(request):
                return ask_for_file(request, back)
            if _taken_lately(request) >= settings.EXPORTS_AN_HOUR:
                sentence = _("You have taken out %(count)s files within an hour. That is the limit: try again later.")
                messages.error(request, sentence % {"count": settings.EXPORTS_AN_HOUR})
                return redirect(back)
            response = view(request, *args, **kwargs)
            if request.method == "GET" and "Content-Disposition" in response.headers:
                _record(request, what, kwargs.get("pk"))
            return response

        return answer

    return decorate


def _record(request: HttpRequest, what: str, pk: int | None) -> None:
    person = pk if what == "person" else None
    detail = what if pk is None or person else f"{what} {pk}"
    SecurityEvent.record(SecurityEvent.Kind.EXPORTED, by=request.user, person=person, detail=detail)


def _taken_lately(request: HttpRequest) -> int:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    taken = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED, by=request.user.pk, at__gte=an_hour_ago)
    return taken.count()
