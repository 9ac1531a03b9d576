"""What people fill in: each form checks, keeps what was typed, and saves."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import money, refunds
from campaigns.fields import (
    DayField,
    HoursField,
    LeadField,
    MomentField,
    MoneyField,
    NamesField,
    NumberField,
    PercentField,
)
from campaigns.models import (
    Agency,
    Campaign,
    CampaignAlias,
    Client,
    Lead,
    Platform,
    PlatformAlias,
    Sale,
    Spend,
    Touch,
)
from campaigns.models.catalogue import normalise
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from campaigns.places import country_choices, currency_choices, time_zones

LONGEST_SPEND = timedelta(days=5 * 366)


def pick_platform(form: forms.ModelForm, *, empty: Any = None) -> None:
    """Offer the platforms in use, and the one that is already there."""
    field = form.fields["platform"]
    field.queryset = Platform.objects.filter(models.Q(is_active=True) | models.Q(pk=form.instance.platform_id))  # type: ignore[attr-defined]
    field.empty_label = empty or _("Choose a platform")  # type: ignore[attr-defined]


def pick_campaign(form: forms.ModelForm, *, empty: Any = None, means_general: bool = False) -> None:
    """Offer the campaigns in use, each with its client, and the one that is already there.

    ``means_general``: no campaign is General presence, which is then offered once, as the empty choice.
    """
    field = form.fields["campaign"]
    offered = models.Q(is_active=True) | models.Q(pk=form.instance.campaign_id)
    campaigns = Campaign.objects.filter(offered).select_related("client")
    if means_general and (form.instance.campaign_id is None or not form.instance.campaign.is_general):
        campaigns = campaigns.exclude(is_general=True)  # the empty choice says it already
    field.queryset = campaigns  # type: ignore[attr-defined]
    field.label_from_instance = campaign_label  # type: ignore[attr-defined]
    field.empty_label = empty or _("Choose a campaign")  # type: ignore[attr-defined]


def campaign_label(campaign: Campaign) -> str:
    return str(campaign) if campaign.is_general else f"{campaign} · {campaign.client}"


def sold_by(form: forms.ModelForm, today: date) -> date:
    """The day typed, which is not still to come; one that was there already (a file brought it) may stay."""
    day: date = form.cleaned_data["sold_on"]
    if day > today and "sold_on" in form.changed_data:
        raise ValidationError(_("This day is still to come."))
    return day


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
        help_text=_("In charts and lists, so that the platform is found again."),
    )
    aliases = NamesField(
        label=_("Other names"),
        required=False,
        help_text=_("One a line, as files and links write it: fb, facebook.com. Imports find the platform by them."),
    )

    class Meta:
        model = Platform
        fields = ["name", "kind", "weekly_limit_minutes", "colour", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        taken = {normalise(one.name): one.name for one in others}
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


class CampaignForm(forms.ModelForm):
    starts_on = DayField(label=_("Runs from"), required=False)
    ends_on = DayField(label=_("Runs to"), required=False)
    baseline_starts_on = DayField(
        label=_("Baseline from"), required=False, help_text=_("The quiet period before, to compare with.")
    )
    baseline_ends_on = DayField(label=_("Baseline to"), required=False)
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
            "is_active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = models.Q(is_active=True) | models.Q(pk=self.instance.client_id)
        self.fields["client"].queryset = Client.objects.filter(offered)  # type: ignore[attr-defined]
        self.fields["client"].empty_label = _("Choose a client")  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["aliases"] = [alias.text for alias in self.instance.aliases.all()]
        if self.instance.is_general:
            # Hours of no campaign always need a place: it keeps its name, its client, and stays active.
            for name in ("name", "client", "is_active"):
                del self.fields[name]

    def clean_aliases(self) -> list[str]:
        names: list[str] = self.cleaned_data["aliases"]
        taken = CampaignAlias.objects.filter(text__in=names).exclude(campaign=self.instance.pk)
        _refuse_taken(names, {one.text: str(one.campaign) for one in taken.select_related("campaign")})
        return names

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        keep = self.cleaned_data["aliases"]
        self.instance.aliases.exclude(text__in=keep).delete()
        CampaignAlias.objects.bulk_create(
            CampaignAlias(campaign=self.instance, text=text)
            for text in sorted(set(keep) - set(self.instance.aliases.values_list("text", flat=True)))
        )


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
        explain_external_id(self)

    def clean_external_id(self) -> str | None:
        return self.cleaned_data["external_id"] or None

    def clean(self) -> dict[str, Any] | None:
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last - first > LONGEST_SPEND:
            self.add_error("ends_on", _("At most five years: check the years, or enter it in parts."))
        return super().clean()


class LeadForm(forms.ModelForm):
    """The person; where the lead came from are its touches, where it stands is changed by `StatusForm`."""

    received_at = MomentField(label=_("Received"))

    class Meta:
        model = Lead
        fields = ["name", "company", "email", "received_at", "external_id", "note"]

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        if self.instance.pk is None:
            self.initial.setdefault("received_at", now)
        explain_external_id(self)

    def clean_received_at(self) -> datetime:
        if self.instance.pk and "received_at" not in self.changed_data:
            # What was recorded has seconds, and the order of touches rests on them.
            recorded: datetime = self.instance.received_at
            return recorded
        return not_after(self.cleaned_data["received_at"], self.now)

    def clean_external_id(self) -> str | None:
        return self.cleaned_data["external_id"] or None

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        who = ("name", "company", "email", "external_id")
        if not self.errors and not any(self.cleaned_data.get(name) for name in who):
            self.add_error("name", _("Give a name, a company, an e-mail or an external id, to know who it is."))
        return self.cleaned_data


def not_after(at: datetime, now: datetime) -> datetime:
    """The browser's clock may be a few minutes ahead; a day is a mistake."""
    if at > now + timedelta(hours=1):
        raise ValidationError(_("This moment is still to come."))
    return at


