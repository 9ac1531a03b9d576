"""What people send: rows, people, rates, their own settings."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.lookups import campaign_field, platform_field
from campaigns.models import SecurityEvent
from core.access import Role
from core.form_fields import DayField, HoursField, MoneyField, WeekField
from core.lookups import TYPED
from core.weeks import Week
from timesheets import account_emails, sign_in
from timesheets.models import CostRate, TimeEntry, User

MOST_HOURLY_CENTS = 1_000_000
NO_PLATFORM, NO_CAMPAIGN = _("Choose a platform that is in use."), _("Choose a campaign that is in use.")


class RowForm(forms.Form):
    """A row to add, as `_add_row.html` asks for it: only what is in use can be chosen."""

    platform = platform_field(
        TimeEntry,
        label=_("Platform"),
        empty_label=_("Choose a platform"),
        error_messages={"required": NO_PLATFORM, "invalid_choice": NO_PLATFORM},
    )
    campaign = campaign_field(
        TimeEntry,
        label=_("Campaign"),
        empty_label=_("Choose a campaign"),
        error_messages={"required": NO_CAMPAIGN, "invalid_choice": NO_CAMPAIGN},
    )

    @property
    def sent(self) -> dict[str, str]:
        """What was sent for the two fields, as the page of the week takes it back (`was_sent`)."""
        return {name: str(self.data[name]) for name in self._parameters() if name in self.data}

    @classmethod
    def was_sent(cls, query: Mapping[str, str]) -> bool:
        """Whether the address of a page has a row that was refused."""
        return any(name in query for name in cls._parameters())

    @classmethod
    def _parameters(cls) -> list[str]:
        return [name + ending for name in cls.base_fields for ending in ("", TYPED)]

    @property
    def first_refused(self) -> str:
        """The id of the first field with an error; "" when the row itself is refused."""
        return next((str(self[name].id_for_label) for name in self.errors if name in self.fields), "")


class ReopenForm(forms.Form):
    """Why a submitted week is given back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class ProfileForm(forms.ModelForm):
    """What a person sets for themselves."""

    class Meta:
        model = User
        fields = ("name", "language", "theme", "duration_style", "carries_rows", "gets_reminders", "has_letter_keys")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].help_text = ""
        self.fields["language"].choices = [("", _("As the agency")), *self.fields["language"].choices[1:]]  # type: ignore[attr-defined]


class StaffedForm(forms.ModelForm):
    """A form of a person that never takes the last director away."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        as_wanted = User(is_active=bool(cleaned.get("is_active")), left_on=cleaned.get("left_on"))
        stays = cleaned.get("role") == Role.DIRECTOR and sign_in.may_sign_in(as_wanted)
        others = User.objects.filter(role=Role.DIRECTOR).exclude(pk=self.instance.pk)
        if self.instance.pk and not stays and not any(sign_in.may_sign_in(director) for director in others):
            self.add_error("role", _("Somebody must stay director and able to sign in."))
        return cleaned


def record_role(form: Any, *, by: Any) -> None:
    """After a form of a person was saved: who gave which role, if it is another."""
    if "email" not in form.initial:
        record_new_role(form.instance, by=by)
    elif form.initial["role"] != form.instance.role:
        detail = f"{form.initial['role']}>{form.instance.role}"
        SecurityEvent.record(SecurityEvent.Kind.ROLE, by=by, person=form.instance, detail=detail)


def record_new_role(person: User, *, by: Any) -> None:
    """After somebody was added: who gave them their first role."""
    SecurityEvent.record(SecurityEvent.Kind.ROLE, by=by, person=person, detail=f">{person.role}")


class PersonForm(StaffedForm):
    """A person, as the director adds and changes them. Hours a week are written as hours, kept as minutes."""

    weekly_minutes = HoursField(label=_("Hours a week"))
    joined_on = DayField(label=_("Joined on"))
    left_on = DayField(
        label=_("Left on"),
        required=False,
        help_text=_("The last day at work. After it the person cannot sign in and gets no e-mail; their hours stay."),
    )

    class Meta:
        model = User
        fields = ("name", "email", "role", "weekly_minutes", "logs_hours", "joined_on", "left_on", "is_active")
        help_texts = {
            "logs_hours": _("Without it nobody waits for this person’s week."),
            "is_active": _("Without it the person is signed out at once and gets no e-mail; their hours stay."),
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody has this address already."))
        return email

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        if user.pk is None:
            user.set_unusable_password()
        with transaction.atomic():
            user.save()
            sign_in.hold_to(user)
        return user


def label_email(field: forms.Field) -> None:
    """Call an e-mail address what the rest of the app calls it, once: its label says it, and no placeholder again."""
    field.label = _("E-mail")
    del field.widget.attrs["placeholder"]


class SignInForm(LoginForm):
    """allauth's form, in the words of the app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_email(self.fields["login"])
        del self.fields["password"].widget.attrs["placeholder"]


class ForgottenPasswordForm(ResetPasswordForm):
    """allauth's form, which answers before it looks for the account: no time that is taken tells who has one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_email(self.fields["email"])

    def save(self, request: HttpRequest, **how: Any) -> str:
        account_emails.beside(partial(super().save, request, **how))
        return str(self.cleaned_data["email"])


class PasskeyForm(AddWebAuthnForm):
    """allauth's form of a new passkey, in the words of the app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("By which you tell it from others: “My laptop”.")
        self.fields["passwordless"].label = _("Also sign in with it alone")
        self.fields["passwordless"].help_text = _(
            "Without the password. The device then asks for a finger or its code."
        )


class RateForm(forms.Form):
    """A cost rate to add or correct: money of an hour, from a day on."""

    starts_on = DayField(label=_("From"))
    hourly_cents = MoneyField(label=_("Cost of an hour"))

    def __init__(self, *args: Any, member: User, rate: CostRate | None = None, **kwargs: Any) -> None:
        self.member = member
        self.rate = rate
        if rate is not None:
            kwargs["initial"] = {"starts_on": rate.starts_on, "hourly_cents": rate.hourly_cents}
        super().__init__(*args, **kwargs)

    def clean_starts_on(self) -> date:
        starts_on: date = self.cleaned_data["starts_on"]
        others = CostRate.objects.filter(member=self.member, starts_on=starts_on)
        if self.rate is not None:
            others = others.exclude(pk=self.rate.pk)
        if others.exists():
            raise ValidationError(_("There is a rate from this day already: correct that one."))
        return starts_on

    def clean_hourly_cents(self) -> int:
        cents: int = self.cleaned_data["hourly_cents"]
        if cents > MOST_HOURLY_CENTS:
            raise ValidationError(_("An hour costs less than this: check the decimals."))
        return cents


class PeriodForm(forms.Form):
    """Which weeks to show, both included."""

    first = WeekField(label=_("From"))
    last = WeekField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last week is before the first."))
        return cleaned

    def weeks(self) -> tuple[Week, Week] | None:
        if not self.is_bound or not self.is_valid():
            return None
        return Week(self.cleaned_data["first"]), Week(self.cleaned_data["last"])
