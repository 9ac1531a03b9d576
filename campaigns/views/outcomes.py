"""Outcomes: counts that are not money, and what the agency holds them to be worth."""

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import platform_redirects
from campaigns.forms import OutcomeForm, OutcomeValueForm
from campaigns.lookups import by_campaign, by_measure, by_platform, measures
from campaigns.models import Outcome, OutcomeValue, Platform
from campaigns.models.catalogue import Purpose, campaign_options
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.editing import FormPage, fill_in, posted, restore, void, wanted, writing
from core.access import STEERING, Role, role_required
from core.history import steps_of
from core.list_dates import DateFilter, by_day
from core.lists import VOIDED, VOIDED_ROWS, Filter, Listing, by_field, named_rows, pages_of
from core.weeks import Week

FORM = "campaigns/outcome_form.html"

OUTCOMES = Listing(
    title=gettext_lazy("Outcomes"),
    search=("measure", "note", "platform__name", "campaign__name"),
    sorts={
        "week": ["week"],
        "measure": ["measure"],
        "count": ["count"],
        "platform": ["platform__name"],
        "campaign": ["campaign__name"],
    },
    default="-week",
    dates=DateFilter(gettext_lazy("Weeks that begin in"), by_day("week")),
    sums={"counts": Count("pk", filter=Q(voided_at=None))} | VOIDED_ROWS,
    filters=[
        Filter(
            "platform",
            gettext_lazy("Platform"),
            named_rows(Platform.objects.all()),
            by_field("platform"),
            moved=platform_redirects.current_choice,
            lookup=by_platform(Outcome),
        ),
        Filter(
            "campaign", gettext_lazy("Campaign"), campaign_options, by_field("campaign"), lookup=by_campaign(Outcome)
        ),
        Filter("purpose", gettext_lazy("Purpose"), lambda: Purpose.choices, by_field("campaign__purpose")),
        Filter(
            "measure",
            gettext_lazy("What was counted"),
            measures,
            by_field("measure"),
            lookup=by_measure(),
        ),
        VOIDED,
    ],
)


@role_required(*STEERING)
@require_safe
def outcomes(request: HttpRequest) -> HttpResponse:
    listed = OUTCOMES.of(
        Outcome.objects.select_related("platform", "campaign"), request.GET, today=timezone.localdate()
    )
    totals = listed.rows.filter(voided_at=None).order_by("measure").values_list("measure").annotate(Sum("count"))
    context = list_context(request, ListName.OUTCOMES, listed) | pages_of(request.GET, totals=totals)
    return render(request, "campaigns/outcomes.html", context)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_add(request: HttpRequest) -> HttpResponse:
    back = reverse("campaigns:outcomes")
    page = FormPage(title=_("Add an outcome"), section="outcomes", back=back, done=_("Outcome added."), template=FORM)
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
            template=FORM,
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
            under=_("It stays in the list, crossed out, and no longer counts."),
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


# -- what they are worth ----------------------------------------------------------------------------------------------

VALUES = Listing(
    title=gettext_lazy("What outcomes are worth"),
    search=("measure", "reason"),
    sorts={"measure": ["measure", "-week"], "week": ["week"], "value": ["value_cents"]},
    default="measure",
    filters=[VOIDED],
)


@role_required(Role.DIRECTOR)
@require_safe
def outcome_values(request: HttpRequest) -> HttpResponse:
    """The agency's own scale."""
    return render(request, "campaigns/outcome_values.html", {"listed": VALUES.of(_values(), request.GET)})


def _values() -> QuerySet[OutcomeValue]:
    return OutcomeValue.objects.all()


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_value_add(request: HttpRequest) -> HttpResponse:
    page = FormPage(
        title=_("Add a value"),
        under=_("What one of these is worth to the agency, by its own judgement."),
        section="outcomes",
        back=reverse("campaigns:outcome_values"),
        done=_("Value added."),
        template=FORM,
    )
    initial = {"week": Week.containing(timezone.localdate()).monday, "measure": request.GET.get("measure")}
    return fill_in(request, OutcomeValueForm(posted(request), initial=initial), page, then=page.back)


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_value_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        value = wanted(request, _values(), pk)
        page = FormPage(
            title=str(value),
            section="outcomes",
            back=reverse("campaigns:outcome_values"),
            done=_("Value saved."),
            template=FORM,
            void="" if value.is_void else reverse("campaigns:outcome_value_void", args=[pk]),
            history=steps_of(value),
        )
        return fill_in(request, OutcomeValueForm(posted(request), instance=value), page, then=page.back)


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def outcome_value_void(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        value = wanted(request, _values(), pk)
        page = FormPage(
            title=_("Void %(name)s") % {"name": value},
            under=_("It stays in the list, crossed out, and the value before it counts again."),
            section="outcomes",
            back=reverse("campaigns:outcome_values"),
            done=_("Value voided."),
        )
        return void(request, value, page)


@role_required(Role.DIRECTOR)
@require_POST
def outcome_value_restore(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        return restore(request, wanted(request, _values(), pk), back=reverse("campaigns:outcome_values"))
