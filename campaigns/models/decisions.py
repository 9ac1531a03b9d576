"""What a director decided and published to managers: text, as it was shown at that moment."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models.catalogue import Platform


class DecisionQuerySet(models.QuerySet["Decision"]):
    def published(self) -> "DecisionQuerySet":
        """What managers read."""
        return self.filter(withdrawn_at=None)


class Decision(models.Model):
    """A limit, a trial with its dates, a sentence of a director's own, as managers read it.

    All of it is text that nothing computes again: a limit that changes, a trial that ends, a platform that is renamed
    leave it as it was published (docs/adr/0032). ``platform`` only says on whose page it stands besides.
    """

    platform = models.ForeignKey(
        Platform, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("platform")
    )
    heading = models.CharField(_("about"), max_length=120, blank=True)
    facts = models.TextField(_("what was decided"), blank=True)
    sentence = models.TextField(_("in the director's words"), blank=True)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("withdrawn by")
    )

    objects = DecisionQuerySet.as_manager()

    # What may name a person: erasing replaces names in it.
    TEXTS = ("heading", "facts", "sentence")

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(facts="") | ~models.Q(sentence=""), name="decision_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.heading or str(_("Decision %(number)s")) % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return f"{reverse('reports:decisions')}#decision-{self.pk}"

    def withdraw(self, *, at: datetime, by: Any) -> bool:
        """Let managers read it no more; False when it is withdrawn already."""
        standing = Decision.objects.published().filter(pk=self.pk)
        return bool(standing.update(withdrawn_at=at, withdrawn_by=by))
