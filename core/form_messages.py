"""What Django's own fields say, in the words of the app: what would be right, without quoting what was sent at length.

Said once, here, for every form and the admin; a field that knows better has its own `error_messages`.
"""

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

ONE_OFFERED = _("Choose one from the list.")

MESSAGES: dict[type[forms.Field], dict[str, Any]] = {
    forms.ChoiceField: {"invalid_choice": ONE_OFFERED},
    forms.ModelChoiceField: {"invalid_choice": ONE_OFFERED},
    forms.IntegerField: {"invalid": _("Write a whole number.")},
}
VALIDATORS: dict[type, Any] = {
    validators.EmailValidator: _("Write an e-mail address, like name@example.com."),
    validators.MaxLengthValidator: ngettext_lazy(
        "At most %(limit_value)d character: this has %(show_value)d.",
        "At most %(limit_value)d characters: this has %(show_value)d.",
        "limit_value",
    ),
    validators.MinValueValidator: _("Write %(limit_value)s or more."),
    validators.MaxValueValidator: _("Write %(limit_value)s or less."),
    validators.ProhibitNullCharactersValidator: _("This contains a character that cannot be stored. Type it again."),
}


def install() -> None:
    for field, messages in MESSAGES.items():
        field.default_error_messages = {**field.default_error_messages, **messages}
    for validator, message in VALIDATORS.items():
        validator.message = message  # type: ignore[attr-defined]
