"""What a campaign's page shows of the reports: its run against its baseline."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from core.access import STEERING, Role, role_required
from reports.comparisons.page import comparison_view


@require_safe
@role_required(*STEERING)
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Before and after, as a part of the campaign's page for htmx, as a page of its own without."""
    campaign = get_object_or_404(Campaign, pk=pk, is_general=False)
    shows_money_out = getattr(request.user, "role", None) == Role.DIRECTOR
    context = {
        "campaign": campaign,
        "section": "campaigns",
        "told": comparison_view(campaign, at=timezone.now(), shows_money_out=shows_money_out),
    }
    template = "reports/_comparison.html" if request.headers.get("HX-Request") else "reports/comparison.html"
    return render(request, template, context)
