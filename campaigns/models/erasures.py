"""Which leads were erased: numbers and hashes alone, enough to erase them again after a restore."""

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

ERASED = "erased-"


def imprint(text: str, mark: str) -> str:
    """A hash that tells whether a text is the one that was erased, keyed with the installation's own mark."""
    return hashlib.blake2b(text.strip().casefold().encode(), key=mark.encode(), digest_size=20).hexdigest()


def erased_id(external_id: str, mark: str) -> str:
    """What stands in place of the external id of something erased, so that a file that names it again finds it."""
    return ERASED + imprint(external_id, mark)


def is_erased_id(external_id: str | None) -> bool:
    return (external_id or "").startswith(ERASED)


class ErasureReason(models.TextChoices):
    """Why a lead was erased: a restore erases again what was asked for, and asks before it does what time did."""

    REQUEST = "request", _("Asked for")
    TIME = "time", _("Kept long enough")


class Erased(models.Model):
    """That something was erased, when, and hashes of what it was known by: any one that fits tells it again."""

    erased_at = models.DateTimeField(_("erased"))
    hashes = models.JSONField(default=list)

    class Meta:
        abstract = True


class Erasure(Erased):
    """One erased lead. Not a foreign key: in a restored backup the lead may be there as it was, or not at all."""

    lead_id = models.BigIntegerField(primary_key=True)
    why = models.CharField(_("why"), max_length=7, choices=ErasureReason.choices, default=ErasureReason.REQUEST)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["erased_at", "lead_id"]

    def __str__(self) -> str:
        return f"lead {self.lead_id}"
