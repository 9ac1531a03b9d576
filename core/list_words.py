"""Sentences about what the address of a list cannot mean."""

from typing import Any

from django.utils.translation import gettext


def no_choice(label: Any, value: str) -> str:
    return gettext("%(label)s: “%(asked)s” is not one of the choices, so the usual one is shown.") % {
        "label": label,
        "asked": truncate(value),
    }


def truncate(text: str) -> str:
    """As much of a text from outside as fits into a sentence, without what cannot be seen."""
    shown = "".join(letter for letter in text[:40] if letter.isprintable())
    return shown if len(text) <= 40 else f"{shown}…"
