"""A template that a page shows many times: rendered once with places in it, then filled in with the values."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# No text of ours has these characters; one in a value does no harm, because what is filled in is not read again.
BEGINS, ENDS = "\ue000", "\ue001"
PLACE = re.compile(f"{BEGINS}(.*?){ENDS}")


def places(names: Iterable[str]) -> dict[str, str]:
    """What to give to the template in the place of each value."""
    return {name: f"{BEGINS}{name}{ENDS}" for name in names}


class Pattern:
    """The rendering of a template with such places. It is in the language in which it was made."""

    def __init__(self, template: str, context: Mapping[str, Any]) -> None:
        parts = PLACE.split(render_to_string(template, dict(context)))
        self._texts, self._names = parts[::2], parts[1::2]

    def fill(self, values: Mapping[str, Any]) -> SafeString:
        """Put in each value, escaped unless it is HTML already."""
        written = {
            name: value if isinstance(value, SafeString) else escape(str(value)) for name, value in values.items()
        }
        filled = [text + written[name] for text, name in zip(self._texts, self._names, strict=False)]
        return SafeString("".join([*filled, self._texts[-1]]))
