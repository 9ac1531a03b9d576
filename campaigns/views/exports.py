"""Leads, touches, sales, spend and outcomes on their way out, as the lists they stand in are filtered."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import export_formats
from campaigns.exports_guard import recorded_export
from campaigns.models import Agency, Lead, Outcome, Sale, Spend, Touch
from campaigns.views.leads import LEADS
from campaigns.views.outcomes import OUTCOMES
from campaigns.views.sales import SALES
from campaigns.views.spend import SPEND
from core.access import STEERING, role_required
from core.spreadsheets import or_the_page


@role_required(*STEERING)
@require_safe
@recorded_export("leads", "campaigns:leads", of_people=True)
@or_the_page("campaigns:leads")
def leads(request: HttpRequest) -> HttpResponseBase:
    lines = export_formats.leads(
        LEADS.every(Lead.objects.all(), request.GET, today=timezone.localdate()), Agency.current()
    )
    return export_formats.response(request.GET, file_name("leads"), export_formats.LEADS, lines)


@role_required(*STEERING)
@require_safe
@recorded_export("touches", "campaigns:leads")
@or_the_page("campaigns:leads")
def touches(request: HttpRequest) -> HttpResponseBase:
    """The touches of the leads that the address asks for."""
    leads = LEADS.every(Lead.objects.live(), request.GET, today=timezone.localdate()).order_by()
    lines = export_formats.touches(Touch.objects.filter(lead__in=leads), Agency.current())
    return export_formats.response(request.GET, file_name("touches"), export_formats.TOUCHES, lines)


@role_required(*STEERING)
@require_safe
@recorded_export("sales", "campaigns:sales")
@or_the_page("campaigns:sales")
def sales(request: HttpRequest) -> HttpResponseBase:
    lines = export_formats.sales(
        SALES.every(Sale.objects.all(), request.GET, today=timezone.localdate()), Agency.current()
    )
    return export_formats.response(request.GET, file_name("sales"), export_formats.SALES, lines)


@role_required(*STEERING)
@require_safe
@recorded_export("spend", "campaigns:spend")
@or_the_page("campaigns:spend")
def spend(request: HttpRequest) -> HttpResponseBase:
    lines = export_formats.spend(
        SPEND.every(Spend.objects.all(), request.GET, today=timezone.localdate()), Agency.current()
    )
    return export_formats.response(request.GET, file_name("spend"), export_formats.SPEND, lines)


@role_required(*STEERING)
@require_safe
@recorded_export("outcomes", "campaigns:outcomes")
@or_the_page("campaigns:outcomes")
def outcomes(request: HttpRequest) -> HttpResponseBase:
    lines = export_formats.outcomes(OUTCOMES.every(Outcome.objects.all(), request.GET, today=timezone.localdate()))
    return export_formats.response(request.GET, file_name("outcomes"), export_formats.OUTCOMES, lines)


def file_name(noun: str) -> str:
    return f"{noun}-{timezone.localdate()}"
