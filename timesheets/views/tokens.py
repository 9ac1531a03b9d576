"""Tokens of programs: a person's own, those of services, and all of them for directors."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.models import ApiToken
from core.access import EVERYONE, Role, log_refusal, role_required
from core.identity import identity_required
from core.lists import page_of
from timesheets import api_tokens
from timesheets.models import User
from timesheets.token_forms import ApiTokenForm, ServiceTokenForm


def person_of(request: HttpRequest) -> User:
    person: User = request.user  # type: ignore[assignment]
    return person


def tokens_for(person: User) -> QuerySet[ApiToken]:
    """Those that a person may revoke: their own, and of a director all."""
    return ApiToken.objects.all() if person.is_director else ApiToken.objects.filter(person=person)


def with_rights(tokens: Iterable[ApiToken]) -> list[tuple[ApiToken, api_tokens.RightsInWords]]:
    return [(token, api_tokens.in_words(token)) for token in tokens]


@require_GET
@role_required(*EVERYONE)
def own(request: HttpRequest) -> HttpResponse:
    """A person's own tokens."""
    return _tokens(request, "timesheets/tokens.html", ApiToken.objects.filter(person=person_of(request)))


@require_GET
@role_required(Role.DIRECTOR)
def every(request: HttpRequest) -> HttpResponse:
    """The tokens of everybody and of services."""
    return _tokens(request, "timesheets/all_tokens.html", ApiToken.objects.select_related("person"))


def _tokens(request: HttpRequest, template: str, tokens: QuerySet[ApiToken]) -> HttpResponse:
    paged = page_of(tokens, request.GET)
    context = {"rows": with_rights(paged["page"].object_list), "at": timezone.now()}
    return render(request, template, paged | context)


@require_http_methods(["GET", "POST"])
@role_required(*EVERYONE)
@identity_required
def add(request: HttpRequest) -> HttpResponse:
    """Make a token of one's own; it is shown in the answer, and never again."""
    return _made(request, ApiTokenForm, "timesheets:tokens")


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def add_service(request: HttpRequest) -> HttpResponse:
    """Make a token of a service."""
    return _made(request, ServiceTokenForm, "timesheets:all_tokens")


def _made(request: HttpRequest, form_class: type[ApiTokenForm], back: str) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None, by=person_of(request))
    context: dict[str, Any] = {"form": form, "back": back, "is_service": form_class is ServiceTokenForm}
    if request.method == "POST" and form.is_valid():
        token, text = form.save(at=timezone.now())
        return render(
            request,
            "timesheets/token_made.html",
            {**context, "token": token, "rights": api_tokens.in_words(token), "text": text},
        )
    return render(request, "timesheets/token_form.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(*EVERYONE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token now: one's own, or as a director anybody's. Somebody else's is answered as if there were none."""
    person = person_of(request)
    token = tokens_for(person).filter(pk=pk).first()
    if token is None:
        if ApiToken.objects.filter(pk=pk).exists():
            log_refusal(request, 404)
        raise Http404
    if api_tokens.revoke(token, by=person):
        messages.success(request, _("“%(name)s” is revoked: it opens nothing any more.") % {"name": token})
    else:
        messages.info(request, _("“%(name)s” was revoked already.") % {"name": token})
    goes_to_all = person.is_director and (token.person_id != person.pk or "all" in request.POST)
    return redirect("timesheets:all_tokens" if goes_to_all else "timesheets:tokens")
