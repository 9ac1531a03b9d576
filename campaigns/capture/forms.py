"""Keys of forms, as a manager or director makes them."""

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.capture.field_names import MEANINGS
from campaigns.links import targets
from campaigns.models import CaptureKey
from campaigns.models.capture import FormSource

MOST_FIELD_NAMES = 60
SHORTEST_SECRET = 16
LINE = re.compile(r"(?P<field>[^=]{1,200})=\s*(?P<meaning>[a-z_]+)\s*")


class FieldNamesField(forms.CharField):
    """What the fields of a form mean, one a line: `Your budget = message`."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = [line for line in (super().to_python(value) or "").splitlines() if line.strip()]
        return dict(map(self._pair, lines[:MOST_FIELD_NAMES]))

    def _pair(self, line: str) -> tuple[str, str]:
        found = LINE.fullmatch(line.strip())
        if found is None or found["meaning"] not in MEANINGS:
            raise ValidationError(
                _("“%(line)s”: write a field of the form, =, and one of %(meanings)s.")
                % {"line": line.strip()[:60], "meanings": ", ".join(MEANINGS)}
            )
        return found["field"].strip(), found["meaning"]

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit pairs."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name} = {meaning}" for name, meaning in value.items()) if isinstance(value, dict) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class CaptureKeyForm(forms.ModelForm):
    """Which form writes by it, from which sites, and where it leads afterwards."""

    field_names = FieldNamesField(
        label=gettext_lazy("What its fields mean"),
        required=False,
        help_text=gettext_lazy(
            "Only for names that are not known by themselves. One a line: Your budget = message. What no field is for "
            "is kept in the note."
        ),
    )

    class Meta:
        model = CaptureKey
        fields: ClassVar = ["name", "origins", "thank_you", "field_names"]
        widgets: ClassVar = {"origins": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})}
        help_texts: ClassVar = {
            "origins": gettext_lazy("One a line: https://www.example.com. Pages of other sites cannot send it."),
            "thank_you": gettext_lazy("Where the browser is led afterwards. Empty: a sentence of thanks."),
        }

    def __init__(self, *args: Any, by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if self.instance.pk and not self.instance.is_public:
            del self.fields["origins"], self.fields["thank_you"]

    def clean_origins(self) -> str:
        return "\n".join(dict.fromkeys(_origin(text) for text in self.cleaned_data["origins"].split()))

    def clean_thank_you(self) -> str:
        address: str = self.cleaned_data["thank_you"]
        if address and not targets.host_of(address):
            raise ValidationError(_("Write a whole address, like https://www.example.com/offer."))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        source = cleaned.get("source", self.instance.source)
        if source == FormSource.FORM and "origins" not in self.errors and not cleaned.get("origins"):
            self.add_error("origins", _("Name the site that the form stands on, like https://www.example.com."))
        return cleaned


class NewCaptureKeyForm(CaptureKeyForm):
    """With who sends, which never changes, and the secret of a server where the program made one."""

    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only for a program that gives you one. Empty: one is made, and shown once."),
    )

    class Meta(CaptureKeyForm.Meta):
        fields: ClassVar = ["name", "source", "origins", "thank_you", "field_names"]

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if secret and len(secret) < SHORTEST_SECRET:
            raise ValidationError(_("At least %(least)s characters.") % {"least": SHORTEST_SECRET})
        return secret

    def save(self, commit: bool = True) -> CaptureKey:
        self.instance.created_by = self.by
        row: CaptureKey = super().save(commit)
        return row


def _origin(text: str) -> str:
    """Scheme, host and port, as browsers write it; ValidationError for what is no site."""
    if not targets.host_of(text):
        raise ValidationError(_("“%(text)s” is no site. Write it like https://www.example.com.") % {"text": text[:60]})
    parts = urlsplit(text)
    usual = {"https": "443", "http": "80"}[parts.scheme]
    host = targets.host_of(text).removesuffix(f":{usual}")
    return f"{parts.scheme}://{host}"
