"""Campaigns, platforms and clients. They are made inactive, not voided: past figures rest on them."""

from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import platform_redirects
from campaigns.forms import CampaignForm, ClientForm, PlatformForm
from campaigns.lookups import by_client
from campaigns.models import Campaign, Client, Outcome, Platform, Sale, Spend, StaleMark, Touch
from campaigns.models.agency import Basis
from campaigns.models.catalogue import PlatformKind, Purpose
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.editing import FormPage, fill_in, posted, wanted, writing
from campaigns.views.leads import newest_met
from campaigns.weekly_limits import (
    afterwards_words,
    note_on_own_limit,
    trial_words,
    unfinished_trial,
    with_limit_in_force,
)
from core.access import STEERING, Role, role_required
from core.list_dates import DateFilter, DayRange, between, by_overlap
from core.lists import ACTIVE, Filter, Listing, by_field, named_rows, page_of, pages_of
from core.weeks import Week

NEWEST = 10
MOST_DIGITS_OF_HOURS = 3

CAMPAIGNS = Listing(
    title=gettext_lazy("Campaigns"),
    search=("name", "client__name", "goal", "objective", "aliases__text"),
    sorts={
        "name": ["-is_general", "name"],  # each reader knows General presence by another name: it comes first
        "client": ["client__name", "name"],
        "purpose": ["purpose", "name"],
        "starts": ["starts_on"],
        "ends": ["ends_on"],
    },
    default="name",
    dates=DateFilter(gettext_lazy("Running"), by_overlap("starts_on", "ends_on")),
    filters=[
        Filter(
            "client", gettext_lazy("Client"), named_rows(Client.objects.all()), by_field("client"), lookup=by_client()
        ),
        Filter("purpose", gettext_lazy("Purpose"), lambda: Purpose.choices, by_field("purpose")),
        ACTIVE,
    ],
)
CLIENTS = Listing(
    title=gettext_lazy("Clients"),
    search=("name",),
    sorts={"name": ["name"], "campaigns": ["campaign_count"]},
    default="name",
    filters=[ACTIVE],
)
PLATFORMS = Listing(
    title=gettext_lazy("Platforms"),
    search=("name", "aliases__text"),
    sorts={"name": ["name"], "kind": ["kind", "name"], "limit": ["limit_in_force"]},
    default="name",
    filters=[Filter("kind", gettext_lazy("Kind"), lambda: PlatformKind.choices, by_field("kind")), ACTIVE],
)


# -- campaigns --------------------------------------------------------------------------------------------------------


@role_required(*STEERING)
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    rows = Campaign.objects.select_related("client").distinct()
    listed = CAMPAIGNS.of(rows, request.GET, today=timezone.localdate())
    context = {"minutes": minutes_on(listed.rows, listed.asked.days)}
    return render(request, "campaigns/campaigns.html", list_context(request, ListName.CAMPAIGNS, listed) | context)


def minutes_on(campaigns: QuerySet[Campaign], days: DayRange) -> int:
    """Minutes that were worked on these campaigns from one day to another.

    They come from the rollup. Entries are read of the weeks that the range cuts, and of those of which a change waits
    for the drain: the sum is exact at once.
    """
    chosen = Campaign.objects.filter(pk__in=campaigns.order_by().values("pk"))
    by_entries = {week.monday for week in [*days.cut_weeks, *StaleMark.weeks_of_costs()]}
    whole = chosen.filter(between("cells__week", days.whole_weeks), cells__basis=Basis.CASH)
    minutes = _sum(whole, Sum("cells__minutes", filter=~Q(cells__week__in=by_entries)))
    if by_entries:
        minutes += _sum(
            chosen.filter(between("entries__day", days), entries__week__in=by_entries), Sum("entries__minutes")
        )
    return minutes


def _sum(rows: QuerySet[Campaign], total: Sum) -> int:
    return rows.aggregate(total=total)["total"] or 0


@role_required(*STEERING)
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """The campaign's chain and its newest leads, sales, spend and outcomes; its figures are another address."""
    campaign = get_object_or_404(Campaign.objects.select_related("client"), pk=pk)
    met = Touch.objects.live().filter(campaign=campaign).values("lead")
    spent = Q(campaign=campaign) | (Q(campaign=None) if campaign.is_general else Q(pk=None))
    sold = Q(lead__in=met) | Q(lead=None, campaign=campaign)
    context = {
        "campaign": campaign,
        "campaign_query": f"?campaign={pk}",
        "chain": chain_of(campaign),
        "leads": newest_met("campaign", pk, NEWEST),
        "sales": Sale.objects.live().filter(sold, refund_of__voided_at=None).select_related("lead")[:NEWEST],
        "spend": Spend.objects.live().filter(spent).select_related("platform")[:NEWEST],
        "outcomes": Outcome.objects.live().filter(campaign=campaign).select_related("platform")[:NEWEST],
    }
    return render(request, "campaigns/campaign.html", context | pages_of(request.GET, aliases=campaign.aliases.all()))


