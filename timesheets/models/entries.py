"""Hours and what they cost: entries are stamped with the rate in force on their day."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models import Campaign, Platform, SecurityEvent
from core.history import AuditManager, acting_user
from core.weeks import Week
from timesheets.models.people import MINUTES_IN_A_DAY, User, lock_member


class CostRateQuerySet(models.QuerySet["CostRate"]):
    def in_force(self, member_id: int, day: date) -> int | None:
        """What an hour of this member costs on this day, in cents; None when no rate covers it."""
        return (
            self.filter(member_id=member_id, starts_on__lte=day)
            .order_by("-starts_on")
            .values_list("hourly_cents", flat=True)
            .first()
        )


class CostRate(models.Model):
    """What an hour of a member costs the agency, from a day on."""

    # No index of its own: rate_once_a_day begins with it.
    member = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="rates", verbose_name=_("person"), db_index=False
    )
    starts_on = models.DateField(_("from"))
    hourly_cents = models.PositiveIntegerField(_("cost of an hour, in cents"), validators=[MinValueValidator(1)])
    history = HistoricalRecords()

    objects = CostRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost rate")
        verbose_name_plural = _("cost rates")
        ordering = ["member", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["member", "starts_on"], name="rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(hourly_cents__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.starts_on}"  # never the amount: names end up in logs

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and restamp the entries whose rate this changes, in one transaction."""
        with transaction.atomic():
            lock_member(self.member_id)
            super().save(*args, **kwargs)
            restamp(self.member_id)
            SecurityEvent.record(SecurityEvent.Kind.RATE, by=acting_user(), person=self.member)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            lock_member(self.member_id)
            deleted = super().delete(*args, **kwargs)
            restamp(self.member_id)
            SecurityEvent.record(SecurityEvent.Kind.RATE, by=acting_user(), person=self.member)
        return deleted


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    def in_week(self, week: Week) -> "TimeEntryQuerySet":
        return self.filter(week=week.monday)

    def in_weeks(self, first: Week, last: Week) -> "TimeEntryQuerySet":
        return self.filter(week__gte=first.monday, week__lte=last.monday)

    def of(self, member: User) -> "TimeEntryQuerySet":
        return self.filter(member=member)

    def carried_into(self, week: Week) -> "TimeEntryQuerySet":
        """Of one member: those whose rows this week takes over, as long as platform and campaign are in use.

        They are of the last week with hours, of the eight before.
        """
        last = self.in_weeks(week.plus(-8), week.previous).order_by("-week").values("week")[:1]
        rows = self.filter(week=models.Subquery(last), platform__is_active=True, campaign__is_active=True)
        return rows.order_by("platform__name", "campaign__name")

    def on(self, platform: Platform) -> "TimeEntryQuerySet":
        return self.filter(platform=platform)

    def without_rate(self) -> "TimeEntryQuerySet":
        """Hours that are not costed, because no rate covers their day."""
        return self.filter(hourly_cents=None)

    def minutes(self) -> int:
        return int(self.aggregate(total=models.Sum("minutes"))["total"] or 0)

    def costed_by(self, *keys: str) -> "models.QuerySet[TimeEntry, tuple[Any, ...]]":
        """Tuples of the keys, minutes, minutes without a rate, and labour in cent-minutes, one per group."""
        labour = Cast("minutes", models.BigIntegerField()) * models.F("hourly_cents")
        return (
            self.order_by()
            .values_list(*keys)
            .annotate(
                all_minutes=models.Sum("minutes"),
                unrated=models.Sum("minutes", filter=models.Q(hourly_cents=None), default=0),
                labour=models.Sum(labour, default=0),
            )
        )


