"""Leads: who asked, where they were met, where they stand."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.forms.parts import explain_external_id, pick_campaign, pick_platform
from campaigns.lead_creation import create_lead
from campaigns.lookups import campaign_field, platform_field
from campaigns.models import Lead, Touch
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from core.form_fields import MomentField


class LeadForm(forms.ModelForm):
    """The person; where the lead came from are its touches, where it stands is changed by `StatusForm`."""

    received_at = MomentField(label=_("Received"))

    class Meta:
        model = Lead
        fields = ["name", "company", "email", "phone", "received_at", "how_heard", "external_id", "note"]
        help_texts: ClassVar = {"how_heard": _("What they answered when asked, in their words.")}

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        if self.instance.pk is None:
            self.initial.setdefault("received_at", now)
        explain_external_id(self)

    def clean_received_at(self) -> datetime:
        if self.instance.pk and "received_at" not in self.changed_data:
            # What was recorded has seconds, and the order of touches rests on them.
            recorded: datetime = self.instance.received_at
            return recorded
        return not_after(self.cleaned_data["received_at"], self.now)

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        who = ("name", "company", "email", "phone", "external_id")
        if not self.errors and not any(self.cleaned_data.get(name) for name in who):
            self.add_error(
                "name", _("Give a name, a company, an e-mail, a phone or an external id, to know who it is.")
            )
        return self.cleaned_data


def not_after(at: datetime, now: datetime) -> datetime:
    """The browser's clock may be a few minutes ahead; a day is a mistake."""
    if at > now + timedelta(hours=1):
        raise ValidationError(_("This is in the future."))
    return at


class NewLeadForm(LeadForm):
    """A lead with the contact that brought it and where it stands."""

    platform = platform_field(
        Touch,
        label=_("Came through"),
        required=False,
        empty_label=_("Not known"),
        help_text=_("Becomes the lead's first touchpoint; add others on its page."),
    )
    campaign = campaign_field(Touch, label=_("Campaign"), required=False, empty_label=_("None"))
    status = forms.ChoiceField(label=_("Status"), choices=LeadStatus.choices, initial=LeadStatus.NEW)
    disqualified_reason = forms.ChoiceField(label=_("Reason"), required=False, choices=())

    field_order = (
        "name",
        "company",
        "email",
        "phone",
        "received_at",
        "how_heard",
        "platform",
        "campaign",
        "status",
        "disqualified_reason",
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        offer_reasons(self)

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        check_reason(self)
        return self.cleaned_data

    def save(self, commit: bool = True) -> Lead:
        lead: Lead = super().save(commit=False)
        source = {name: self.cleaned_data[name] for name in ("platform", "campaign")}
        status, reason = self.cleaned_data["status"], self.cleaned_data["disqualified_reason"]
        touches = [Touch(at=lead.received_at, **source)] if any(source.values()) else []
        return create_lead(lead, touches, at=self.now, by=self.by, status=status, reason=reason)


class StatusForm(forms.Form):
    """Where a lead stands; a change leaves its record."""

    status = forms.ChoiceField(label=_("Status"), choices=LeadStatus.choices)
    disqualified_reason = forms.ChoiceField(label=_("Reason"), required=False, choices=())

    def __init__(self, data: Any = None, *, lead: Lead) -> None:
        initial = {"status": lead.status, "disqualified_reason": lead.disqualified_reason}
        super().__init__(data, initial=initial, prefix="status")
        self.lead = lead
        offer_reasons(self)

    def clean(self) -> dict[str, Any]:
        check_reason(self)
        return self.cleaned_data

    def save(self, *, at: datetime, by: Any) -> None:
        self.lead.move_to(self.cleaned_data["status"], at=at, by=by, reason=self.cleaned_data["disqualified_reason"])


def offer_reasons(form: forms.BaseForm) -> None:
    form.fields["disqualified_reason"].choices = [("", _("None")), *DisqualifiedReason.choices]  # type: ignore[attr-defined]
    form.fields["disqualified_reason"].help_text = _("For a disqualified lead: what kept it from going on.")


def check_reason(form: forms.BaseForm) -> None:
    """A disqualified lead has a reason; any other has none, whatever was left in the field."""
    if form.cleaned_data.get("status") != LeadStatus.DISQUALIFIED:
        form.cleaned_data["disqualified_reason"] = ""
        form.errors.pop("disqualified_reason", None)
    elif not form.cleaned_data.get("disqualified_reason") and "disqualified_reason" not in form.errors:
        form.add_error("disqualified_reason", _("Say why this lead was disqualified."))


class TouchForm(forms.ModelForm):
    """One more contact; touches are never edited, so there is no other form for them."""

    at = MomentField(label=_("At"))

    class Meta:
        model = Touch
        fields = ["at", "platform", "campaign"]

    def __init__(self, data: Any = None, *, now: datetime, instance: Touch) -> None:
        super().__init__(data, prefix="touch", instance=instance)
        self.now = now
        self.initial["at"] = now
        pick_platform(self, empty=_("Direct: no platform"))
        pick_campaign(self, empty=_("None"))

    def clean_at(self) -> datetime:
        return not_after(self.cleaned_data["at"], self.now)
