"""The page that shows every component, for those who change the look; only served when DEBUG is on."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


class SampleForm(forms.Form):
    """One field of each kind, two of them refused."""

    name = forms.CharField(help_text="As the client writes it.")
    amount = forms.DecimalField(help_text="In euros.")
    agreed_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    purpose = forms.ChoiceField(choices=[("reach", "Reach new customers"), ("keep", "Keep existing ones")])
    kind = forms.ChoiceField(
        widget=forms.RadioSelect, required=False, choices=[("hours", "Hours"), ("leads", "Leads"), ("sales", "Sales")]
    )
    own_brand = forms.BooleanField(required=False, help_text="Work for the agency itself.")
    file = forms.FileField(required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Show every component once."""
    form = SampleForm(
        {"name": "", "amount": "12,00,4", "agreed_on": "2026-11-20", "purpose": "keep", "own_brand": "on"}
    )
    return render(request, "style.html", {"form": form, "page": Paginator(range(1204), 50).page(2)})
