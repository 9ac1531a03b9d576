"""Leads that are one person: which was merged into which, and what it takes to split them again."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.funnel import Lead


class LeadMerge(models.Model):
    """What a merge moved. `before` holds the survivor's values before and after it, and the rows that moved."""

    survivor = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="merges")
    merged = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="merge")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("merge of leads")
        verbose_name_plural = _("merges of leads")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(survivor=models.F("merged")), name="lead_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return f"lead {self.merged_id} into {self.survivor_id}"

    @classmethod
    def one_person(cls, leads: Iterable[int]) -> set[int]:
        """These leads, and all that were merged with one of them."""
        group = set(leads)
        while True:
            pairs = cls.objects.filter(Q(survivor__in=group) | Q(merged__in=group)).values_list("survivor", "merged")
            wider = group.union(*pairs)
            if wider == group:
                return group
            group = wider

    @classmethod
    def among(cls, leads: Iterable[Lead]) -> set[int]:
        """Those of these leads that were merged, or merged with."""
        numbers = {lead.pk for lead in leads}
        pairs = cls.objects.filter(Q(survivor__in=numbers) | Q(merged__in=numbers)).values_list("survivor", "merged")
        return numbers & set().union(*pairs)

    @classmethod
    def surviving(cls, leads: Mapping[str, Lead]) -> dict[str, Lead]:
        """Each of these leads, or the one that it is part of by now."""
        found = dict(leads)
        while into := cls._survivors(found.values()):
            survivors = Lead.objects.in_bulk(into.values())
            found = {text: survivors[into[lead.pk]] if lead.pk in into else lead for text, lead in found.items()}
        return found

    @classmethod
    def _survivors(cls, leads: Iterable[Lead]) -> dict[int, int]:
        merges = cls.objects.filter(merged__in=[lead.pk for lead in leads])
        return dict(merges.values_list("merged", "survivor"))
