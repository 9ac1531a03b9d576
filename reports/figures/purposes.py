"""Hours and money by what they are for: reaching new customers, keeping existing ones, serving them.

Each purpose is judged by what it is for: new sales, repeat sales, its own counts. Sales that came through work of
another purpose stand in lines of their own, so that everything adds up to the figures of the platform.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from campaigns.models import Agency, Sale
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from reports.figures.outcomes import Measure, outcomes
from reports.figures.query import Period, ReportFilters, grouped
from reports.figures.repeat_sales import first_days
from reports.figures.totals import Figures
from reports.models import Credit


class Part(StrEnum):
    """The lines of the split. The first three have hours; the others are sales that none of them is judged by."""

    REACH = "reach"
    KEEP = "keep"
    SERVE = "serve"
    REPEAT_BY_REACH = "repeat_by_reach"
    NEW_BY_KEEP = "new_by_keep"
    BY_SERVE = "by_serve"
    UNATTRIBUTED = "unattributed"


PART_WORDS = {
    Part.REACH: Purpose.REACH.label,
    Part.KEEP: Purpose.KEEP.label,
    Part.SERVE: Purpose.SERVE.label,
    Part.REPEAT_BY_REACH: gettext_lazy("Sales to existing customers, through work that reaches new ones"),
    Part.NEW_BY_KEEP: gettext_lazy("First sales, through work that keeps customers"),
    Part.BY_SERVE: gettext_lazy("Sales through customer service"),
    Part.UNATTRIBUTED: gettext_lazy("Of no known campaign"),
}
# Which line a sale stands in, by the purpose of the campaign that is credited and whether it is a repeat.
_PLACES: dict[tuple[str | None, bool], Part] = {
    (Purpose.REACH, False): Part.REACH,
    (Purpose.REACH, True): Part.REPEAT_BY_REACH,
    (Purpose.KEEP, False): Part.NEW_BY_KEEP,
    (Purpose.KEEP, True): Part.KEEP,
    (Purpose.SERVE, False): Part.BY_SERVE,
    (Purpose.SERVE, True): Part.BY_SERVE,
    (None, False): Part.UNATTRIBUTED,
    (None, True): Part.UNATTRIBUTED,
}
_WORK = {Purpose.REACH.value: Part.REACH, Purpose.KEEP.value: Part.KEEP, Purpose.SERVE.value: Part.SERVE}


@dataclass(frozen=True)
class PurposeLine:
    """One line: what the work cost and the sales it is judged by; `measures` are counts of its own.

    ``is_on_target`` is what the plain rule says of work that keeps customers: whether what they bought again brings
    back the agency's target. None elsewhere, and without cost.
    """

    part: Part
    label: str
    figures: Figures
    measures: Sequence[Measure] = ()
    is_on_target: bool | None = None

    @property
    def is_work(self) -> bool:
        """Whether it has hours to be judged, and is not only money that came by."""
        return self.part in _WORK.values()

    @property
    def is_judged_by_sales(self) -> bool:
        return self.part in (Part.REACH, Part.KEEP)


@dataclass(frozen=True)
class Split:
    """Lines that add up to `total`; those without anything in them are left out, except for the three purposes."""

    lines: Sequence[PurposeLine]
    total: Figures

    def line(self, part: Part) -> PurposeLine:
        return next(
            (line for line in self.lines if line.part is part), PurposeLine(part, str(PART_WORDS[part]), Figures())
        )

    @property
    def work(self) -> Sequence[PurposeLine]:
        return [line for line in self.lines if line.is_work]

    @property
    def others(self) -> Sequence[PurposeLine]:
        return [line for line in self.lines if not line.is_work]


def split(period: Period, filters: ReportFilters) -> Split:
    """The figures of the period by purpose; the number of queries does not depend on the rows."""
    costs = {purpose: figures for (purpose,), figures in grouped(period, filters, "campaign__purpose").items()}
    parts = _sold(period, filters)
    for purpose, figures in costs.items():
        place = _WORK.get(purpose, Part.UNATTRIBUTED)
        parts[place] += figures._replace(sales_millionths=0, revenue_cents=0)
    served = (
        outcomes(period, replace(filters, purpose=Purpose.SERVE)) if filters.purpose in (None, Purpose.SERVE) else []
    )
    agency = Agency.current()
    lines = [
        PurposeLine(
            part,
            str(PART_WORDS[part]),
            parts[part],
            measures=served if part is Part.SERVE else (),
            is_on_target=_is_on_target(parts[part], agency) if part is Part.KEEP else None,
        )
        for part in Part
        if part in _WORK.values() or not parts[part].is_empty
    ]
    return Split(lines, Figures.total(costs.values()))


def _is_on_target(figures: Figures, agency: Agency) -> bool | None:
    returned = figures.return_per_unit(agency.margin)
    return None if returned is None else returned >= agency.target


def _sold(period: Period, filters: ReportFilters) -> dict[Part, Figures]:
    """Sales and revenue of each line, as the attribution model shares them."""
    credited = sale_credits(period, filters)
    repeats = first_days(originals(credited))
    shares, cents = f"share_{filters.model}", f"cents_{filters.model}"
    rows = credited.order_by().values_list("campaign__purpose", Coalesce("sale__refund_of", "sale"))
    parts: dict[Part, Figures] = defaultdict(Figures)
    for purpose, sale_id, sold, brought in rows.annotate(Sum(shares), Sum(cents)):
        parts[_PLACES[purpose, sale_id in repeats]] += Figures(sales_millionths=int(sold), revenue_cents=int(brought))
    return parts


def sale_credits(period: Period, filters: ReportFilters) -> QuerySet[Credit]:
    """The credits of sales and refunds that the figures of this period are made of."""
    week = "money_week" if filters.basis is Basis.CASH else "work_week"
    span: dict[str, Any] = {f"{week}__gte": period.first.monday, f"{week}__lte": period.last.monday}
    return Credit.objects.filter(lead=None, **span, **filters.conditions())


def originals(credited: QuerySet[Credit]) -> QuerySet[Sale]:
    """The sales of these credits; of a refund, the sale that it undoes: it belongs where that one does."""
    return Sale.objects.filter(pk__in=credited.order_by().values(original=Coalesce("sale__refund_of", "sale")))


def credits_of(part: Part, period: Period, filters: ReportFilters) -> tuple[QuerySet[Credit], dict[int, Any]]:
    """The credits behind one line, and the day of the first sale of each customer who had bought before."""
    credited = sale_credits(period, filters)
    days = first_days(originals(credited))
    purposes = {purpose for (purpose, _is_repeat), place in _PLACES.items() if place is part}
    is_repeat = {is_repeat for (_purpose, is_repeat), place in _PLACES.items() if place is part}
    named = purposes - {None}
    rows = credited.filter(campaign__purpose__in=named) if named else credited.filter(campaign=None)
    if len(is_repeat) == 1:
        rows = rows.alias(original=Coalesce("sale__refund_of", "sale"))
        rows = rows.filter(original__in=days) if True in is_repeat else rows.exclude(original__in=days)
    return rows, days
