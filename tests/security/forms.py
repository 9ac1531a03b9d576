"""The forms of a page as a browser sees them: their fields, what it would send, and what is said at each field."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from django.core.files.base import ContentFile

# What a person could type where nothing stands yet, by the kind of the field.
RIGHT = {
    "date": "2026-11-16",
    "week": "2026-W46",
    "datetime-local": "2026-11-10T10:00",
    "email": "somebody@client.example",
    "decimal": "7",
    "number": "7",
    "url": "https://client.example",
}
FILE = b"date,email,platform,campaign,hours,note\n2026-11-16,nobody@client.example,Facebook,,1,of a form\n"
BOXES = ("radio", "checkbox")
BUTTONS = ("submit", "button")


@dataclass(frozen=True)
class Field:
    """`kind` is the type of the input as a browser knows it; `decimal` for a number that is typed as text."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    is_sent: bool = True

    @property
    def is_typed(self) -> bool:
        """Whether it holds what somebody wrote, which must not be lost; a browser never sends a password back."""
        return self.kind not in (*BOXES, *BUTTONS, "select", "hidden", "password", "file")

    @property
    def right(self) -> str:
        """What it holds, or else something that it can take."""
        text = RIGHT.get(self.kind, "Ada" if self.is_typed else "")
        return self.value or next((one for one in self.options if one), text)


@dataclass
class Form:
    """One form; what htmx sends by itself, outside of any form, is one of its own."""

    action: str = ""
    method: str = "post"
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What a browser would send if nobody changed anything; a file has no text."""
        return {one.name: one.value for one in self.fields.values() if one.is_sent}

    def completed(self) -> dict[str, str]:
        """The same with something right in each field that is empty."""
        return {one.name: one.right for one in self.fields.values() if one.is_sent}

    def filled(self) -> dict[str, object]:
        """All that it can send: each box ticked, the first button pressed, a file wherever one is asked for."""
        return {
            one.name: ContentFile(FILE, name="a.csv") if one.kind == "file" else one.right
            for one in self.fields.values()
        }


def forms_of(html: str) -> list[Form]:
    return _read(html).forms


def form_of(html: str, address: str) -> Form:
    """The form of a page that is sent to its own address; an empty one when there is none."""
    own = [form for form in forms_of(html) if form.method == "post" and form.action in ("", address)]
    return max(own, key=lambda form: len(form.fields), default=Form())


def errors_of(html: str) -> dict[str, str]:
    """What a page says is wrong, by the name of the field."""
    return _read(html).errors


def _read(html: str) -> "_Parser":
    parser = _Parser()
    parser.feed(html)
    return parser


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.errors: dict[str, str] = {}
        self._fields: dict[str, Field] | None = None
        self._select = self._textarea = self._error = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form" or (self._fields is None and "hx-post" in held):
            self._form(tag, held)
        elif tag == "ul" and "errorlist" in held.get("class", ""):
            self._error = held.get("id", "").removesuffix("_error").removeprefix("id_") or "the whole form"
        elif self._fields is not None:
            self._part(self._fields, tag, held)

    def _form(self, tag: str, held: dict[str, str]) -> None:
        form = Form(held.get("hx-post") or held.get("action", ""), held.get("method", "post").lower())
        self.forms.append(form)
        self._fields = form.fields if tag == "form" else None

    def _part(self, fields: dict[str, Field], tag: str, held: dict[str, str]) -> None:
        name = held.get("name", "")
        if tag == "option" and self._select:
            self._option(fields, held)
        elif not name or name == "csrfmiddlewaretoken":
            return
        elif tag == "select":
            self._select = name
            fields[name] = Field(name, "select")
        elif tag == "textarea":
            self._textarea = name
            fields[name] = Field(name, "textarea")
        elif tag in ("input", "button"):
            self._input(fields, name, {"type": "submit" if tag == "button" else "text", **held})

    def _input(self, fields: dict[str, Field], name: str, held: dict[str, str]) -> None:
        kind = "decimal" if held["type"] == "text" and held.get("inputmode") == "decimal" else held["type"]
        if kind in BOXES:
            there = fields.get(name, Field(name, kind, is_sent=False))
            value = held.get("value", "on")
            if "checked" in held:
                there = replace(there, value=value, is_sent=True)
            fields[name] = replace(there, options=(*there.options, value))
        elif kind in BUTTONS:
            fields.setdefault(name, Field(name, kind, held.get("value", ""), is_sent=False))
        else:
            fields[name] = Field(name, kind, held.get("value", ""))

    def _option(self, fields: dict[str, Field], held: dict[str, str]) -> None:
        there, value = fields[self._select], held.get("value", "")
        is_first = not there.options
        there = replace(there, options=(*there.options, value))
        fields[self._select] = replace(there, value=value) if is_first or "selected" in held else there

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "ul":
            self._error = ""
        elif tag == "form":
            self._fields = None

    def handle_data(self, data: str) -> None:
        if self._error and data.strip():
            said = f"{self.errors.get(self._error, '')} {data.strip()}"
            self.errors[self._error] = said.strip()
        elif self._textarea and self._fields is not None:
            there = self._fields[self._textarea]
            self._fields[self._textarea] = replace(there, value=(there.value + data).removeprefix("\n"))
