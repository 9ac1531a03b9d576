"""What is copied into the page of a form: the form itself, and the script that says where a visitor came from."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from campaigns.models import CaptureKey

# Its name says which one it is, so that browsers may keep it for ever: one that changes gets another name.
SCRIPT = "capture/origin-1.js"


def form_of(key: CaptureKey) -> str:
    """The form in the reader's language, for a public key; nothing for a server's."""
    return render_to_string("campaigns/capture/_form.html", {"key": key}).strip() if key.is_public else ""


def consent_tag() -> str:
    """How a page says that its visitor agreed, and to what."""
    agreed = _("I agree that you remember where I came from.")
    return f'<html data-retour-consent="{agreed}">'


def script_tag() -> str:
    return f'<script defer src="{settings.SITE_URL}{settings.STATIC_URL}{SCRIPT}"></script>'
