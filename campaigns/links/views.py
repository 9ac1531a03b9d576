"""Tracking links: building them, and following one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.links import qr, return_token, targets, visits
from campaigns.links.clicks import CLICKS
from campaigns.links.forms import BulkLinksForm, LinkEditForm, LinkRulesForm, TrackingLinkForm
from campaigns.models import Campaign, LinkRules, TrackingLink
from campaigns.views.editing import FormPage, fill_in, posted, wanted, writing
from core.access import STEERING, Role, role_required
from core.history import steps_of
from core.lists import page_of


@csrf_exempt  # no cookie is read here; any other method is not for this address
@require_safe
def go(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead whoever follows a link to its target. Nothing is kept of who it is; only that somebody did."""
    link = TrackingLink.objects.active().filter(slug=slug.lower()).first()
    if link is None or not targets.is_allowed(link.target, LinkRules.current().hosts):
        raise Http404
    now = timezone.now()
    if visits.is_counted(request.method or "", request.headers):
        CLICKS.add(link.pk, timezone.localdate(now))
    response = HttpResponseRedirect(link.destination(**{return_token.NAME: return_token.issue(link.slug, at=now)}))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Else the target would not learn from which site somebody comes.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


# -- building them ----------------------------------------------------------------------------------------------------


@role_required(*STEERING)
@require_safe
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """All links of a campaign, with how often each was followed."""
    campaign = get_object_or_404(Campaign, pk=pk)
    newest_first = campaign.links.with_clicks().order_by("-created_at", "-pk")
    rows = newest_first.select_related("platform")
    return render(request, "campaigns/links/links.html", {"campaign": campaign, **page_of(rows, request.GET)})


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def link_add(request: HttpRequest, pk: int) -> HttpResponse:
    campaign, rules = get_object_or_404(Campaign, pk=pk), LinkRules.current()
    page = FormPage(
        title=_("Add a tracking link"),
        under=str(campaign),
        section="campaigns",
        back=reverse("campaigns:links", args=[pk]),
        done=_("Link added."),
        template="campaigns/links/link_add.html",
    )
    form = TrackingLinkForm(posted(request), campaign=campaign, rules=rules, by=request.user)
    return fill_in(request, form, page)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def links_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Many links at once; they are shown before they are written."""
    campaign, rules = get_object_or_404(Campaign, pk=pk), LinkRules.current()
    form = BulkLinksForm(posted(request), request.FILES or None, campaign=campaign, rules=rules, by=request.user)
    context = {"campaign": campaign, "form": form}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "campaigns/links/links_add.html", context, status=status)
    if "confirmed" not in request.POST:
        return render(request, "campaigns/links/links_preview.html", context)
    count = form.save()
    messages.success(request, ngettext("%(count)s link added.", "%(count)s links added.", count) % {"count": count})
    return redirect("campaigns:links", pk=pk)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One link: its address, its code, its clicks by day, and where it leads."""
    with writing(request):
        row = wanted(request, TrackingLink.objects.select_related("platform", "campaign"), pk)
        page = FormPage(
            title=str(row),
            under=str(row.campaign),
            section="campaigns",
            back=reverse("campaigns:links", args=[row.campaign_id]),
            done=_("Link saved."),
            template="campaigns/links/link.html",
        )
        form = LinkEditForm(posted(request), instance=row, rules=LinkRules.current())
        form.clicks = page_of(row.days.order_by("-day"), request.GET)  # type: ignore[attr-defined]
        return fill_in(request, form, page)


@role_required(*STEERING)
@require_safe
def link_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code of a link's address."""
    row = get_object_or_404(TrackingLink, pk=pk)
    return HttpResponse(qr.svg(row.address), content_type="image/svg+xml")


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def link_rules(request: HttpRequest) -> HttpResponse:
    rules = LinkRules.current()
    page = FormPage(
        title=_("Rules of links"),
        section="settings",
        back=reverse("campaigns:settings"),
        done=_("Rules saved."),
        history=steps_of(rules) if not rules._state.adding else (),
    )
    return fill_in(request, LinkRulesForm(posted(request), instance=rules), page, then=page.back)
