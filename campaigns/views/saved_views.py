"""Views of lists: each person's own, named by them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms import SavedViewForm
from campaigns.models import SavedView
from campaigns.models.saved_views import ListName
from campaigns.saved_views import query_of
from campaigns.views.catalogue import CAMPAIGNS
from campaigns.views.editing import FormPage, fill_in, posted
from campaigns.views.leads import LEADS
from campaigns.views.outcomes import OUTCOMES
from campaigns.views.sales import SALES
from campaigns.views.spend import SPEND
from core.access import STEERING, log_refusal, role_required
from core.lists import Listing, page_of

LISTINGS: dict[str, Listing] = {
    ListName.LEADS: LEADS,
    ListName.SALES: SALES,
    ListName.SPEND: SPEND,
    ListName.CAMPAIGNS: CAMPAIGNS,
    ListName.OUTCOMES: OUTCOMES,
}


@role_required(*STEERING)
@require_safe
def saved_views(request: HttpRequest) -> HttpResponse:
    views = SavedView.objects.filter(member=request.user.pk)
    return render(request, "campaigns/saved_views.html", page_of(views, request.GET))


@role_required(*STEERING)
@require_safe
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(own_view(request, pk).address)


def own_view(request: HttpRequest, pk: int) -> SavedView:
    """The view, of whoever asks; a 404 for one of somebody else, which the log tells."""
    view = get_object_or_404(SavedView, pk=pk)
    if view.member_id != request.user.pk:
        log_refusal(request, 404)
        raise Http404
    return view


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_add(request: HttpRequest, list_name: str) -> HttpResponse:
    """Save what the rest of the address asks of the list."""
    if list_name not in LISTINGS:
        raise Http404
    asked = LISTINGS[list_name].read(request.GET, today=timezone.localdate())
    member: Any = request.user
    view = SavedView(member=member, list_name=list_name, query=query_of(asked))
    without_search = _("The filters, the days and the order are kept. The search is not: it may be a person's name.")
    page = FormPage(
        title=_("Save this view"),
        under=without_search if asked.text else _("The filters, the days and the order are kept, under a name."),
        section=list_name,
        back=reverse(f"campaigns:{list_name}") + asked.address(),
        done=_("View saved."),
    )
    return fill_in(request, SavedViewForm(posted(request), instance=view), page)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    view = own_view(request, pk)
    back = reverse("campaigns:saved_views")
    page = FormPage(title=str(view), section=view.list_name, back=back, done=_("View renamed."))
    return fill_in(request, SavedViewForm(posted(request), instance=view), page, then=back)


@role_required(*STEERING)
@require_POST
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    own_view(request, pk).delete()
    messages.success(request, _("View deleted."))
    return redirect("campaigns:saved_views")
