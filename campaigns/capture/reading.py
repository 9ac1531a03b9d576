"""What a form that was sent says: who wrote, what they wrote, where they came from and what they agreed to."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns.capture.field_names import HONEYPOT, ORIGIN, OURS, STORED_ORIGIN, meaning_of
from campaigns.capture.senders import SentForm

LONGEST = {"name": 160, "email": 254, "phone": 40, "company": 160, "how_heard": 200}
LONGEST_MESSAGE, LONGEST_CONSENT, LONGEST_OF_ORIGIN = 20_000, 500, 200
KEPT_FOR = timedelta(days=90)
CLICK_IDS = ("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "li_fat_id", "ttclid", "twclid", "epik")
OF_ORIGIN = (*ORIGIN, *CLICK_IDS, "referrer")
WEB_ADDRESS = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
MOST_ADDRESSES = 3


@dataclass(frozen=True)
class SaidOrigin:
    """What a page said of where somebody came from, at an instant of the visitor's own clock; None for just now."""

    said: Mapping[str, str]
    at: datetime | None = None


@dataclass(frozen=True)
class FormContact:
    """A form, read. `values` are fields of a lead and the message; `origins` the first, the last and the present."""

    values: dict[str, str]
    origins: dict[str, SaidOrigin] = field(default_factory=dict)
    consent_text: str = ""
    consent_at: datetime | None = None
    is_spam: bool = False
    number: str = ""

    @property
    def says_who(self) -> bool:
        return any(self.values.get(name) for name in ("name", "email", "phone", "company"))


def read(sent: SentForm, own_names: Mapping[str, str], *, at: datetime) -> FormContact:
    """Read a form; what no field of a lead holds is kept in the message, so that nothing written is lost."""
    parts: dict[str, str] = {}
    rest: list[str] = []
    for name, text in sent.fields.items():
        if not text or name in OURS:
            continue
        meaning = meaning_of(name, own_names)
        if meaning and not parts.get(meaning):
            parts[meaning] = text
        else:
            rest.append(f"{name}: {text}")
    values = _values(parts, rest)
    stored = _stored(sent.fields.get(STORED_ORIGIN, ""))
    consent = parts.get("consent") or _text(_part(stored, "consent").get("text"))
    return FormContact(
        values=values,
        origins=_origins(sent.fields, stored, at),
        consent_text=consent[:LONGEST_CONSENT],
        consent_at=(_instant(_part(stored, "consent").get("at"), at) or at) if consent else None,
        is_spam=is_spam(sent.fields, values),
        number=sent.number[:200],
    )


def _values(parts: dict[str, str], rest: list[str]) -> dict[str, str]:
    whole = " ".join(filter(None, (parts.get("first_name"), parts.get("last_name"))))
    values = {name: parts.get(name, "") for name in LONGEST}
    values["name"] = values["name"] if not whole or whole in values["name"] else whole or values["name"]
    if values["email"] and not _is_email(values["email"]):
        rest.append(f"e-mail: {values.pop('email')}")
    for name, longest in LONGEST.items():
        if len(values.get(name, "")) > longest:
            rest.append(f"{name}: {values[name]}")
            values[name] = values[name][:longest]
    message = "\n".join(filter(None, (parts.get("message"), *rest)))
    return {name: text for name, text in {**values, "message": message[:LONGEST_MESSAGE]}.items() if text}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def is_spam(fields: Mapping[str, str], values: Mapping[str, str]) -> bool:
    """A filled trap, a name that is an address of a site, or a message of little else."""
    if fields.get(HONEYPOT):
        return True
    short = " ".join(values.get(name, "") for name in ("name", "company", "phone"))
    return bool(WEB_ADDRESS.search(short)) or len(WEB_ADDRESS.findall(values.get("message", ""))) > MOST_ADDRESSES


# -- where somebody came from -----------------------------------------------------------------------------------------


def _origins(fields: Mapping[str, str], stored: Mapping[str, Any], at: datetime) -> dict[str, SaidOrigin]:
    """By name, oldest first; those that say nothing are none."""
    found = {name: _stored_origin(_part(stored, name), at) for name in ("first", "last")}
    found["now"] = SaidOrigin({name: fields[name][:LONGEST_OF_ORIGIN] for name in ORIGIN if fields.get(name)})
    return {name: origin for name, origin in found.items() if origin.said}


def _stored_origin(part: Mapping[str, Any], at: datetime) -> SaidOrigin:
    said = {name: _text(part.get(name))[:LONGEST_OF_ORIGIN] for name in OF_ORIGIN}
    seen = _instant(part.get("at"), at)
    is_kept = seen is not None and seen >= at - KEPT_FOR
    return SaidOrigin({name: text for name, text in said.items() if text} if is_kept else {}, seen)


def _stored(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str:
    return (
        value.encode("utf-8", "ignore").decode().replace("\x00", "").strip()[:LONGEST_CONSENT]
        if isinstance(value, str)
        else ""
    )


def _instant(value: Any, at: datetime) -> datetime | None:
    """Milliseconds since 1970 of the visitor's clock; one that is ahead of ours is now."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e14:
        return None
    return min(datetime.fromtimestamp(value / 1000, UTC), at)
