"""The first visit of an empty installation: the token from the terminal, then the agency and its first director."""

import functools
import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.account.utils import perform_login
from allauth.account.views import login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from campaigns.models import Agency
from campaigns.setup import prepare
from campaigns.views.settings import tell_outcome
from core import money
from timesheets import setup_token
from timesheets.forms import record_new_role
from timesheets.models import User
from timesheets.setup_form import SetupForm, TokenForm

log = logging.getLogger(__name__)

IS_CLONE = (Path(settings.BASE_DIR) / "manage.py").exists()
COMMAND = "python manage.py setup_token" if IS_CLONE else "retour setup-token"
KEPT_AS = "setup"  # in the session: the digest of the token that was given
COUNTRY = re.compile(r"[a-z]{2,3}-([A-Z]{2})\b")


def sign_in(request: HttpRequest) -> Any:
    """The sign-in page; where nobody is yet who could sign in, the set-up."""
    if request.method in ("GET", "HEAD") and setup_token.is_open():
        return redirect("timesheets:setup")
    return login(request)


def while_nobody_is_here(view: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """There is no such page once there is a person; until then it speaks the browser's language."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> Any:
        if not setup_token.is_open():
            raise Http404
        with in_the_language_of(request):
            answer = view(request)
            answer.headers["Content-Language"] = translation.get_language()
            return answer

    return guarded


def in_the_language_of(request: HttpRequest) -> AbstractContextManager[None]:
    agency = Agency.current()
    language = translation.get_language_from_request(request)
    return money.localised(language=language, country=_country_of(request) or agency.country, currency=agency.currency)


def _country_of(request: HttpRequest) -> str:
    """The country that the browser's first language names, as in `fr-FR`; '' when it names none."""
    found = COUNTRY.match(request.headers.get("Accept-Language", ""))
    return found[1] if found else ""


@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
@while_nobody_is_here
def token(request: HttpRequest) -> HttpResponse:
    """Ask for the token that only the terminal shows; it comes by POST, so that no log or history has it."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            is_right = let_in(request, form.cleaned_data["token"], at=timezone.now())
        except setup_token.TooManyTries:
            form.add_error("token", _("Too many wrong tokens. Wait a minute, then try again."))
            status = 429
        else:
            if is_right:
                return redirect("timesheets:setup_agency")
            form.add_error("token", _("This is not the token. Copy the one that the terminal showed last."))
            log.warning("a wrong set-up token was tried")
    return render(request, "timesheets/setup_token.html", {"form": form, "command": COMMAND}, status=status)


def let_in(request: HttpRequest, token: str, *, at: datetime) -> bool:
    """Remember in the session that the right token was given; `TooManyTries` when it has to wait."""
    digest = setup_token.digest_of(token, at=at)
    if digest:
        request.session[KEPT_AS] = digest
    return bool(digest)


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@while_nobody_is_here
def agency(request: HttpRequest) -> Any:
    """Make the agency and its first director, who is then signed in: all of it, or nothing."""
    digest = request.session.get(KEPT_AS)
    if not setup_token.opens(digest):
        return redirect("timesheets:setup")
    form = SetupForm(
        request.POST if request.method == "POST" else None,
        at=timezone.now(),
        language=translation.get_language(),
        country=_country_of(request),
    )
    if form.is_bound and form.is_valid() and (director := _made(form, digest)):
        del request.session[KEPT_AS]
        messages.success(request, _("%(agency)s is ready.") % {"agency": form.cleaned_data["agency"]})
        if form.cleaned_data.get("send_trial"):
            tell_outcome(request, director.email)
        return perform_login(request, director)
    return render(request, "timesheets/setup.html", {"form": form}, status=422 if form.is_bound else 200)


def _made(form: SetupForm, digest: str | None) -> User | None:
    """The director, once all is written; None when the form is refused, or somebody else was first."""
    try:
        with transaction.atomic():
            if not setup_token.use_up(digest):
                raise ValidationError(_("Somebody else has just set this installation up. Sign in."))
            prepare(form.agency_fields, form.cleaned_data["platforms"])
            director = form.make_director()
            record_new_role(director, by=None)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    log.info("the installation was set up by user=%s", director.pk)
    return director
