"""Outcomes: counts that are not money."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.access import STEERING, role_required
from campaigns.forms import OutcomeForm
from campaigns.listing import VOIDED, Filter, Listing, by_field, named_rows
from campaigns.models import Campaign, Outcome, Platform
from campaigns.views.editing import FormPage, fill_in, posted, restore, void, wanted, writing
from campaigns.weeks import Week

OUTCOMES = Listing(
    search=("measure", "note", "platform__name", "campaign__name"),
    sorts={
        "week": ["week"],
        "measure": ["measure"],
        "count": ["count"],
        "platform": ["platform__name"],
        "campaign": ["campaign__name"],
    },
    default="-week",
    filters=[
        Filter("platform", gettext_lazy("Platform"), named_rows(Platform.objects.all()), by_field("platform")),
        Filter("campaign", gettext_lazy("Campaign"), named_rows(Campaign.objects.all()), by_field("campaign")),
        VOIDED,
    ],
)


@role_required(*STEERING)
@require_safe
def outcomes(request: HttpRequest) -> HttpResponse:
    listed = OUTCOMES.of(Outcome.objects.select_related("platform", "campaign"), request.GET)
    return render(request, "campaigns/outcomes.html", {"listed": listed})


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_add(request: HttpRequest) -> HttpResponse:
    back = reverse("campaigns:outcomes")
    page = FormPage(title=_("Add an outcome"), section="outcomes", back=back, done=_("Outcome added."))
    this_week = Week.containing(timezone.localdate()).monday
    return fill_in(request, OutcomeForm(posted(request), initial={"week": this_week}), page, then=back)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        outcome = wanted(request, Outcome.objects.all(), pk)
        page = FormPage(
            title=outcome.measure,
            section="outcomes",
            back=reverse("campaigns:outcomes"),
            done=_("Outcome saved."),
            void="" if outcome.is_void else reverse("campaigns:outcome_void", args=[pk]),
        )
        return fill_in(request, OutcomeForm(posted(request), instance=outcome), page, then=page.back)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        outcome = wanted(request, Outcome.objects.all(), pk)
        page = FormPage(
            title=_("Void %(name)s") % {"name": outcome},
            under=_("It stays in the list, crossed out, and is counted no more."),
            section="outcomes",
            back=reverse("campaigns:outcomes"),
            done=_("Outcome voided."),
        )
        return void(request, outcome, page)


@role_required(*STEERING)
@require_POST
def outcome_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        return restore(request, wanted(request, Outcome.objects.all(), pk), back=reverse("campaigns:outcomes"))
