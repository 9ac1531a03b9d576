"""The agency's own table of exchange rates: each change has every amount that was counted by it follow."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja import Field, Query, Router, Schema, Status

from campaigns import exchange_rates as table
from campaigns.api.collection import CURRENCY, NAMESPACE, Collection, add_reading, amount, filled
from campaigns.forms.exchange import ExchangeRatesForm
from campaigns.models import ExchangeRate
from campaigns.views.exchange_rates import RATES
from core import task_queue
from core.access import STEERING
from core.api import gate, paging, problems
from core.api.access import caller_of
from core.api.paging import Number, Page, Sent
from core.api.problems import Problem

MOST_ROWS = 500
RATE = r"^[0-9]{1,9}(\.[0-9]{1,10})?$"


class ExchangeRateOut(Schema):
    """What one of another currency was worth on a day, in the agency's own."""

    id: int
    currency: str
    day: date
    rate: str


class ExchangeRateChangeIn(Sent):
    rate: str = Field(pattern=RATE, description="A decimal: 0.9215.")


class ExchangeRateIn(ExchangeRateChangeIn):
    currency: str = Field(pattern=CURRENCY)
    day: date


class ExchangeRateRowsIn(Sent):
    rows: list[ExchangeRateIn] = Field(min_length=1, max_length=MOST_ROWS)


class ExchangeRateQuery(Schema):
    currency: str = Field(pattern=CURRENCY)
    day: date
    rate: str = Field("", pattern=f"{RATE}|^$", description="Left out: what it would do to delete the rate.")


class ExchangeRateEffectOut(Schema):
    """What would follow: how many rows change, and by how much together. `problems` say why it cannot be done."""

    sales: int
    revenue: str | None
    spend_items: int
    spend: str | None
    problems: list[str]


def show_rate(row: ExchangeRate) -> ExchangeRateOut:
    return filled(ExchangeRateOut, row, rate=f"{row.rate:f}")


RATES_API = Collection(
    name="exchange-rates",
    one="exchange_rate",
    scope="exchange_rates",
    roles=STEERING,
    listing=RATES,
    rows=lambda: ExchangeRate.objects.all(),
    show=show_rate,
    out=ExchangeRateOut,
)

router = Router(tags=["Exchange rates"])
add_reading(router, RATES_API)


def changes_of(currency: str, day: date, rate: str) -> table.RateChanges:
    """The change as the form of the page reads it, or the problem that it finds."""
    form = ExchangeRatesForm({"lines": f"{day} {currency} {rate}", "direction": "own"})
    if not form.is_valid():
        raise problems.of_form(form, {"lines": "rate"})
    return form.changes


def sentences(found: table.ExchangeRateEffect) -> list[str]:
    """What stands against a change."""
    told = [
        _("The sale “%(sale)s” would be smaller than what was given back of it. Correct its refunds first.")
        % {"sale": f"#{sale.pk}"}
        for sale in found.too_small
    ]
    if count := found.without_rate:
        sentence = ngettext(
            "%(number)s amount would have no rate any more. Add another rate for its day first.",
            "%(number)s amounts would have no rate any more. Add other rates for their days first.",
            count,
        )
        told.append(sentence % {"number": count})
    return told


def apply(request: HttpRequest, changes: table.RateChanges) -> None:
    if refused := sentences(table.effect(changes)):
        raise Problem(409, " ".join(refused))
    try:
        table.apply(changes, by=caller_of(request).person)
    except ValidationError as error:
        raise problems.of_django(error, 409) from error
    task_queue.enqueue_on_commit()


@router.get(
    "/exchange-rates/effect",
    response=ExchangeRateEffectOut,
    auth=RATES_API.reader(),
    url_name="exchange_rate_effect",
    summary="What a rate would change",
)
def read_effect(request: HttpRequest, query: Query[ExchangeRateQuery]) -> Any:
    """Which amounts would follow if this were the rate of that day; nothing is written."""
    paging.known_only(request, ExchangeRateQuery)
    deletion: table.RateChanges = {(query.currency, query.day): None}
    found = table.effect(changes_of(query.currency, query.day, query.rate) if query.rate else deletion)
    return ExchangeRateEffectOut(
        sales=len(found.sales),
        revenue=amount(found.sales_cents),
        spend_items=len(found.spend),
        spend=amount(found.spend_cents),
        problems=sentences(found),
    )


