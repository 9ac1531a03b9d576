"""What each program sends when a form is filled in, and how it signs it. Pure.

The shapes follow the programs' public documentation; tests/campaigns/capture/senders/ holds one of each.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

KEY_HEADER = "X-Retour-Key"  # of a program that signs nothing
SIGNED_FOR = timedelta(minutes=5)
# A program of its own may ask more than a form on a page does.
MOST_FIELDS, MOST_SIGNED_FIELDS = 30, 100


class UnreadableBody(ValueError):
    """The body is not what this sender sends."""


@dataclass(frozen=True)
class SentForm:
    """The fields as the form calls them, in its order; `number` is the sender's own for this one, if it has one."""

    fields: dict[str, str]
    number: str = ""


# -- bodies -----------------------------------------------------------------------------------------------------------


def plain(body: bytes, content_type: str) -> SentForm:
    """Fields as a browser sends them, or as one JSON object."""
    if content_type == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_SIGNED_FIELDS + 1)
        except ValueError as error:  # not UTF-8, or too many
            raise UnreadableBody("fields") from error
        return SentForm(_joined(pairs))
    return SentForm(_joined([(str(name), text_of(value)) for name, value in _object(body).items()]))


def typeform(body: bytes, _content_type: str) -> SentForm:
    """The questions are in a definition, the answers beside them; hidden fields are as the address had them."""
    response = _part(_object(body), "form_response")
    titles = {
        str(field.get("id")): str(field.get("title", "")) for field in _parts(_part(response, "definition"), "fields")
    }
    hidden = [(str(name), text_of(value)) for name, value in _part(response, "hidden").items()]
    answers = [
        (
            titles.get(str(_part(answer, "field").get("id"))) or str(_part(answer, "field").get("ref", "")),
            _answer(answer),
        )
        for answer in _parts(response, "answers")
    ]
    return SentForm(_joined([*answers, *hidden]), _clean(str(response.get("token", ""))))


def _answer(answer: Mapping[str, Any]) -> str:
    """An answer stands under the name of its type; of a choice its label is what was said."""
    value = answer.get(str(answer.get("type", "")))
    if isinstance(value, Mapping):
        value = value.get("label") or value.get("labels") or value.get("other")
    return text_of(value)


def tally(body: bytes, _content_type: str) -> SentForm:
    """Each field has its label and value; of what was chosen from a list the value is the number of an option."""
    data = _part(_object(body), "data")
    fields = [(str(field.get("label") or field.get("key", "")), _chosen(field)) for field in _parts(data, "fields")]
    return SentForm(_joined(fields), _clean(str(data.get("responseId", ""))))


def _chosen(field: Mapping[str, Any]) -> str:
    options = {str(option.get("id")): option.get("text") for option in _parts(field, "options")}
    value = field.get("value")
    values = value if isinstance(value, list) else [value]
    return text_of([options.get(one, one) if isinstance(one, str) else one for one in values])


def webflow(body: bytes, _content_type: str) -> SentForm:
    payload = _part(_object(body), "payload")
    data = [(str(name), text_of(value)) for name, value in _part(payload, "data").items()]
    return SentForm(_joined(data), _clean(str(payload.get("id", ""))))


def text_of(value: Any) -> str:
    """A value as text; lists are joined, objects are not for people."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_of, value)))
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Of a name that comes several times all that was said."""
    fields: dict[str, str] = {}
    for name, text in pairs:
        name, text = _clean(name)[:200], _clean(text)
        fields[name] = f"{fields[name]}, {text}" if fields.get(name) and text else fields.get(name) or text
    return fields


def _clean(text: str) -> str:
    """Without what no database holds: halves of characters and zeros."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "").strip()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableBody("json") from error
    if not isinstance(found, dict):
        raise UnreadableBody("json")
    return found


def _part(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _parts(whole: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    parts = whole.get(name)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


# -- signatures -------------------------------------------------------------------------------------------------------

Headers = Mapping[str, str]


def _hmac(secret: str, content: bytes) -> "hmac.HMAC":
    return hmac.new(secret.encode(), content, hashlib.sha256)


def _same(sent: str, right: str) -> bool:
    return bool(sent) and hmac.compare_digest(sent.encode(), right.encode())


def signed_by_typeform(body: bytes, headers: Headers, secret: str, _at: datetime) -> bool:
    right = base64.b64encode(_hmac(secret, body).digest()).decode()
    return _same(headers.get("Typeform-Signature", ""), f"sha256={right}")


def signed_by_tally(body: bytes, headers: Headers, secret: str, _at: datetime) -> bool:
    return _same(headers.get("Tally-Signature", ""), base64.b64encode(_hmac(secret, body).digest()).decode())


def signed_by_webflow(body: bytes, headers: Headers, secret: str, at: datetime) -> bool:
    """Webflow signs the time too, in milliseconds, so that an old one is no use to who kept it."""
    sent = headers.get("X-Webflow-Timestamp", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 15):
        return False
    is_recent = abs(at.timestamp() - int(sent) / 1000) <= SIGNED_FOR.total_seconds()
    right = _hmac(secret, f"{sent}:".encode() + body).hexdigest()
    return is_recent and _same(headers.get("X-Webflow-Signature", ""), right)


def has_key_in_header(_body: bytes, headers: Headers, secret: str, _at: datetime) -> bool:
    return _same(headers.get(KEY_HEADER, ""), secret)


@dataclass(frozen=True)
class FormSender:
    """How the body of a program is read, and how it is told from a stranger's."""

    read: Callable[[bytes, str], SentForm]
    is_signed: Callable[[bytes, Headers, str, datetime], bool]


SIGNED = {
    "typeform": FormSender(typeform, signed_by_typeform),
    "tally": FormSender(tally, signed_by_tally),
    "webflow": FormSender(webflow, signed_by_webflow),
    "wordpress": FormSender(plain, has_key_in_header),
}
