"""What stands behind a figure that is not sales: the formula, and the rows, for a page and for a spreadsheet alike.

`reports.drilldown.figures` does the same for hours, cost, leads and revenue; the terms here lead on to it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign
from campaigns.models.agency import Basis
from campaigns.models.funnel import DisqualifiedReason
from core import money
from core.templatetags.retour import percent, short_day
from core.weeks import Week
from reports.attribution.weights import MILLION
from reports.drilldown.figures import Figure, Term
from reports.figures.lead_quality import lead_quality
from reports.figures.outcomes import weeks_of
from reports.figures.purposes import PART_WORDS, Part, credits_of
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import clients_first, own_limit, who_spends
from reports.models import Credit
from timesheets.models import TimeEntry


@dataclass(frozen=True)
class Cell:
    """One cell: words for the eye, a plain value for a spreadsheet, and where it leads."""

    text: str
    value: Any
    url: str = ""


@dataclass(frozen=True)
class Column:
    """`name` heads it in a file, `label` on a page."""

    name: str
    label: str
    is_number: bool = False


Row = Sequence[Cell]


class Rows(Protocol):
    """The rows of a sheet, which may be many: counted and cut before they are read."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice) -> Sequence[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


class CreditRows:
    """Rows made of credits, read from the database as they are needed."""

    def __init__(self, credited: QuerySet[Credit], row: Callable[[Credit], Row]) -> None:
        self.credited, self.row = credited, row

    def __len__(self) -> int:
        return self.credited.count()

    def __getitem__(self, wanted: slice) -> Sequence[Row]:
        return [self.row(credit) for credit in self.credited[wanted]]

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, self.credited.iterator(chunk_size=1000))


@dataclass(frozen=True)
class Sheet:
    """A figure, how it is computed, and its rows with their sums (one cell for each column, empty where none)."""

    title: str
    value: str
    columns: Sequence[Column]
    rows: Rows
    sums: Sequence[str] = ()
    terms: Sequence[Term] = ()
    remarks: Sequence[str] = field(default=())

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def plain_rows(self) -> Iterator[list[Any]]:
        for row in self.rows:
            yield [cell.value for cell in row]


# -- outcomes ---------------------------------------------------------------------------------------------------------


def outcome_sheet(measure: str, period: Period, filters: ReportFilters) -> Sheet | None:
    """Week by week what was counted and what the work cost; None for a measure that nobody counted in these weeks."""
    entries = weeks_of(measure, period, filters)
    if not entries:
        return None
    total = sum((entry.counted for entry in entries[1:]), start=entries[0].counted)
    each = _cash(total.cost_each_cents)
    remarks = [_("The cost is that of the platform and campaign in each week that was counted, hours and spend.")]
    if total.figures.unrated_minutes:
        remarks.append(_("Some of these hours have no rate: the true cost is higher."))
    if total.valued:
        remarks.append(
            _("On your own scale %(count)s of them are worth %(value)s. That is no money that came in.")
            % {"count": money.format_number(total.valued), "value": money.format_money(total.value_cents, digits=0)}
        )
    return Sheet(
        title=_("%(measure)s: cost of one") % {"measure": measure},
        value=each,
        terms=[
            Term("", _cash(total.figures.cost), _("cost of those weeks")),
            Term("÷", money.format_number(total.count), measure),
        ],
        columns=[
            Column("week", _("Week")),
            Column("platform", _("Platform")),
            Column("campaign", _("Campaign")),
            Column("count", _("Count"), is_number=True),
            Column("minutes", _("Hours"), is_number=True),
            Column("cost", _("Cost"), is_number=True),
            Column("own_scale", _("Own scale"), is_number=True),
        ],
        rows=[
            [
                _plain(str(Week(entry.monday))),
                _plain(entry.platform),
                _plain(entry.campaign),
                _number(entry.counted.count),
                _minutes(entry.counted.figures.minutes),
                _money(entry.counted.figures.cost_cents),
                _money(entry.counted.value_cents if entry.counted.valued else None),
            ]
            for entry in entries
        ],
        sums=[
            "",
            "",
            "",
            money.format_number(total.count),
            money.format_hours(total.figures.minutes),
            _cash(total.figures.cost),
            _cash(total.value_cents) if total.valued else "",
        ],
        remarks=remarks,
    )


# -- sales by purpose -------------------------------------------------------------------------------------------------


