"""The days on which the agency does not work."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency, AgencyDay
from campaigns.working_days import regions
from core.form_fields import DayField


class HolidaysForm(forms.ModelForm):
    """Whether the country's public holidays are free, and those of which region."""

    keeps_public_holidays = forms.BooleanField(label=_("Nobody works on the country’s public holidays"), required=False)
    holiday_region = forms.ChoiceField(
        label=_("Region"),
        required=False,
        help_text=_("Only regions whose holidays differ from those of the whole country are listed."),
    )

    class Meta:
        model = Agency
        fields: ClassVar = ["keeps_public_holidays", "holiday_region"]

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = regions(self.instance.country, year)
        if not offered:
            del self.fields["holiday_region"]
            return
        self.fields["holiday_region"].choices = [("", _("The whole country")), *offered]  # type: ignore[attr-defined]


class AgencyDayForm(forms.ModelForm):
    """A free day with its name, or a public holiday that is worked."""

    day = DayField(
        label=_("Day"), error_messages={"unique": _("This day is in the list already: remove it there first.")}
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        error_messages={"required": _("Give the day a name: it stands over the day in everybody’s week.")},
    )

    class Meta:
        model = AgencyDay
        fields: ClassVar = ["day", "name", "is_free"]
