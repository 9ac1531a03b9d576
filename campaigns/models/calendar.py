"""The agency's own days: free ones, and public holidays on which it works."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.agency import Agency
from core.statements import Statement


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

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        Agency.note_change()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        Agency.note_change()
        return deleted

    def clean(self) -> None:
        if self.is_free and not self.name:
            raise ValidationError({"name": _("Give the free day a name: it stands over the day in everybody’s week.")})

    @classmethod
    def between(cls, first: date, last: date) -> "models.QuerySet[AgencyDay, Any]":
        return cls._default_manager.filter(day__gte=first, day__lte=last)

    @classmethod
    def known_to(cls, agency: Agency) -> "list[AgencyDay]":
        """All of them, which are few: read once for these settings, and remembered as long as they are."""
        if agency.known_days is None:
            agency.known_days = _ALL_DAYS.rows()
        return agency.known_days


_ALL_DAYS: Statement[AgencyDay] = Statement(lambda: AgencyDay.objects.all())
