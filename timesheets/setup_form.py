"""What the first person of an installation is asked: the token, the agency, themselves, what is known of sales."""

import json
import zoneinfo
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.agency import check_has_come
from campaigns.setup import STANDARD
from core.access import Role
from core.form_fields import DayField, MoneyField, PercentField
from core.locales import country_choices, currency_choices, customs, territories, time_zones
from timesheets.models import User

AS_THE_COUNTRY = gettext_lazy("As the country")
# What belongs together on the page.
GROUPS = (
    (gettext_lazy("Your agency"), ("agency", "country", "currency", "language", "time_zone")),
    (gettext_lazy("You, its first director"), ("name", "email", "password1", "password2", "send_trial")),
    (gettext_lazy("Where your hours go"), ("platforms",)),
    (gettext_lazy("Your sales, as far as you know now"), ("sales_complete_since", "usual_sale", "gross_margin")),
)


class TokenForm(forms.Form):
    """The token that the terminal shows."""

    token = forms.CharField(
        label=gettext_lazy("Token"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class SetupForm(SetPasswordMixin, forms.Form):
    """The agency and its first director. What a country does as a rule is filled in from it, and may be changed."""

    agency = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Decides on which day, and so in which week, something falls."),
    )
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("You sign in with it."))
    password1, password2 = SetPasswordMixin.create_password_fields()
    send_trial = forms.BooleanField(
        label=gettext_lazy("Send me an e-mail, to see whether they arrive"),
        required=False,
        help_text=gettext_lazy("Also later, under Settings. Until e-mail is set up you see the links of invitations."),
    )
    platforms = forms.MultipleChoiceField(
        label=gettext_lazy("Platforms"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("More of your own can be added later."),
    )
    sales_complete_since = DayField(
        label=gettext_lazy("Since when are your sales complete?"),
        required=False,
        help_text=gettext_lazy(
            "From this day on each sale is, or will be, entered here, so that no sale means that nothing was sold."
        ),
    )
    usual_sale = MoneyField(
        label=gettext_lazy("What does a usual customer bring?"),
        required=False,
        help_text=gettext_lazy(
            "What they pay, before margin. It decides how much must come back before luck is ruled out."
        ),
    )
    gross_margin = PercentField(
        label=gettext_lazy("Gross margin, in percent"),
        help_text=gettext_lazy(
            "What is left of a sale after the direct cost of what is sold. 100 counts revenue whole."
        ),
    )

    template_name = "_grouped_fields.html"

    def __init__(self, *args: Any, at: datetime, language: str, country: str, **kwargs: Any) -> None:
        """`language` and `country` are those of the browser: offered, not decided."""
        self.at, self.reader = at, language
        offered = country if country in territories() else ""
        initial = {"country": offered, "gross_margin": Decimal(1), "platforms": [known.name for known in STANDARD]}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self._offer("country", country_choices(), empty="")
        self._offer("currency", currency_choices("EUR"), empty=AS_THE_COUNTRY)
        self._offer("language", list(settings.LANGUAGES), empty=AS_THE_COUNTRY)
        self._offer("time_zone", [(zone, zone) for zone in time_zones()], empty=AS_THE_COUNTRY)
        self._offer("platforms", [(known.name, known.label) for known in STANDARD])
        self.fields["country"].widget.attrs["data-customs"] = _customs_of_all(language)
        self.fields["password1"].label, self.fields["password2"].label = _("Password"), _("The password again")
        self.fields["password2"].help_text = ""

    def _offer(self, name: str, choices: list[tuple[str, Any]], *, empty: Any = None) -> None:
        first = [] if empty is None else [("", empty)]
        self.fields[name].choices = [*first, *choices]  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names]) for legend, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if country := cleaned.get("country"):
            self._fill_from(country, cleaned)
        if (since := cleaned.get("sales_complete_since")) and cleaned.get("time_zone"):
            self._check_since(since, cleaned["time_zone"])
        self.validate_passwords()
        if cleaned.get("password1"):
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            self.validate_password_for_user(person, "password1")
        return cleaned

    def _fill_from(self, country: str, cleaned: dict[str, Any]) -> None:
        """What was left as in the country; where a country has several time zones, nobody guesses the day."""
        usual = customs(country)
        filled = {
            "currency": usual.currency,
            "language": usual.language_for(self.reader),
            "time_zone": usual.time_zone,
        }
        cleaned.update({name: value for name, value in filled.items() if cleaned.get(name) == ""})
        if not cleaned.get("time_zone") and "time_zone" not in self.errors:
            self.add_error("time_zone", _("This country has several time zones. Choose yours."))
        if not cleaned.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("This country has no currency of its own. Choose yours."))

    def _check_since(self, since: Any, zone: str) -> None:
        try:
            check_has_come(since, self.at.astimezone(zoneinfo.ZoneInfo(zone)).date())
        except ValidationError as error:
            self.add_error("sales_complete_since", error)

    @property
    def agency_fields(self) -> dict[str, Any]:
        """The fields of the agency, once the form is valid."""
        same = ("country", "currency", "language", "time_zone", "sales_complete_since", "gross_margin")
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in same} | {
            "name": cleaned["agency"],
            "typical_sale_cents": cleaned["usual_sale"],
        }

    def make_director(self) -> User:
        """The account of whoever filled this in; they joined on a day that nobody told."""
        cleaned = self.cleaned_data
        return User.objects.create_user(
            cleaned["email"], cleaned["password1"], name=cleaned["name"], role=Role.DIRECTOR
        )


def _customs_of_all(reader: str) -> str:
    """By country: currency, language, time zone. The page fills them in when a country is chosen."""
    usual = {country: customs(country) for country in sorted(territories())}
    return json.dumps({country: [of.currency, of.language_for(reader), of.time_zone] for country, of in usual.items()})
