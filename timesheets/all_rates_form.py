"""The table of everybody's rates: from one day on, or for each person from a day of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.form_fields import DayField, MoneyField
from timesheets.forms import MOST_HOURLY_CENTS
from timesheets.models import CostRate, TimeEntry, User
from timesheets.rates import NewRate


@dataclass(frozen=True)
class RateLine:
    """A person with the rate in force and the two fields of their line."""

    person: User
    current: CostRate | None
    cents: forms.BoundField
    day: forms.BoundField


class AllRatesForm(forms.Form):
    """An amount in a line is that person's new rate; a line without one stays as it is."""

    starts_on = DayField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("For every amount below that has no day of its own."),
    )

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        for person in people:
            cents = MoneyField(label=_("Cost of an hour of %(person)s") % {"person": person}, required=False)
            day = DayField(label=_("From, for %(person)s") % {"person": person}, required=False)
            for name, field in ((f"cents-{person.pk}", cents), (f"day-{person.pk}", day)):
                field.widget.attrs["aria-label"] = field.label
                self.fields[name] = field

    @staticmethod
    def everybody(*, on: date) -> list[User]:
        """Who is here, and who has left hours without a rate."""
        uncosted = TimeEntry.objects.filter(member=models.OuterRef("pk")).without_rate()
        here = models.Q(is_active=True) & (models.Q(left_on=None) | models.Q(left_on__gte=on))
        return list(User.objects.filter(here | models.Exists(uncosted)))

    @staticmethod
    def typed_for(sent: Mapping[str, str]) -> set[str]:
        """The numbers of those for whom something was typed, as the names of the fields have them."""
        lines = (name.partition("-") for name, value in sent.items() if value)
        return {number for kind, _dash, number in lines if kind in ("cents", "day")}

    def lines(self) -> list[RateLine]:
        current: dict[int, CostRate] = {}
        for rate in CostRate.objects.filter(member__in=self.people).order_by("starts_on"):
            current[rate.member_id] = rate
        return [
            RateLine(person, current.get(person.pk), self[f"cents-{person.pk}"], self[f"day-{person.pk}"])
            for person in self.people
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for person in self.people:
            self._check_line(person, cleaned)
        if not self.errors and not any(cleaned.get(f"cents-{person.pk}") for person in self.people):
            raise ValidationError(_("Write at least one amount."))
        return cleaned

    def _check_line(self, person: User, cleaned: dict[str, Any]) -> None:
        cents, day = cleaned.get(f"cents-{person.pk}"), cleaned.get(f"day-{person.pk}")
        if cents is not None and cents > MOST_HOURLY_CENTS:
            self.add_error(f"cents-{person.pk}", _("An hour costs less than this: check the decimals."))
        if cents and not (day or cleaned.get("starts_on")) and not {"starts_on", f"day-{person.pk}"} & set(self.errors):
            self.add_error("starts_on", _("From which day on? Write it here, or in each line."))
        if day and not cents and f"cents-{person.pk}" not in self.errors:
            self.add_error(f"cents-{person.pk}", _("What does an hour cost from this day on?"))

    def new_rates(self) -> list[NewRate]:
        """What was typed, with the amount that the same day has now."""
        cleaned = self.cleaned_data
        typed = {
            (person.pk, cleaned[f"day-{person.pk}"] or cleaned["starts_on"]): person
            for person in self.people
            if cleaned[f"cents-{person.pk}"]
        }
        stored = CostRate.objects.filter(member__in=typed.values())
        there = {(rate.member_id, rate.starts_on): rate.hourly_cents for rate in stored}
        return [
            NewRate(person, day, cleaned[f"cents-{pk}"], there.get((pk, day))) for (pk, day), person in typed.items()
        ]
