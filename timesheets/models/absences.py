"""Days on which a person is away. Why, nobody is asked, and there is no room to say it (docs/adr/0036)."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from babel.dates import format_date
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _translate
from django.utils.translation import gettext_lazy as _

from core import money
from core.weeks import Week
from timesheets.models.people import User

MOST_DAYS = 400  # somebody who is away for longer has left, or mistyped the year


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def between(self, first: date, last: date) -> "AbsenceQuerySet":
        """Those that touch these days, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class Absence(models.Model):
    """Whole days away, from the first to the last; or half of one day."""

    # No index of its own: the one of person and last day begins with it.
    member = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="absences", verbose_name=_("person"), db_index=False
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    is_half = models.BooleanField(_("half a day"), default=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-first_day", "-pk"]
        indexes = [
            # between: who is away on some days, and a person's absences
            models.Index(fields=["member", "last_day"])
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(is_half=False) | models.Q(first_day=models.F("last_day")),
                name="absence_half_of_one_day",
            ),
        ]

    def __str__(self) -> str:
        first, last = self.first_day, self.last_day
        if first == last:
            day = _dated(first, "d MMM y")
            return _translate("%(day)s, half a day") % {"day": day} if self.is_half else day
        pattern = "d MMM y" if first.year != last.year else "d MMM" if first.month != last.month else "d"
        return _translate("%(first)s to %(last)s") % {"first": _dated(first, pattern), "last": _dated(last, "d MMM y")}

    def clean(self) -> None:
        if not self.first_day or not self.last_day:
            return
        if self.last_day < self.first_day:
            raise ValidationError({"last_day": _("The last day is before the first.")})
        if (self.last_day - self.first_day).days >= MOST_DAYS:
            raise ValidationError({"last_day": _("This is more than a year: check the days.")})
        if self.is_half and self.first_day != self.last_day:
            raise ValidationError({"is_half": _("Half a day is of one day: leave the last day empty.")})
        others = Absence.objects.filter(member=self.member_id).exclude(pk=self.pk)
        if other := others.between(self.first_day, self.last_day).first():
            raise ValidationError({"first_day": _("It overlaps with %s: remove that one first.") % other})

    @property
    def first_week(self) -> Week:
        return Week.containing(self.first_day)

    def days(self) -> Iterator[tuple[date, Fraction]]:
        """Each day, and how much of it."""
        part = Fraction(1, 2) if self.is_half else Fraction(1)
        for offset in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=offset), part


def _dated(day: date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=money.current_locale()))