def sales_sheet(part: Part, period: Period, filters: ReportFilters) -> Sheet:
    """The sales of one line of the split, each with the day since which its customer is one."""
    credited, days = credits_of(part, period, filters)
    share_field, cents_field = f"share_{filters.model}", f"cents_{filters.model}"
    credited = credited.exclude(**{share_field: 0, cents_field: 0}).order_by("-sale__sold_on", "-sale", "pk")
    sums = credited.order_by().aggregate(shares=Sum(share_field, default=0), cents=Sum(cents_field, default=0))
    rows = credited.select_related("sale", "sale__lead", "platform", "campaign")
    return Sheet(
        title=str(PART_WORDS[part]),
        value=_cash(sums["cents"]),
        columns=[
            Column("sale", _("Sale")),
            Column("sold_on", _("Sold")),
            Column("customer_since", _("First bought")),
            Column("platform", _("Platform")),
            Column("campaign", _("Campaign")),
            Column("share", _("Share"), is_number=True),
            Column("amount", _("Credited"), is_number=True),
        ],
        rows=CreditRows(rows, lambda row: _sale_row(row, days, getattr(row, share_field), getattr(row, cents_field))),
        sums=["", "", "", "", "", _share(sums["shares"]), _cash(sums["cents"])],
        remarks=[_REMARKS[part]()] if part in _REMARKS else [],
    )


_REMARKS: dict[Part, Callable[[], str]] = {
    Part.REACH: lambda: _("First sales of a customer: nobody known by this lead, e-mail or company had bought before."),
    Part.KEEP: lambda: _("Sales to customers who had bought on an earlier day and had not been refunded all of it."),
}


def _sale_row(credit: Credit, days: dict[int, date], millionths: int, cents: int) -> Row:
    sale = credit.sale
    assert sale
    since = days.get(sale.refund_of_id or sale.pk)
    name = f"{sale} · {sale.lead}" if sale.lead else str(sale)
    return [
        Cell(_("Refund: %(sale)s") % {"sale": name} if sale.is_refund else name, name, sale.get_absolute_url()),
        Cell(short_day(sale.sold_on), sale.sold_on),
        Cell(short_day(since) if since else money.NO_FIGURE, since),
        _plain(str(credit.platform or "")),
        _plain(str(credit.campaign or "")),
        Cell(_share(millionths), money.to_decimal(Fraction(millionths, MILLION), 6)),
        _money(cents),
    ]


# -- clients first ----------------------------------------------------------------------------------------------------


def own_brand_sheet(period: Period, filters: ReportFilters) -> Sheet:
    """The hours on the own brand, by campaign."""
    found = clients_first(period, filters, own_limit(Agency.current()))
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    minutes = dict(
        logged.filter(campaign__client__is_own_brand=True).order_by().values_list("campaign").annotate(Sum("minutes"))
    )
    campaigns = Campaign.objects.in_bulk(minutes)
    by_size = sorted(minutes.items(), key=lambda one: (-one[1], str(campaigns[one[0]])))
    remarks = [_("Hours of no campaign, General presence, are the own brand’s.")]
    if found.total.limit is not None:
        remarks.append(
            _("The limit is %(limit)s. A week above it raises a flag; two weeks within it clear it.")
            % {"limit": percent(found.total.limit)}
        )
    return Sheet(
        title=_("Share of hours on the own brand"),
        value=percent(found.total.share, 1),
        terms=[
            Term("", money.format_hours(found.total.own_minutes), _("hours on the own brand")),
            Term("÷", money.format_hours(found.total.minutes), _("all hours"), Figure.HOURS),
        ],
        columns=[Column("campaign", _("Campaign")), Column("minutes", _("Hours"), is_number=True)],
        rows=[[Cell(str(campaigns[pk]), str(campaigns[pk]), _campaign_url(pk)), _minutes(one)] for pk, one in by_size],
        sums=["", money.format_hours(found.total.own_minutes)],
        remarks=remarks,
    )


def _campaign_url(pk: int) -> str:
    return reverse("campaigns:campaign", args=[pk])


# -- who spends the time ----------------------------------------------------------------------------------------------


def dearest_sheet(period: Period, filters: ReportFilters) -> Sheet:
    """Who the most expensive quarter is."""
    found = who_spends(period, filters)
    dearest = {one.pk for one in found.dearest}
    remarks = [
        _("The quarter of the people whose hour costs most on the last day of these weeks, at least one of them."),
    ]
    if found.without_rate:
        remarks.append(_("Nobody without a rate is counted among them: set the rates first."))
    return Sheet(
        title=_("Hours of the most expensive quarter"),
        value=percent(found.total.share, 1),
        terms=[
            Term("", money.format_hours(found.total.dear_minutes), _("their hours")),
            Term("÷", money.format_hours(found.total.minutes), _("all hours"), Figure.HOURS),
        ],
        columns=[
            Column("person", _("Person")),
            Column("is_in_the_quarter", _("Among them")),
            Column("hourly_rate", _("Rate"), is_number=True),
            Column("minutes", _("Hours"), is_number=True),
        ],
        rows=[
            [
                _plain(one.name),
                Cell(_("yes") if one.pk in dearest else "", one.pk in dearest),
                _money(one.hourly_cents),
                _minutes(one.minutes),
            ]
            for one in found.people
        ],
        sums=["", "", "", money.format_hours(found.total.minutes)],
        remarks=remarks,
    )