class NewLeadForm(LeadForm):
    """A lead with the contact that brought it and where it stands."""

    platform = forms.ModelChoiceField(
        Platform.objects.active(),
        label=_("Came through"),
        required=False,
        empty_label=_("Not known"),
        help_text=_("Becomes the lead's first touch; add others on its page."),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.active().select_related("client"),
        label=_("Campaign"),
        required=False,
        empty_label=_("None"),
    )
    status = forms.ChoiceField(label=_("Status"), choices=LeadStatus.choices, initial=LeadStatus.NEW)
    disqualified_reason = forms.ChoiceField(label=_("Reason"), required=False, choices=())

    field_order = ("name", "company", "email", "received_at", "platform", "campaign", "status", "disqualified_reason")

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["campaign"].label_from_instance = campaign_label  # type: ignore[attr-defined]
        offer_reasons(self)

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        check_reason(self)
        return self.cleaned_data

    def save(self, commit: bool = True) -> Lead:
        with transaction.atomic():
            lead: Lead = super().save(commit)
            source = {name: self.cleaned_data[name] for name in ("platform", "campaign")}
            if any(source.values()):
                Touch.objects.create(lead=lead, at=lead.received_at, **source)
            lead.move_to(
                self.cleaned_data["status"], at=self.now, by=self.by, reason=self.cleaned_data["disqualified_reason"]
            )
        return lead


class StatusForm(forms.Form):
    """Where a lead stands; a change leaves its record."""

    status = forms.ChoiceField(label=_("Status"), choices=LeadStatus.choices)
    disqualified_reason = forms.ChoiceField(label=_("Reason"), required=False, choices=())

    def __init__(self, data: Any = None, *, lead: Lead) -> None:
        initial = {"status": lead.status, "disqualified_reason": lead.disqualified_reason}
        super().__init__(data, initial=initial, prefix="status")
        self.lead = lead
        offer_reasons(self)

    def clean(self) -> dict[str, Any]:
        check_reason(self)
        return self.cleaned_data

    def save(self, *, at: datetime, by: Any) -> None:
        self.lead.move_to(self.cleaned_data["status"], at=at, by=by, reason=self.cleaned_data["disqualified_reason"])


def offer_reasons(form: forms.BaseForm) -> None:
    form.fields["disqualified_reason"].choices = [("", _("None")), *DisqualifiedReason.choices]  # type: ignore[attr-defined]
    form.fields["disqualified_reason"].help_text = _("For a disqualified lead: what kept it from going on.")


def check_reason(form: forms.BaseForm) -> None:
    """A disqualified lead has a reason; any other has none, whatever was left in the field."""
    if form.cleaned_data.get("status") != LeadStatus.DISQUALIFIED:
        form.cleaned_data["disqualified_reason"] = ""
        form.errors.pop("disqualified_reason", None)
    elif not form.cleaned_data.get("disqualified_reason") and "disqualified_reason" not in form.errors:
        form.add_error("disqualified_reason", _("Say why this lead was disqualified."))


