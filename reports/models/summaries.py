"""The Monday e-mail: who gets it, and each decision about it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.weeks import Week


class Subscriber(models.Model):
    """Someone who gets the Monday e-mail: a director, or an address outside the agency."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email


class SummaryDelivery(models.Model):
    """The one decision about one subscriber's summary of one week, or a later copy that a director asked for.

    A later copy `replaces` the one before it, which stays as it was (docs/adr/0005).
    """

    class State(models.TextChoices):
        WAITING = "pending", _("Waiting to be sent")
        CLAIMED = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused for good")
        UNKNOWN = "unknown", _("Unknown: it may have arrived")
        DROPPED = "skipped", _("Skipped")

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="deliveries")
    week = models.DateField(_("week"), help_text=_("Monday of the week it sums up."))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    resent_at = models.DateTimeField(_("sent again"), null=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    is_missed = models.BooleanField(default=False, help_text=_("An outage kept it from being sent in its week."))
    is_early = models.BooleanField(default=False, help_text=_("It was written before its week was over."))
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("takes the place of")
    )
    message_id = models.CharField(max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    class Meta:
        verbose_name = _("summary delivery")
        verbose_name_plural = _("summary deliveries")
        ordering = ["-week", "subscriber", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "week"], condition=models.Q(replaces=None), name="delivery_one_per_week"
            )
        ]
        indexes = [
            # Outbox: what waits to be sent
            models.Index(fields=["state", "next_attempt_at"])
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}, {Week(self.week)}: {self.state}"

    @property
    def can_be_resent(self) -> bool:
        """Whether a director may have it sent again; the newest of several copies alone."""
        has_ended = self.state in (self.State.FAILED, self.State.UNKNOWN, self.State.SENT)
        return (has_ended or self.is_missed) and not hasattr(self, "replaced_by")

    @property
    def is_written_anew(self) -> bool:
        """Whether sending it again writes it anew: what is stored was never written, is old, or came too early."""
        return self.is_missed or self.is_early

    @property
    def asks_first(self) -> bool:
        """Whether it has arrived as it should, so that another copy is a second one."""
        return self.state == self.State.SENT and not self.is_written_anew