# -- lead quality -----------------------------------------------------------------------------------------------------


def quality_sheet(period: Period, filters: ReportFilters) -> Sheet:
    """The leads that cannot afford the price, as the credit model shares them."""
    total = lead_quality(period, filters).total
    week = "money_week" if filters.basis is Basis.CASH else "work_week"
    share_field = f"share_{filters.model}"
    span = {f"{week}__gte": period.first.monday, f"{week}__lte": period.last.monday}
    credited = Credit.objects.filter(
        sale=None, lead__disqualified_reason=DisqualifiedReason.CANNOT_AFFORD, **span, **filters.conditions()
    ).exclude(**{share_field: 0})
    rows = credited.select_related("lead", "platform", "campaign").order_by("-lead__received_at", "-lead", "pk")
    return Sheet(
        title=_("Leads that cannot afford the price"),
        value=percent(total.cannot_share, 1),
        terms=[
            Term("", _share(total.cannot_m), _("leads that cannot afford it")),
            Term("÷", _share(total.figures.leads_m), _("leads"), Figure.LEADS),
        ],
        columns=[
            Column("lead", _("Lead")),
            Column("received", _("Received")),
            Column("platform", _("Platform")),
            Column("campaign", _("Campaign")),
            Column("share", _("Share"), is_number=True),
        ],
        rows=CreditRows(rows, lambda credit: _lead_row(credit, getattr(credit, share_field))),
        sums=["", "", "", "", _share(total.cannot_m)],
        remarks=[_("Someone who can is any other lead, judged or not yet.")],
    )


def able_sheet(period: Period, filters: ReportFilters) -> Sheet:
    """Platform by platform, what one lead costs that can afford the price."""
    found = lead_quality(period, filters)
    rows = [*found.rows, found.unattributed]
    return Sheet(
        title=_("Cost per lead that can afford it"),
        value=money.format_money(found.total.cost_per_able_cents),
        terms=[
            Term("", money.format_money(found.total.figures.cost_cents), _("cost"), Figure.COST),
            Term("÷", _share(found.total.able_m), _("leads that can afford it")),
        ],
        columns=[
            Column("platform", _("Platform")),
            Column("cost", _("Cost"), is_number=True),
            Column("leads", _("Leads"), is_number=True),
            Column("cannot_afford", _("Cannot afford it"), is_number=True),
            Column("cost_per_able", _("Cost per lead that can"), is_number=True),
        ],
        rows=[
            [
                _plain(row.label),
                _money(row.figures.cost_cents),
                Cell(_share(row.figures.leads_m), money.to_decimal(row.figures.leads, 6)),
                Cell(_share(row.cannot_m), money.to_decimal(Fraction(row.cannot_m, MILLION), 6)),
                _money(row.cost_per_able_cents),
            ]
            for row in rows
        ],
        sums=[
            "",
            _cash(found.total.figures.cost),
            _share(found.total.figures.leads_m),
            _share(found.total.cannot_m),
            "",
        ],
    )


def _lead_row(credit: Credit, millionths: int) -> Row:
    lead = credit.lead
    assert lead
    return [
        Cell(str(lead), str(lead), lead.get_absolute_url()),
        Cell(short_day(timezone.localdate(lead.received_at)), timezone.localtime(lead.received_at)),
        _plain(str(credit.platform or "")),
        _plain(str(credit.campaign or "")),
        Cell(_share(millionths), money.to_decimal(Fraction(millionths, MILLION), 6)),
    ]


# -- cells ------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> Cell:
    return Cell(text, text)


def _number(value: int) -> Cell:
    return Cell(money.format_number(value), value)


def _minutes(minutes: int) -> Cell:
    return Cell(money.format_hours(minutes), minutes)


def _money(cents: int | None) -> Cell:
    return Cell(money.format_money(cents), None if cents is None else money.to_decimal(Fraction(cents, 100), 2))


def _cash(cents: int | Fraction | None) -> str:
    return money.format_money(cents)


def _share(millionths: int) -> str:
    return money.format_number(Fraction(millionths, MILLION), digits=0 if millionths % MILLION == 0 else 2)


# By the name in their address, beside `outcome` and the parts of the split.
SHEETS: Mapping[str, Callable[[Period, ReportFilters], Sheet]] = {
    "own_brand": own_brand_sheet,
    "dearest": dearest_sheet,
    "cannot_afford": quality_sheet,
    "able": able_sheet,
}
