"""Secrets of second factors as the database holds them: sealed, so that a copy of it alone opens no account.

The key comes from SECRET_KEY by HKDF (RFC 5869), and from each of SECRET_KEY_FALLBACKS for what was sealed before the
secret was changed. The seal is Fernet: AES-128-CBC and HMAC-SHA256.
"""

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "fernet:"  # tells what is sealed from what an older version left open
PURPOSE = b"retour: secrets of second factors"


class Unreadable(Exception):
    """Sealed with a secret that is not known here, or damaged."""


def seal(text: str) -> str:
    return MARK + _box(_secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text; what an older version left open is returned as it is. Unreadable when no known secret opens it."""
    if not sealed.startswith(MARK):
        return sealed
    try:
        return _box(_secrets()).decrypt(sealed.removeprefix(MARK).encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _secrets() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


@functools.lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
