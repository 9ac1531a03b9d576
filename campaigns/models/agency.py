"""The agency's settings: one row."""

import secrets
import zoneinfo
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from babel.dates import format_interval
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from simple_history.models import HistoricalRecords

from campaigns.attribution import DEFAULT_MODEL, PATH_MODELS
from core import locales, money
from core.schedule import MONDAY, WORKING_HOURS
from core.weeks import Week

# The models that share each sale by its own journey, as the settings and the dashboard offer them.
MODEL_CHOICES = [(model.name, _(model.label)) for model in PATH_MODELS]
# On Sunday the week that the summary tells of would be over for a week.
SUMMARY_DAYS = [(number, name) for number, name in WEEKDAYS.items() if number < 6]


class Basis(models.TextChoices):
    """Which week money is counted in."""

    CASH = "cash", _("Week of the sale")
    COHORT = "cohort", _("Week of the work")


def check_time_zone(value: str) -> None:
    """Refuse a zone that the system does not know."""
    if value not in locales.known_zones():
        raise ValidationError(_("Unknown time zone. Write it like Europe/Paris or America/Toronto."))


def check_has_come(day: date, today: date) -> None:
    """Refuse a day that nobody can know anything of yet."""
    if day > today:
        raise ValidationError(_("This day has not come yet. Write today's date or an earlier one."))


def clock(hour: int) -> str:
    """An hour of the day as the current language writes it: `8:00`, `8 h`."""
    return pgettext("hour of the day", "%(hour)s:00") % {"hour": hour}


def new_mark() -> str:
    """Eight letters and digits by which an installation is told from others."""
    return secrets.token_hex(4)


