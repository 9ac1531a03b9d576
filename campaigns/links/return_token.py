"""What a link sends along as `rt`, and a form sends back: which link was followed when, signed.

It is believed for its signature alone, so no click is kept to compare it with (docs/adr/0040). The key is derived from
SECRET_KEY, and from each of SECRET_KEY_FALLBACKS for what was signed before the secret was changed.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "campaigns.links.return_token"
NAME = "rt"
# As long as the script keeps it where somebody agreed, and the day on which it is sent.
VALID_FOR = timedelta(days=91)
AHEAD = timedelta(minutes=5)
LONGEST = 120
SIGNATURE_DIGITS = 32  # hexadecimal: 128 bits


@dataclass(frozen=True)
class FollowedLink:
    """That a link was followed, at this second."""

    slug: str
    at: datetime


def issue(slug: str, *, at: datetime) -> str:
    content = f"{slug}.{int(at.timestamp()):x}.{secrets.token_hex(6)}"
    return f"{content}.{_signature(content, settings.SECRET_KEY)}"


def read(token: str, *, at: datetime) -> FollowedLink | None:
    """What a token says; None when it was not issued here, was changed, or is too old."""
    content, dot, signature = token.rpartition(".")
    if not dot or len(token) > LONGEST or not token.isascii() or not _is_signed(content, signature):
        return None
    slug, seconds, _nonce = content.split(".")
    followed = FollowedLink(slug, datetime.fromtimestamp(int(seconds, 16), UTC))
    return followed if at - VALID_FOR <= followed.at <= at + AHEAD else None


def _is_signed(content: str, signature: str) -> bool:
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(signature, _signature(content, secret)) for secret in known)


def _signature(content: str, secret: str) -> str:
    return salted_hmac(SALT, content, secret=secret, algorithm="sha256").hexdigest()[:SIGNATURE_DIGITS]
