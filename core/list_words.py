"""Parts of sentences: what the address of a list cannot mean, a word before another, how many more there are."""

from typing import Any

from django.utils.translation import gettext, pgettext


def no_choice(label: Any, value: str) -> str:
    return gettext("%(label)s: “%(asked)s” is not one of the choices, so the usual one is shown.") % {
        "label": label,
        "asked": truncate(value),
    }


def truncate(text: str) -> str:
    """As much of a text from outside as fits into a sentence, without what cannot be seen."""
    shown = "".join(letter for letter in text[:40] if letter.isprintable())
    return shown if len(text) <= 40 else f"{shown}…"


def with_colon(word: object, text: object) -> str:
    """`Facebook: 60 h`; French puts a space before the colon."""
    colon = pgettext("after a word", ":")
    return f"{word}{colon} {text}"


def and_more(names: str, rest: int) -> str:
    """Names, and how many there are besides."""
    return names if rest <= 0 else gettext("%(names)s and %(count)s more") % {"names": names, "count": rest}
