"""Secrets as the database holds them: sealed, so that a copy of the database alone tells none of them.

The key comes from SECRET_KEY by HKDF (RFC 5869), one for each purpose, and from each of SECRET_KEY_FALLBACKS for what
was sealed before the secret was changed. The seal is Fernet: AES-128-CBC and HMAC-SHA256.
"""

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "fernet:"  # tells what is sealed from what an older version left open


class Unreadable(Exception):
    """Sealed with a secret that is not known here, or damaged."""


def seal(text: str, *, purpose: str) -> str:
    return MARK + _box(purpose, _secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text; what an older version left open is returned as it is. Unreadable when no known secret opens it."""
    if not sealed.startswith(MARK):
        return sealed
    try:
        return _box(purpose, _secrets()).decrypt(sealed.removeprefix(MARK).encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _secrets() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


@functools.lru_cache(maxsize=16)
def _box(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])


def _key(purpose: str, secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
