"""What a campaign's page shows of the reports: its run against its baseline, and what is used of its budgets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Agency, Campaign
from core.access import STEERING, Role, role_required
from reports.comparisons.page import comparison_view
from reports.figures.budgets import LEAST_LEADS, budget_uses, shown_to
from reports.models import BUDGETS, BUDGETS_OF_MANAGERS


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


@require_safe
@role_required(*STEERING)
def budgets(request: HttpRequest, pk: int) -> HttpResponse:
    """What is used of each budget; those that follow from rates for directors alone (docs/adr/0034)."""
    campaign = get_object_or_404(Campaign, pk=pk)
    agency = Agency.current()
    kinds = BUDGETS if getattr(request.user, "role", None) == Role.DIRECTOR else BUDGETS_OF_MANAGERS
    uses = budget_uses([campaign], week=agency.last_complete_week(timezone.now()), agency=agency)
    context = {
        "campaign": campaign,
        "section": "campaigns",
        "uses": shown_to(uses.get(campaign.pk, []), kinds),
        "least_leads": LEAST_LEADS,
    }
    template = "reports/_budgets.html" if request.headers.get("HX-Request") else "reports/budgets.html"
    return render(request, template, context)
