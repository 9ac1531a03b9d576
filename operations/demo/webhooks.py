"""Two receivers of what happens, a chat and a program. Both lead nowhere and are turned off."""

from campaigns.models import Webhook
from campaigns.models.webhooks import EventKind, WebhookFormat
from operations.demo.plan import Plan

RECEIVERS: tuple[tuple[str, WebhookFormat, str, tuple[EventKind, ...]], ...] = (
    (
        "The team's chat",
        WebhookFormat.MATTERMOST,
        "https://chat.studio-nord.example/hooks/leads",
        (EventKind.LEAD_CREATED, EventKind.LEAD_WON, EventKind.WEEK_MISSING),
    ),
    (
        "The invoicing program",
        WebhookFormat.STANDARD,
        "https://invoices.studio-nord.example/retour",
        (EventKind.SALE_CREATED, EventKind.REFUND_CREATED),
    ),
)


def set_up(plan: Plan) -> None:
    for name, reader, url, events in RECEIVERS:
        webhook = Webhook(name=plan.text(name), format=reader, events=list(events), is_active=False)
        webhook.url = url
        webhook.save()
