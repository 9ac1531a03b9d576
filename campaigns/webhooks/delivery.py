"""Handing messages to their receivers: to a program at least once, to a chat at most once (docs/adr/0042)."""

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency, Webhook, WebhookDelivery, WebhookEvent
from campaigns.webhooks import chat, events, payloads, signing
from core import money, outgoing_http, sealing
from core.delivery_outcomes import PermanentFailure, TemporaryFailure
from core.outbox import Outbox

TASK = "campaigns.webhooks"
State = WebhookDelivery.State
# Three days in all, and no longer than twelve hours between two attempts.
BACKOFF_MINUTES = (1, 5, 15, 30, 60, 120, 240, 360, 480, *[720] * 4, 150)
KEPT = timedelta(days=30)
OLD_SECRET_HOLDS = timedelta(days=1)
TEST = "webhook.test"
GONE = _("The receiver says that it is gone for good (410): the webhook was switched off.")


def is_due(*, at: datetime) -> bool:
    """Whether anything waits to be handed out or sent, or was left behind by a worker that died."""
    in_use = replace(OUTBOX, rows=OUTBOX.rows.filter(webhook__is_active=True))
    return WebhookEvent.objects.exists() or in_use.has_work(at=at)


def send_due(*, at: datetime) -> None:
    """Hand out what happened, then send what waits: to each receiver until one message does not arrive.

    So one that hangs costs a run ten seconds, however much waits for it.
    """
    events.hand_out(at=at)
    webhooks = list(Webhook.objects.filter(is_active=True))
    random.shuffle(webhooks)  # with many that hang, no one is always the last
    for webhook in webhooks:
        outbox_of(webhook).send_due(at=at, stops_at_failure=True)


def outbox_of(webhook: Webhook) -> Outbox[WebhookDelivery]:
    return replace(OUTBOX, rows=OUTBOX.rows.filter(webhook=webhook), may_repeat=not webhook.is_chat)


def mark_lost(*, at: datetime) -> None:
    """Give up what a worker had that died, or send it again where it may arrive twice."""
    for webhook in Webhook.objects.all():
        outbox_of(webhook).mark_lost(at=at)


def send_again(delivery: WebhookDelivery, *, at: datetime) -> bool:
    """Have it sent once more, with the same id; False when it is not given up."""
    return OUTBOX.send_again(delivery.pk, at=at)


def test(webhook: Webhook, *, at: datetime) -> str:
    """Send a trial message now; what went wrong in words, or nothing when it arrived."""
    delivery = events.delivery_of(webhook, TEST, {"text": _trial_text()}, happened_at=at, at=at)
    try:
        hand_over(delivery)
    except Exception as error:
        return str(error)
    return ""


def _trial_text() -> str:
    return Agency.translate(_("This is a trial message from Retour. Messages to this address work."))


def purge(*, at: datetime) -> None:
    """Forget what was told long ago."""
    WebhookDelivery.objects.filter(at__lt=at - KEPT).delete()
    WebhookEvent.objects.filter(at__lt=at - KEPT).delete()


# -- one message ------------------------------------------------------------------------------------------------------


def hand_over(delivery: WebhookDelivery) -> None:
    """Post it; whatever the receiver answers but 2xx is a failure, a redirect too."""
    webhook = delivery.webhook
    try:
        url = webhook.url
        body = body_of(delivery)
        headers = headers_of(delivery, body)
    except sealing.Unreadable as error:
        raise PermanentFailure("the address cannot be read: SECRET_KEY was changed, enter it again") from error
    status = outgoing_http.post(url, body, headers, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
    if status == 410 and not webhook.is_chat:
        Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
        raise PermanentFailure(Agency.translate(GONE))
    if not 200 <= status <= 299:
        raise TemporaryFailure(f"the receiver answered {status}")


def body_of(delivery: WebhookDelivery) -> bytes:
    return json.dumps(_written(delivery), ensure_ascii=False).encode()


def _written(delivery: WebhookDelivery) -> dict[str, Any]:
    webhook = delivery.webhook
    if not webhook.is_chat:
        data = payloads.with_names(delivery.kind, delivery.data) if webhook.has_personal_data else delivery.data
        return {"type": delivery.kind, "timestamp": delivery.at.isoformat(), "data": data}
    agency = Agency.current()
    with money.localised(language=agency.language, country=agency.country, currency=agency.currency):
        return chat.body(delivery)


def headers_of(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "Retour"}
    webhook, now = delivery.webhook, timezone.now()
    if webhook.is_chat:
        return headers
    is_old_good = webhook.rotated_at is not None and now < webhook.rotated_at + OLD_SECRET_HOLDS
    secrets = webhook.secrets if is_old_good else webhook.secrets[:1]
    return headers | signing.headers(delivery.message_id, int(now.timestamp()), body, secrets)


def not_needed(delivery: WebhookDelivery, _at: datetime) -> str:
    """Nothing that was told stops being so; a webhook that was switched off keeps what waits."""
    return ""


OUTBOX = Outbox(
    rows=WebhookDelivery.objects.select_related("webhook"),
    states=WebhookDelivery.State,
    claimed=WebhookDelivery.State.CLAIMED,
    hand_over=hand_over,
    not_needed=not_needed,
    translate=Agency.translate,
    sent_at="sent_at",
    most_attempts=len(BACKOFF_MINUTES) + 1,
    backoff_minutes=BACKOFF_MINUTES,
)
