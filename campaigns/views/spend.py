"""Spend: money out besides hours."""

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import platform_redirects
from campaigns.forms import SpendForm
from campaigns.lookups import by_campaign, by_platform
from campaigns.models import Campaign, Platform, Spend
from campaigns.models.catalogue import campaign_options
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.editing import FormPage, fill_in, posted, restore, void, wanted, writing
from core.access import STEERING, role_required
from core.list_dates import DateFilter, DayRange, by_overlap
from core.lists import VOIDED, VOIDED_ROWS, Filter, Listing, by_field, named_rows


def on_campaign(rows: QuerySet, value: str) -> QuerySet:
    """Spend without a campaign is general presence's."""
    general = Q(campaign=None) if Campaign.objects.filter(pk=value, is_general=True).exists() else Q()
    return rows.filter(Q(campaign=value) | general) if general else rows.filter(campaign=value)


SPEND = Listing(
    title=gettext_lazy("Spend"),
    search=("description", "external_id", "platform__name", "campaign__name"),
    sorts={
        "from": ["starts_on"],
        "to": ["ends_on"],
        "amount": ["amount_cents"],
        "platform": ["platform__name"],
        "campaign": ["campaign__name"],
    },
    default="-from",
    dates=DateFilter(gettext_lazy("Days"), by_overlap("starts_on", "ends_on")),
    sums={
        "bills": Count("pk", filter=Q(voided_at=None)),
        "cents": Sum("amount_cents", filter=Q(voided_at=None)),
        **VOIDED_ROWS,
    },
    filters=[
        Filter(
            "platform",
            gettext_lazy("Platform"),
            named_rows(Platform.objects.all()),
            by_field("platform"),
            moved=platform_redirects.current_choice,
            lookup=by_platform(Spend),
        ),
        Filter("campaign", gettext_lazy("Campaign"), campaign_options, on_campaign, lookup=by_campaign(Spend)),
        VOIDED,
    ],
)


@role_required(*STEERING)
@require_safe
def spend(request: HttpRequest) -> HttpResponse:
    listed = SPEND.of(Spend.objects.select_related("platform", "campaign"), request.GET, today=timezone.localdate())
    within = listed.sums["cents"] - cents_outside(listed.rows, listed.asked.days)
    return render(
        request, "campaigns/spend.html", list_context(request, ListName.SPEND, listed) | {"within_cents": within}
    )


def cents_outside(rows: QuerySet, days: DayRange) -> int:
    """How much of these bills falls on days outside the range; only those that reach over an edge are read."""
    if not days:
        return 0
    before = Q(starts_on__lt=days.first) if days.first else Q(pk=None)
    after = Q(ends_on__gt=days.last) if days.last else Q(pk=None)
    reaching_over = rows.filter(before | after, voided_at=None).select_related(None)
    bills = reaching_over.only("starts_on", "ends_on", "amount_cents").iterator(2_000)
    return sum(bill.amount_cents - bill.cents_between(days.first, days.last) for bill in bills)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_add(request: HttpRequest) -> HttpResponse:
    back = reverse("campaigns:spend")
    page = FormPage(title=_("Add spend"), section="spend", back=back, done=_("Spend added."))
    return fill_in(request, SpendForm(posted(request)), page, then=back)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        spend = wanted(request, Spend.objects.select_related("platform"), pk)
        page = FormPage(
            title=str(spend),
            section="spend",
            back=reverse("campaigns:spend"),
            done=_("Spend saved."),
            void="" if spend.is_void else reverse("campaigns:spend_void", args=[pk]),
        )
        return fill_in(request, SpendForm(posted(request), instance=spend), page, then=page.back)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        spend = wanted(request, Spend.objects.select_related("platform"), pk)
        page = FormPage(
            title=_("Void %(name)s") % {"name": spend},
            under=_("It stays in the list, crossed out, and counts in no figure."),
            section="spend",
            back=reverse("campaigns:spend"),
            done=_("Spend voided."),
        )
        return void(request, spend, page)


@role_required(*STEERING)
@require_POST
def spend_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        return restore(request, wanted(request, Spend.objects.all(), pk), back=reverse("campaigns:spend"))
