"""Rows that are withdrawn without being erased."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


class LiveQuerySet(models.QuerySet[M]):
    def live(self) -> Self:
        """Only what counts: nothing voided."""
        return self.filter(voided_at=None)


class Voidable(models.Model):
    """A record that counts until it is voided; a void can be taken back."""

    voided_at = models.DateTimeField(_("voided"), null=True, blank=True, editable=False)
    void_reason = models.CharField(_("reason for voiding"), max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    def void(self, *, at: datetime, reason: str = "") -> None:
        """Stop counting this record, from now on and in the past."""
        self.voided_at, self.void_reason = at, reason
        self.save(update_fields=["voided_at", "void_reason"])

    def restore(self) -> None:
        """Count it again."""
        self.voided_at, self.void_reason = None, ""
        self.save(update_fields=["voided_at", "void_reason"])
