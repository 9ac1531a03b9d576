"""Sales with their refunds, and spend."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from campaigns import refunds
from campaigns.api.collection import (
    AMOUNT,
    CURRENCY,
    Collection,
    add_reading,
    add_voiding,
    add_writing,
    amount,
    filled,
)
from campaigns.forms import RefundForm, SaleForm, SpendForm
from campaigns.models import Sale, Spend
from campaigns.views.sales import SALES
from campaigns.views.spend import SPEND
from core import money
from core.access import STEERING
from core.api.paging import Number, Sent, left_out
from core.api.problems import Problem


class MoneyOut(Schema):
    """An amount in the agency's currency; `original_` is what it was in another one, where it was in another."""

    amount: str
    currency: str
    original_amount: str | None
    original_currency: str


class SaleOut(MoneyOut):
    id: int
    external_id: str | None
    lead: int | None
    platform: int | None
    campaign: int | None
    sold_on: date
    description: str
    refund_of: int | None
    is_refund: bool
    voided_at: datetime | None
    void_reason: str


class SaleIn(Sent):
    amount: str = left_out(pattern=AMOUNT, description="A decimal: 1234.50.")
    currency: str = left_out(pattern=CURRENCY, description="The agency's own.")
    sold_on: date = left_out()
    lead: Number | None = None
    platform: Number | None = left_out(description="Only used when the sale has no lead.")
    campaign: Number | None = left_out(description="Only used when the sale has no lead.")
    description: str = Field("", max_length=200)
    external_id: str | None = left_out(max_length=120)


class RefundIn(Sent):
    amount: str = Field(pattern=AMOUNT, description="What is given back, above 0.")
    currency: str = left_out(pattern=CURRENCY, description="The agency's own.")
    sold_on: date
    description: str = Field("", max_length=200)
    external_id: str | None = left_out(max_length=120)


class RefundsOut(Schema):
    """What was given back of a sale, and what is left of it."""

    left: str | None
    currency: str
    items: list[SaleOut]


class SpendOut(MoneyOut):
    id: int
    external_id: str | None
    platform: int
    campaign: int | None
    starts_on: date
    ends_on: date
    description: str
    voided_at: datetime | None
    void_reason: str


class SpendIn(Sent):
    platform: Number = left_out()
    campaign: Number | None = left_out(description="None: general presence.")
    amount: str = left_out(pattern=AMOUNT, description="A decimal: 1234.50.")
    currency: str = left_out(pattern=CURRENCY, description="The agency's own.")
    starts_on: date = left_out()
    ends_on: date = left_out()
    description: str = Field("", max_length=200)
    external_id: str | None = left_out(max_length=120)


def money_of(row: Sale | Spend) -> dict[str, Any]:
    return {
        "amount": amount(row.amount_cents),
        "currency": money.currency(),
        "original_amount": amount(row.original_cents),
        "original_currency": row.original_currency,
    }


def by_number(data: dict[str, Any]) -> dict[str, Any]:
    """A lead is sent by its number, where people choose one by its name."""
    return {**data, "lead": f"#{data['lead']}"} if data.get("lead") else data


def sale_form(_request: HttpRequest, row: Sale | None, data: Any) -> SaleForm | RefundForm:
    if row is not None and row.is_refund:
        return RefundForm(data, instance=row, sale=row.refund_of, today=timezone.localdate())
    return SaleForm(data, instance=row, today=timezone.localdate())


def hold_its_sale(row: Sale) -> None:
    """A refund's sale is taken before it, in the order in which everyone takes them."""
    if row.refund_of_id is not None:
        refunds.locked(row.refund_of_id)


def check_refund(row: Sale) -> None:
    if row.refund_of:
        refunds.check(row.refund_of, cents=-row.amount_cents, besides=row.pk)


SALES_API = Collection(
    name="sales",
    one="sale",
    scope="sales",
    roles=STEERING,
    listing=SALES,
    rows=lambda: Sale.objects.select_related("refund_of", "lead"),
    show=lambda row: filled(SaleOut, row, **money_of(row)),
    out=SaleOut,
    sent=SaleIn,
    form=sale_form,
    fields={"amount": "amount_cents"},
    as_typed=by_number,
    hold_first=hold_its_sale,
    check_restore=check_refund,
)
SPEND_API = Collection(
    name="spend",
    one="spend_item",
    scope="spend",
    roles=STEERING,
    listing=SPEND,
    rows=lambda: Spend.objects.select_related("platform"),
    show=lambda row: filled(SpendOut, row, **money_of(row)),
    out=SpendOut,
    sent=SpendIn,
    form=lambda _request, row, data: SpendForm(data, instance=row),
    fields={"amount": "amount_cents"},
)
router = Router(tags=["Sales and spend"])
for each in (SALES_API, SPEND_API):
    add_reading(router, each)
    add_writing(router, each)
    add_voiding(router, each)


@router.get(
    "/sales/{int:pk}/refunds",
    response=RefundsOut,
    auth=SALES_API.reader(),
    url_name="sale_refunds",
    summary="Refunds of a sale",
)
def read_refunds(request: HttpRequest, pk: Number) -> Any:
    """Those that are voided stand there too, and are still left."""
    sale = SALES_API.get(pk)
    items = [SALES_API.show(row) for row in sale.refunds.order_by("pk")]
    return RefundsOut(left=amount(refunds.left_cents(sale)), currency=money.currency(), items=items)


@router.post(
    "/sales/{int:pk}/refunds",
    response={201: SaleOut},
    auth=SALES_API.writer(returns_stored_data=True),
    url_name="sale_refunds",
    summary="Add a refund",
)
def add_refund(request: HttpRequest, response: HttpResponse, pk: Number, body: RefundIn) -> Any:
    """Give back money of a sale; together its refunds never exceed it."""
    with transaction.atomic():
        sale = SALES_API.get(pk, held=True)
        if sale.is_refund or sale.is_void:
            raise Problem(409, _("A refund, and a sale that is voided, cannot be refunded."))
        form = RefundForm(SALES_API.data(body), sale=sale, today=timezone.localdate())
        refund = SALES_API.write(form)
    return SALES_API.answer(request, response, refund, 201)
