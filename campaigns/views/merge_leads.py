"""Merging leads that are one person, and splitting them again, for directors."""

import logging

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import merge_leads
from campaigns.models import Lead, LeadMerge
from core.access import Role, role_required
from core.lists import pages_of

log = logging.getLogger(__name__)


class LeadMergeForm(forms.Form):
    """The number of the lead that becomes part of this one."""

    number = forms.IntegerField(
        label=gettext_lazy("Number of the other lead"),
        min_value=1,
        max_value=2**62,
        help_text=gettext_lazy("It stands on the other lead's page, after #."),
    )


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who may be the same person, and make one that is named part of this lead."""
    lead = get_object_or_404(Lead, pk=pk)
    form = LeadMergeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            merge_leads.merge(survivor_id=pk, merged_id=form.cleaned_data["number"], by=request.user, at=timezone.now())
        except merge_leads.LeadMergeRefused as refusal:
            form.add_error("number", str(refusal))
        else:
            log.info("lead=%s merged into lead=%s by user=%s", form.cleaned_data["number"], pk, request.user.pk)
            messages.success(request, _("Merged. The two can be split again."))
            return redirect(lead)
    candidates, merges = merge_leads.candidates(lead), lead.merges.select_related("merged", "by")
    context = {
        **pages_of(request.GET, candidates=candidates, merges=merges),
        "lead": lead,
        "form": form,
        "part_of": LeadMerge.objects.filter(merged=lead).select_related("survivor").first(),
    }
    return render(request, "campaigns/lead_merge.html", context, status=422 if form.errors else 200)


@role_required(Role.DIRECTOR)
@require_POST
def lead_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lead that was merged back what it brought."""
    record = get_object_or_404(LeadMerge, merged=get_object_or_404(Lead, pk=pk))
    try:
        merge_leads.split(record, by=request.user)
    except merge_leads.LeadMergeRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("campaigns:lead_merge", record.survivor_id)
    log.info("lead=%s split from lead=%s by user=%s", pk, record.survivor_id, request.user.pk)
    messages.success(request, _("Split. What came after the merge stays with the other lead."))
    return redirect("campaigns:lead", pk)
