"""What may be given back of a sale, and when. Callers that write hold the sale's row (see `locked`)."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Min, Sum
from django.utils.translation import gettext as _

from campaigns.models import Sale
from core import money
from core.currencies import converted


def locked(sale_id: int) -> Sale:
    """Take the sale's row until the transaction ends: two refunds of it then come one after the other."""
    return Sale.objects.select_for_update().get(pk=sale_id)


def left_cents(sale: Sale, *, besides: int | None = None) -> int:
    """What can still be given back of this sale, in cents; the refund `besides` (its id) is not counted."""
    others = sale.refunds.live() if besides is None else sale.refunds.live().exclude(pk=besides)
    given_back = others.aggregate(total=Sum("amount_cents"))["total"]
    return sale.amount_cents + int(given_back or 0)


def check(sale: Sale, *, cents: int, besides: int | None = None) -> None:
    """Raise ValidationError, with what is left, when so many cents cannot be given back."""
    left = left_cents(sale, besides=besides)
    if left <= 0:
        raise ValidationError(_("Nothing is left to refund of this sale."), code="nothing_left")
    if cents > left:
        raise ValidationError(
            _("Only %(left)s of this sale is left to refund.") % {"left": money.format_money(left)}, code="too_much"
        )


def check_amount(sale: Sale, cents: int) -> None:
    """Raise ValidationError when the sale would become smaller than what was given back of it."""
    given_back = sale.amount_cents - left_cents(sale)
    if cents < given_back:
        raise ValidationError(
            _("%(amount)s of this sale has been refunded: its amount cannot be lower.")
            % {"amount": money.format_money(given_back)}
        )


def check_day(sale: Sale, sold_on: date) -> None:
    """Raise ValidationError when the sale would come after one of its refunds."""
    first = sale.refunds.live().aggregate(first=Min("sold_on"))["first"]
    if first and sold_on > first:
        raise ValidationError(_("A refund of this sale has an earlier date."))


def at_rate(sale: Sale, cents: int, rate: Decimal) -> list[Sale]:
    """The refunds in the sale's currency at another rate; raise ValidationError where they come to more than it."""
    refunds = list(sale.refunds.live())
    following = [refund for refund in refunds if refund.original_currency == sale.original_currency]
    for refund in following:
        refund.amount_cents = converted(refund.original_cents or 0, rate)
    if cents + sum(refund.amount_cents for refund in refunds) < 0:
        raise ValidationError({"sold_on": _("At the rate of this day more was refunded than the sale came to.")})
    return following
