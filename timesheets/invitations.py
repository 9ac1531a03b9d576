"""The link under which a person chooses their first password: signed, for one use, and for seven days.

Where e-mail is not set up yet, a director sees the link once and hands it on; then it lives for a day.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from timesheets.models import User

log = logging.getLogger(__name__)

VALID_FOR = timedelta(days=7)
SHOWN_VALID_FOR = timedelta(hours=24)
SALT, SHOWN_SALT = "timesheets.invitations", "timesheets.invitations.shown"


class HasPassword(Exception):
    """Whoever holds this link could take the account over."""


def token_of(person: User) -> str:
    return signing.dumps([person.pk, _state_of(person)], salt=SALT)


def shown_link(person: User, *, to: User) -> str:
    """The address for a director's eyes, while no e-mail can be sent; `HasPassword` for who has one."""
    if person.has_usable_password():
        raise HasPassword
    log.warning("invitation link of user=%s shown to user=%s", person.pk, to.pk)
    token = signing.dumps([person.pk, _state_of(person)], salt=SHOWN_SALT)
    return f"{settings.SITE_URL}{reverse('timesheets:invitation', args=[token])}"


def are_sent() -> bool:
    """Whether e-mail reaches people; else links are shown."""
    return bool(settings.EMAIL_IS_SET_UP)


def person_of(token: str) -> User | None:
    """Whom this link was made for; None when it was not made here, is too old, or a password was set since."""
    content = _content(token, salt=SALT, max_age=VALID_FOR) or _content(token, salt=SHOWN_SALT, max_age=SHOWN_VALID_FOR)
    if content is None:
        return None
    pk, state = content
    person = User.objects.filter(pk=pk).first()
    return person if person and constant_time_compare(state, _state_of(person)) else None


def _content(token: str, *, salt: str, max_age: timedelta) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None


def _state_of(person: User) -> str:
    """Changes with the password and the address, so that a link dies once it was used or went to the wrong place."""
    return salted_hmac(SALT, f"{person.password} {person.email}").hexdigest()[:32]
