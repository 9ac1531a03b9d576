"""People, what their hours cost, and the hours they log."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models, transaction
from django.db.models.functions import Cast, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.access import Role
from campaigns.models import Campaign, Platform
from campaigns.models.catalogue import normalise
from campaigns.weeks import Week

MINUTES_IN_A_DAY = 24 * 60
# Someone whose first day nobody told may log any day, but is asked for weeks only since the account was made.
JOIN_DAY_UNKNOWN = date(2000, 1, 1)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": Role.DIRECTOR, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def at_work(self, week: Week) -> "models.QuerySet[User]":
        """People expected to log this week: joined before its end, not gone before its start."""
        return self.filter(
            models.Q(joined_on__lte=week.sunday) & (models.Q(left_on=None) | models.Q(left_on__gte=week.monday)),
            ~models.Q(joined_on=JOIN_DAY_UNKNOWN) | models.Q(known_since__lte=week.sunday),
            is_active=True,
            logs_hours=True,
        )

    def with_rate_on(self, day: date) -> "models.QuerySet[User]":
        """Everyone, with `has_rate`: whether a rate covers this day. For the director's eyes only."""
        rates = CostRate.objects.filter(member=models.OuterRef("pk"), starts_on__lte=day)
        return self.annotate(has_rate=models.Exists(rates))

    def named(self, text: str) -> "User | None":
        """The person with this e-mail, name or alias, whatever its case; None when nobody or more than one."""
        folded = normalise(text)
        if alias := PersonAlias.objects.select_related("person").filter(text=folded).first():
            return alias.person
        matches = [one for one in self.all() if folded in (one.email, normalise(one.name))]
        return matches[0] if len(matches) == 1 else None


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the agency, who signs in by e-mail."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class DurationStyle(models.TextChoices):
        CLOCK = "clock", "1:30"
        DECIMAL = "decimal", "1.5"

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, blank=True, help_text=_("Empty: the agency's.")
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    duration_style = models.CharField(
        _("hours written as"), max_length=8, choices=DurationStyle.choices, default=DurationStyle.CLOCK
    )
    weekly_minutes = models.PositiveIntegerField(
        _("minutes a week"), default=35 * 60, validators=[MaxValueValidator(7 * MINUTES_IN_A_DAY)]
    )
    logs_hours = models.BooleanField(_("logs hours"), default=True)
    joined_on = models.DateField(_("joined on"))
    known_since = models.DateField(_("known since"), default=timezone.localdate, editable=False)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    gets_reminders = models.BooleanField(
        _("reminders by e-mail"), default=True, help_text=_("On Friday and Monday, while a week is not submitted.")
    )
    is_active = models.BooleanField(_("may sign in"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_its_case"),
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("joined_on")),
                name="user_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        if self.joined_on is None:
            self.joined_on = JOIN_DAY_UNKNOWN
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.email = self.email.lower()
        if self.left_on and self.joined_on and self.left_on < self.joined_on:
            raise ValidationError({"left_on": _("This is before the day the person joined.")})

    @property
    def is_staff(self) -> bool:
        """Only directors enter the admin: it shows rates."""
        return self.role == Role.DIRECTOR

    def is_at_work(self, week: Week) -> bool:
        """Whether this person is expected to log this week: as `UserManager.at_work` asks of all."""
        first_day = self.known_since if self.joined_on == JOIN_DAY_UNKNOWN else self.joined_on
        is_there = first_day <= week.sunday and (self.left_on is None or self.left_on >= week.monday)
        return is_there and self.is_active and self.logs_hours

    @property
    def is_member(self) -> bool:
        return self.role == Role.MEMBER

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def is_director(self) -> bool:
        return self.role == Role.DIRECTOR

    def get_short_name(self) -> str:
        """`Hélène M.` for Hélène Moreau."""
        first, _space, rest = str(self).partition(" ")
        return f"{first} {rest[0]}." if rest else first

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_director

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_director


class PersonAlias(models.Model):
    """Another name of a person, as a tracker writes it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(_("alias"), max_length=160, unique=True)

    class Meta:
        verbose_name = _("other name of a person")
        verbose_name_plural = _("other names of people")
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text = normalise(self.text)
        super().save(*args, **kwargs)


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

    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rates", verbose_name=_("person"))
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

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            lock_member(self.member_id)
            deleted = super().delete(*args, **kwargs)
            restamp(self.member_id)
        return deleted


def lock_member(member_id: int) -> None:
    """Take the member's row: the one lock under which entries and rates of a member change (docs/adr/0003).

    SQLite has no such lock and needs none: its transactions are IMMEDIATE, so whoever is in one is alone.
    """
    if connection.features.has_select_for_update:
        User.objects.select_for_update().filter(pk=member_id).values_list("pk", flat=True).first()


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

    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="timesheets", verbose_name=_("person"))
    week = models.DateField(_("week"), help_text=_("Its Monday."), db_index=True)
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
    history = HistoricalRecords()

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
    """A row of the grid that is there before it has hours."""

    timesheet = models.ForeignKey(Timesheet, on_delete=models.CASCADE, related_name="rows")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")

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

    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pinned_rows")
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


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    def in_week(self, week: Week) -> "TimeEntryQuerySet":
        return self.filter(week=week.monday)

    def in_weeks(self, first: Week, last: Week) -> "TimeEntryQuerySet":
        return self.filter(week__gte=first.monday, week__lte=last.monday)

    def of(self, member: User) -> "TimeEntryQuerySet":
        return self.filter(member=member)

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

    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="entries", verbose_name=_("person"))
    day = models.DateField(_("day"))
    week = models.DateField(_("week"), editable=False, help_text=_("Its Monday, stamped from the day."))
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
    # The reason in the audit is the id of the edit that wrote its row: an edit that is sent again finds itself there.
    history = HistoricalRecords(history_change_reason_field=models.CharField(max_length=100, null=True, unique=True))

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
            models.Index(fields=["week", "platform", "campaign"]),
            models.Index(fields=["member", "week"]),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.day}, {self.platform}: {self.minutes} min"

    @property
    def tag(self) -> str:
        """Which state of which entry this is: a cell that was emptied and filled again never shows an old tag."""
        return f"{self.pk}.{self.version}"

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
    found = CostRate.objects.filter(member_id__in={entry.member_id for entry in entries}).order_by("starts_on")
    for member_id, starts_on, hourly_cents in found.values_list("member_id", "starts_on", "hourly_cents"):
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
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{self.member}, {Week(self.week)}, {self.get_kind_display()}"
