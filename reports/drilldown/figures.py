"""How a figure came about: the formula with its numbers, and the rows behind it, which add up to it exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol

from django.db.models import Min, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Agency, Campaign, Spend
from campaigns.models.agency import Basis
from core import money
from core.weeks import Week
from reports.attribution.weights import MILLION, share
from reports.figures import formatting
from reports.figures.query import By, Period, ReportFilters, figures_by
from reports.figures.totals import Figures
from reports.models import Credit
from timesheets.models import TimeEntry, User


class Figure(StrEnum):
    """What can be explained."""

    RETURN = "return"
    COST = "cost"
    REVENUE = "revenue"
    LEADS = "leads"
    QUALIFIED = "qualified"
    COST_PER_LEAD = "cost_per_lead"
    COST_PER_QUALIFIED = "cost_per_qualified"
    HOURS = "hours"
    SALES = "sales"
    SPEND = "spend"


class Part(StrEnum):
    """A kind of rows."""

    HOURS = "hours"
    SPEND = "spend"
    SALES = "sales"
    LEADS = "leads"
    QUALIFIED = "qualified"
    ENTRIES = "entries"


FIGURE_WORDS = {
    Figure.RETURN: gettext_lazy("Return per 1 of cost"),
    Figure.COST: gettext_lazy("Cost"),
    Figure.REVENUE: gettext_lazy("Revenue"),
    Figure.LEADS: gettext_lazy("Leads"),
    Figure.QUALIFIED: gettext_lazy("Qualified leads"),
    Figure.COST_PER_LEAD: gettext_lazy("Cost per lead"),
    Figure.COST_PER_QUALIFIED: gettext_lazy("Cost per qualified lead"),
    Figure.HOURS: gettext_lazy("Hours"),
    Figure.SALES: gettext_lazy("Sales"),
    Figure.SPEND: gettext_lazy("Spend"),
}
PART_WORDS = {
    Part.HOURS: gettext_lazy("Hours, by person and rate"),
    Part.SPEND: gettext_lazy("Spend, the days that fall in these weeks"),
    Part.SALES: gettext_lazy("Sales and refunds, as credited"),
    Part.LEADS: gettext_lazy("Leads, as credited"),
    Part.QUALIFIED: gettext_lazy("Qualified leads, as credited"),
    Part.ENTRIES: gettext_lazy("Hours, day by day"),
}
PARTS = {
    Figure.RETURN: (Part.SALES, Part.HOURS, Part.SPEND),
    Figure.COST: (Part.HOURS, Part.SPEND),
    Figure.REVENUE: (Part.SALES,),
    Figure.LEADS: (Part.LEADS,),
    Figure.QUALIFIED: (Part.QUALIFIED,),
    Figure.COST_PER_LEAD: (Part.HOURS, Part.SPEND, Part.LEADS),
    Figure.COST_PER_QUALIFIED: (Part.HOURS, Part.SPEND, Part.QUALIFIED),
    Figure.HOURS: (Part.HOURS,),
    Figure.SALES: (Part.SALES,),
    Figure.SPEND: (Part.SPEND,),
}
# The figure whose page lists all rows of a part.
FIGURE_OF_PART = {
    Part.HOURS: Figure.HOURS,
    Part.SPEND: Figure.SPEND,
    Part.SALES: Figure.REVENUE,
    Part.LEADS: Figure.LEADS,
    Part.QUALIFIED: Figure.QUALIFIED,
    Part.ENTRIES: Figure.HOURS,
}


# -- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behind:
    """One row behind a figure. `millionths` is its share of one lead or sale; what a part does not know is None."""

    part: Part
    name: str
    url: str = ""
    person: int | None = None
    day: date | None = None
    week: Week | None = None
    platform: str = ""
    campaign: str = ""
    minutes: int | None = None
    hourly_cents: int | None = None
    millionths: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What all rows of a part add up to."""

    minutes: int = 0
    millionths: int = 0
    cents: int = 0


class Rows(Protocol):
    """The rows of one part, which may be many: counted and cut before they are read."""

    part: Part

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice) -> list[Behind]: ...

    def __iter__(self) -> Iterator[Behind]: ...

    def sums(self) -> Sums: ...


