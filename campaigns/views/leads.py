"""Leads: who asked, where they were met, where they stand."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from campaigns import asked_origin, lead_search, platform_redirects, retention
from campaigns.asked_origin import Agreement
from campaigns.fields import lead_label
from campaigns.forms import LeadForm, NewLeadForm, StatusForm, TouchForm
from campaigns.lead_moves import STANDINGS
from campaigns.lead_timeline import journey_of
from campaigns.lookups import PLATFORM_IN_USE, by_campaign, by_platform
from campaigns.models import Lead, LeadMerge, Platform, Sale, Touch
from campaigns.models.catalogue import campaign_options
from campaigns.models.funnel import DisqualifiedReason, LeadStatus, has_sale
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.editing import FormPage, fill_in, posted, restore, saved_once, void, wanted, writing
from core import task_queue
from core.access import STEERING, role_required
from core.list_asked import SearchBounds
from core.list_dates import DateFilter, by_moment
from core.lists import VOIDED, VOIDED_ROWS, Filter, Listed, Listing, by_field, clean, few_keys, named_rows, pages_of
from core.lookups import Lookup, drawn_as_text, latest
from core.statements import Given, Statement

MATCHES = 10
SHOWN_OF_TOUCHES = ("lead", "at", "platform__name", "platform__colour", "campaign__name", "campaign__is_general")
ACTIVE_PLATFORMS = Statement(lambda: Platform.objects.active().values_list("pk", "name"))
# Whether any lead was asked how it heard of us, for all lists alike: to count those that are shown, each would be read.
ANSWERED = {"answered": Exists(Lead.objects.exclude(how_heard=""))}


class StatusCount(NamedTuple):
    label: str
    leads: int | None
    address: str


LATELY = 500


def touched(name: str, value: str) -> Q:
    """Leads with a live touch on this platform or campaign; `none` means no live touch that has one."""
    touches = Touch.objects.live().filter(lead=OuterRef("pk"))
    if value == "none":
        return ~Q(Exists(touches.filter(**{f"{name}__isnull": False})))
    return Q(Exists(touches.filter(**{name: value})))


def newest_met(name: str, pk: int, most: int) -> list[Lead]:
    """The newest leads that were met on this platform or campaign.

    They are looked for among the last ones that came in. Where these hold too few, all that were met there are found
    by their touchpoints and sorted: in the order of the index every lead would be looked at.
    """
    leads = Lead.objects.live()
    lately = list(leads.filter(touched(name, str(pk)), pk__in=leads[:LATELY].values("pk"))[:most])
    if len(lately) == most:
        return lately
    met = leads.filter(pk__in=Touch.objects.live().filter(**{name: pk}).values("lead"))
    return list(met.order_by(Coalesce("received_at", "received_at").desc(), "-pk")[:most])


def touched_by(name: str) -> Any:
    def filter_rows(rows: QuerySet, value: str) -> QuerySet:
        if value == "none":
            return rows.filter(touched(name, value))
        few = few_keys(Touch.objects.live().filter(**{name: value}).values_list("lead", flat=True))
        return rows.filter(touched(name, value)) if few is None else rows.filter(pk__in=few)

    return filter_rows


LEADS = Listing(
    title=gettext_lazy("Leads"),
    search=lead_search.holds,
    sorts={"received": ["received_at"], "name": ["name", "company"], "status": ["status"]},
    default="-received",
    dates=DateFilter(gettext_lazy("Received"), by_moment("received_at")),
    sums=VOIDED_ROWS | ANSWERED,
    counted_by="status",
    bounds=SearchBounds(lead_search.within_reach, lead_search.sums_of),
    filters=[
        Filter("status", gettext_lazy("Status"), lambda: LeadStatus.choices, by_field("status")),
        Filter("reason", gettext_lazy("Reason"), lambda: DisqualifiedReason.choices, by_field("disqualified_reason")),
        Filter(
            "platform",
            gettext_lazy("Platform"),
            lambda: [*named_rows(Platform.objects.all())(), ("none", _("Not known"))],
            touched_by("platform"),
            moved=platform_redirects.current_choice,
            lookup=by_platform(Touch),
        ),
        Filter(
            "campaign", gettext_lazy("Campaign"), campaign_options, touched_by("campaign"), lookup=by_campaign(Touch)
        ),
        Filter(
            "sale",
            gettext_lazy("Sale"),
            lambda: [("none", _("None entered")), ("some", _("Entered"))],
            lambda rows, value: rows.filter(has_sale() if value == "some" else ~has_sale()),
        ),
        Filter(
            "asked",
            gettext_lazy("How they heard of us"),
            lambda: Agreement.choices,
            lambda rows, value: rows.filter(asked_origin.conditions()[Agreement(value)]),
        ),
        Filter(
            "due",
            gettext_lazy("Still kept for"),
            lambda: [("soon", _("30 days at most"))],
            lambda rows, _value: rows.filter(pk__in=retention.falling_due(timezone.now()).values("pk")),
        ),
        VOIDED,
    ],
)


@role_required(*STEERING)
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    listed = LEADS.of(Lead.objects.all(), request.GET, today=timezone.localdate())
    give_touches(list(listed.page))
    context = list_context(request, ListName.LEADS, listed) | move_context()
    told = {"statuses": statuses_of(listed), "agreement": agreement_shown(listed)}
    return render(request, "campaigns/leads.html", context | told)


def give_touches(leads: Sequence[Any]) -> None:
    """Give the leads of a page their live touches, in one statement: `live_touches`."""
    asked = {f"lead{number}": lead.pk for number, lead in enumerate(leads)}
    touches = defaultdict(list)
    for touch in _touches_of(len(leads)).rows(**asked) if leads else ():
        touches[touch.lead_id].append(touch)
    for lead in leads:
        lead.live_touches = touches[lead.pk]


@cache
def _touches_of(leads: int) -> Statement[Touch]:
    """Those of so many leads, which are `lead0`, `lead1` and so on."""
    asked = In(F("lead"), [Given(f"lead{number}") for number in range(leads)])
    touches = Touch.objects.live().select_related("platform", "campaign").only(*SHOWN_OF_TOUCHES)
    return Statement(lambda: touches.filter(asked))


def move_context() -> dict[str, Any]:
    """What the bar of chosen leads offers."""
    platforms = tuple(ACTIVE_PLATFORMS.rows())
    lookup = Lookup(PLATFORM_IN_USE, latest(Touch, "platform"))
    text = drawn_as_text(lookup, {}, "platform", platforms, "")
    return {"standings": STANDINGS, "platforms": () if text else platforms, "platform_text": text}


def statuses_of(listed: Listed) -> list[StatusCount]:
    """How many of the leads that are shown have each status, and the address of these alone.

    Where there are more than were counted, each status without a number.
    """
    counts = {} if listed.is_cut else {status: listed.sums[status.value] for status in LeadStatus}
    return [
        StatusCount(str(status.label), counts.get(status), listed.asked.address(status=status.value))
        for status in LeadStatus
        if counts.get(status) != 0
    ]


def agreement_shown(listed: Listed) -> dict[str, Any] | None:
    """How many of the leads that are shown named another platform than was tracked, and the address of these."""
    counts = asked_origin.counts(listed.rows) if listed.sums["answered"] else None
    if counts is None:
        return None
    return {"counts": counts, "address": listed.asked.address(asked=Agreement.DIFFERS.value)}


@role_required(*STEERING)
@require_safe
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    return lead_page(request, get_object_or_404(Lead, pk=pk))


def lead_page(request: HttpRequest, lead: Lead, **forms: Any) -> HttpResponse:
    """The lead with its journey; `forms` are those that came back refused."""
    now = timezone.now()
    sales, contacts = sales_of(lead), list(lead.contacts.select_related("key"))
    context = {
        **pages_of(request.GET, journey=journey_of(lead, sales, contacts), sales=sales, contacts=contacts),
        "lead": lead,
        "agreement": asked_origin.agreement_of(lead),
        "status_form": StatusForm(lead=lead),
        "touch_form": TouchForm(now=now, instance=Touch(lead=lead)),
        **forms,
    }
    return render(request, "campaigns/lead.html", context, status=422 if forms else 200)


def sales_of(lead: Lead) -> list[Sale]:
    """Its sales, and the refunds of these wherever they were entered, newest first.

    Two queries that each have an index; one with OR would read every sale there is.
    """
    rows = Sale.objects.select_related("refund_of")
    found = {sale.pk: sale for sale in [*rows.filter(lead=lead), *rows.filter(refund_of__lead=lead)]}
    return sorted(found.values(), key=lambda sale: (sale.sold_on, sale.pk), reverse=True)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_add(request: HttpRequest) -> HttpResponse:
    form = NewLeadForm(posted(request), now=timezone.now(), by=request.user)
    page = FormPage(title=_("Add a lead"), section="leads", back=reverse("campaigns:leads"), done=_("Lead added."))
    return fill_in(request, form, page)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        lead = wanted(request, Lead.objects.all(), pk)
        if lead.erased_at:
            messages.info(request, _("This lead was erased and can no longer be changed."))
            return redirect(lead)
        page = FormPage(
            title=str(lead),
            section="leads",
            back=lead.get_absolute_url(),
            done=_("Lead saved."),
            void="" if lead.is_void else reverse("campaigns:lead_void", args=[pk]),
        )
        return fill_in(request, LeadForm(posted(request), instance=lead, now=timezone.now()), page)


@role_required(*STEERING)
@require_POST
def lead_status(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        lead = wanted(request, Lead.objects.all(), pk)
        form = StatusForm(request.POST, lead=lead)
        if not form.is_valid():
            return lead_page(request, lead, status_form=form)
        form.save(at=timezone.now(), by=request.user)
        task_queue.enqueue_on_commit()
    messages.success(request, _("Status saved: %(status)s.") % {"status": lead.get_status_display()})
    return redirect(sale_of(lead) if Lead.objects.won_without_sale().filter(pk=lead.pk).exists() else lead)


def sale_of(lead: Lead, *, on_board: bool = False) -> str:
    """Where the amount and the day of a lead that was won are entered, or put off; from the board back to it."""
    parameters = {"lead": lead.pk, "won": 1} | ({"board": 1} if on_board else {})
    return f"{reverse('campaigns:sale_add')}?{urlencode(parameters)}"


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        lead = wanted(request, Lead.objects.all(), pk)
        page = FormPage(
            title=_("Void %(name)s") % {"name": lead},
            under=_("The lead stays here, crossed out, and counts in no figure. Its sales still count."),
            section="leads",
            back=lead.get_absolute_url(),
            done=_("Lead voided."),
        )
        return void(request, lead, page)


def check_not_merged(lead: Lead) -> None:
    """A lead that is part of another counts there."""
    if LeadMerge.objects.filter(merged=lead).exists():
        raise ValidationError(_("This lead is part of another one. A director can split the two."))


@role_required(*STEERING)
@require_POST
def lead_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        lead = wanted(request, Lead.objects.all(), pk)
        return restore(request, lead, back=lead.get_absolute_url(), check=lambda: check_not_merged(lead))


@role_required(*STEERING)
@require_POST
def touch_add(request: HttpRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead, pk=pk)
    lead = LeadMerge.surviving({"": lead})[""]
    form = TouchForm(request.POST, now=timezone.now(), instance=Touch(lead=lead))
    answer = saved_once(request, form, _("Touchpoint added."), then=lead.get_absolute_url())
    return answer or lead_page(request, lead, touch_form=form)


@role_required(*STEERING)
@require_POST
def touch_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        touch = wanted(request, Touch.objects.all(), pk)
        if not touch.is_void:
            touch.void(at=timezone.now())
            task_queue.enqueue_on_commit()
    messages.success(request, _("Touchpoint voided: it gets no credit."))
    return redirect("campaigns:lead", pk=touch.lead_id)


@role_required(*STEERING)
@require_POST
def touch_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        touch = wanted(request, Touch.objects.all(), pk)
        return restore(request, touch, back=reverse("campaigns:lead", args=[touch.lead_id]))


@role_required(*STEERING)
@require_GET
def lead_options(request: HttpRequest) -> HttpResponse:
    """The few leads that match what is being typed into a lead field, as options of its list."""
    text = clean(request.GET.get("lead", ""))
    found: QuerySet[Lead] = Lead.objects.live().none()
    if len(text) >= 2:
        found = lead_search.in_reach(Lead.objects.live(), text).filter(
            lead_search.may_hold(text),
            Q(name__icontains=text) | Q(company__icontains=text) | Q(email__icontains=text) | Q(external_id=text),
        )[:MATCHES]
    return render(request, "campaigns/_lead_options.html", {"options": [(lead_label(lead), lead) for lead in found]})
