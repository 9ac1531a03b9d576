"""A part of a page that it shows many times: rendered once with places in it, then filled in with the values."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, NoReturn

from django.utils.safestring import SafeString

# No text of ours has these characters; one in a value does no harm, because what is filled in is not read again.
BEGINS, ENDS = "\ue000", "\ue001"
PLACE = re.compile(f"{BEGINS}(.*?){ENDS}")


class Placeholder(str):
    """Stands where a value goes. It is none itself: a template can only write it, and nothing depends on it."""

    def __bool__(self) -> NoReturn:
        raise TypeError("What is filled in later cannot be asked about: give it to the part as a value as well.")


def places(names: Iterable[str]) -> dict[str, Placeholder]:
    """What to give to the template in the place of each value."""
    return {name: Placeholder(f"{BEGINS}{name}{ENDS}") for name in names}


class Pattern:
    """A rendering with such places. It is in the language in which it was made."""

    def __init__(self, rendering: str) -> None:
        parts = PLACE.split(rendering)
        self._first, self._rest = parts[0], list(zip(parts[1::2], parts[2::2], strict=True))
        self._whole = SafeString(rendering) if not self._rest else None

    def fill(self, values: Mapping[str, Any]) -> SafeString:
        """Put in each value, escaped unless it is HTML already."""
        if self._whole is not None:
            return self._whole
        written = {
            name: value if isinstance(value, SafeString) else escape(str(value)) for name, value in values.items()
        }
        filled = [self._first]
        for name, text in self._rest:
            filled += (written[name], text)
        return SafeString("".join(filled))