class Agency(models.Model):
    """Name, money, time and the rules of the verdict. There is one row; `Agency.current()` returns it."""

    name = models.CharField(_("name"), max_length=120, default="Retour")
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", help_text=_("ISO code: EUR, CAD, USD, CHF.")
    )
    country = models.CharField(
        _("country"), max_length=2, default="FR", help_text=_("ISO code, for the way money and dates are written.")
    )
    language = models.CharField(
        _("language"), max_length=5, choices=[("en", _("English")), ("fr", _("French"))], default="en"
    )
    keeps_public_holidays = models.BooleanField(_("the country's public holidays are free"), default=True)
    holiday_region = models.CharField(
        _("region of the public holidays"), max_length=12, blank=True, help_text=_("Empty: those of the whole country.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", validators=[check_time_zone])
    gross_margin = models.DecimalField(
        _("gross margin"),
        max_digits=5,
        decimal_places=4,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(Decimal(1))],
        help_text=_(
            "Share of revenue left after the direct cost of what is sold, from 0 to 1. 1 counts revenue whole."
        ),
    )
    window_weeks = models.PositiveSmallIntegerField(
        _("window, in weeks"), default=13, validators=[MinValueValidator(1), MaxValueValidator(260)]
    )
    settling_weeks = models.PositiveSmallIntegerField(
        _("settling time, in weeks"),
        default=13,
        validators=[MaxValueValidator(260)],
        help_text=_("A platform younger than this is too early to judge."),
    )
    target_return = models.DecimalField(
        _("target return per 1"),
        max_digits=6,
        decimal_places=2,
        default=Decimal("1.00"),
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("1.00 is break-even: what the hours cost comes back once."),
    )
    lookback_days = models.PositiveSmallIntegerField(
        _("lookback, in days"), default=365, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    half_life_days = models.PositiveSmallIntegerField(
        _("half-life of a touchpoint, in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For time decay. Empty: a quarter of the lookback."),
    )
    credit_model = models.CharField(_("attribution model"), max_length=10, choices=MODEL_CHOICES, default=DEFAULT_MODEL)
    sales_complete_since = models.DateField(
        _("sales are complete since"),
        null=True,
        blank=True,
        help_text=_("From this day on each sale is recorded. Empty: from the day of the first sale on."),
    )
    typical_sale_cents = models.BigIntegerField(
        _("what a usual sale brings, in cents"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Stands in for the agency's own sales until there are enough."),
    )
    usual_delay_months = models.PositiveSmallIntegerField(
        _("usual months from work to sale"), default=8, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    usual_delay_spread_months = models.PositiveSmallIntegerField(
        _("spread of that delay, in months"), default=4, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    own_brand_limit = models.DecimalField(
        _("limit of own-brand hours"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("Share of all hours, from 0 to 1."),
    )
    summary_weekday = models.PositiveSmallIntegerField(
        _("day of the weekly summary"), choices=SUMMARY_DAYS, default=MONDAY
    )
    summary_hour = models.PositiveSmallIntegerField(
        _("hour of the weekly summary"),
        default=8,
        validators=[MinValueValidator(WORKING_HOURS[0]), MaxValueValidator(WORKING_HOURS[-1])],
    )
    needs_second_factor = models.BooleanField(_("directors and managers need a second factor"), default=False)
    keep_leads_months = models.PositiveSmallIntegerField(
        _("months to keep a lead's personal data"),
        default=36,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text=_("After the last contact. Then name, address and notes are erased; figures stay."),
    )
    mark = models.CharField(
        max_length=8,
        default=new_mark,
        editable=False,
        help_text="Stands in the ids that exports give to rows without one, so that only this installation knows them.",
    )
    is_demo = models.BooleanField(
        default=False, editable=False, help_text="Whether the demo made this database, from nobody on."
    )
    history = HistoricalRecords(excluded_fields=["mark", "is_demo"])

    # Counts the changes that this process made: what was read before the last one is old.
    changes_here: ClassVar[int] = 0
    # The days of its own that were read for this row (AgencyDay.known_to).
    known_days: list[Any] | None = None

    class Meta:
        verbose_name = _("agency settings")
        verbose_name_plural = _("agency settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="agency_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(gross_margin__gt=0, gross_margin__lte=1), name="agency_margin_between_0_and_1"
            ),
            models.CheckConstraint(condition=models.Q(target_return__gt=0), name="agency_target_positive"),
            models.CheckConstraint(condition=models.Q(window_weeks__gt=0), name="agency_window_positive"),
            models.CheckConstraint(
                condition=models.Q(typical_sale_cents=None) | models.Q(typical_sale_cents__gt=0),
                name="agency_typical_sale_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(usual_delay_months__gt=0, usual_delay_spread_months__gt=0),
                name="agency_usual_delay_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    summary_weekday__lt=len(SUMMARY_DAYS),
                    summary_hour__range=(WORKING_HOURS[0], WORKING_HOURS[-1]),
                ),
                name="agency_summary_in_working_hours",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        Agency.note_change()

    @staticmethod
    def note_change() -> None:
        """What this process remembers of the settings is old."""
        Agency._count_change()
        transaction.on_commit(Agency._count_change)  # somebody may have read the old row meanwhile

    @staticmethod
    def _count_change() -> None:
        Agency.changes_here += 1

    @classmethod
    def current(cls) -> "Agency":
        """Return the one row, made with its defaults when the database is new."""
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def translate(cls, text: str | Promise) -> str:
        """Return the text in the agency's language, for what is kept."""
        with translation.override(cls.current().language):
            return str(text)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def margin(self) -> Fraction:
        """Gross margin as an exact fraction of revenue, 0 to 1."""
        return Fraction(self.gross_margin)

    @property
    def target(self) -> Fraction:
        """Target return per 1 of cost, exact."""
        return Fraction(self.target_return)

    @property
    def typical_sale(self) -> Fraction | None:
        """What is left after margin of a usual sale, in cents; None while the agency has not said."""
        return None if self.typical_sale_cents is None else self.typical_sale_cents * self.margin

    @property
    def half_life(self) -> Fraction:
        """Half-life of a touch in days: the setting, else a quarter of the lookback."""
        return Fraction(self.half_life_days) if self.half_life_days else Fraction(self.lookback_days, 4)

    @property
    def summary_day(self) -> str:
        """The weekday on which the summary is sent, in the current language."""
        return str(WEEKDAYS[self.summary_weekday])

    @property
    def summary_clock(self) -> str:
        return clock(self.summary_hour)

    def week_of(self, at: datetime) -> Week:
        """The ISO week, in the agency's time zone, that holds this instant."""
        return Week.containing(at.astimezone(self.zone).date())

    def last_complete_week(self, at: datetime) -> Week:
        """The last week that was over, in the agency's time zone, at this instant."""
        return self.week_of(at).previous


class UnrecordedPeriod(models.Model):
    """Days of which no record is kept: a lost spreadsheet, a closed summer. Silence in them says nothing."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("period without records")
        verbose_name_plural = _("periods without records")
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="unrecorded_period_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return str(format_interval(self.first_day, self.last_day, "yMMMd", locale=money.current_locale()))

    def clean(self) -> None:
        if not self.first_day or not self.last_day:
            return
        if self.last_day < self.first_day:
            raise ValidationError({"last_day": _("The last day is before the first.")})
        others = UnrecordedPeriod.objects.exclude(pk=self.pk)
        if other := others.filter(first_day__lte=self.last_day, last_day__gte=self.first_day).first():
            raise ValidationError({"first_day": _("It overlaps with the period %s: change that one.") % other})
