"""Money in and out: sales, what was given back of them, and spend."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns import refunds
from campaigns.fields import LeadField
from campaigns.forms.parts import (
    explain_external_id,
    explain_original,
    follow_rate,
    offer_leads,
    pick_campaign,
    pick_platform,
    show_currency,
)
from campaigns.models import Sale, Spend
from core.form_fields import DayField, MoneyField

LONGEST_SPEND = timedelta(days=5 * 366)


class SpendForm(forms.ModelForm):
    amount_cents = MoneyField(label=_("Amount"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"), help_text=_("The amount is spread evenly over these days."))

    class Meta:
        model = Spend
        fields = ["platform", "campaign", "amount_cents", "starts_on", "ends_on", "description", "external_id"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pick_platform(self)
        pick_campaign(self, empty=_("General presence"), means_general=True)
        show_currency(self, "amount_cents")
        explain_original(self)
        explain_external_id(self)

    def clean(self) -> dict[str, Any] | None:
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last - first > LONGEST_SPEND:
            self.add_error("ends_on", _("At most five years: check the years, or enter it in parts."))
        follow_rate(self, "starts_on")
        return super().clean()


class SaleForm(forms.ModelForm):
    """A sale, with the lead it came from, else with the platform and campaign it came through."""

    lead = LeadField(
        label=_("Lead"),
        required=False,
        help_text=_("A name, e-mail, number or external id. Its touchpoints then say who gets the credit."),
    )
    sold_on = DayField(label=_("Sold on"))
    amount_cents = MoneyField(label=_("Amount"), least_cents=0)

    class Meta:
        model = Sale
        fields = ["lead", "sold_on", "amount_cents", "description", "platform", "campaign", "external_id"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.refunds: list[Sale] = []  # those that follow the rate of another day
        self.initial.setdefault("sold_on", today)
        offer_leads(self)
        pick_platform(self, empty=_("Not known"))
        pick_campaign(self, empty=_("None"))
        show_currency(self, "amount_cents")
        explain_original(self)
        explain_external_id(self)

    def clean_sold_on(self) -> date:
        day = sold_by(self, self.today)
        if self.instance.pk:
            refunds.check_day(self.instance, day)
        return day

    def clean_amount_cents(self) -> int:
        cents: int = self.cleaned_data["amount_cents"]
        if self.instance.pk:
            refunds.check_amount(Sale.objects.get(pk=self.instance.pk), cents)
        return cents

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if rate := follow_rate(self, "sold_on"):
            self.refunds = refunds.at_rate(self.instance, self.cleaned_data["amount_cents"], rate)
        return cleaned

    def save(self, commit: bool = True) -> Sale:
        """Save; refunds stay with the lead, platform and campaign of what they undo."""
        sale: Sale = super().save(commit)
        for refund in self.refunds:
            refund.save()
        if {"lead", "platform", "campaign"} & set(self.changed_data):
            for refund in sale.refunds.all():
                refund.lead, refund.platform, refund.campaign = sale.lead, sale.platform, sale.campaign
                refund.save()
        return sale


class RefundForm(forms.ModelForm):
    """Money given back of one sale, None when nobody knows of which. The caller holds the sale's row meanwhile."""

    sold_on = DayField(label=_("Refunded on"))
    amount_cents = MoneyField(label=_("Amount given back"))

    class Meta:
        model = Sale
        fields = ["sold_on", "amount_cents", "description", "external_id"]

    def __init__(self, *args: Any, sale: Sale | None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sale, self.today = sale, today
        self.initial.setdefault("sold_on", today)
        if self.instance.pk:
            self.initial["amount_cents"] = -self.instance.amount_cents
        elif sale and (left := refunds.left_cents(sale)) > 0:
            self.initial["amount_cents"] = left
        if sale:
            self.instance.refund_of = sale
            self.instance.lead_id, self.instance.platform_id = sale.lead_id, sale.platform_id
            self.instance.campaign_id = sale.campaign_id
        show_currency(self, "amount_cents")
        explain_original(self)
        explain_external_id(self)

    def clean_sold_on(self) -> date:
        day = sold_by(self, self.today)
        if self.sale and day < self.sale.sold_on:
            raise ValidationError(_("The sale was made after that day."))
        return day

    def clean_amount_cents(self) -> int:
        cents: int = self.cleaned_data["amount_cents"]
        if self.sale and not self.instance.is_void:
            refunds.check(self.sale, cents=cents, besides=self.instance.pk)
        return -cents

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "amount_cents" in self.changed_data and self.instance.original_currency:
            self.instance.original_cents, self.instance.original_currency = None, ""
        return cleaned


def sold_by(form: forms.ModelForm, today: date) -> date:
    """The day typed, which is not still to come; one that was there already (a file brought it) may stay."""
    day: date = form.cleaned_data["sold_on"]
    if day > today and "sold_on" in form.changed_data:
        raise ValidationError(_("This day is in the future."))
    return day
