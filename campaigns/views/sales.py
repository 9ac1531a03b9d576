"""Sales and what was given back of them."""

from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import lead_search, platform_redirects, refunds
from campaigns.forms import RefundForm, SaleForm
from campaigns.lookups import by_campaign, by_platform
from campaigns.models import Agency, Lead, Platform, Sale, Touch
from campaigns.models.catalogue import campaign_options
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.editing import FormPage, fill_in, posted, restore, void, wanted, writing
from core.access import STEERING, role_required
from core.history import steps_of
from core.list_dates import DateFilter, by_day
from core.lists import Filter, Listing, holding, named_by_number, named_rows, pages_of
from core.templatetags.retour import day
from core.weeks import Week

# Sales that count: not voided, nor refunds of one that is.
COUNTING = Q(voided_at=None, refund_of__voided_at=None)


def shown(rows: QuerySet, value: str) -> QuerySet:
    if value == "live":
        return rows.filter(COUNTING)
    return rows.exclude(COUNTING) if value == "void" else rows


def of_kind(rows: QuerySet, value: str) -> QuerySet:
    kinds = {
        "sale": Q(amount_cents__gte=0),
        "refund": Q(amount_cents__lt=0),
        "loose": Q(lead=None, platform=None, campaign=None),
    }
    return rows.filter(kinds[value])


def came_through(name: str) -> Any:
    """Sales whose lead was met there; of those without a lead, those entered there."""

    def filter_rows(rows: QuerySet, value: str) -> QuerySet:
        met = Touch.objects.live().filter(lead=OuterRef("lead"), **{name: value})
        return rows.filter(Q(Exists(met)) | Q(lead=None, **{name: value}))

    return filter_rows


def of_leads(text: str) -> Q:
    """Sales of leads that hold a text, which an index finds; one or two letters it finds not, and sales are fewer."""
    fields = ("name", "company", "email")
    if len(text) < lead_search.LETTERS:
        return holding([f"lead__{name}" for name in fields], text)
    return Q(lead__in=Lead.objects.filter(lead_search.may_hold(text), holding(fields, text)).values("pk"))


SALES = Listing(
    title=gettext_lazy("Sales"),
    search=("description", "external_id"),
    also=of_leads,
    sorts={"sold": ["sold_on"], "amount": ["amount_cents"], "lead": ["lead__name", "lead__company"]},
    default="-sold",
    dates=DateFilter(gettext_lazy("Sold"), by_day("sold_on")),
    sums={
        "sales": Count("pk", filter=COUNTING & Q(amount_cents__gte=0)),
        "sold_cents": Sum("amount_cents", filter=COUNTING & Q(amount_cents__gte=0)),
        "refunds": Count("pk", filter=COUNTING & Q(amount_cents__lt=0)),
        "refunded_cents": Sum("amount_cents", filter=COUNTING & Q(amount_cents__lt=0)),
        "net_cents": Sum("amount_cents", filter=COUNTING),
        "voided": Count("pk", filter=Q(voided_at__isnull=False) | Q(refund_of__voided_at__isnull=False)),
    },
    filters=[
        Filter(
            "kind",
            gettext_lazy("Kind"),
            lambda: [("sale", _("Sales")), ("refund", _("Refunds")), ("loose", _("Without any origin"))],
            of_kind,
        ),
        Filter(
            "platform",
            gettext_lazy("Platform"),
            named_rows(Platform.objects.all()),
            came_through("platform"),
            moved=platform_redirects.current_choice,
            lookup=by_platform(Sale),
        ),
        Filter(
            "campaign", gettext_lazy("Campaign"), campaign_options, came_through("campaign"), lookup=by_campaign(Sale)
        ),
        Filter(
            "show",
            gettext_lazy("Show"),
            lambda: [("live", _("What counts")), ("void", _("Voided")), ("all", _("Everything"))],
            shown,
            empty=None,
            default="live",
        ),
    ],
)


@role_required(*STEERING)
@require_safe
def sales(request: HttpRequest) -> HttpResponse:
    rows = Sale.objects.select_related("lead", "platform", "campaign", "refund_of")
    listed = SALES.of(rows, request.GET, today=timezone.localdate())
    return render(request, "campaigns/sales.html", list_context(request, ListName.SALES, listed))