class TimeEntry(models.Model):
    """Minutes of one member on one day for one platform and campaign."""

    # No index of its own: two others begin with the person.
    member = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="entries", verbose_name=_("person"), db_index=False
    )
    day = models.DateField(_("day"))
    week = models.DateField(_("week"), editable=False, help_text=_("Its Monday, stamped from the day."))
    # Their indexes: the hours of one that is to go or to become part of another.
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="entries", verbose_name=_("platform"))
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="entries", verbose_name=_("campaign"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(MINUTES_IN_A_DAY)]
    )
    hourly_cents = models.PositiveIntegerField(
        _("cost of an hour, in cents"),
        null=True,
        editable=False,
        help_text=_("The rate in force that day. Empty is an error to show to the director, never a cost of 0."),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    # What imports made of the cell. Other minutes than these mean that somebody changed it since.
    minutes_as_imported = models.IntegerField(null=True, editable=False)
    # The reason in the audit is the id of the edit that wrote its row: an edit that is sent again finds itself there.
    history = HistoricalRecords(
        history_manager=AuditManager,
        excluded_fields=["minutes_as_imported"],
        # Its versions are asked for by entry, by person when somebody is erased, by platform when two become one.
        no_db_index=["campaign"],
        history_change_reason_field=models.CharField(max_length=100, null=True, unique=True),
    )

    objects = TimeEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "day", "platform", "campaign"], name="entry_one_per_cell"),
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=MINUTES_IN_A_DAY), name="entry_minutes_in_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(hourly_cents__isnull=True) | models.Q(hourly_cents__gt=0), name="entry_rate_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    week__iso_week_day=1, day__gte=models.F("week"), day__lt=models.F("week") + timedelta(days=7)
                ),
                name="entry_day_in_its_week",
            ),
        ]
        indexes = [
            # cell_sums: the entries of a cell; the rows behind a figure of some weeks
            models.Index(fields=["week", "platform", "campaign"]),
            # grid.build: a person's week; entry_one_per_cell finds a cell of it, and the sum of a day
            models.Index(fields=["member", "week"]),
            # missing_hours.without_rate: hours that no rate covers, which are few or none
            models.Index(fields=["week"], condition=models.Q(hourly_cents=None), name="entry_without_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.day}, {self.platform}: {self.minutes} min"

    @property
    def etag(self) -> str:
        """Which state of which entry this is: a cell that was emptied and filled again never shows an old tag."""
        return f"{self.pk}.{self.version}"

    @property
    def is_as_imported(self) -> bool:
        """Whether imports brought something to it, and nobody has changed its minutes since."""
        return self.minutes == self.minutes_as_imported

    def import_minutes(self, more: int) -> None:
        """Add what a file brings, or take away what it no longer does; what somebody typed stays beside it."""
        before = self.minutes if self.minutes_as_imported is None else self.minutes_as_imported
        self.minutes_as_imported = before + more
        self.minutes += more

    def save(self, *args: Any, is_stamped: bool = False, **kwargs: Any) -> None:
        """Save with its week and the rate of its day; a day without a rate is saved with none.

        `is_stamped`: the caller holds the member's lock and has stamped the entry already.
        """
        if is_stamped:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            lock_member(self.member_id)
            stamp([self])
            super().save(*args, **kwargs)


def stamp(entries: Sequence[TimeEntry]) -> None:
    """Give entries their week and the rate in force on their day. The caller holds the members' locks."""
    rates: dict[int, list[tuple[date, int]]] = {}
    cost_rates = CostRate.objects.filter(member_id__in={entry.member_id for entry in entries}).order_by("starts_on")
    for member_id, starts_on, hourly_cents in cost_rates.values_list("member_id", "starts_on", "hourly_cents"):
        rates.setdefault(member_id, []).append((starts_on, hourly_cents))
    for entry in entries:
        entry.week = Week.containing(entry.day).monday
        entry.hourly_cents = rate_on(rates.get(entry.member_id, ()), entry.day)


def rate_on(rates: Iterable[tuple[date, int]], day: date) -> int | None:
    """The last rate, in cents, that starts on or before this day; `rates` are in order of their start."""
    in_force = None
    for starts_on, hourly_cents in rates:
        if starts_on <= day:
            in_force = hourly_cents
    return in_force


def restamp(member_id: int) -> int:
    """Give each entry of the member the rate in force on its day; return how many entries changed.

    The caller holds the member's lock.
    """
    rates = CostRate.objects.filter(member_id=member_id).order_by("starts_on").values_list("starts_on", "hourly_cents")
    changed = 0
    for (starts_on, cents), (ends_before, _next) in pairwise([(date.min, None), *rates, (date.max, None)]):
        span = TimeEntry.objects.filter(member_id=member_id, day__gte=starts_on, day__lt=ends_before)
        stale = span.exclude(hourly_cents=None) if cents is None else span.exclude(hourly_cents=cents)
        changed += stale.update(hourly_cents=cents)
    return changed
