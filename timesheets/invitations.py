"""The link under which a person chooses their first password: signed, for seven days, and for one use."""

from datetime import timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from timesheets.models import User

VALID_FOR = timedelta(days=7)
SALT = "timesheets.invitations"


def token_of(person: User) -> str:
    return signing.dumps([person.pk, _state_of(person)], salt=SALT)


def person_of(token: str) -> User | None:
    """Whom this link was made for; None when it was not made here, is too old, or a password was set since."""
    try:
        pk, state = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk).first()
    return person if person and constant_time_compare(state, _state_of(person)) else None


def _state_of(person: User) -> str:
    """Changes with the password and the address, so that a link dies once it was used or went to the wrong place."""
    return salted_hmac(SALT, f"{person.password} {person.email}").hexdigest()[:32]
