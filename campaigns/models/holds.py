"""Work that waits until a director confirms it (docs/adr/0027)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> "HoldQuerySet":
        return self.filter(confirmed_at=None, withdrawn_at=None)

    def withdraw(self, kind: str, *, at: datetime) -> None:
        """What was waited for has gone by itself."""
        self.open().filter(kind=kind).update(withdrawn_at=at)


class HoldKind(models.TextChoices):
    CLOCK = "clock", _("The clock")
    ERASURES = "erasures", _("Erasing leads")


class Hold(models.Model):
    """One question to the directors, open until one of them confirms or its cause is gone."""

    kind = models.CharField(max_length=8, choices=HoldKind.choices)
    since = models.DateTimeField()
    last_sweep_at = models.DateTimeField(null=True, help_text="The clock: the last sweep whose time was believed.")
    leads = models.PositiveIntegerField(default=0, help_text="Erasing: how many a confirmation allows in 30 days.")
    blocks_at = models.DateTimeField(null=True, help_text="Erasing: the first night on which nothing is erased.")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(confirmed_at=None, withdrawn_at=None),
                name="hold_one_open_per_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.withdrawn_at is None

    def confirm(self, *, at: datetime, by: Any) -> bool:
        """Let it go on; False when it is over already, or asks something else by now."""
        asked = Hold.objects.open().filter(pk=self.pk, leads=self.leads)
        return bool(asked.update(confirmed_at=at, confirmed_by=by))


class HoldNotice(models.Model):
    """The one e-mail that tells one director of a hold."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused for good")
        UNKNOWN = "unknown", _("Unknown: it may have arrived")
        DROPPED = "dropped", _("Not needed any more")

    # No index of its own: hold_notice_once begins with it.
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="notices", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(help_text="Once claimed: since when.")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["hold", "member"]
        constraints = [models.UniqueConstraint(fields=["hold", "member"], name="hold_notice_once")]

    def __str__(self) -> str:
        return f"{self.hold} to {self.member_id}: {self.state}"