class FewRows(list[Behind]):
    """Rows that are few enough to hold."""

    def __init__(self, part: Part, rows: Sequence[Behind]) -> None:
        super().__init__(rows)
        self.part = part

    def sums(self) -> Sums:
        return Sums(minutes=sum(row.minutes or 0 for row in self), cents=sum(row.cents or 0 for row in self))


class CreditRows:
    """Credits of leads or sales, read from the database as they are needed."""

    def __init__(self, part: Part, credited: QuerySet[Credit], model: str) -> None:
        self.part = part
        self.credited = credited
        self.share_field, self.cents_field = f"share_{model}", f"cents_{model}"

    def __len__(self) -> int:
        return self.credited.count()

    def __getitem__(self, wanted: slice) -> list[Behind]:
        return [self._row(credit) for credit in self.credited[wanted]]

    def __iter__(self) -> Iterator[Behind]:
        return map(self._row, self.credited.iterator(chunk_size=1000))

    def sums(self) -> Sums:
        found = self.credited.order_by().aggregate(
            millionths=Sum(self.share_field, default=0), cents=Sum(self.cents_field, default=0)
        )
        return Sums(millionths=int(found["millionths"]), cents=int(found["cents"]))

    def _row(self, credit: Credit) -> Behind:
        origin = credit.sale or credit.lead
        assert origin
        return Behind(
            part=self.part,
            name=_sale_name(credit) if credit.sale else str(origin),
            url=origin.get_absolute_url(),
            day=credit.sale.sold_on if credit.sale else None,
            week=Week(credit.work_week),
            platform=str(credit.platform or ""),
            campaign=str(credit.campaign or ""),
            millionths=getattr(credit, self.share_field),
            cents=getattr(credit, self.cents_field) if credit.sale else None,
        )


def _sale_name(credit: Credit) -> str:
    sale = credit.sale
    assert sale
    named = f"{sale} · {sale.lead}" if sale.lead else str(sale)
    return _("Refund: %(sale)s") % {"sale": named} if sale.is_refund else named


def rows_behind(part: Part, period: Period, filters: ReportFilters) -> Rows:
    """The rows of one part in this period, as the filters see them."""
    if part is Part.HOURS:
        return FewRows(part, list(_hours(period, filters)))
    if part is Part.SPEND:
        return FewRows(part, list(_spend(period, filters)))
    return CreditRows(part, _credited(part, period, filters), filters.model)


def _hours(period: Period, filters: ReportFilters) -> Iterator[Behind]:
    """Hours by person, rate and platform. The cents of the rows are shared so that they add up to the labour cost."""
    groups = list(
        TimeEntry.objects.in_weeks(period.first, period.last)
        .filter(**filters.conditions())
        .order_by("member__name", "member", "platform__name", "hourly_cents")
        .values_list("member", "member__name", "platform__name", "hourly_cents")
        .annotate(Sum("minutes"), Min("day"))
    )
    weights = [minutes * (rate or 0) for *_names, rate, minutes, _since in groups]
    labour = Figures(labour_cent_minutes=sum(weights)).labour_cents
    parts = share(labour, weights) if any(weights) else [0] * len(weights)
    for (member, name, platform, rate, minutes, since), cents in zip(groups, parts, strict=True):
        yield Behind(
            part=Part.HOURS,
            name=name,
            person=member,
            day=since,
            platform=platform,
            minutes=minutes,
            hourly_cents=rate,
            cents=None if rate is None else cents,
        )


def _entries(member: User, period: Period, filters: ReportFilters) -> Iterator[Behind]:
    """What one person logged, day by day; the cents add up to what these hours cost."""
    entries = list(
        TimeEntry.objects.in_weeks(period.first, period.last)
        .filter(member=member, **filters.conditions())
        .select_related("platform", "campaign")
        .order_by("-day", "platform__name", "pk")
    )
    weights = [entry.minutes * (entry.hourly_cents or 0) for entry in entries]
    labour = Figures(labour_cent_minutes=sum(weights)).labour_cents
    parts = share(labour, weights) if any(weights) else [0] * len(weights)
    for entry, cents in zip(entries, parts, strict=True):
        yield Behind(
            part=Part.ENTRIES,
            name=str(member),
            day=entry.day,
            platform=str(entry.platform),
            campaign=str(entry.campaign),
            minutes=entry.minutes,
            hourly_cents=entry.hourly_cents,
            cents=None if entry.hourly_cents is None else cents,
        )


