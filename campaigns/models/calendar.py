"""The agency's own days: free ones, and public holidays on which it works."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class AgencyDay(models.Model):
    """A day that is otherwise than the country's calendar has it: free for all, or worked although it is a holiday."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    is_free = models.BooleanField(_("nobody works"), default=True)

    class Meta:
        verbose_name = _("day of the agency")
        verbose_name_plural = _("days of the agency")
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name="", is_free=True), name="agency_day_free_with_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}".rstrip()

    def clean(self) -> None:
        if self.is_free and not self.name:
            raise ValidationError({"name": _("Give the free day a name: it stands over the day in everybody’s week.")})

    @classmethod
    def between(cls, first: date, last: date) -> "models.QuerySet[AgencyDay, Any]":
        return cls._default_manager.filter(day__gte=first, day__lte=last)
