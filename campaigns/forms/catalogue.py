"""Clients, platforms and campaigns, with the other names that files know them by."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.fields import NamesField
from campaigns.forms.parts import as_it_was, show_currency
from campaigns.lookups import client_field
from campaigns.models import Campaign, CampaignAlias, Client, Platform, PlatformAlias
from campaigns.models.catalogue import normalise
from core.form_fields import DayField, HoursField, MoneyField

MOST_BUDGET_HOURS = Decimal(1_000_000)
# The chain of a campaign, from what the business wants to how it is counted: longer than a line of the form.
SENTENCES = ("goal", "objective", "action", "indicator", "measure")
OF_DIRECTORS = ("budget_cost_cents", "target_lead_cents")


class Named(forms.ModelForm):
    """Something with a name of its own, whatever its case and spaces."""

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
        if any(normalise(other) == normalise(name) for other in others.values_list("name", flat=True)):
            raise ValidationError(_("“%(name)s” exists already.") % {"name": name})
        return name


class ClientForm(Named):
    class Meta:
        model = Client
        fields = ["name", "is_active"]


class PlatformForm(Named):
    weekly_limit_minutes = HoursField(
        label=_("Weekly limit, in hours"),
        required=False,
        help_text=_("A flag is raised in a week with more hours than this. Empty: no limit."),
    )
    colour = forms.TypedChoiceField(
        label=_("Colour"),
        coerce=int,
        choices=(),
        widget=forms.RadioSelect(attrs={"class": "swatches"}),
        help_text=_("Used in charts and lists, so that the platform is easy to recognise."),
    )
    aliases = NamesField(
        label=_("Other names"),
        required=False,
        help_text=_("One a line, as files and links write it: fb, facebook.com. Imports find the platform by them."),
    )

    class Meta:
        model = Platform
        fields = ["name", "kind", "weekly_limit_minutes", "colour", "is_active"]

    def __init__(self, *args: Any, note_on_limit: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if note_on_limit:
            self.fields["weekly_limit_minutes"].help_text = note_on_limit
        if self.instance.pk:
            self.initial["aliases"] = [alias.text for alias in self.instance.aliases.all()]
        self.fields["colour"].widget.option_template_name = "campaigns/_colour.html"
        self.fields["colour"].choices = [  # type: ignore[attr-defined]
            (number, _("Colour %(number)s") % {"number": number}) for number in range(1, 13)
        ]

    def clean_name(self) -> str:
        name = super().clean_name()
        if taken := _platforms_by_alias([normalise(name)], besides=self.instance.pk):
            raise ValidationError(
                _("“%(name)s” is another name of %(platform)s.") % {"name": name, "platform": taken[normalise(name)]}
            )
        return name

    def clean_aliases(self) -> list[str]:
        names: list[str] = self.cleaned_data["aliases"]
        others = Platform.objects.exclude(pk=self.instance.pk)
        taken = {normalise(other.name): other.name for other in others}
        taken |= _platforms_by_alias(names, besides=self.instance.pk)
        _refuse_taken(names, taken)
        return names

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        keep = self.cleaned_data["aliases"]
        self.instance.aliases.exclude(text__in=keep).delete()
        PlatformAlias.objects.bulk_create(
            PlatformAlias(platform=self.instance, text=text)
            for text in sorted(set(keep) - set(self.instance.aliases.values_list("text", flat=True)))
        )


class CampaignForm(forms.ModelForm):
    starts_on = DayField(label=_("Runs from"), required=False)
    ends_on = DayField(label=_("Runs to"), required=False)
    baseline_starts_on = DayField(
        label=_("Baseline from"), required=False, help_text=_("The quiet period before, to compare with.")
    )
    baseline_ends_on = DayField(label=_("Baseline to"), required=False)
    budget_minutes = HoursField(
        label=_("Budget of hours"),
        required=False,
        most=MOST_BUDGET_HOURS,
        help_text=_("For the whole campaign. An alert is raised at 80 and at 100 percent of it. Empty: no budget."),
    )
    budget_spend_cents = MoneyField(
        label=_("Budget of bills"),
        required=False,
        help_text=_("For all that is paid besides hours: advertising, tools, stands. Alerts as for the hours."),
    )
    budget_cost_cents = MoneyField(
        label=_("Budget of all costs"),
        required=False,
        help_text=_("Hours at their rates and bills together. Only directors see it, and its alerts."),
    )
    target_lead_cents = MoneyField(
        label=_("Target cost per lead"),
        required=False,
        help_text=_("What a lead may cost at most, all costs counted. Only directors see it, and its alerts."),
    )
    aliases = NamesField(
        label=_("Other names"),
        required=False,
        help_text=_("One a line, as trackers and links write it. Imports find the campaign by them."),
    )

    class Meta:
        model = Campaign
        fields = [
            "name",
            "client",
            "purpose",
            "goal",
            "objective",
            "action",
            "indicator",
            "measure",
            "counted",
            "baseline_starts_on",
            "baseline_ends_on",
            "starts_on",
            "ends_on",
            "budget_minutes",
            "budget_spend_cents",
            "budget_cost_cents",
            "target_lead_cents",
            "is_active",
        ]
        widgets = {name: forms.Textarea({"rows": 2}) for name in SENTENCES}

    def __init__(self, *args: Any, shows_money_out: bool, **kwargs: Any) -> None:
        """Only with `shows_money_out`, a director's, there are fields for what follows from rates."""
        super().__init__(*args, **kwargs)
        if not shows_money_out:
            for name in OF_DIRECTORS:
                del self.fields[name]
        for name in {"budget_spend_cents", *OF_DIRECTORS} & self.fields.keys():
            show_currency(self, name)
        offered = models.Q(is_active=True) | models.Q(pk=self.instance.client_id)
        self.fields["client"] = client_field(
            queryset=Client.objects.filter(offered),
            empty_label=_("Choose a client"),
            **as_it_was(self.fields["client"]),
        )
        if self.instance.pk:
            self.initial["aliases"] = [alias.text for alias in self.instance.aliases.all()]
        if self.instance.is_general:
            # Hours of no campaign always need a place: it keeps its name, its client, and stays active.
            for name in ("name", "client", "is_active"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A sentence is one line, however it was typed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        return cleaned | {name: " ".join(cleaned[name].split()) for name in SENTENCES if name in cleaned}

    def clean_aliases(self) -> list[str]:
        names: list[str] = self.cleaned_data["aliases"]
        taken = CampaignAlias.objects.filter(text__in=names).exclude(campaign=self.instance.pk)
        _refuse_taken(names, {alias.text: str(alias.campaign) for alias in taken.select_related("campaign")})
        return names

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        keep = self.cleaned_data["aliases"]
        self.instance.aliases.exclude(text__in=keep).delete()
        CampaignAlias.objects.bulk_create(
            CampaignAlias(campaign=self.instance, text=text)
            for text in sorted(set(keep) - set(self.instance.aliases.values_list("text", flat=True)))
        )


def _platforms_by_alias(names: Iterable[str], *, besides: int | None) -> dict[str, str]:
    taken = PlatformAlias.objects.filter(text__in=names).select_related("platform")
    return {alias.text: alias.platform.name for alias in taken if alias.platform_id != besides}


def _refuse_taken(names: Iterable[str], taken: dict[str, str]) -> None:
    problems = [
        _("“%(name)s” already means %(other)s.") % {"name": name, "other": taken[name]}
        for name in names
        if name in taken
    ]
    if problems:
        raise ValidationError(problems)
