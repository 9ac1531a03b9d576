"""A call or a talk, noted on a phone: who it was may wait, where they came from may not."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.lead_creation import create_lead
from campaigns.lookups import campaign_field, platform_field
from campaigns.models import Agency, Lead, RememberedOrigin, Touch
from campaigns.views.editing import FormPage, fill_in, posted
from core.access import STEERING, role_required

OCCASIONS = {"call": gettext_lazy("Phone call"), "talk": gettext_lazy("Talk after an event")}


class QuickLeadForm(forms.ModelForm):
    """Platform and campaign as this person last chose them; the button says what it was."""

    platform = platform_field(Touch, label=gettext_lazy("Came through"), empty_label=gettext_lazy("Choose a platform"))
    campaign = campaign_field(Touch, label=gettext_lazy("Campaign"), required=False, empty_label=gettext_lazy("None"))
    occasion = forms.ChoiceField(choices=OCCASIONS.items(), required=False, widget=forms.HiddenInput)

    class Meta:
        model = Lead
        fields: ClassVar = ["name", "phone"]

    field_order = ("platform", "campaign", "name", "phone")

    def __init__(self, *args: Any, by: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.now = by, now
        if last := RememberedOrigin.objects.filter(person=by).first():
            self.initial.update(platform=last.platform_id, campaign=last.campaign_id)

    @property
    def occasions(self) -> list[tuple[str, Any]]:
        return list(OCCASIONS.items())

    def save(self, commit: bool = True) -> Lead:
        lead: Lead = super().save(commit=False)
        lead.received_at = self.now
        lead.note = Agency.translate(OCCASIONS[self.cleaned_data["occasion"] or "call"])
        origin = {name: self.cleaned_data[name] for name in ("platform", "campaign")}
        RememberedOrigin.objects.update_or_create(person=self.by, defaults=origin)
        return create_lead(lead, [Touch(at=self.now, **origin)], at=self.now, by=self.by)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_quick(request: HttpRequest) -> HttpResponse:
    page = FormPage(
        title=_("Call or talk"),
        section="quick",
        back=reverse("campaigns:leads"),
        done=_("Noted. The lead stands in the list: the rest can be added later."),
        template="campaigns/capture/quick.html",
    )
    form = QuickLeadForm(posted(request), by=request.user, now=timezone.now())
    return fill_in(request, form, page, then=reverse("campaigns:lead_quick"))
