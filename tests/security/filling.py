"""A form as a browser sees it: its fields, what it would send as it stands, and what is said at each field."""

from dataclasses import dataclass, replace
from html.parser import HTMLParser

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
CHOSEN = ("select", "radio", "checkbox")


@dataclass(frozen=True)
class Field:
    """`kind` is the type of the input as a browser knows it; `decimal` for a number that is typed as text."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    is_checked: bool = True

    @property
    def is_typed(self) -> bool:
        """Whether it holds what somebody wrote, which must not be lost; a browser never sends a password back."""
        return self.kind not in (*CHOSEN, "hidden", "password", "file")


class Form(HTMLParser):
    """The forms of a page, or the one that is sent to `action`."""

    def __init__(self, page: str, *, action: str = "") -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        self.errors: dict[str, str] = {}
        self._action, self._is_in = action, not action
        self._select = self._textarea = self._error = ""
        self.feed(page)

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        """What a browser would send if nobody changed anything."""
        return {one.name: one.value for one in self.fields.values() if one.is_checked}

    def completed(self) -> dict[str, str]:
        """The same with something right in each field that is empty."""
        return {name: value or self._right(self.fields[name]) for name, value in self.values.items()}

    def _right(self, field: Field) -> str:
        if field.kind in ("select", "radio"):
            return next((one for one in field.options if one), "")
        return RIGHT.get(field.kind, "Ada" if field.is_typed else "")

    # -- how it is read -------------------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_in = not self._action or held.get("action", "") == self._action
        elif tag == "ul" and "errorlist" in held.get("class", ""):
            self._error = held.get("id", "").removesuffix("_error").removeprefix("id_") or "the whole form"
        if not self._is_in:
            return
        name = held.get("name", "")
        if tag == "input" and name and name != "csrfmiddlewaretoken":
            self._input(name, held)
        elif tag == "textarea" and name:
            self._textarea = name
            self.fields[name] = Field(name, "textarea")
        elif tag == "select" and name:
            self._select = name
            self.fields[name] = Field(name, "select")
        elif tag == "option" and self._select:
            self._option(held)

    def _input(self, name: str, held: dict[str, str]) -> None:
        kind = held.get("type", "text")
        if kind == "text" and held.get("inputmode") == "decimal":
            kind = "decimal"
        if kind not in ("checkbox", "radio"):
            if kind not in ("submit", "button"):
                self.fields[name] = Field(name, kind, held.get("value", ""))
            return
        there = self.fields.get(name, Field(name, kind, is_checked=False))
        value = held.get("value", "on")
        if "checked" in held:
            there = replace(there, value=value, is_checked=True)
        self.fields[name] = replace(there, options=(*there.options, value))

    def _option(self, held: dict[str, str]) -> None:
        there, value = self.fields[self._select], held.get("value", "")
        is_first = not there.options
        there = replace(there, options=(*there.options, value))
        self.fields[self._select] = replace(there, value=value) if is_first or "selected" in held else there

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "ul":
            self._error = ""
        elif tag == "form" and self._action:
            self._is_in = False

    def handle_data(self, data: str) -> None:
        if self._error and data.strip():
            said = f"{self.errors.get(self._error, '')} {data.strip()}"
            self.errors[self._error] = said.strip()
        elif self._textarea:
            there = self.fields[self._textarea]
            self.fields[self._textarea] = replace(there, value=(there.value + data).removeprefix("\n"))
