"""The rules of the house."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.forms.parts import show_currency
from campaigns.models import Agency, UnrecordedPeriod
from campaigns.models.agency import check_has_come, clock
from core.form_fields import DayField, MoneyField, NumberField, PercentField
from core.locales import country_choices, currency_choices, time_zones
from core.money import ONE_UNIT
from core.schedule import WORKING_HOURS

# What belongs together on the page of the settings.
SETTINGS_GROUPS = (
    (_("The agency"), ("name", "language", "country", "currency", "time_zone")),
    (_("What counts as paying for itself"), ("gross_margin", "target_return")),
    (
        _("Before there are sales enough to judge by"),
        (
            "sales_complete_since",
            "typical_sale_cents",
            "usual_delay_months",
            "usual_delay_spread_months",
        ),
    ),
    (_("Who is credited with a sale"), ("credit_model", "lookback_days", "half_life_days")),
    (_("The plain rule, and the dashboard"), ("window_weeks", "settling_weeks")),
    (_("The weekly e-mail"), ("summary_weekday", "summary_hour")),
    (_("The team"), ("own_brand_limit",)),
    (_("Personal data and signing in"), ("keep_leads_months", "needs_second_factor")),
)


class AgencyForm(forms.ModelForm):
    """The rules of the house. Each field says what changes with it."""

    currency = forms.ChoiceField(label=_("Currency"), help_text=_("How money is written. Amounts are not converted."))
    country = forms.ChoiceField(label=_("Country"), help_text=_("How dates and money are written."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_(
            "Decides on which day, and so in which week, a lead or a touchpoint falls. All figures are recomputed."
        ),
    )
    gross_margin = PercentField(
        label=_("Gross margin, in percent"),
        help_text=_("What is left of a sale after the direct cost of what is sold. 100 counts revenue whole."),
    )
    target_return = NumberField(
        label=format_lazy(_("Target return per {unit} spent"), unit=ONE_UNIT),
        least=Decimal("0.01"),
        most=Decimal("9999.99"),
        help_text=_("1 is break-even: what was spent comes back once. A platform that is surely below is losing."),
    )
    sales_complete_since = DayField(
        label=_("Sales are complete since"),
        required=False,
        help_text=_(
            "From this day on each of your sales is entered here, so that no sale means that nothing was sold. Empty: "
            "from the day of the first sale on."
        ),
    )
    typical_sale_cents = MoneyField(
        label=_("What a usual sale brings"),
        required=False,
        help_text=_("What a customer usually pays, before margin. Counts as much as ten of your own sales."),
    )
    own_brand_limit = PercentField(
        label=_("Limit of own-brand hours, in percent"),
        required=False,
        help_text=_("More of all hours than this on the agency's own brand is flagged. Empty: no limit."),
    )
    half_life_days = forms.IntegerField(
        label=_("Half-life of a touchpoint, in days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("For time decay: a touchpoint so old counts half. Empty: a quarter of the lookback."),
    )

    summary_hour = forms.TypedChoiceField(
        label=_("Hour of the weekly summary"),
        coerce=int,
        help_text=_(
            "In the agency's time zone. A change counts from the next summary on; one whose hour has just passed by it "
            "is sent at once."
        ),
    )

    template_name = "_grouped_fields.html"

    class Meta:
        model = Agency
        fields: ClassVar = [name for _legend, names in SETTINGS_GROUPS for name in names]
        help_texts: ClassVar = {
            "name": _("Stands in the weekly e-mail."),
            "usual_delay_months": _("From the work to the sale, as you guess it. Each sale makes it count less."),
            "usual_delay_spread_months": _("Two sales in three come within the usual months, give or take these."),
            "language": _("Of the weekly e-mail, and of people who have not chosen theirs."),
            "window_weeks": _("How many complete weeks the dashboard and the plain rule look back."),
            "settling_weeks": _("A platform whose first cost is younger is too early for the plain rule."),
            "credit_model": _("How a sale is shared over the touchpoints before it. All models are kept ready."),
            "lookback_days": _("Touchpoints older than this get no credit. All credits are recomputed."),
            "keep_leads_months": _(
                "Counted from the last contact. Then name, address and notes of the lead are erased for good; "
                "figures stay."
            ),
            "summary_weekday": _("Of the week before, to all who get it."),
            "needs_second_factor": _(
                "From then on they see nothing until they have set one up: a code from an app, or a passkey."
            ),
        }

    def __init__(self, *args: Any, today: date, by: Any = None, **kwargs: Any) -> None:
        self.by, self.today = by, today
        super().__init__(*args, **kwargs)
        show_currency(self, "typical_sale_cents")
        self.fields["currency"].choices = currency_choices(self.instance.currency)  # type: ignore[attr-defined]
        self.fields["summary_hour"].choices = [(hour, clock(hour)) for hour in WORKING_HOURS]  # type: ignore[attr-defined]
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted({*time_zones(), self.instance.time_zone})]  # type: ignore[attr-defined]

    def clean_country(self) -> str:
        """Another country has other regions: a code of the old one must not choose one of them."""
        if "country" in self.changed_data:
            self.instance.holiday_region = ""
        return str(self.cleaned_data["country"])

    def clean_sales_complete_since(self) -> date | None:
        since: date | None = self.cleaned_data["sales_complete_since"]
        if since:
            check_has_come(since, self.today)
        return since

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


class UnrecordedPeriodForm(forms.ModelForm):
    """From the first to the last day of a time of which no record is kept."""

    first_day = DayField(label=_("From"))
    last_day = DayField(label=_("To"), help_text=_("The last day without records."))

    class Meta:
        model = UnrecordedPeriod
        fields: ClassVar = ["first_day", "last_day"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_day(self) -> date:
        return self._that_has_come("first_day")

    def clean_last_day(self) -> date:
        return self._that_has_come("last_day")

    def _that_has_come(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        check_has_come(day, self.today)
        return day
