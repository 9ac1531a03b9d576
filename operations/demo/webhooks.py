"""Two receivers of what happens, a chat and a program, and what they were told. Both lead nowhere and are off."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from campaigns.models import Lead, Sale, StatusChange, Webhook, WebhookDelivery, WebhookEvent
from campaigns.models.funnel import LeadStatus
from campaigns.models.webhooks import EventKind, WebhookFormat
from campaigns.webhooks import payloads
from campaigns.webhooks.events import delivery_of
from operations.demo.plan import Plan, at

RECEIVERS: tuple[tuple[str, WebhookFormat, str, tuple[EventKind, ...]], ...] = (
    (
        "The team's chat",
        WebhookFormat.MATTERMOST,
        "https://chat.studio-nord.example/hooks/leads",
        (EventKind.LEAD_CREATED, EventKind.LEAD_WON),
    ),
    (
        "The invoicing program",
        WebhookFormat.STANDARD,
        "https://invoices.studio-nord.example/retour",
        (EventKind.SALE_CREATED, EventKind.REFUND_CREATED),
    ),
)
TOLD_WEEKS, MOST_OF_A_KIND = 3, 6
SENT_AFTER = timedelta(seconds=4)


def set_up(plan: Plan) -> None:
    """Write the receivers, and messages to them as if each had been sent when it happened; nobody is sent anything."""
    events = list(_events(plan))
    said = payloads.of_rows(events)
    for name, reader, url, kinds in RECEIVERS:
        webhook = Webhook(name=plan.text(name), format=reader, events=list(kinds), is_active=False)
        webhook.url = url
        webhook.save()
        mine = [event for event in events if event.kind in kinds]
        WebhookDelivery.objects.bulk_create(_sent(webhook, event, said[event.pk]) for event in mine)


def _events(plan: Plan) -> Iterator[WebhookEvent]:
    """What happened lately. The events are not stored: their numbers only tell what each says."""
    happened = [*_of_leads(plan), *_of_sales(plan)]
    for number, (kind, row_id, instant) in enumerate(happened, start=1):
        yield WebhookEvent(pk=number, kind=kind, row_id=row_id, at=instant)


def _of_leads(plan: Plan) -> Iterator[tuple[EventKind, int, datetime]]:
    lately = (at(plan.ago(TOLD_WEEKS - 1).monday, 0), at(plan.until.next.monday, 0))
    leads = Lead.objects.live().filter(received_at__range=lately).order_by("-received_at")[:MOST_OF_A_KIND]
    yield from ((EventKind.LEAD_CREATED, lead.pk, lead.received_at) for lead in leads)
    won = StatusChange.objects.filter(after=LeadStatus.WON, at__range=lately).order_by("-at")[:MOST_OF_A_KIND]
    yield from ((EventKind.LEAD_WON, change.lead_id, change.at) for change in won)


def _of_sales(plan: Plan) -> Iterator[tuple[EventKind, int, datetime]]:
    lately = Sale.objects.filter(sold_on__range=(plan.ago(TOLD_WEEKS - 1).monday, plan.until.sunday))
    newest = lately.order_by("-sold_on", "-pk")
    for sale in (*newest.filter(refund_of=None)[:MOST_OF_A_KIND], *newest.exclude(refund_of=None)):
        kind = EventKind.REFUND_CREATED if sale.refund_of_id else EventKind.SALE_CREATED
        yield kind, sale.pk, at(sale.sold_on, 18)


def _sent(webhook: Webhook, event: WebhookEvent, said: dict[str, object]) -> WebhookDelivery:
    sent_at = event.at + SENT_AFTER
    message = delivery_of(webhook, event.kind, said, happened_at=event.at, at=sent_at)
    message.state, message.attempts, message.sent_at = WebhookDelivery.State.SENT, 1, sent_at
    return message
