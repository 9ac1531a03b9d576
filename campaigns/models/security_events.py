"""What a director looks back at when something about an account is odd. Kept for a year."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Of those who are not let in, a flood says no more than this many do.
MOST_REFUSALS_A_DAY = 1000


class SecurityEventKind(models.TextChoices):
    SIGNED_IN = "signed_in", _("Signed in")
    NOT_SIGNED_IN = "not_signed_in", _("Sign-in refused")
    REFUSED = "refused", _("Page refused")
    ROLE = "role", _("Role changed")
    RATE = "rate", _("Rate changed")
    SECOND_FACTOR = "second_factor", _("Second factor removed")
    EXPORTED = "exported", _("Exported")
    ERASED = "erased", _("Erased")
    WEBHOOK = "webhook", _("Webhook changed")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")


class SecurityEvent(models.Model):
    """Somebody signed in, was refused, changed a role or a rate, took data out or erased it, made or revoked a token.

    People are named by number, so that nothing here must be erased; a rate is never told, only that one changed.
    """

    Kind = SecurityEventKind

    REFUSALS = (SecurityEventKind.NOT_SIGNED_IN, SecurityEventKind.REFUSED)

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)  # the log, newest first; retention
    kind = models.CharField(_("what"), max_length=20, choices=SecurityEventKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("about")
    )
    detail = models.CharField(max_length=100, blank=True, help_text="A word of ours, or a row's number: nothing typed.")

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind}, {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def record(cls, kind: SecurityEventKind, *, by: Any = None, person: Any = None, detail: str = "") -> None:
        """Keep it. `by` is None for a command, and for a stranger at the door; `person` may be a number."""
        if kind in cls.REFUSALS and cls._is_flooded(kind, by):
            return
        by = by if by is not None and by.pk else None
        cls.objects.create(kind=kind, by_id=by and by.pk, person_id=getattr(person, "pk", person), detail=detail[:100])

    @classmethod
    def _is_flooded(cls, kind: SecurityEventKind, by: Any) -> bool:
        lately = cls.objects.filter(kind=kind, by=by, at__gte=timezone.now() - timedelta(days=1))
        return lately.count() >= MOST_REFUSALS_A_DAY
