"""What several forms have in common: what they offer, and how they speak of money and of ids."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.lookups import campaign_field, platform_field
from campaigns.models import Campaign, ExchangeRate, Platform
from core import money
from core.currencies import converted


def pick_platform(form: forms.ModelForm, *, empty: Any = None) -> None:
    """Offer the platforms in use, and the one that is already there."""
    offered = models.Q(is_active=True) | models.Q(pk=form.instance.platform_id)
    form.fields["platform"] = platform_field(
        type(form.instance),
        queryset=Platform.objects.filter(offered),
        empty_label=empty or _("Choose a platform"),
        **as_it_was(form.fields["platform"]),
    )


def pick_campaign(form: forms.ModelForm, *, empty: Any = None, means_general: bool = False) -> None:
    """Offer the campaigns in use, each with its client, and the one that is already there.

    ``means_general``: no campaign is General presence, which is then offered once, as the empty choice.
    """
    offered = models.Q(is_active=True) | models.Q(pk=form.instance.campaign_id)
    campaigns = Campaign.objects.filter(offered).select_related("client")
    if means_general and (form.instance.campaign_id is None or not form.instance.campaign.is_general):
        campaigns = campaigns.exclude(is_general=True)  # the empty choice says it already
    form.fields["campaign"] = campaign_field(
        type(form.instance),
        queryset=campaigns,
        empty_label=empty or _("Choose a campaign"),
        **as_it_was(form.fields["campaign"]),
    )


def as_it_was(field: forms.Field) -> dict[str, Any]:
    """What a field of a model's form says of itself, for another kind of field in its place."""
    return {"label": field.label, "required": field.required, "help_text": field.help_text}


def offer_leads(form: forms.BaseForm) -> None:
    offer_while_typing(form, "lead", reverse("campaigns:lead_options"), "leads")


def offer_while_typing(form: forms.BaseForm, name: str, url: str, list_id: str) -> None:
    """While one types, what matches fills the list that the field reads from (`<datalist id="leads">`)."""
    form.fields[name].widget.attrs |= {
        "list": list_id,
        "autocomplete": "off",
        "hx-get": url,
        "hx-trigger": "input changed delay:200ms",
        "hx-target": f"#{list_id}",
    }


def show_currency(form: forms.BaseForm, name: str) -> None:
    form.fields[name].label = _("%(label)s, in %(currency)s") % {
        "label": form.fields[name].label,
        "currency": money.currency(),
    }


def explain_original(form: forms.ModelForm) -> None:
    """What an amount was in another currency, at its field."""
    if form.instance.original_currency:
        was = money.format_in(abs(form.instance.original_cents), form.instance.original_currency)
        form.fields["amount_cents"].help_text = _("It was %(was)s. A changed amount is in %(currency)s.") % {
            "was": was,
            "currency": money.currency(),
        }


def follow_rate(form: forms.ModelForm, day_name: str) -> Decimal | None:
    """Count an amount in another currency by the rate of its changed day, which is returned.

    A changed amount is in the agency's own currency, and loses its mark.
    """
    row = form.instance
    if not row.original_currency or form.errors:
        return None
    if "amount_cents" in form.changed_data:
        row.original_cents, row.original_currency = None, ""
    elif day_name in form.changed_data:
        rate = ExchangeRate.objects.table().on(row.original_currency, form.cleaned_data[day_name])
        if rate is None:
            form.add_error(
                day_name,
                _("There is no rate of %(currency)s for this day, nor for the seven days before it.")
                % {"currency": row.original_currency},
            )
        else:
            form.cleaned_data["amount_cents"] = converted(row.original_cents, rate)
        return rate
    return None


def explain_external_id(form: forms.ModelForm) -> None:
    """What the id is for, and what to say when it is taken."""
    field = form.fields["external_id"]
    field.help_text = _("Its number in another system. An import with the same id changes this one, not adds another.")
    field.error_messages["unique"] = _("This external id is already in use.")
