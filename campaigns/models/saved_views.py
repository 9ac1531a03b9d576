"""What somebody narrowed a list to, under a name of their own."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MOST_VIEWS = 20


class ListName(models.TextChoices):
    """The lists that have views; the values are the names of their addresses."""

    LEADS = "leads", _("Leads")
    SALES = "sales", _("Sales")
    SPEND = "spend", _("Spend")
    CAMPAIGNS = "campaigns", _("Campaigns")
    OUTCOMES = "outcomes", _("Outcomes")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, member: Any, list_name: str) -> "SavedViewQuerySet":
        return self.filter(member=member, list_name=list_name)


class SavedView(models.Model):
    """The filters, days and order of a list, as its address has them: choices that the list offers, and no search.

    A search may be a person's name, so it is left out; the name of a view may be one too, so erasure looks at names.
    """

    # No index of its own: saved_view_name_once begins with it.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    list_name = models.CharField(_("list"), max_length=10, choices=ListName.choices)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000, blank=True, help_text="As in an address, without the mark.")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["list_name", "name"]
        constraints = [models.UniqueConstraint(fields=["member", "list_name", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Leads on to the list; short, whatever the filters."""
        return reverse("campaigns:saved_view", args=[self.pk])

    @property
    def address(self) -> str:
        return f"{reverse(f'campaigns:{self.list_name}')}?{self.query}"
