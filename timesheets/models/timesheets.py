"""A person's week: the sheet, its rows, the running timer, and what they were reminded of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models import Campaign, EventKind, Platform
from campaigns.webhooks import events
from core.weeks import Week
from timesheets.models.entries import TimeEntry
from timesheets.models.people import User, lock_member


class Timesheet(models.Model):
    """One member's week: open until submitted, as a whole or its first days.

    `submitted_at` and `approved_at` are about the whole week. `submitted_through` and `approved_through` are the last
    day that is, while the rest of the week is open. What is submitted is read-only.
    """

    class AlreadySubmitted(Exception):
        """Somebody, or another click, submitted this first."""

    class NotApproved(Exception):
        """There is nothing to approve, or not by this person."""

    class NotReopened(Exception):
        """The week is open, or approved and so out of its member's hands."""

    # No index of its own: timesheet_one_a_week begins with it.
    member = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="timesheets", verbose_name=_("person"), db_index=False
    )
    week = models.DateField(_("week"), help_text=_("Its Monday."), db_index=True)  # the team's week
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_through = models.DateField(
        _("submitted up to"), null=True, blank=True, help_text=_("The days up to this one are submitted.")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_through = models.DateField(
        _("approved up to"), null=True, blank=True, help_text=_("The days up to this one are approved.")
    )
    approved_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    reopen_reason = models.CharField(_("reason for reopening"), max_length=200, blank=True)
    # Its versions are asked for by week (`id`), and by person when somebody is erased.
    history = HistoricalRecords(no_db_index=["approved_by", "week"])

    class Meta:
        verbose_name = _("timesheet")
        verbose_name_plural = _("timesheets")
        ordering = ["-week", "member"]
        constraints = [
            models.UniqueConstraint(fields=["member", "week"], name="timesheet_one_a_week"),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True) | models.Q(submitted_at__isnull=False),
                name="timesheet_approved_after_submitted",
            ),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="timesheet_week_is_a_monday"),
            models.CheckConstraint(
                condition=models.Q(submitted_through__isnull=True)
                | models.Q(
                    submitted_through__gte=models.F("week"),
                    submitted_through__lt=models.F("week") + timedelta(days=7),
                ),
                name="timesheet_submitted_days_in_week",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_through__isnull=True)
                | models.Q(submitted_through__isnull=False, approved_through__lte=models.F("submitted_through")),
                name="timesheet_approved_days_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {Week(self.week)}"

    @classmethod
    def of(cls, member: User, week: Week) -> "Timesheet":
        return cls.objects.get_or_create(member=member, week=week.monday)[0]

    @property
    def is_locked(self) -> bool:
        """Whether the whole week is read-only."""
        return self.submitted_at is not None

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    def locks(self, day: date) -> bool:
        """Whether this day of the week is read-only."""
        return self.is_locked or (self.submitted_through is not None and day <= self.submitted_through)

    @property
    def awaits_approval(self) -> bool:
        """Whether something is submitted that nobody has approved."""
        if self.submitted_at:
            return self.approved_at is None
        return self.submitted_through is not None and self.submitted_through != self.approved_through

    @property
    def reopening(self) -> Any:
        """The record of the reopening that this week is open by: who, when and why; None without one."""
        if self.is_locked or not self.reopen_reason:
            return None
        return self.history.filter(reopen_reason=self.reopen_reason).select_related("history_user").latest()

    def submit(self, *, at: datetime, through: date | None = None) -> None:
        """Hand the week in, or only its days up to `through`; AlreadySubmitted when they are."""
        if through is not None and not self.week <= through < self.week + timedelta(days=7):
            raise ValueError(through)
        with self._held():
            if self.submitted_at or (through and self.locks(through)):
                raise self.AlreadySubmitted
            self.reopen_reason = ""  # the history keeps it
            if through is None or through == self.week + timedelta(days=6):
                self.submitted_at = at
            else:
                self.submitted_through = through
            self.save()
            events.emit(EventKind.WEEK_SUBMITTED, self._submitted, at=at)

    def _submitted(self) -> dict[str, Any]:
        """What is told of a week that was handed in."""
        entries = TimeEntry.objects.of(self.member).in_week(Week(self.week))
        url = f"{settings.SITE_URL}{reverse('timesheets:of_person', args=[self.member_id, Week(self.week)])}"
        return {"person": self.member_id, "week": str(Week(self.week)), "minutes": entries.minutes(), "url": url}

    def approve(self, *, at: datetime, by: User) -> None:
        """Accept what is submitted; NotApproved when there is nothing new, or when it is one's own.

        A director's own week is theirs to approve: there may be nobody else.
        """
        with self._held():
            if not self.awaits_approval or (by.pk == self.member_id and not by.is_director):
                raise self.NotApproved
            self.approved_by = by
            if self.submitted_at:
                self.approved_at = at
            else:
                self.approved_through = self.submitted_through
            self.save()

    def reopen(self, *, reason: str) -> None:
        """Give all days back to the member; the history keeps who did and why. NotReopened when they are open."""
        with self._held():
            if not self.submitted_at and not self.submitted_through:
                raise self.NotReopened
            self.submitted_at = self.approved_at = self.approved_by = None
            self.submitted_through = self.approved_through = None
            self.reopen_reason = reason
            self.save()

    def take_back(self, *, reason: str) -> None:
        """Reopen one's own week: what was approved stays as it is. NotReopened when that is all there is."""
        with self._held():
            if not self.awaits_approval:
                raise self.NotReopened
            self.submitted_at = None
            self.submitted_through = self.approved_through
            self.reopen_reason = reason
            self.save()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Decide and write under the member's lock, on what is there once it is ours."""
        with transaction.atomic():
            lock_member(self.member_id)
            self.refresh_from_db()
            yield


