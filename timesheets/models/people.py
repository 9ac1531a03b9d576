"""People, who sign in by e-mail, and the lock under which a person's hours and rates change."""

from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.catalogue import Alias, normalise
from campaigns.models.erasures import Erased
from core.access import Role
from core.statements import Given, Statement
from core.weeks import Week

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

    def gone(self, day: date) -> "models.QuerySet[User]":
        """People whose account is closed on this day, or whose last day at work was before it."""
        return self.filter(models.Q(is_active=False) | models.Q(left_on__lt=day))

    def with_rate_on(self, day: date) -> "models.QuerySet[User]":
        """Everyone, with `has_rate`: whether a rate covers this day. For the director's eyes only."""
        rated = self.filter(pk=models.OuterRef("pk"), rates__starts_on__lte=day)
        return self.annotate(has_rate=models.Exists(rated))

    def named(self, text: str) -> "User | None":
        """The person with this e-mail, name or alias, whatever its case; None when nobody or more than one."""
        folded = normalise(text)
        if alias := PersonAlias.objects.select_related("person").filter(text=folded).first():
            return alias.person
        matches = [person for person in self.all() if folded in (person.email, normalise(person.name))]
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
    carries_rows = models.BooleanField(
        _("last week’s rows in a new week"), default=True, help_text=_("Those with hours, without the hours.")
    )
    has_letter_keys = models.BooleanField(
        _("keys of one letter"),
        default=True,
        help_text=_(
            "J, K, X, S, ? and / in lists, on the board and for the search. Turn them off if you dictate: a word would"
            " press them."
        ),
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
    def told_joined_on(self) -> date | None:
        """The first day at work; None when nobody told it."""
        return None if self.joined_on == JOIN_DAY_UNKNOWN else self.joined_on

    @property
    def is_staff(self) -> bool:
        """Only directors enter the admin: it shows rates."""
        return self.role == Role.DIRECTOR

    def is_at_work(self, week: Week) -> bool:
        """Whether this person is expected to log this week: as `UserManager.at_work` asks of all."""
        first_day = self.known_since if self.joined_on == JOIN_DAY_UNKNOWN else self.joined_on
        is_there = first_day <= week.sunday and (self.left_on is None or self.left_on >= week.monday)
        return is_there and self.is_active and self.logs_hours

    def takes_over_rows(self, week: Week, *, today: date) -> bool:
        """Whether this week shows last week's rows by itself: the week that is over, this one and those to come.

        The one that is over counts: it is often filled in on Monday.
        """
        return self.carries_rows and week >= Week.containing(today).previous

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


class PersonAlias(Alias):
    """Another name of a person, as a tracker writes it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(_("alias"), max_length=160, unique=True)

    class Meta(Alias.Meta):
        verbose_name = _("other name of a person")
        verbose_name_plural = _("other names of people")


class PersonErasure(Erased):
    """One erased person, as `Erasure` is one erased lead."""

    person_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = _("erasure of a person")
        verbose_name_plural = _("erasures of people")
        ordering = ["erased_at", "person_id"]

    def __str__(self) -> str:
        return f"person {self.person_id}"


LOCKED_MEMBER = Statement(
    lambda: User.objects.select_for_update().filter(pk=Given("member")).order_by().values_list("pk"),
    is_planned_once=True,
)


def lock_member(member_id: int) -> None:
    """Take the member's row: the one lock under which entries and rates of a member change (docs/adr/0003).

    SQLite has no such lock and needs none: its transactions are IMMEDIATE, so whoever is in one is alone.
    """
    if connection.features.has_select_for_update:
        LOCKED_MEMBER.rows(member=member_id)


def lock_members(member_ids: Collection[int]) -> None:
    """Take the rows of these members by one statement, in the order of their keys; see `lock_member`."""
    if connection.features.has_select_for_update:
        locked = User.objects.select_for_update().filter(pk__in=member_ids).order_by("pk").values_list("pk")
        list(locked)
