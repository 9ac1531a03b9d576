"""The forms of a page, as a browser would send them once somebody has filled in what was left empty."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.core.files.base import ContentFile

# What to type into an empty field, by a part of its name; all others get a number, which is also a text.
TYPED = {
    "_on": "2026-11-17",
    "received_at": "2026-11-17T10:00",
    "week": "2026-W47",
    "through": "2026-11-17",
    "mail": "new@client.example",
    "joined": "2026-01-05",
}
FILE = b"date,email,platform,campaign,hours,note\n2026-11-16,nobody@client.example,Facebook,,1,of a form\n"


@dataclass
class Form:
    """One form: what its fields hold, what its selects offer, and which fields take a file."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def filled(self) -> dict[str, object]:
        typed = {name: value or typed_into(name) for name, value in self.values.items()}
        return typed | {name: ContentFile(FILE, name="a.csv") for name in self.files}


def typed_into(name: str) -> str:
    return next((text for part, text in TYPED.items() if part in name), "12")


def forms_of(html: str) -> list[Form]:
    parser = _Parser()
    parser.feed(html)
    return parser.forms


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        # A part that htmx sends by itself is a form of its own, unless it stands in one.
        if tag == "form" or (self._form is None and "hx-post" in held):
            form = Form(held.get("hx-post") or held.get("action", ""), held.get("method", "post").lower())
            self.forms.append(form)
            self._form = form if tag == "form" else None
        elif self._form and (name := held.get("name", "")) and name != "csrfmiddlewaretoken":
            self._field(self._form, tag, name, held)
        elif self._form and tag == "option" and self._select:
            self._form.options[self._select].append(held.get("value", ""))
            if "selected" in held or not self._form.values[self._select]:
                self._form.values[self._select] = held.get("value", "")

    def _field(self, form: Form, tag: str, name: str, held: dict[str, str]) -> None:
        if held.get("type") == "file":
            form.files.append(name)
        elif tag == "select":
            self._select = name
            form.options[name], form.values[name] = [], ""
        elif tag in ("input", "button", "textarea"):
            form.values.setdefault(name, held.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
