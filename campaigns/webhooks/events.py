"""What happened becomes one message for each webhook that wants to know."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import EventKind, ImportedRow, StatusChange, Webhook, WebhookDelivery, WebhookEvent
from campaigns.webhooks import payloads

BATCH = 500
# By which import a row came, of the events that a file would raise by the thousand.
IMPORTED_AS = {EventKind.LEAD_CREATED: "leads", EventKind.SALE_CREATED: "sales", EventKind.REFUND_CREATED: "sales"}
STATUSES = (EventKind.LEAD_QUALIFIED, EventKind.LEAD_WON)


def emit(kind: EventKind, data: Callable[[], Mapping[str, Any]], *, at: datetime | None = None) -> None:
    """Tell of something that no trigger sees, in the transaction in which it happens; `data` is asked if it is told."""
    if any(kind in events for events in Webhook.objects.filter(is_active=True).values_list("events", flat=True)):
        WebhookEvent.objects.create(kind=kind, at=at or timezone.now(), data=dict(data()))


def hand_out(*, at: datetime) -> None:
    """Write a message for each webhook that wants an event, and forget the event; safe for two workers at once."""
    while _hand_out_some(at):
        pass


def _hand_out_some(at: datetime) -> bool:
    with transaction.atomic():
        events = list(WebhookEvent.objects.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
        webhooks = list(Webhook.objects.filter(is_active=True))
        told = [event for event in events if any(event.kind in webhook.events for webhook in webhooks)]
        data = _data_of(told)
        WebhookDelivery.objects.bulk_create(
            delivery_of(webhook, event.kind, data[event.pk], happened_at=event.at, at=at)
            for event in told
            if event.pk in data
            for webhook in webhooks
            if event.kind in webhook.events
        )
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).delete()
    return len(events) == BATCH


def delivery_of(
    webhook: Webhook, kind: str, data: Mapping[str, Any], *, happened_at: datetime, at: datetime
) -> WebhookDelivery:
    return WebhookDelivery(
        webhook=webhook,
        message_id=f"msg_{uuid.uuid4().hex}",
        kind=kind,
        at=happened_at,
        data=dict(data),
        next_attempt_at=at,
    )


def _data_of(events: Sequence[WebhookEvent]) -> dict[int, dict[str, Any]]:
    """What each event says, by its number; nothing for those that a file brought, or whose row is gone."""
    data = {event.pk: event.data for event in events if event.data is not None}
    from_file = _imported(events)
    rows = [event for event in events if event.data is None and event.pk not in from_file]
    return data | payloads.of_rows(rows)


def _imported(events: Sequence[WebhookEvent]) -> set[int]:
    """The events that an import raised, row by row: it tells of itself once it is done."""
    return {
        event.pk
        for kind in ("leads", "sales")
        for brought in [_brought(kind, events)]
        for event in events
        if (IMPORTED_AS.get(EventKind(event.kind)) == kind and event.row_id in brought)
        or (kind == "leads" and event.kind in STATUSES and event.row_id in brought and _came_with_lead(event))
    }


def _brought(kind: str, events: Sequence[WebhookEvent]) -> set[int]:
    """Which of the rows that the events name came from a file."""
    numbers = {event.row_id for event in events if event.row_id is not None}
    rows = ImportedRow.objects.filter(kind=kind, object_id__in=numbers)
    return {number for number in rows.values_list("object_id", flat=True) if number} if numbers else set()


def _came_with_lead(event: WebhookEvent) -> bool:
    """Whether a lead had this status from the moment it was received, as a file said."""
    change = StatusChange.objects.select_related("lead").filter(pk=event.other_id or 0).first()
    return change is not None and change.at == change.lead.received_at