def _spend(period: Period, filters: ReportFilters) -> Iterator[Behind]:
    """Spend with days in the period, and the cents that these days carry."""
    rows = Spend.objects.live().filter(starts_on__lte=period.last.sunday, ends_on__gte=period.first.monday)
    if filters.platform is not None:
        rows = rows.filter(platform=filters.conditions()["platform"])
    if filters.needs_campaigns:
        rows = rows.filter(_in_campaigns(filters))
    for spend in rows.select_related("platform", "campaign").order_by("starts_on", "pk"):
        weeks = (week for week in spend.weeks if week.monday in period)
        if cents := sum(spend.cents_in(week) for week in weeks):
            yield Behind(
                part=Part.SPEND,
                name=str(spend),
                url=reverse("campaigns:spend_edit", args=[spend.pk]),
                day=spend.starts_on,
                platform=str(spend.platform),
                campaign=str(spend.campaign or Campaign(is_general=True)),
                cents=cents,
            )


def _in_campaigns(filters: ReportFilters) -> Q:
    """Spend of the campaigns that the filters let through; spend without one is General presence."""
    wanted = Campaign.objects.all()
    for name, value in (("pk", filters.campaign), ("client", filters.client), ("purpose", filters.purpose)):
        if value is not None:
            wanted = wanted.filter(**{name: value})
    general = Q(campaign=None) if wanted.filter(is_general=True).exists() else Q(pk=None)
    return Q(campaign__in=wanted) | general


def _credited(part: Part, period: Period, filters: ReportFilters) -> QuerySet[Credit]:
    week = "money_week" if filters.basis is Basis.CASH else "work_week"
    rows = Credit.objects.filter(
        **{f"{week}__gte": period.first.monday, f"{week}__lte": period.last.monday}, **filters.conditions()
    ).exclude(**{f"share_{filters.model}": 0, f"cents_{filters.model}": 0})
    if part is Part.SALES:
        rows = rows.filter(lead=None).order_by("-sale__sold_on", "-sale", "work_week", "pk")
    else:
        rows = rows.filter(sale=None).order_by("-lead__received_at", "-lead", "work_week", "pk")
    if part is Part.QUALIFIED:
        rows = rows.filter(is_qualified=True)
    return rows.select_related("lead", "sale", "sale__lead", "platform", "campaign")


# -- formulas ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a formula: the sign before it, the number in words, its name, and the figure that explains it."""

    sign: str
    value: str
    name: str
    figure: Figure | None = None


@dataclass(frozen=True)
class Explanation:
    """A figure, how it is computed, and the kinds of rows behind it."""

    figure: Figure
    value: str
    terms: Sequence[Term]
    parts: Sequence[Rows]
    remarks: Sequence[str] = field(default=())

    @property
    def title(self) -> str:
        return str(FIGURE_WORDS[self.figure])


def explain(figure: Figure, period: Period, filters: ReportFilters) -> Explanation:
    """Everything behind one figure of a period."""
    agency = Agency.current()
    figures = figures_by(period, By.PLATFORM, filters).total
    parts = [rows_behind(part, period, filters) for part in PARTS[figure]]
    return Explanation(
        figure=figure,
        value=shown(figure, figures, agency.margin),
        terms=_terms(figure, figures, agency.margin),
        parts=parts,
        remarks=_remarks(figure, figures, agency),
    )


def explain_person(member: User, period: Period, filters: ReportFilters) -> Explanation:
    """The entries behind one person's line."""
    rows = FewRows(Part.ENTRIES, list(_entries(member, period, filters)))
    return Explanation(Figure.HOURS, _hours_exact(rows.sums().minutes), [], [rows])


def shown(figure: Figure, figures: Figures, margin: Fraction) -> str:
    """The figure as the dashboard writes it, money with its cents."""
    values: dict[Figure, Any] = {
        Figure.RETURN: lambda: formatting.per_unit(figures.return_per_unit(margin)),
        Figure.COST: lambda: money.format_money(figures.cost_cents),
        Figure.REVENUE: lambda: money.format_money(figures.revenue_cents),
        Figure.LEADS: lambda: _count(figures.leads_m),
        Figure.QUALIFIED: lambda: _count(figures.qualified_m),
        Figure.COST_PER_LEAD: lambda: money.format_money(figures.cost_per_lead_cents),
        Figure.COST_PER_QUALIFIED: lambda: money.format_money(figures.cost_per_qualified_cents),
        Figure.HOURS: lambda: _hours_exact(figures.minutes),
        Figure.SALES: lambda: _count(figures.sales_m),
        Figure.SPEND: lambda: money.format_money(figures.spend_cents),
    }
    return str(values[figure]())


