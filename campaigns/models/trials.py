"""Trials of another weekly limit on a platform: eight whole weeks, after which the earlier limit holds again."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models.catalogue import Platform
from core.weeks import Week

TRIAL_WEEKS = 8


class LimitTrialQuerySet(models.QuerySet["LimitTrial"]):
    def in_week(self, week: Week) -> "LimitTrialQuerySet":
        return self.filter(first_week__lte=week.monday, last_week__gte=week.monday)

    def not_called_off(self) -> "LimitTrialQuerySet":
        """Without those that were ended before they began."""
        return self.filter(last_week__gte=models.F("first_week"))

    def unfinished(self, week: Week) -> "LimitTrialQuerySet":
        """Running in this week, or still to begin."""
        return self.not_called_off().filter(last_week__gte=week.monday)


class LimitTrial(models.Model):
    """A weekly limit that holds for exactly these weeks in place of the platform's own, which stays as it is.

    The limit in force in a week is read off the weeks alone (`campaigns/weekly_limits.py`): nothing has to run when a
    trial begins or ends. One that was ended early has an earlier last week; before it began, one before its first.
    """

    platform = models.ForeignKey(
        Platform, on_delete=models.PROTECT, related_name="limit_trials", verbose_name=_("platform")
    )
    limit_minutes = models.PositiveIntegerField(_("weekly limit, in minutes"))
    earlier_limit_minutes = models.PositiveIntegerField(
        _("limit before, in minutes"), null=True, blank=True, help_text=_("When it was started. Empty: none.")
    )
    first_week = models.DateField(_("first week"), help_text=_("Its Monday."))
    last_week = models.DateField(_("last week"), help_text=_("Its Monday."))
    started_at = models.DateTimeField(_("started"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    ended_at = models.DateTimeField(_("ended early"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by")
    )

    objects = LimitTrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial of a limit")
        verbose_name_plural = _("trials of a limit")
        ordering = ["-first_week", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(limit_minutes__gt=0), name="limit_trial_limit_positive"),
            models.CheckConstraint(
                condition=models.Q(last_week__gte=models.F("first_week")) | models.Q(ended_at__isnull=False),
                name="limit_trial_weeks_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform}, {self.first} – {self.last}"

    def get_absolute_url(self) -> str:
        return reverse("reports:limit_trial", args=[self.pk])

    @property
    def first(self) -> Week:
        return Week(self.first_week)

    @property
    def last(self) -> Week:
        return Week(self.last_week)

    @property
    def planned_last(self) -> Week:
        return self.first.plus(TRIAL_WEEKS - 1)

    @property
    def was_called_off(self) -> bool:
        """Whether it was ended before it began."""
        return self.last < self.first

    @property
    def was_cut_short(self) -> bool:
        return self.last < self.planned_last

    def is_planned(self, week: Week) -> bool:
        return week < self.first <= self.last

    def is_running(self, week: Week) -> bool:
        return self.first <= week <= self.last

    def can_be_ended(self, week: Week) -> bool:
        """Whether ending it now changes anything: in its last week it ends by itself."""
        return week < self.last and not self.was_called_off

    def end(self, *, week: Week, at: datetime, by: Any) -> bool:
        """Let the earlier limit hold again from the Monday after ``week``; False where that changes nothing."""
        still_open = LimitTrial.objects.not_called_off().filter(pk=self.pk, last_week__gt=week.monday)
        if not still_open.update(last_week=week.monday, ended_at=at, ended_by=by):
            return False
        self.refresh_from_db()
        return True
