"""The signature of a message by the Standard Webhooks scheme, version 1 (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def headers(message_id: str, seconds: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message; signed by each secret, so that a receiver may know either of them.

    `seconds` since 1970 of this attempt, which a receiver compares with its clock.
    """
    signatures = [f"v1,{signature(message_id, seconds, body, secret)}" for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }


def signature(message_id: str, seconds: int, body: bytes, secret: str) -> str:
    """HMAC-SHA256 over id, timestamp and body, in Base64; the key is what follows `whsec_`, out of Base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
