"""An e-mail shown in a frame of its own: what its content policy allows, to the letter."""

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any, cast

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpResponse


def as_an_email(html: str) -> HttpResponse:
    """An e-mail brings its own style and nothing else; in its frame it may not run, load, send or navigate.

    Each style is allowed by its hash: what somebody smuggled into the text would stay without effect.
    """
    policy = {
        "default-src": [NONE],
        "style-src": ["'unsafe-hashes'", *hashes_of_styles(html)],  # the word for "hashes of attributes count too"
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-popups"],
    }
    response: HttpResponse = cast(Any, csp(policy))(HttpResponse)(html)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def hashes_of_styles(html: str) -> list[str]:
    """Return the CSP source of every style element and attribute, each once, in alphabetical order."""
    parser = _Styles()
    parser.feed(html)
    parser.close()
    return sorted(f"'sha256-{_digest(style)}'" for style in parser.styles)


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


class _Styles(HTMLParser):
    """Collects the styles of a page as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.styles: set[str] = set()
        self._element: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.styles.update(value or "" for name, value in attrs if name == "style")
        if tag == "style":
            self._element = []

    def handle_data(self, data: str) -> None:
        if self._element is not None:
            self._element.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self._element is not None:
            self.styles.add("".join(self._element))
            self._element = None
