"""What people fill in about outcomes: the counts, and what one of them is worth to the agency."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.forms.parts import offer_while_typing, pick_campaign, pick_platform, show_currency
from campaigns.lookups import by_measure
from campaigns.models import Outcome, OutcomeValue
from campaigns.models.money import spelled
from core import lookups
from core.form_fields import MoneyField, WeekField

MOST = 10**15


class Measured(forms.ModelForm):
    """Something about a measure: those in use are offered while one types, and found again whatever their case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measures = Outcome.objects.measures()
        self.fields["measure"].widget.attrs |= {"list": "measures", "autocomplete": "off"}
        if lookups.are_many(self.measures):
            offer_while_typing(self, "measure", reverse("campaigns:measure_names"), "measures")

    @property
    def offered(self) -> list[str]:
        """The measures that are offered before anything is typed: all, or where they are many those used lately."""
        if not lookups.are_many(self.measures):
            return self.measures
        return list(by_measure().lately())[: lookups.MOST_OFFERED]

    def clean_measure(self) -> str:
        return spelled(self.cleaned_data["measure"], self.measures)

    def refuse_twice(self, names: tuple[str, ...], sentence: Any) -> None:
        """Say it at the measure when another row that counts has the same values of these fields."""
        same = {name: self.cleaned_data.get(name) for name in names}
        others = type(self.instance)._default_manager.filter(voided_at=None, **same).exclude(pk=self.instance.pk)
        if all(same.values()) and not self.instance.is_void and others.exists():
            self.add_error("measure", sentence)


class OutcomeForm(Measured):
    week = WeekField(label=_("Week"), help_text=_("Like 2026-W47, W47 or 47, or a day of it."))

    class Meta:
        model = Outcome
        fields = ["platform", "campaign", "week", "measure", "count", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pick_platform(self)
        pick_campaign(self)
        self.fields["count"] = forms.IntegerField(label=_("Count"), min_value=0, max_value=MOST)

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        sentence = _("This was already counted in that week. Edit that outcome instead.")
        self.refuse_twice(("platform", "campaign", "week", "measure"), sentence)
        return self.cleaned_data


class OutcomeValueForm(Measured):
    """The agency's own scale: dated, and with its reason."""

    week = WeekField(label=_("From week"), help_text=_("Counts of this week and later are worth this much."))
    value_cents = MoneyField(
        label=_("Value of one"), least_cents=0, help_text=_("Your own scale. It never enters a total of money.")
    )

    class Meta:
        model = OutcomeValue
        fields = ["measure", "week", "value_cents", "reason"]
        help_texts = {"reason": _("What the value rests on: what a call to the shop costs, for instance.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        show_currency(self, "value_cents")

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        self.refuse_twice(("measure", "week"), _("There is already a value from that week. Edit that one instead."))
        return self.cleaned_data