class TimesheetRow(models.Model):
    """A row of the grid that is there before it has hours; or one that was removed, which is not carried over again."""

    # No index of its own: timesheet_row_once begins with it.
    timesheet = models.ForeignKey(Timesheet, on_delete=models.CASCADE, related_name="rows", db_index=False)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    is_removed = models.BooleanField(_("removed"), default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["timesheet", "platform", "campaign"], name="timesheet_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.campaign}"


class PinnedRowQuerySet(models.QuerySet["PinnedRow"]):
    def of(self, member: User) -> "PinnedRowQuerySet":
        return self.filter(member=member)

    def in_week(self, week: Week) -> "PinnedRowQuerySet":
        """Those that an open week shows, in the order in which they were pinned."""
        return self.filter(since__lte=week.monday, platform__is_active=True, campaign__is_active=True).order_by("pk")


class PinnedRow(models.Model):
    """A row that a member wants in each week from `since` on, as long as its platform and campaign are in use."""

    # No index of its own: pinned_row_once begins with it.
    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pinned_rows", db_index=False)
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    since = models.DateField(_("week"), help_text=_("Its Monday."))

    objects = PinnedRowQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "platform", "campaign"], name="pinned_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.campaign}"


class Timer(models.Model):
    """A clock that runs for a member on a row; at most one for each member, which the database holds."""

    member = models.OneToOneField(User, on_delete=models.CASCADE, related_name="timer")
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(_("started"))

    def __str__(self) -> str:
        return f"{self.member}, {self.started_at}"


class Reminder(models.Model):
    """One e-mail that asks a person to submit a week. The row is the decision and the claim; see reminders.py."""

    class Kind(models.TextChoices):
        FRIDAY = "friday", _("On Friday")
        MONDAY = "monday", _("On Monday")
        ASKED = "asked", _("Asked for")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        UNKNOWN = "unknown", _("Handed over, end unknown")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Not needed any more")
        FAILED = "failed", _("Failed")

    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("person"))
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked for by")
    )
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "week", "kind"], condition=~models.Q(kind="asked"), name="reminder_once_a_week"
            ),
        ]
        indexes = [
            # Outbox: what waits to be sent
            models.Index(fields=["state", "next_attempt_at"])
        ]

    def __str__(self) -> str:
        return f"{self.member}, {Week(self.week)}, {self.get_kind_display()}"
