"""What one act changed on many leads, so that it can be taken back."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkChange(models.Model):
    """One act on the leads that were chosen. It names them by their numbers alone, and is kept for a week."""

    class BulkKind(models.TextChoices):
        STATUS = "status", _("Status")
        PLATFORM = "platform", _("Platform")

    kind = models.CharField(max_length=8, choices=BulkKind.choices)
    at = models.DateTimeField(db_index=True)  # retention: what is too old
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # One dictionary a lead: its number, what it was before, and the number of the row that records the change.
    rows = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of {len(self.rows)} leads at {self.at:%Y-%m-%d %H:%M}"

    def claim_undo(self, *, at: datetime) -> bool:
        """Whether this is the one undo that goes through; two clicks cannot both be it."""
        return bool(BulkChange.objects.filter(pk=self.pk, undone_at=None).update(undone_at=at))
