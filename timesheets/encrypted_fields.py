"""Secrets of second factors as the database holds them; core/sealing.py says how."""

from core import sealing
from core.sealing import MARK, Unreadable

__all__ = ["MARK", "Unreadable", "seal", "unseal"]

PURPOSE = "retour: secrets of second factors"


def seal(text: str) -> str:
    return sealing.seal(text, purpose=PURPOSE)


def unseal(sealed: str) -> str:
    """The text; what an older version left open is returned as it is. Unreadable when no known secret opens it."""
    return sealing.unseal(sealed, purpose=PURPOSE)
