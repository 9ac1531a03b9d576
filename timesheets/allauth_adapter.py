"""How allauth fits in here."""

import logging
import time
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Agency, SecurityEvent
from core import browsers
from core.templatetags.retour import moment
from timesheets import account_emails, encrypted_fields, invitations, second_factor, sign_in
from timesheets.models import User

log = logging.getLogger(__name__)
Kind = SecurityEvent.Kind

PROVIDER_DID_NOT = gettext_lazy(
    "Your sign-in service did not let you in, or could not be reached. Try again, or use your password."
)


class AccountAdapter(DefaultAccountAdapter):
    """A director adds people; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    # -- signing in ---------------------------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting to axes: allauth counts per address alone, which locks out the person it protects."""

    def get_client_ip(self, request: HttpRequest) -> Any:
        """Of somebody who came past fewer proxies than there should be, whoever is nearest: no reason for an error."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return request.META["REMOTE_ADDR"]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        is_closed = getattr(request, "axes_locked_out", False)
        tried = User.objects.filter(email=sign_in.address_tried(request, credentials)).first()
        SecurityEvent.record(Kind.NOT_SIGNED_IN, person=tried, detail="too many" if is_closed else "password")
        if is_closed:
            minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
            sentence = _(
                "Too many wrong passwords for this address from where you are. Wait %(minutes)s minutes, or choose a "
                "new password under “Forgot your password?”: that opens the way at once."
            )
            raise ValidationError(sentence % {"minutes": minutes})

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> Any:
        """Refuse whose account is closed, however they came: by password, passkey or single sign-on."""
        if not sign_in.may_sign_in(user):
            SecurityEvent.record(Kind.NOT_SIGNED_IN, person=user, detail="closed")
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **how)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Single sign-on besides; whoever has no way at all chooses a password first.

        The first is the one that is asked for: not recovery codes, of whoever has no app but a passkey.
        """
        if not user.is_authenticated:
            return []
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        passkey = next((way for way in ways if way["id"] == "mfa_reauthenticate:webauthn"), None)
        if passkey is not None:
            passkey["description"] = _("Use a passkey")
            has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
            ways.sort(key=lambda way: way["id"] == "mfa_reauthenticate" and not has_app)
        providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
        for app in providers["openid_connect"]["APPS"]:
            words = _("Use %(name)s") % {"name": app["name"]}
            ways.append(
                {"id": "single_sign_on", "description": words, "url": reverse("account_reauthenticate_elsewhere")}
            )
        words = _("Choose a password")
        return ways or [{"id": "password", "description": words, "url": reverse("account_set_password")}]

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        sign_in.forget_wrong_passwords(user)

    # -- e-mails ------------------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Without a request: a command sends them too, and a thread beside the answer."""
        self.render_mail(template_prefix, email, {"email": email, **context}).send()

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Nobody who has left gets e-mail any more; the page says the same as to everybody."""
        if sign_in.may_sign_in(user):
            with translation.override(user.language or Agency.current().language):
                super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under our own address, whatever host the one who asked for it named."""
        uidb36, _dash, token = key.partition("-")
        address = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return f"{settings.SITE_URL}{address}"

    def send_reset(self, person: User) -> None:
        """Send a person the e-mail of a forgotten password, as if they had asked for it."""
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        context = {"user": person, "password_reset_url": self.get_reset_password_from_key_url(key)}
        self.send_password_reset_mail(person, person.email, context)

    def invite(self, person: User) -> None:
        """Send a person, in their language, the link under which they choose their first password."""
        agency = Agency.current()
        address = reverse("timesheets:invitation", args=[invitations.token_of(person)])
        context = {
            "person": person,
            "agency": agency,
            "invitation_url": f"{settings.SITE_URL}{address}",
            "days": invitations.VALID_FOR.days,
        }
        with translation.override(person.language or agency.language):
            self.send_mail("account/email/invitation", person.email, context)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person, in their language, of a change to how they get in: by one of the names of letters.NOTICES."""
        agency = Agency.current()
        with translation.override(user.language or agency.language):
            context = {
                "user": user,
                "told": account_emails.NOTICES[template_prefix],
                "at": moment(timezone.localtime(timezone=agency.zone)),
                "password_url": f"{settings.SITE_URL}{reverse('account_reset_password')}",
            }
            letter = self.render_mail("account/email/notice", user.email, context)
        account_emails.beside(letter.send)

    def send_new_browser_mail(self, user: User, browser: list[str]) -> None:
        """Tell a person, in their language, that somebody signed in as them from a browser that is new."""
        agency = Agency.current()
        with translation.override(user.language or agency.language):
            context = {
                "user": user,
                "browser": browsers.in_words(browser),
                "at": moment(timezone.localtime(timezone=agency.zone)),
                "password_url": f"{settings.SITE_URL}{reverse('account_reset_password')}",
            }
            letter = self.render_mail("account/email/new_browser", user.email, context)
        account_emails.beside(letter.send)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The provider only says whose e-mail address somebody has; whoever has an account here with it may enter.

    Nothing about the provider's account is stored, so that there is one thing to keep right: the address.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        address = next((address for address in sociallogin.email_addresses), None)
        if address is None or str(address.verified).lower() != "true":  # some providers send it as text
            self._refuse(request, _("Your sign-in service has not confirmed your e-mail address, so it is not enough."))
        person = User.objects.filter(email=address.email.lower()).first()
        if person is None:
            sentence = _("Nobody here has the address %(email)s. Ask your director to add you with it.")
            self._refuse(request, sentence % {"email": address.email})
        if request.user.is_authenticated:
            self._show_again(request, person, sociallogin)
        sociallogin.user = person
        sociallogin.state["process"] = AuthProcess.LOGIN  # never to tie the provider's account to one here

    def _show_again(self, request: HttpRequest, person: User, sociallogin: SocialLogin) -> NoReturn:
        """Who is signed in was asked who they are: go on with what they wanted, in the same session."""
        if person != request.user:
            sentence = _("You are signed in as %(email)s. Show that you are the same person.")
            self._refuse(request, sentence % {"email": request.user.email})  # type: ignore[union-attr]
        asked_at = sociallogin.account.extra_data.get("id_token", {}).get("auth_time", time.time())
        if time.time() - asked_at > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            self._refuse(request, _("Your sign-in service did not ask who you are. Sign out there, then try again."))
        record_authentication(request, person, "socialaccount", reauthenticated=True)
        request.GET = QueryDict(urlencode({"next": sociallogin.get_redirect_url(request) or "/"}))
        raise ImmediateHttpResponse(resume_request(request) or redirect("/"))

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self._refuse(request, PROVIDER_DID_NOT)

    def _refuse(self, request: HttpRequest, reason: Any) -> NoReturn:
        SecurityEvent.record(Kind.NOT_SIGNED_IN, detail="single sign-on")
        messages.error(request, reason)
        raise ImmediateHttpResponse(redirect("account_login"))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Codes of an app, passkeys and recovery codes, under the name of the app and of the agency."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your agency asks for a second factor. Add another one before you remove this one."
        ),
        "incorrect_code": gettext_lazy("This code is not right, or it is too old. Enter the one that is shown now."),
    }

    def _get_site_name(self) -> str:
        return "Retour"

    def encrypt(self, text: str) -> str:
        return encrypted_fields.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Back to the sign-in with a sentence when it was sealed with a secret that is not known here."""
        try:
            return encrypted_fields.unseal(encrypted_text)
        except encrypted_fields.Unreadable as error:
            log.error("a second factor was sealed with another SECRET_KEY (docs/accounts.md)")
            sentence = _("Your second factor can no longer be read, so it opens nothing. Ask a director to remove it.")
            messages.error(current.request, sentence)
            raise ImmediateHttpResponse(redirect("account_login")) from error

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return second_factor.can_do_without(authenticator, Agency.current())