def chain_of(campaign: Campaign) -> list[tuple[str, str]]:
    """Each link of the measurement chain with what was said; an empty text is a link that is missing."""
    return [
        (_("Goal"), campaign.goal),
        (_("Objective"), campaign.objective),
        (_("Action"), campaign.action),
        (_("Indicator"), campaign.indicator),
        (_("Measure"), campaign.measure),
    ]


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_add(request: HttpRequest) -> HttpResponse:
    page = FormPage(
        title=_("Add a campaign"),
        section="campaigns",
        back=reverse("campaigns:campaigns"),
        done=_("Campaign added."),
        under=_("From goal to measure, each line should follow from the one before. All of them can be filled later."),
    )
    form = CampaignForm(
        posted(request), initial={"client": request.GET.get("client")}, shows_money_out=_is_director(request)
    )
    return fill_in(request, form, page)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        campaign = wanted(request, Campaign.objects.all(), pk)
        back = campaign.get_absolute_url()
        page = FormPage(title=str(campaign), section="campaigns", back=back, done=_("Campaign saved."))
        form = CampaignForm(posted(request), instance=campaign, shows_money_out=_is_director(request))
        return fill_in(request, form, page)


def _is_director(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) == Role.DIRECTOR


# -- clients ----------------------------------------------------------------------------------------------------------


@role_required(*STEERING)
@require_safe
def clients(request: HttpRequest) -> HttpResponse:
    rows = Client.objects.annotate(campaign_count=Count("campaigns", filter=Q(campaigns__is_active=True)))
    return render(request, "campaigns/clients.html", {"listed": CLIENTS.of(rows, request.GET)})


@role_required(*STEERING)
@require_safe
def client(request: HttpRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client, pk=pk)
    return render(request, "campaigns/client.html", {"client": client, **page_of(client.campaigns.all(), request.GET)})


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def client_add(request: HttpRequest) -> HttpResponse:
    back = reverse("campaigns:clients")
    page = FormPage(title=_("Add a client"), section="clients", back=back, done=_("Client added."))
    return fill_in(request, ClientForm(posted(request)), page, then=back)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def client_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        client = wanted(request, Client.objects.all(), pk)
        back = reverse("campaigns:client", args=[pk])
        page = FormPage(title=str(client), section="clients", back=back, done=_("Client saved."))
        return fill_in(request, ClientForm(posted(request), instance=client), page, then=back)


# -- platforms --------------------------------------------------------------------------------------------------------


@role_required(*STEERING)
@require_safe
def platforms(request: HttpRequest) -> HttpResponse:
    rows = with_limit_in_force(Platform.objects.prefetch_related("aliases").distinct(), this_week())
    return render(request, "campaigns/platforms.html", {"listed": PLATFORMS.of(rows, request.GET)})


@role_required(*STEERING)
@require_safe
def platform(request: HttpRequest, pk: int) -> HttpResponse:
    week = this_week()
    platform = with_limit_in_force(Platform.objects.filter(pk=pk), week).first()
    if platform is None:
        return redirect("campaigns:platform", where_it_went(pk))
    trial = unfinished_trial(platform, week)
    context = {
        "platform": platform,
        "trial_note": f"{trial_words(trial)}. {afterwards_words(trial)}" if trial else "",
        "platform_query": f"?platform={pk}",
        "leads": newest_met("platform", pk, NEWEST),
        "spend": platform.spend.live().select_related("campaign")[:NEWEST],
        "outcomes": platform.outcomes.live().select_related("campaign")[:NEWEST],
    }
    lists = {
        "aliases": platform.aliases.all(),
        "decisions": platform.decisions.published().select_related("published_by"),
        "became_part": platform_redirects.merged_into(platform),
    }
    return render(request, "campaigns/platform.html", context | pages_of(request.GET, **lists))


def this_week() -> Week:
    """The agency's own: pages run in its time zone."""
    return Week.containing(timezone.localdate())


def where_it_went(pk: int) -> int:
    """The platform that one which is gone has become part of, so that old links still lead somewhere; else a 404."""
    if (found := platform_redirects.current(pk)) is None:
        raise Http404
    return found


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def platform_add(request: HttpRequest) -> HttpResponse:
    back = reverse("campaigns:platforms")
    page = FormPage(title=_("Add a platform"), section="platforms", back=back, done=_("Platform added."))
    return fill_in(request, PlatformForm(posted(request), initial={"colour": next_colour()}), page, then=back)


def next_colour() -> int:
    """The colour that fewest platforms have."""
    used = list(Platform.objects.active().values_list("colour", flat=True))
    return min(range(1, 13), key=used.count)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def platform_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        platform = wanted(request, Platform.objects.all(), pk)
        back = reverse("campaigns:platform", args=[pk])
        page = FormPage(title=str(platform), section="platforms", back=back, done=_("Platform saved."))
        week = this_week()
        trial = unfinished_trial(platform, week)
        form = PlatformForm(
            posted(request),
            instance=platform,
            initial=_suggested_limit(request),
            note_on_limit=note_on_own_limit(trial, week) if trial else "",
        )
        return fill_in(request, form, page, then=back)


def _suggested_limit(request: HttpRequest) -> dict[str, int]:
    minutes = suggested_minutes(request)
    return {"weekly_limit_minutes": minutes} if minutes else {}


def suggested_minutes(request: HttpRequest) -> int | None:
    """The weekly limit that a recommendation wrote into the address, in hours, for the director to look at and save."""
    hours = request.GET.get("limit", "")
    is_hours = hours.isascii() and hours.isdigit() and len(hours) <= MOST_DIGITS_OF_HOURS
    return int(hours) * 60 if is_hours else None
