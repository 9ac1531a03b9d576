"""The name of a view of a list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.models import SavedView
from campaigns.models.saved_views import MOST_VIEWS


class SavedViewForm(forms.ModelForm):
    class Meta:
        model = SavedView
        fields = ["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = SavedView.objects.of(self.instance.member, self.instance.list_name).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise ValidationError(_("You have a view of this name on this list already. Choose another name."))
        return name

    def clean(self) -> dict[str, Any]:
        theirs = SavedView.objects.of(self.instance.member, self.instance.list_name)
        if self.instance.pk is None and theirs.count() >= MOST_VIEWS:
            raise ValidationError(
                _("A list has room for %(most)s views of yours. Delete one that you do not need.")
                % {"most": MOST_VIEWS}
            )
        return self.cleaned_data
