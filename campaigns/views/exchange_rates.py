"""The agency's own table of exchange rates: each change is shown before it is written."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import exchange_rates as table
from campaigns.forms.exchange import ExchangeRatesForm
from campaigns.models import ExchangeRate
from core import money, task_queue
from core.access import STEERING, role_required
from core.lists import Filter, Listing, by_field

RATES = Listing(
    title=gettext_lazy("Exchange rates"),
    search=("currency",),
    sorts={"currency": ["currency", "-day"], "day": ["day", "currency"]},
    default="-day",
    filters=[
        Filter(
            "currency",
            gettext_lazy("Currency"),
            lambda: [(code, code) for code in ExchangeRate.objects.currencies()],
            by_field("currency"),
        ),
    ],
)


@role_required(*STEERING)
@require_safe
def exchange_rates(request: HttpRequest) -> HttpResponse:
    context = {"listed": RATES.of(ExchangeRate.objects.all(), request.GET), "currency": money.currency()}
    return render(request, "campaigns/exchange_rates.html", context)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def exchange_rate_add(request: HttpRequest) -> HttpResponse:
    """Put rates in, typed, pasted or from a file; one that is there for its day is corrected."""
    form = ExchangeRatesForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if "confirmed" not in request.POST:
            return _preview(request, form.changes, lines=form.normalised())
        return _apply(request, form.changes, done=_("The rates were saved."))
    return render(request, "campaigns/exchange_rate_add.html", {"form": form}, status=422 if form.errors else 200)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def exchange_rate_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rate out: the one before it then holds for its days, if it is not too old."""
    rate = get_object_or_404(ExchangeRate, pk=pk)
    changes: table.RateChanges = {(rate.currency, rate.day): None}
    if request.method == "POST":
        return _apply(request, changes, done=_("The rate was deleted."))
    return _preview(request, changes, deleted=rate)


def _preview(request: HttpRequest, changes: table.RateChanges, **context: Any) -> HttpResponse:
    """What the change would do, and the button that does it."""
    context |= {"effect": table.effect(changes), "changes": changes}
    return render(request, "campaigns/exchange_rate_preview.html", context)


def _apply(request: HttpRequest, changes: table.RateChanges, *, done: str) -> HttpResponse:
    try:
        table.apply(changes, by=request.user)
    except ValidationError as error:
        messages.error(request, error.message)
        return redirect("campaigns:exchange_rates")
    task_queue.enqueue_on_commit()
    messages.success(request, done)
    return redirect("campaigns:exchange_rates")