def _count(millionths: int) -> str:
    """Whole counts without decimals, shared ones with two."""
    return money.format_number(Fraction(millionths, MILLION), digits=0 if millionths % MILLION == 0 else 2)


def _hours_exact(minutes: int) -> str:
    digits = 0 if minutes % 60 == 0 else 2
    return _("%(hours)s h") % {"hours": money.format_number(Fraction(minutes, 60), digits=digits)}


def _terms(figure: Figure, figures: Figures, margin: Fraction) -> list[Term]:
    cost = Term("", money.format_money(figures.cost_cents), _("cost"), Figure.COST)
    if figure is Figure.RETURN:
        return [
            Term("", money.format_money(figures.revenue_cents), _("credited revenue"), Figure.REVENUE),
            Term("×", _("%(number)s %%") % {"number": _plain_percent(margin)}, _("gross margin")),
            Term("÷", cost.value, cost.name, cost.figure),
        ]
    if figure is Figure.COST_PER_LEAD:
        return [cost, Term("÷", _count(figures.leads_m), _("leads"), Figure.LEADS)]
    if figure is Figure.COST_PER_QUALIFIED:
        return [cost, Term("÷", _count(figures.qualified_m), _("qualified leads"), Figure.QUALIFIED)]
    if figure is Figure.COST:
        labour = _("%(hours)s at their rates") % {"hours": _hours_exact(figures.minutes - figures.unrated_minutes)}
        return [
            Term("", money.format_money(figures.labour_cents), labour, Figure.HOURS),
            Term("+", money.format_money(figures.spend_cents), _("spend"), Figure.SPEND),
        ]
    return []


def _plain_percent(ratio: Fraction) -> str:
    percent = ratio * 100
    return money.format_number(percent, digits=0 if percent.denominator == 1 else 2)


def _remarks(figure: Figure, figures: Figures, agency: Agency) -> list[str]:
    remarks = []
    if figures.unrated_minutes and Part.HOURS in PARTS[figure]:
        remarks.append(
            _("%(hours)s have no rate and are not in the cost: the true cost is higher.")
            % {"hours": _hours_exact(figures.unrated_minutes)}
        )
    if figure in (Figure.RETURN, Figure.COST_PER_LEAD, Figure.COST_PER_QUALIFIED) and not figures.cost_cents:
        remarks.append(_("Nothing was spent, so there is no figure."))
    if figure is Figure.COST_PER_LEAD and not figures.leads_m:
        remarks.append(_("There were no leads to divide by, so there is no figure."))
    if figure is Figure.COST_PER_QUALIFIED and not figures.qualified_m:
        remarks.append(_("There were no qualified leads to divide by, so there is no figure."))
    if {Part.SALES, Part.LEADS, Part.QUALIFIED} & set(PARTS[figure]):
        remarks.append(
            _("Touches up to %(days)s days before count; a lead or sale without any is unattributed.")
            % {"days": agency.lookback_days}
        )
    return remarks


# -- what is exported -------------------------------------------------------------------------------------------------

EXPORT_COLUMNS = (
    "part",
    "name",
    "day",
    "work_week",
    "platform",
    "campaign",
    "minutes",
    "hourly_rate",
    "share",
    "amount",
)


def export_rows(parts: Sequence[Rows]) -> Iterator[Sequence[object]]:
    """All rows of all parts, one after the other, numbers as numbers."""
    for rows in parts:
        for row in rows:
            yield (
                row.part.value,
                row.name,
                row.day,
                str(row.week) if row.week else None,
                row.platform,
                row.campaign,
                row.minutes,
                None if row.hourly_cents is None else money.to_decimal(Fraction(row.hourly_cents, 100), 2),
                None if row.millionths is None else money.to_decimal(Fraction(row.millionths, MILLION), 6),
                None if row.cents is None else money.to_decimal(Fraction(row.cents, 100), 2),
            )
