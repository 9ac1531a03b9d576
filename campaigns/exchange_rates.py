"""What a change of the table of exchange rates does to the amounts that were counted by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from campaigns.models import ExchangeRate, Sale, Spend
from core.currencies import RateTable, converted

# Rates to put in, by currency and day; None takes one out.
RateChanges = Mapping[tuple[str, date], Decimal | None]


@dataclass
class ExchangeRateEffect:
    """The rows whose amount changes, with their new amounts, and what stands against the change."""

    sales: list[Sale] = field(default_factory=list)
    spend: list[Spend] = field(default_factory=list)
    sales_cents: int = 0
    spend_cents: int = 0
    # Amounts that would have no rate any more, and sales that would be smaller than what was given back of them.
    without_rate: int = 0
    too_small: list[Sale] = field(default_factory=list)

    @property
    def is_possible(self) -> bool:
        return not (self.without_rate or self.too_small)


def effect(changes: RateChanges, *, locked: bool = False) -> ExchangeRateEffect:
    """Compare what is counted now with what it would come to after these changes; `locked` keeps it so meanwhile."""
    before = ExchangeRate.objects.table()
    after = before.with_changes(changes)
    currencies = {currency for currency, _day in changes}
    found = ExchangeRateEffect()
    spend = Spend.objects.filter(original_currency__in=currencies).order_by("pk")
    sales = Sale.objects.filter(original_currency__in=currencies).order_by("pk").select_related("refund_of")
    if locked:
        spend, sales = spend.select_for_update(), sales.select_for_update(of=("self",))
    _compare(found, [(row, row.starts_on) for row in spend], before, after)
    _compare(found, [(sale, (sale.refund_of or sale).sold_on) for sale in sales], before, after)
    _settle_refunds(found)
    return found


def follow_table(row: Sale | Spend) -> None:
    """Count an amount in another currency at the rate that the table has for it now, where it has one."""
    day = row.starts_on if isinstance(row, Spend) else (row.refund_of or row).sold_on
    rate = ExchangeRate.objects.table().on(row.original_currency, day) if row.original_currency else None
    if rate is not None:
        row.amount_cents = converted(row.original_cents or 0, rate)


def _compare(found: ExchangeRateEffect, rows: Sequence[tuple[Any, date]], before: RateTable, after: RateTable) -> None:
    """Give the rows whose rate changes their new amount, and note those that would lose it."""
    for row, day in rows:
        rate = after.on(row.original_currency, day)
        if rate == before.on(row.original_currency, day):
            continue
        if rate is None:
            found.without_rate += 1
            continue
        cents = converted(row.original_cents, rate)
        more = cents - row.amount_cents
        if not more:
            continue
        row.amount_cents = cents
        if isinstance(row, Spend):
            found.spend.append(row)
            found.spend_cents += 0 if row.is_void else more
        else:
            found.sales.append(row)
            found.sales_cents += 0 if row.is_void else more


def _settle_refunds(found: ExchangeRateEffect) -> None:
    """Keep refunds within their sales: parts that are rounded one by one may come to a cent more than the whole."""
    changed = {sale.pk: sale for sale in found.sales}
    originals = {sale.refund_of_id or sale.pk for sale in found.sales if sale.refund_of_id or sale.amount_cents >= 0}
    for original in Sale.objects.filter(pk__in=originals).prefetch_related("refunds"):
        refunds = [changed.get(refund.pk, refund) for refund in original.refunds.all() if not refund.is_void]
        cents = changed.get(original.pk, original).amount_cents
        over = -(cents + sum(refund.amount_cents for refund in refunds))
        for refund in refunds:
            if 0 < over <= len(refunds) and refund.pk in changed and -refund.amount_cents > over:
                refund.amount_cents += over
                found.sales_cents += over
                over = 0
        if over > 0:
            found.too_small.append(original)


def apply(changes: RateChanges, *, by: Any) -> ExchangeRateEffect:
    """Change the table, and every amount that was counted by it; raise ValidationError when that cannot be."""
    with transaction.atomic():
        found = effect(changes, locked=True)
        if not found.is_possible:
            raise ValidationError(_("Something changed meanwhile: look at what would change once more."))
        for (currency, day), rate in changes.items():
            _put(currency, day, rate)
        Spend.objects.bulk_update(found.spend, ["amount_cents"], batch_size=500)
        bulk_update_with_history(found.sales, Sale, ["amount_cents"], batch_size=500, default_user=by)
    return found


def _put(currency: str, day: date, rate: Decimal | None) -> None:
    stored = ExchangeRate.objects.filter(currency=currency, day=day).first()
    if rate is None:
        if stored:
            stored.delete()
        return
    row = stored or ExchangeRate(currency=currency, day=day)
    row.rate = rate
    row.save()
