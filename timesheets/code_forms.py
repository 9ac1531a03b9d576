"""Codes of an app: each opens something once, the one with which the app was set up included.

django-allauth remembers a code for half a minute, and that of the set-up not at all; codes are taken for longer, since
the clocks of phones differ.
"""

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from campaigns.models import SecurityEvent

PERIOD_SECONDS = 30
TAKEN_FOR_SECONDS = PERIOD_SECONDS * (2 * settings.MFA_TOTP_TOLERANCE + 1)


def use_up(user: Any, code: str) -> None:
    """Take a right code for good, or refuse it as one that is not right."""
    mark = salted_hmac("timesheets.code_forms", f"{user.pk} {normalize_user_code(code)}").hexdigest()
    if not cache.add(f"second-factor-code-{mark}", "used", timeout=TAKEN_FOR_SECONDS):
        raise get_adapter().validation_error("incorrect_code")


class UsedOnce:
    """A form with the code of an app, for a person."""

    user: Any

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            use_up(self.user, code)
        except ValidationError:
            SecurityEvent.record(SecurityEvent.Kind.NOT_SIGNED_IN, person=self.user, detail="code")
            raise
        return code


class ActivationForm(UsedOnce, ActivateTOTPForm):
    """Sets up an app."""


class CodeForm(UsedOnce, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(UsedOnce, ReauthenticateForm):
    """Who is signed in shows once more who they are."""