class TouchForm(forms.ModelForm):
    """One more contact; touches are never edited, so there is no other form for them."""

    at = MomentField(label=_("At"))

    class Meta:
        model = Touch
        fields = ["at", "platform", "campaign"]

    def __init__(self, data: Any = None, *, now: datetime, instance: Touch) -> None:
        super().__init__(data, prefix="touch", instance=instance)
        self.now = now
        self.initial["at"] = now
        pick_platform(self, empty=_("Direct: no platform"))
        pick_campaign(self, empty=_("None"))

    def clean_at(self) -> datetime:
        return not_after(self.cleaned_data["at"], self.now)


class SaleForm(forms.ModelForm):
    """A sale, with the lead it came from, else with the platform and campaign it came through."""

    lead = LeadField(
        label=_("Lead"),
        required=False,
        help_text=_("A name, e-mail, number or external id. Its touches then say who gets the credit."),
    )
    sold_on = DayField(label=_("Sold on"))
    amount_cents = MoneyField(label=_("Amount"), least_cents=0)

    class Meta:
        model = Sale
        fields = ["lead", "sold_on", "amount_cents", "description", "platform", "campaign", "external_id"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("sold_on", today)
        offer_leads(self)
        pick_platform(self, empty=_("Not known"))
        pick_campaign(self, empty=_("None"))
        show_currency(self, "amount_cents")
        explain_external_id(self)

    def clean_external_id(self) -> str | None:
        return self.cleaned_data["external_id"] or None

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

    def save(self, commit: bool = True) -> Sale:
        """Save; refunds stay with the lead, platform and campaign of what they undo."""
        sale: Sale = super().save(commit)
        if {"lead", "platform", "campaign"} & set(self.changed_data):
            for refund in sale.refunds.all():
                refund.lead, refund.platform, refund.campaign = sale.lead, sale.platform, sale.campaign
                refund.save()
        return sale


class RefundForm(forms.ModelForm):
    """Money given back of one sale. The caller holds the sale's row while it checks and saves."""

    sold_on = DayField(label=_("Refunded on"))
    amount_cents = MoneyField(label=_("Amount given back"))

    class Meta:
        model = Sale
        fields = ["sold_on", "amount_cents", "description", "external_id"]

    def __init__(self, *args: Any, sale: Sale, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sale, self.today = sale, today
        self.initial.setdefault("sold_on", today)
        if self.instance.pk:
            self.initial["amount_cents"] = -self.instance.amount_cents
        elif (left := refunds.left_cents(sale)) > 0:
            self.initial["amount_cents"] = left
        self.instance.refund_of = sale
        self.instance.lead_id, self.instance.platform_id = sale.lead_id, sale.platform_id
        self.instance.campaign_id = sale.campaign_id
        show_currency(self, "amount_cents")
        explain_external_id(self)

    def clean_external_id(self) -> str | None:
        return self.cleaned_data["external_id"] or None

    def clean_sold_on(self) -> date:
        day = sold_by(self, self.today)
        if day < self.sale.sold_on:
            raise ValidationError(_("The sale was made after that day."))
        return day

    def clean_amount_cents(self) -> int:
        cents: int = self.cleaned_data["amount_cents"]
        if not self.instance.is_void:
            refunds.check(self.sale, cents=cents, besides=self.instance.pk)
        return -cents


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Kept with it: entered twice, a test.")
    )


# What belongs together on the page of the settings.
SETTINGS_GROUPS = (
    (_("The agency"), ("name", "language", "country", "currency", "time_zone")),
    (_("What counts as paying for itself"), ("gross_margin", "target_return")),
    (
        _("Before there are sales enough to judge by"),
        ("typical_sale_cents", "usual_delay_months", "usual_delay_spread_months", "minimum_spend_cents"),
    ),
    (_("Who is credited with a sale"), ("credit_model", "lookback_days", "half_life_days")),
    (_("The plain rule, and the dashboard"), ("window_weeks", "settling_weeks")),
    (_("The team"), ("own_brand_limit",)),
    (_("Personal data and signing in"), ("keep_leads_months", "needs_second_factor")),
)


class AgencyForm(forms.ModelForm):
    """The rules of the house. Each field says what changes with it."""

    currency = forms.ChoiceField(label=_("Currency"), help_text=_("How money is written. Amounts are not converted."))
    country = forms.ChoiceField(label=_("Country"), help_text=_("How dates and money are written."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Decides on which day, and so in which week, a lead or a touch falls. All figures are recomputed."),
    )
    gross_margin = PercentField(
        label=_("Gross margin, in percent"),
        help_text=_("What is left of a sale after the direct cost of what is sold. 100 counts revenue whole."),
    )
    target_return = NumberField(
        label=_("Target return per 1 spent"),
        least=Decimal("0.01"),
        most=Decimal("9999.99"),
        help_text=_("1 is break-even: what was spent comes back once. A platform that is surely below is losing."),
    )
    typical_sale_cents = MoneyField(
        label=_("Typical sale"),
        required=False,
        help_text=_("What a customer usually pays. Used only until the first sale is in."),
    )
    minimum_spend_cents = MoneyField(
        label=_("Minimum spend before a plain verdict"),
        least_cents=0,
        help_text=_("While there is no sale and no typical sale, a platform that has cost more than this is losing."),
    )
    own_brand_limit = PercentField(
        label=_("Limit of own-brand hours, in percent"),
        required=False,
        help_text=_("More of all hours than this on the agency's own brand is flagged. Empty: no limit."),
    )
    half_life_days = forms.IntegerField(
        label=_("Half-life of a touch, in days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("For time decay: a touch so old counts half. Empty: a quarter of the lookback."),
    )

    template_name = "campaigns/_settings_fields.html"

    class Meta:
        model = Agency
        fields: ClassVar = [name for _legend, names in SETTINGS_GROUPS for name in names]
        help_texts: ClassVar = {
            "name": _("Stands in the weekly e-mail."),
            "usual_delay_months": _(
                "From the work to the sale, as you guess it. Used only until the sales themselves tell."
            ),
            "usual_delay_spread_months": _("Two sales in three come within the usual months, give or take these."),
            "language": _("Of the weekly e-mail, and of people who have not chosen theirs."),
            "window_weeks": _("How many complete weeks the dashboard and the plain rule look back."),
            "settling_weeks": _("A platform whose first cost is younger is too early for the plain rule."),
            "credit_model": _("How a sale is shared over the touches before it. All models are kept ready."),
            "lookback_days": _("Touches older than this get no credit. All credits are recomputed."),
            "keep_leads_months": _(
                "Counted from the last contact. Then name, address and notes of the lead are erased for good; "
                "figures stay."
            ),
            "needs_second_factor": _(
                "From then on they see nothing until they have set one up: a code from an app, or a passkey."
            ),
        }

    def __init__(self, *args: Any, by: Any = None, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)
        show_currency(self, "typical_sale_cents")
        show_currency(self, "minimum_spend_cents")
        self.fields["currency"].choices = currency_choices(self.instance.currency)  # type: ignore[attr-defined]
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted({*time_zones(), self.instance.time_zone})]  # type: ignore[attr-defined]

    def clean_needs_second_factor(self) -> bool:
        """Who switches it on must have one: else this page, where it is switched off again, would be closed to them."""
        needed: bool = self.cleaned_data["needs_second_factor"]
        if needed and "needs_second_factor" in self.changed_data and not (self.by and is_mfa_enabled(self.by)):
            raise ValidationError(_("Set up your own second factor first, on the page of your profile."))
        return needed

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(str(legend), [self[name] for name in names]) for legend, names in SETTINGS_GROUPS]

    @property
    def changes_credits(self) -> bool:
        return bool({"lookback_days", "half_life_days", "time_zone"} & set(self.changed_data))


def offer_leads(form: forms.BaseForm) -> None:
    """While one types, the matching leads fill the list that the field reads from (`<datalist id="leads">`)."""
    form.fields["lead"].widget.attrs |= {
        "list": "leads",
        "autocomplete": "off",
        "hx-get": reverse("campaigns:lead_options"),
        "hx-trigger": "input changed delay:200ms",
        "hx-target": "#leads",
    }


def show_currency(form: forms.BaseForm, name: str) -> None:
    form.fields[name].label = _("%(label)s, in %(currency)s") % {
        "label": form.fields[name].label,
        "currency": money.currency(),
    }


def explain_external_id(form: forms.ModelForm) -> None:
    """What the id is for, and what to say when it is taken."""
    field = form.fields["external_id"]
    field.help_text = _("Its number in another system. An import with the same id changes this one, not adds another.")
    field.error_messages["unique"] = _("Another one has this external id already.")
