"""What is held on a lead, for whoever has the right to it: taken out, and erased. For directors."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import erasure, personal_data_export
from campaigns.exports_guard import recorded_export
from campaigns.models import Lead, SecurityEvent
from core.access import Role, role_required
from core.identity import identity_required
from core.lists import page_of

log = logging.getLogger(__name__)


@role_required(Role.DIRECTOR)
@require_safe
@recorded_export("lead", "campaigns:lead", "pk", of_people=True)
def lead_data(request: HttpRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead, pk=pk)
    log.info("data of lead=%s taken out by user=%s", pk, request.user.pk)
    return personal_data_export.download(f"lead-{pk}.json", personal_data_export.on_lead(lead))


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
@identity_required
def lead_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first: this cannot be taken back."""
    lead = get_object_or_404(Lead, pk=pk)
    if lead.erased_at:
        messages.info(request, _("This lead has already been erased."))
        return redirect(lead)
    if request.method != "POST":
        same = Lead.objects.with_email(lead.email).filter(erased_at=None).exclude(pk=pk) if lead.email else []
        return render(request, "campaigns/erase.html", {"lead": lead} | page_of(same, request.GET))
    try:
        erasure.erase_now(lead, at=timezone.now())
    except erasure.LeadImportUnderWay:
        messages.error(request, _("A file of leads is being imported. Try again when it has finished."))
        return redirect("campaigns:lead_erase", pk)
    SecurityEvent.record(SecurityEvent.Kind.ERASED, by=request.user, detail=f"lead {pk}")
    log.info("lead=%s erased by user=%s", pk, request.user.pk)
    messages.success(request, _("Erased. What the lead counted for stays."))
    return redirect(lead)