@role_required(*STEERING)
@require_safe
def sale(request: HttpRequest, pk: int) -> HttpResponse:
    sale = get_object_or_404(Sale.objects.select_related("lead", "platform", "campaign", "refund_of"), pk=pk)
    context = {"sale": sale, "history": steps_of(sale)}
    if not sale.is_refund:
        context |= pages_of(request.GET, refunds=sale.refunds.all()) | {"left_cents": refunds.left_cents(sale)}
    return render(request, "campaigns/sale.html", context)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def sale_add(request: HttpRequest) -> HttpResponse:
    asked = lead_asked_for(request)
    form = SaleForm(posted(request), initial=asked, today=timezone.localdate())
    page = sale_page(title=_("Add a sale"), back=reverse("campaigns:sales"), done=_sale_added(form))
    if "won" in request.GET and asked["lead"]:
        page = replace(
            page,
            title=_("%(name)s was won: what did they buy?") % {"name": asked["lead"]},
            under=_("The lead is saved. Enter the amount and the day, or leave it for later: it stays on the list."),
            back=reverse("campaigns:leads_board") if "board" in request.GET else asked["lead"].get_absolute_url(),
            put_off=_("Later"),
        )
    return fill_in(request, form, page)


def _sale_added(form: SaleForm) -> str:
    """That it is saved, and of a week that is not over, from when it counts."""
    sold_on = form.cleaned_data.get("sold_on") if form.is_bound and form.is_valid() else None
    week = Week.containing(sold_on) if sold_on else None
    if week is None or week <= Agency.current().last_complete_week(timezone.now()):
        return _("Sale added.")
    return _("Sale added. It counts from %(day)s, when its week is over.") % {"day": day(week.next.monday)}


def lead_asked_for(request: HttpRequest) -> dict[str, Any]:
    """The lead whose page one came from: `?lead=12`."""
    return {"lead": named_by_number(Lead.objects.all(), request.GET.get("lead", ""))}


def sale_page(**words: Any) -> FormPage:
    return FormPage(section="sales", template="campaigns/sale_form.html", **words)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def sale_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a sale, or a refund while its sale is held."""
    with writing(request):
        sale = wanted(request, Sale.objects.select_related("refund_of", "lead"), held_first(request, pk))
        form: SaleForm | RefundForm
        if sale.is_refund:
            form = RefundForm(posted(request), instance=sale, sale=sale.refund_of, today=timezone.localdate())
        else:
            form = SaleForm(posted(request), instance=sale, today=timezone.localdate())
        page = sale_page(
            title=str(sale),
            back=sale.get_absolute_url(),
            done=_("Refund saved.") if sale.is_refund else _("Sale saved."),
            void="" if sale.is_void else reverse("campaigns:sale_void", args=[pk]),
        )
        return fill_in(request, form, page)


def held_first(request: HttpRequest, pk: int) -> int:
    """The same id; for a POST to a refund its sale is taken before it, in the order everyone takes them."""
    if request.method == "POST":
        sale = get_object_or_404(Sale, pk=pk)
        if sale.refund_of_id is not None:
            refunds.locked(sale.refund_of_id)
    return pk


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def refund_add(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        sale = wanted(request, Sale.objects.refundable(), pk)
        form = RefundForm(posted(request), sale=sale, today=timezone.localdate())
        page = FormPage(
            title=_("Refund of %(sale)s") % {"sale": sale},
            section="sales",
            back=sale.get_absolute_url(),
            done=_("Refund added."),
            under=_("What is given back counts against the platforms that got the credit for the sale."),
        )
        return fill_in(request, form, page, then=sale.get_absolute_url())


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def sale_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        sale = wanted(request, Sale.objects.all(), pk)
        page = FormPage(
            title=_("Void %(name)s") % {"name": sale},
            under=_("It stays in the list, crossed out, and counts in no figure; nor do the refunds of a voided sale."),
            section="sales",
            back=sale.get_absolute_url(),
            done=_("Refund voided.") if sale.is_refund else _("Sale voided."),
        )
        return void(request, sale, page)


@role_required(*STEERING)
@require_POST
def sale_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        sale = wanted(request, Sale.objects.select_related("refund_of"), held_first(request, pk))

        def check() -> None:
            if sale.refund_of:
                refunds.check(sale.refund_of, cents=-sale.amount_cents, besides=sale.pk)

        return restore(request, sale, back=sale.get_absolute_url(), check=check)
