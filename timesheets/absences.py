"""Absences: taking them in, and forgetting those that no figure needs any more (docs/adr/0036)."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import trusted_clock
from campaigns.models import Agency
from campaigns.retention import months_before
from core.form_fields import DayField
from timesheets.models import Absence, User

KEPT_MONTHS = 24  # a look back at last year's weeks still knows who was there


class AbsenceForm(forms.ModelForm):
    """From one day to another, or half of one. There is no field for a reason, and none is to be added."""

    first_day = DayField(label=_("From"))
    last_day = DayField(label=_("To"), required=False, help_text=_("The last day away. Empty: that one day."))

    class Meta:
        model = Absence
        fields: ClassVar = ["first_day", "last_day", "is_half"]
        labels: ClassVar = {"is_half": _("Half a day only")}

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.member = member

    def clean_last_day(self) -> date | None:
        return self.cleaned_data["last_day"] or self.cleaned_data.get("first_day")


def forget_old(*, at: datetime) -> None:
    """Delete absences that ended long ago. By a clock that may be wrong nothing goes. Safe to run twice."""
    if trusted_clock.is_trusted(at):
        limit = months_before(at, KEPT_MONTHS).astimezone(Agency.current().zone).date()
        Absence.objects.filter(last_day__lt=limit).delete()
