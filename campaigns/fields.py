"""Form fields that know campaigns: other names of something, and a lead. core/form_fields.py has the general ones."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns import lead_search
from campaigns.models import Lead
from campaigns.models.catalogue import normalise


class NamesField(forms.CharField):
    """Other names of something, one a line, as a sorted list of folded texts."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    longest, most = 160, 200

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").replace(",", "\n").splitlines()
        return sorted({normalise(line) for line in lines if line.strip()})

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))
        if any(len(name) > self.longest for name in value):
            raise ValidationError(_("A name has at most %(longest)s characters.") % {"longest": self.longest})
        if len(value) > self.most:
            raise ValidationError(_("At most %(most)s names.") % {"most": self.most})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != list(self.to_python(data))


class LeadField(forms.CharField):
    """A lead by its number (`#12`, or a name with that behind it), external id, e-mail or name.

    A text and not a list to choose from: there may be millions. The page offers matches while one types.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if not text:
            return None
        if "\x00" in text or len(text) > 400:
            raise ValidationError(_("No lead has this name."), code="unknown")
        return self._found(text)

    def _found(self, text: str) -> Lead:
        if number := re.search(r"#([0-9]{1,18})$", text):
            matches = list(Lead.objects.filter(pk=int(number[1])))
        else:
            matches = list(Lead.objects.filter(external_id=text)) or list(
                Lead.objects.live().with_email(text)[:2] or Lead.objects.live().filter(lead_search.named(text))[:2]
            )
        if not matches:
            raise ValidationError(_("No lead has this name. Choose one from the list, or add it first."))
        if len(matches) > 1:
            raise ValidationError(_("Several leads have this name. Choose one from the list."))
        return matches[0]

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a lead."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Lead.objects.filter(pk=value).first()
        return lead_label(value) if isinstance(value, Lead) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != (data or "")


def lead_label(lead: Lead) -> str:
    """What stands in the field for a lead, and leads back to it: `Maison Dupré #12`."""
    return f"{lead} #{lead.pk}"