@router.post(
    "/exchange-rates",
    response={201: ExchangeRateOut},
    auth=RATES_API.writer(),
    url_name="exchange_rates",
    summary="Add an exchange rate",
)
def add_rate(request: HttpRequest, response: HttpResponse, body: ExchangeRateIn) -> Any:
    """Put in the rate of a day, and count by it what is in that currency."""
    changes = changes_of(body.currency, body.day, body.rate)
    if ExchangeRate.objects.filter(currency=body.currency, day=body.day).exists():
        raise Problem(409, _("There is a rate for that day already. Change that one."))
    apply(request, changes)
    row = ExchangeRate.objects.get(currency=body.currency, day=body.day)
    return RATES_API.answer(request, response, row, 201)


@router.post(
    "/exchange-rates/bulk",
    response={201: Page[ExchangeRateOut]},
    auth=RATES_API.writer(),
    url_name="exchange_rates_bulk",
    summary="Add many exchange rates",
)
def add_rates(request: HttpRequest, response: HttpResponse, body: ExchangeRateRowsIn) -> Any:
    """Put in the rates of many days by one act: all of them, or none with what is wrong at each row, from 0."""
    changes, errors = changes_of_rows(body.rows)
    if errors:
        raise Problem(422, _("Nothing was written."), errors=errors)
    apply(request, changes)
    rows = ExchangeRate.objects.filter(day__in={day for _currency, day in changes}).order_by("pk")
    items = [show_rate(row) for row in rows if (row.currency, row.day) in changes]
    response["Location"] = reverse(f"{NAMESPACE}:exchange_rates")
    return Status(201, Page[ExchangeRateOut](items=items, next=""))


def changes_of_rows(rows: list[ExchangeRateIn]) -> tuple[table.RateChanges, list[dict[str, Any]]]:
    """What these rows would put in, and what is wrong at which; a rate that is there already may be sent again."""
    known: dict[tuple[str, date], Decimal | None] = {
        (row.currency, row.day): row.rate for row in ExchangeRate.objects.filter(day__in={row.day for row in rows})
    }
    changes: dict[tuple[str, date], Decimal | None] = {}
    errors: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        try:
            read = changes_of(row.currency, row.day, row.rate)
        except Problem as problem:
            errors += [{"row": number, **error} for error in problem.errors]
            continue
        if any(known.setdefault(place, rate) != rate for place, rate in read.items()):
            message = _("There is a rate for that day already. Change that one.")
            errors.append({"row": number, "field": "rate", "message": message})
        changes |= read
    return changes, errors


def held(request: HttpRequest, pk: int) -> ExchangeRate:
    """The rate, of which the writer has seen the version."""
    row: ExchangeRate = RATES_API.get(pk, held=True)
    gate.check_version(request.headers, show_rate(row))
    return row


@router.patch(
    "/exchange-rates/{int:pk}",
    response=ExchangeRateOut,
    auth=RATES_API.writer(),
    url_name="exchange_rate",
    summary="Change an exchange rate",
)
def change_rate(request: HttpRequest, response: HttpResponse, pk: Number, body: ExchangeRateChangeIn) -> Any:
    with transaction.atomic():
        row = held(request, pk)
        apply(request, changes_of(row.currency, row.day, body.rate))
    return RATES_API.answer(request, response, row)


@router.delete(
    "/exchange-rates/{int:pk}",
    response={204: None},
    auth=RATES_API.writer(),
    url_name="exchange_rate",
    summary="Delete an exchange rate",
)
def delete_rate(request: HttpRequest, pk: Number) -> Any:
    """Take it out: the one before it then holds for its days, if it is not too old."""
    with transaction.atomic():
        row = held(request, pk)
        apply(request, {(row.currency, row.day): None})
    return Status(204, None)
