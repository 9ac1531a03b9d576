"""One e-mail to whoever asks for it: does what is sent from here arrive?"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from core import smtp


def send(address: str) -> None:
    """Send it now, in the current language; `smtp.NotSent` and `smtp.DeliveryUnknown` say why it did not go."""
    body = _("This is what an e-mail from Retour looks like. It was sent from %(site)s because you asked for it.")
    message = EmailMessage(
        subject=_("An e-mail from Retour arrives"),
        body=body % {"site": settings.SITE_URL},
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
    )
    smtp.send(message)
