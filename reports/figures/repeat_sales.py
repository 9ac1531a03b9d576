"""Which sales were made to people who had bought before (docs/adr/0011-what-a-repeat-sale-is.md)."""

from datetime import date

from django.db.models import F, Min, QuerySet, Sum
from django.db.models.functions import Lower, Trim

from campaigns.models import Sale

# What tells one customer from another.
CUSTOMER = ("lead", "customer_email", "customer_company")
# Well below the number of values that either database takes in one statement.
AT_ONCE = 5000


def first_days(sales: QuerySet[Sale]) -> dict[int, date]:
    """For each of these sales that is a repeat: the day on which its customer first bought. Four queries.

    Sales are of one customer when their leads are one, or have the same e-mail or the same company, whatever the
    case. A sale repeats one of an earlier day that was not wholly refunded; one without a lead repeats nothing.
    """
    asked = _with_customer(sales.exclude(lead=None).order_by())
    rows = list(asked.values_list("pk", "sold_on", *CUSTOMER))
    since = [_first_by(key, {row[2 + place] for row in rows}) for place, key in enumerate(CUSTOMER)]
    first_bought: dict[int, date] = {}
    for pk, sold_on, *customer in rows:
        days = [first[key] for first, key in zip(since, customer, strict=True) if key in first]
        if days and min(days) < sold_on:
            first_bought[pk] = min(days)
    return first_bought


def _with_customer(sales: QuerySet[Sale]) -> QuerySet[Sale]:
    """Sales with all that tells whose they are, folded by the database."""
    return sales.annotate(customer_email=Lower(Trim("lead__email")), customer_company=Lower(Trim("lead__company")))


def _first_by(key: str, wanted: set[object]) -> dict[object, date]:
    """The first day on which each of these customers bought something that they kept.

    Asked for by their names, some thousands at a time: as one nested query PostgreSQL may take minutes over it.
    """
    kept = Sale.objects.live().filter(refund_of=None).exclude(lead=None).exclude(pk__in=_wholly_refunded())
    bought = _with_customer(kept.order_by()).values_list(key).annotate(Min("sold_on"))
    names = sorted(wanted - {"", None}, key=str)
    bought_on: dict[object, date] = {}
    for start in range(0, len(names), AT_ONCE):
        bought_on |= dict(bought.filter(**{f"{key}__in": names[start : start + AT_ONCE]}))
    return bought_on


def _wholly_refunded() -> QuerySet:
    refunds = Sale.objects.live().exclude(refund_of=None).order_by().values("refund_of")
    return refunds.annotate(back=Sum("amount_cents")).filter(back=-F("refund_of__amount_cents")).values("refund_of")
