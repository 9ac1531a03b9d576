"""Coming in other than by the sign-in form: under the link of an invitation, by single sign-on, and by passkeys."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from campaigns.models import Agency
from core.access import EVERYONE, role_required
from timesheets import invitations, second_factor, sign_in
from timesheets.allauth_adapter import PROVIDER_DID_NOT, SecondFactorAdapter

log = logging.getLogger(__name__)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> Any:
    """Opening the link changes nothing, since mail scanners open links; choosing a password uses it up."""
    person = invitations.person_of(token)
    if person is None or not sign_in.may_sign_in(person):
        return render(request, "timesheets/invitation.html", status=404)
    with translation.override(person.language or translation.get_language()):
        form = SetPasswordForm(person, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            get_adapter(request).set_password(person, form.cleaned_data["new_password1"])
            return perform_login(request, person)
        context = {"form": form, "person": person}
        return render(request, "timesheets/invitation.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def single_sign_on(request: HttpRequest, provider_id: str) -> Any:
    """Off to the provider; when it cannot even be asked where to go, back to the sign-in page with a sentence.

    Who is signed in shows once more who they are: the provider is told to ask, whatever it remembers.
    """
    if request.user.is_authenticated:
        request.GET = QueryDict(urlencode({"auth_params": "prompt=login&max_age=0"}))
    try:
        return openid_connect.login(request, provider_id)
    except (RequestException, ValueError, KeyError):  # away, no JSON, or JSON of something else
        log.warning("the OpenID Connect provider gave no usable configuration", exc_info=True)
        messages.error(request, PROVIDER_DID_NOT)
        return redirect("account_login")


@require_safe
@role_required(*EVERYONE)
def single_sign_on_again(request: HttpRequest) -> Any:
    """Ask who is signed in to show it at their provider."""
    wanted = request.GET.get("next", "")
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    others = [
        {**way, "url": f"{way['url']}?{urlencode({'next': wanted})}"} for way in ways if way["url"] != request.path
    ]
    if len(others) == len(ways):
        return redirect(others[0]["url"])
    context = {"next": wanted, "reauthentication_alternatives": others}
    return render(request, "account/reauthenticate_single_sign_on.html", context)


def remove_passkey(request: HttpRequest, pk: int) -> Any:
    """allauth's page, which asks nobody whether the passkey is the last second factor of who must have one."""
    own = Authenticator.objects.filter(pk=pk, user=request.user.pk, type=Authenticator.Type.WEBAUTHN).first()
    if own and not second_factor.can_do_without(own, Agency.current()):
        messages.error(request, SecondFactorAdapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_list_webauthn")
    return webauthn.remove_webauthn(request, pk=pk)
