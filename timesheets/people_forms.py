"""Several people at once: the sheet they come from, and the table they are saved from."""

import tempfile
from pathlib import Path
from typing import Any

from babel.dates import get_date_format
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.imports.errors import describe_file_error
from campaigns.imports.files.file_errors import FileError
from core import money
from core.access import Role
from core.form_fields import DayField, HoursField, MoneyField
from timesheets import people_table, sign_in
from timesheets.forms import MOST_HOURLY_CENTS
from timesheets.models import CostRate, User
from timesheets.people_table import MOST_PEOPLE, PeopleTable

EMPTY_ROWS = 5
FULL_TIME = 35 * 60  # minutes a week, as a new person's


def usual_order() -> str:
    """Whether days are written day first or month first where the agency is."""
    pattern = str(get_date_format("short", locale=money.current_locale()).pattern)
    return "mdy" if pattern.lower().find("m") < pattern.lower().find("d") else "dmy"


class PeopleSheetForm(forms.Form):
    """Where people come from: pasted cells, or a file."""

    text = forms.CharField(
        label=gettext_lazy("Paste from a sheet"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("Or bring a file, CSV or XLSX"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("02/03/2026 is"),
        choices=[("dmy", gettext_lazy("the 2nd of March")), ("mdy", gettext_lazy("the 3rd of February"))],
    )

    table: PeopleTable

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"order": usual_order()}, **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self._read(cleaned)
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> None:
        name = "file" if cleaned.get("file") else "text"
        if not cleaned.get(name):
            self.add_error("text", _("Paste at least one line, or choose a file."))
            return
        try:
            self.table = (_read_upload if name == "file" else people_table.read_text)(
                cleaned[name], order=cleaned["order"]
            )
        except FileError as error:
            self.add_error(name, describe_file_error(error))


def _read_upload(upload: Any, *, order: Any) -> PeopleTable:
    """The file is gone again once it is read: it may say what everybody costs."""
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        return people_table.read_file(Path(copy.name), order=order)


class PersonRowForm(forms.Form):
    """One line of the table: a person, and if it is known what their hour costs from when on."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.MEMBER)
    weekly_minutes = HoursField(label=gettext_lazy("Hours a week"), initial=FULL_TIME)
    joined_on = DayField(label=gettext_lazy("Joined on"), required=False)
    hourly_cents = MoneyField(label=gettext_lazy("Cost of an hour"), required=False)
    starts_on = DayField(label=gettext_lazy("From"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in people_table.DAYS:
            # A calendar shows nothing of a day that is not written as it wants; a text keeps it.
            self.fields[name].widget = forms.TextInput(attrs={"placeholder": "2026-01-31", "autocomplete": "off"})
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}, {(self.prefix or '').rpartition('-')[2]}"
            field.widget.attrs["class"] = f"of-{name}"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_hourly_cents(self) -> int | None:
        cents: int | None = self.cleaned_data["hourly_cents"]
        if cents is not None and cents > MOST_HOURLY_CENTS:
            raise ValidationError(_("An hour costs less than this: check the decimals."))
        return cents

    def clean_weekly_minutes(self) -> int:
        minutes: int = self.cleaned_data["weekly_minutes"]
        if minutes > 7 * 24 * 60:
            raise ValidationError(_("A week has 168 hours."))
        return minutes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("hourly_cents") is not None and not cleaned.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", _("From which day on does an hour cost this?"))
        if cleaned.get("starts_on") and cleaned.get("hourly_cents") is None and "hourly_cents" not in self.errors:
            self.add_error("hourly_cents", _("What does an hour cost from this day on?"))
        return cleaned


class PeopleTableForm(forms.BaseFormSet):
    """The whole table: an address stands in it once, and belongs to nobody who is here."""

    def clean(self) -> None:
        seen: set[str] = set()
        addresses = {form.cleaned_data.get("email", "") for form in self.filled()}
        taken = set(User.objects.filter(email__in=addresses).values_list("email", flat=True))
        for form in self.filled():
            email = form.cleaned_data.get("email", "")
            if email in taken:
                form.add_error("email", _("Somebody has this address already."))
            elif email and email in seen:
                form.add_error("email", _("This address stands in a line above."))
            seen.add(email)
        if not self.filled():
            raise ValidationError(_("Fill in at least one line."))

    def filled(self) -> list[forms.Form]:
        return [form for form in self.forms if form.has_changed() and hasattr(form, "cleaned_data")]

    @transaction.atomic
    def save(self) -> list[User]:
        """All of them with their rates, or nobody."""
        return [_added(form.cleaned_data) for form in self.filled()]


def _added(row: dict[str, Any]) -> User:
    fields = {name: row[name] for name in ("name", "email", "role", "weekly_minutes", "joined_on")}
    person = User(**fields)
    person.set_unusable_password()
    person.save()
    sign_in.hold_to(person)
    if row["hourly_cents"] is not None:
        CostRate.objects.create(member=person, starts_on=row["starts_on"], hourly_cents=row["hourly_cents"])
    return person


PeopleFormSet = forms.formset_factory(
    PersonRowForm,
    formset=PeopleTableForm,
    extra=EMPTY_ROWS,
    max_num=MOST_PEOPLE,
    absolute_max=MOST_PEOPLE,
    validate_max=True,
)


def filled_in(table: PeopleTable) -> forms.BaseFormSet:
    """The table as if somebody had typed it, so that what is wrong with it is said at once."""
    data = {"form-TOTAL_FORMS": str(len(table.rows)), "form-INITIAL_FORMS": "0"}
    usual = {"role": Role.MEMBER.value, "weekly_minutes": "35"}
    for number, row in enumerate(table.rows):
        data |= {f"form-{number}-{name}": value for name, value in {**usual, **row}.items()}
    return PeopleFormSet(data)
