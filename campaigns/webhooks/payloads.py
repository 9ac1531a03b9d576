"""What an event says of a lead or a sale: numbers, statuses and amounts. Names are added only where they are wanted."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from campaigns.models import Agency, EventKind, Lead, Sale, Touch, WebhookEvent
from core.weeks import Week

PERSONAL = ("name", "email", "phone", "company")
SALES = (EventKind.SALE_CREATED, EventKind.REFUND_CREATED)


def of_rows(events: Sequence[WebhookEvent]) -> dict[int, dict[str, Any]]:
    """What each event says of its row, by the event's number; nothing for a row that is gone."""
    sold = Sale.objects.select_related("platform", "campaign")
    sales = sold.in_bulk(_numbers(event for event in events if event.kind in SALES))
    leads = Lead.objects.in_bulk(_numbers(event for event in events if event.kind not in SALES))
    origins = origins_of([*leads, *(sale.lead_id for sale in sales.values() if sale.lead_id)])
    currency = Agency.current().currency
    said: dict[int, dict[str, Any]] = {}
    for event in events:
        if sale := sales.get(event.row_id or 0) if event.kind in SALES else None:
            said[event.pk] = _sale(sale, origins, currency)
        elif lead := leads.get(event.row_id or 0) if event.kind not in SALES else None:
            said[event.pk] = _lead(lead, event, origins)
    return said


def origins_of(leads: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """The platform and campaign of each lead's first touchpoint."""
    touches = Touch.objects.live().filter(lead__in=list(leads)).order_by("-at", "-pk")
    return {
        lead: {"platform": platform, "campaign": campaign}
        for lead, platform, campaign in touches.values_list("lead", "platform__name", "campaign__name")
    }


def amount(cents: int) -> str:
    return str((Decimal(cents) / 100).quantize(Decimal("0.01")))


def with_names(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What is told, and who it is about, as it is known now: nothing of whom was erased."""
    if "person" in data:
        return {**data, **_people(data, [data["person"]])}
    if "people" in data:
        return {**data, "names": names_of(data["people"])}
    number = data.get("lead") if kind != EventKind.LEAD_ERASED else None
    lead = Lead.objects.filter(pk=number, erased_at=None).first() if number else None
    return {**data, "person": {name: getattr(lead, name) for name in PERSONAL}} if lead else dict(data)


def _people(data: Mapping[str, Any], numbers: Sequence[int]) -> dict[str, Any]:
    names = names_of(numbers)
    return {"name": names[0]} if names else {}


def names_of(numbers: Sequence[int]) -> list[str]:
    """People of the agency by number, in the order of their names."""
    return sorted(str(person) for person in get_user_model().objects.filter(pk__in=numbers))


def _numbers(events: Iterable[WebhookEvent]) -> list[int]:
    return [event.row_id for event in events if event.row_id is not None]


def _lead(lead: Lead, event: WebhookEvent, origins: Mapping[int, Mapping[str, str | None]]) -> dict[str, Any]:
    said: dict[str, Any] = {"lead": lead.pk, "url": _url(lead)}
    if event.kind == EventKind.LEAD_ERASED:
        return said
    if event.kind == EventKind.LEAD_MERGED:
        return {**said, "merged": event.other_id}
    origin = origins.get(lead.pk, {"platform": None, "campaign": None})
    return {**said, "status": lead.status, "received_at": lead.received_at.isoformat(), **origin}


def _sale(sale: Sale, origins: Mapping[int, Mapping[str, str | None]], currency: str) -> dict[str, Any]:
    own = {
        "platform": sale.platform.name if sale.platform else None,
        "campaign": sale.campaign.name if sale.campaign else None,
    }
    return {
        "sale": sale.pk,
        "lead": sale.lead_id,
        "refund_of": sale.refund_of_id,
        "amount": amount(sale.amount_cents),
        "currency": currency,
        "sold_on": sale.sold_on.isoformat(),
        "week": str(Week.containing(sale.sold_on)),
        "url": _url(sale),
        **(origins.get(sale.lead_id, own) if sale.lead_id else own),
    }


def _url(row: Lead | Sale) -> str:
    name = "campaigns:lead" if isinstance(row, Lead) else "campaigns:sale"
    return f"{settings.SITE_URL}{reverse(name, args=[row.pk])}"
