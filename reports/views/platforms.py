"""One platform with its verdict and what stands behind it; and the figures that other pages show within them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, Platform
from campaigns.views.catalogue import where_it_went
from core.access import STEERING, Role, role_required
from core.lists import pages_of
from reports.figures.purposes import split
from reports.figures.query import By, figures_by
from reports.pages.platform_page import read_platform_page
from reports.views.report_form import read_form


@require_safe
@role_required(Role.DIRECTOR)
def platform(request: HttpRequest, pk: int) -> HttpResponse:
    """The verdict and why, week by week; the campaigns on it; who spends the hours."""
    shown = Platform.objects.filter(pk=pk).first()
    if shown is None:
        return redirect("reports:platform", where_it_went(pk))
    at = timezone.now()
    form = read_form(request, at=at).narrowed_to("platform", shown.pk)
    page = read_platform_page(shown, form, at=at, query=request.GET.dict())
    campaigns = [row for row in page.campaigns.rows if not row.figures.is_empty]
    people = [row for row in page.people.rows if row.key]
    context = {
        **pages_of(request.GET, campaigns=campaigns, people=people),
        "form": form,
        "profile": page,
        "purposes": split(form.period, form.filters),
        "asked": _asked_beside(request),
    }
    return render(request, "reports/platform.html", context)


def _asked_beside(request: HttpRequest) -> list[tuple[str, str]]:
    """What the address asks besides the hours to leave out: that question must not change the rest of the page."""
    return [(name, value) for name, value in request.GET.dict().items() if name != "fewer"]


@require_safe
@role_required(*STEERING)
def campaign_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """A campaign's figures, for its page."""
    campaign = get_object_or_404(Campaign, pk=pk)
    return _figures_of(request, str(campaign), "campaign", campaign.pk)


@require_safe
@role_required(*STEERING)
def platform_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """A platform's figures, for the page that edits it."""
    shown = get_object_or_404(Platform, pk=pk)
    return _figures_of(request, str(shown), "platform", shown.pk)


def _figures_of(request: HttpRequest, title: str, filtered_by: str, pk: int) -> HttpResponse:
    """A part of a page for htmx, a page of its own without."""
    form = read_form(request, at=timezone.now()).narrowed_to(filtered_by, pk)
    context = {
        "form": form,
        "title": title,
        "section": f"{filtered_by}s",
        "platform_id": pk if filtered_by == "platform" else None,
        "figures": figures_by(form.period, By.PLATFORM, form.filters).total,
        "shows_money_out": getattr(request.user, "role", None) == Role.DIRECTOR,
    }
    template = "reports/_figures_of.html" if request.headers.get("HX-Request") else "reports/figures_of.html"
    return render(request, template, context)
