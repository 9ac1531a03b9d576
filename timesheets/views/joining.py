"""The first page of a new person: choosing a password under the link of their invitation."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from timesheets import invitations, sign_in


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, since mail scanners open links; choosing a password uses it up."""
    person = invitations.person_of(token)
    if person is None or not sign_in.may_sign_in(person):
        return render(request, "timesheets/invitation.html", status=410)
    with translation.override(person.language or translation.get_language()):
        form = SetPasswordForm(person, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            get_adapter(request).set_password(person, form.cleaned_data["new_password1"])
            return perform_login(request, person)
        context = {"form": form, "person": person}
        return render(request, "timesheets/invitation.html", context, status=422 if form.is_bound else 200)
