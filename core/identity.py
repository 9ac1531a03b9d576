"""Asking again who somebody is, before rates, roles, erasing and the data of people (docs/adr/0029).

django-allauth asks, by whatever the person has, and brings them back to what they wanted. Signing in counts too.
"""

import functools
import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.access import View

SIGNED_IN_AT = "signed_in_at"  # seconds since 1970, in the session


def shown_recently(request: HttpRequest) -> bool:
    """Whether the person of this session showed who they are within the last quarter of an hour."""
    records = get_authentication_records(request, request.user)
    again = [record["at"] for record in records if record.get("reauthenticated")]
    latest = max([request.session.get(SIGNED_IN_AT, 0), *again])
    return bool(time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def identity_required(view: View) -> View:
    """Ask first, then go on to the same address; a form that was sent is kept meanwhile."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not shown_recently(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded


def ask_for_file(request: HttpRequest, page: str) -> HttpResponseBase:
    """Ask first, then go back to the page with the file's link: a file leaves the question on the screen."""
    messages.info(request, _("Then take out the file once more."))
    way = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
    return redirect(f"{way}?{urlencode({'next': page})}")
