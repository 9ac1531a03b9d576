"""E-mails about an account, sent beside the answer.

Neither the time that a mail server takes nor its refusal may tell a stranger who has an account here, and nobody's new
password fails because an e-mail about it did.
"""

import contextvars
import logging
import threading
from collections.abc import Callable

from django.db import connection
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

SECOND_FACTOR_REMOVED = "second factor removed"
# What a person is told of in an e-mail, by the names that django-allauth has for it, and by one of ours.
NOTICES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("A new password was chosen, under a link that was e-mailed to you."),
    "account/email/password_set": _("A password was chosen for your account."),
    "mfa/email/totp_activated": _("A code from an app was added as a second factor."),
    "mfa/email/totp_deactivated": _("The code from an app was removed as a second factor."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made. The old ones no longer work."),
    SECOND_FACTOR_REMOVED: _("Every second factor was removed. Your password alone lets you in now."),
}


def beside(work: Callable[[], object]) -> None:
    """Do this in a thread of its own, which the process waits for when it ends; what fails is logged."""
    threading.Thread(target=contextvars.copy_context().run, args=(_in_thread, work), name="letter").start()


def attempt(work: Callable[[], object]) -> None:
    """Do it; an e-mail that cannot be sent is an error in the log, for who asked cannot be told."""
    try:
        work()
    except Exception:
        log.exception("an e-mail about an account was not sent")


def _in_thread(work: Callable[[], object]) -> None:
    try:
        attempt(work)
    finally:
        connection.close()
