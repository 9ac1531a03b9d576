"""Addresses that are told what happens: other programs, and channels of a chat (docs/adr/0042)."""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import sealing

PURPOSE = "retour: addresses and secrets of webhooks"


class EventKind(models.TextChoices):
    """What happens, by the name that a receiver reads."""

    LEAD_CREATED = "lead.created", _("A lead came in")
    LEAD_QUALIFIED = "lead.qualified", _("A lead was qualified")
    LEAD_WON = "lead.won", _("A lead was won")
    LEAD_MERGED = "lead.merged", _("Two leads were merged")
    LEAD_ERASED = "lead.erased", _("A lead was erased")
    SALE_CREATED = "sale.created", _("A sale was entered")
    REFUND_CREATED = "refund.created", _("A refund was entered")
    WEEK_SUBMITTED = "week.submitted", _("Somebody submitted a week")
    WEEK_MISSING = "week.missing", _("Weeks are missing when people are reminded")
    WEEK_HOURS = "week.hours", _("The hours of a week by platform, once it is over")
    IMPORT_DONE = "import.done", _("A file was imported")
    FLAG_RAISED = "flag.raised", _("A flag was raised")
    FLAG_CLEARED = "flag.cleared", _("A flag was cleared")
    VERDICT_CHANGED = "verdict.changed", _("A platform is judged otherwise than before")
    SUMMARY_SENT = "summary.sent", _("The weekly summary was sent")


# What is computed from cost: it is for directors alone, and so are the webhooks that tell it (docs/adr/0015).
FOR_DIRECTORS = frozenset(
    {EventKind.FLAG_RAISED, EventKind.FLAG_CLEARED, EventKind.VERDICT_CHANGED, EventKind.SUMMARY_SENT}
)


class WebhookFormat(models.TextChoices):
    """How a receiver reads what it is told."""

    STANDARD = "standard", _("A program (Standard Webhooks)")
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"
    MATTERMOST = "mattermost", "Mattermost"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def not_for_directors(self) -> "WebhookQuerySet":
        """Those that tell nothing computed from cost."""
        return self.filter(is_for_directors=False)


class Webhook(models.Model):
    """One receiver: its address and secret are sealed, since whoever has them can read or forge what it is told."""

    Format = WebhookFormat

    name = models.CharField(_("name"), max_length=60)
    format = models.CharField(
        _("who reads it"), max_length=10, choices=WebhookFormat.choices, default=WebhookFormat.STANDARD
    )
    sealed_url = models.CharField(max_length=3000)
    sealed_secret = models.CharField(max_length=300, blank=True)
    # The one before, which signs beside the new one until the receiver has had a day to learn it.
    sealed_old_secret = models.CharField(max_length=300, blank=True)
    rotated_at = models.DateTimeField(null=True)
    events = models.JSONField(_("events"), default=list)
    is_for_directors = models.BooleanField(default=False, editable=False)
    has_personal_data = models.BooleanField(_("with personal data"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_for_directors = bool(FOR_DIRECTORS & set(self.events))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("campaigns:webhook", args=[self.pk])

    @property
    def is_chat(self) -> bool:
        return self.format != WebhookFormat.STANDARD

    @property
    def url(self) -> str:
        return sealing.unseal(self.sealed_url, purpose=PURPOSE)

    @url.setter
    def url(self, url: str) -> None:
        self.sealed_url = sealing.seal(url, purpose=PURPOSE)

    @property
    def shown_url(self) -> str:
        """The host and the last four letters: enough to tell one from another, too little to post to it."""
        try:
            url = self.url
        except sealing.Unreadable:
            return str(_("cannot be read: SECRET_KEY was changed. Enter it again."))
        return f"{urlsplit(url).hostname}/…{url[-4:]}"

    @property
    def secrets(self) -> list[str]:
        """By which it signs: the new one first, then the one that still holds."""
        return [
            sealing.unseal(sealed, purpose=PURPOSE) for sealed in (self.sealed_secret, self.sealed_old_secret) if sealed
        ]

    def rotate_secret(self, *, at: Any) -> str:
        """Make a new secret, which is returned this once; the one before holds for another day."""
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        self.sealed_old_secret, self.sealed_secret = self.sealed_secret, sealing.seal(secret, purpose=PURPOSE)
        self.rotated_at = at
        return secret


class WebhookEvent(models.Model):
    """Something that happened and was not handed to the webhooks yet; triggers and jobs write it (docs/adr/0042).

    A trigger only names the row. `data` is what a job says of something that has no row of its own.
    """

    kind = models.CharField(max_length=20, choices=EventKind.choices)
    at = models.DateTimeField()
    row_id = models.BigIntegerField(null=True)
    other_id = models.BigIntegerField(null=True)
    data = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id or ''}"


class WebhookDelivery(models.Model):
    """One message to one receiver. It holds numbers, statuses and amounts; names are read when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        CLAIMED = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")
        UNKNOWN = "unknown", _("Unknown: it may have arrived")
        DROPPED = "dropped", _("Not needed any more")

    # No index of its own: the one of what waits begins with it.
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    message_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(_("what"), max_length=20, choices=EventKind.choices)
    at = models.DateTimeField(_("when"))
    data = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # send_due: what waits at one receiver, the oldest first
            models.Index(fields=["webhook", "state", "next_attempt_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"
