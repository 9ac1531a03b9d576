"""What a channel of a chat is told: one sentence and a link, written once and fitted to Slack, Teams and Mattermost."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from campaigns.models import EventKind, Webhook, WebhookDelivery
from campaigns.models.imports import ImportKind
from campaigns.webhooks import payloads
from core import money

Data = Mapping[str, Any]
INVISIBLE = "\u200b"  # stands behind an @, so that no name calls a whole channel


def body(delivery: WebhookDelivery) -> dict[str, Any]:
    """The post as the chat reads it."""
    webhook = delivery.webhook
    text = sentence(delivery.kind, delivery.data, has_names=webhook.has_personal_data)
    url = delivery.data.get("url") or settings.SITE_URL
    return WRITERS[webhook.format](text, url)


# -- the sentence -----------------------------------------------------------------------------------------------------


def sentence(kind: str, data: Data, *, has_names: bool) -> str:
    """What happened, in the current language; leads by name only where that was chosen."""
    if kind in SENTENCES:
        return SENTENCES[EventKind(kind)](payloads.with_names(kind, data) if has_names else data)
    return str(data.get("text", "")) or str(EventKind(kind).label)


def _lead(pattern: str) -> Callable[[Data], str]:
    def write(data: Data) -> str:
        return _(pattern) % {"lead": _name(data), "origin": _origin(data)}

    return write


def _name(data: Data) -> str:
    person = data.get("person") or {}
    named = person.get("name") or person.get("company") if isinstance(person, dict) else ""
    return named or _("Lead %(number)s") % {"number": data.get("lead")}


def _origin(data: Data) -> str:
    parts = [data[part] for part in ("platform", "campaign") if data.get(part)]
    return " · ".join(parts) if parts else _("origin not known")


def _amount(data: Data) -> str:
    cents = int(str(data["amount"]).replace(".", ""))
    return money.format_in(abs(cents), data["currency"])


def _sale(data: Data) -> str:
    return _("Sale: %(amount)s (%(origin)s)") % {"amount": _amount(data), "origin": _origin(data)}


def _refund(data: Data) -> str:
    return _("Refund: %(amount)s (%(origin)s)") % {"amount": _amount(data), "origin": _origin(data)}


def _submitted(data: Data) -> str:
    (name,) = payloads.names_of([data["person"]]) or [_("Somebody")]
    return _("%(name)s submitted %(week)s: %(hours)s") % {
        "name": name,
        "week": data["week"],
        "hours": _hours(data["minutes"]),
    }


def _missing(data: Data) -> str:
    people = payloads.names_of(data["people"])
    if not people:
        return _("Everybody has submitted %(week)s.") % {"week": data["week"]}
    return ngettext(
        "%(week)s is not submitted by %(count)s person: %(people)s",
        "%(week)s is not submitted by %(count)s people: %(people)s",
        len(people),
    ) % {"week": data["week"], "count": len(people), "people": ", ".join(people)}


def _week_hours(data: Data) -> str:
    minutes: Mapping[str, int] = data["minutes"]
    if not minutes:
        return _("No hours were logged in %(week)s.") % {"week": data["week"]}
    most = sorted(minutes.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{platform} {_hours(spent)}" for platform, spent in most)
    total = _hours(sum(minutes.values()))
    return _("Hours of %(week)s: %(total)s. %(parts)s") % {"week": data["week"], "total": total, "parts": parts}


def _import(data: Data) -> str:
    return _("%(kind)s imported: %(rows)s rows") % {"kind": ImportKind(data["kind"]).label, "rows": data["rows"]}


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


SENTENCES: dict[EventKind, Callable[[Data], str]] = {
    EventKind.LEAD_CREATED: _lead(gettext_noop("New lead: %(lead)s (%(origin)s)")),
    EventKind.LEAD_QUALIFIED: _lead(gettext_noop("Qualified: %(lead)s (%(origin)s)")),
    EventKind.LEAD_WON: _lead(gettext_noop("Won: %(lead)s (%(origin)s)")),
    EventKind.LEAD_MERGED: lambda data: _("Leads %(merged)s and %(lead)s are one now.") % data,
    EventKind.LEAD_ERASED: lambda data: _("Lead %(lead)s was erased.") % data,
    EventKind.SALE_CREATED: _sale,
    EventKind.REFUND_CREATED: _refund,
    EventKind.WEEK_SUBMITTED: _submitted,
    EventKind.WEEK_MISSING: _missing,
    EventKind.WEEK_HOURS: _week_hours,
    EventKind.IMPORT_DONE: _import,
}


# -- the three chats --------------------------------------------------------------------------------------------------


def _open() -> str:
    return pgettext("a link to a page", "Open")


def _slack(text: str, url: str) -> dict[str, Any]:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": f"{_quiet(escaped)} <{url}|{_open()}>"}


def _mattermost(text: str, url: str) -> dict[str, Any]:
    return {"text": f"{_markdown(text)} [{_open()}]({url})"}


def _teams(text: str, url: str) -> dict[str, Any]:
    block = {"type": "TextBlock", "wrap": True, "text": f"{_markdown(text)} [{_open()}]({url})"}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [block],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _markdown(text: str) -> str:
    """Text whose letters mean nothing but themselves."""
    return _quiet("".join(f"\\{letter}" if letter in "\\`*_[]()<>#|~!" else letter for letter in text))


def _quiet(text: str) -> str:
    return text.replace("@", f"@{INVISIBLE}")


WRITERS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    Webhook.Format.SLACK: _slack,
    Webhook.Format.MATTERMOST: _mattermost,
    Webhook.Format.TEAMS: _teams,
}
