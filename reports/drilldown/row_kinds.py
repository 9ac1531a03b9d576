"""The kinds of rows behind figures, one record each; the figures of `reports.drilldown.figures` rest on them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.attribution import share
from campaigns.models import Campaign, Spend
from campaigns.models.agency import Basis
from reports.attribution.sums import CREDITED_COUNTS
from reports.drilldown.rows import CreditedRows, SourceRow, SourceRows, SourceSums, few_or_paged
from reports.figures.query import Period, ReportFilters, grouped
from reports.figures.totals import Figures, round_half_up
from reports.models import Credit
from timesheets.models import TimeEntry, User
from timesheets.models.entries import TimeEntryQuerySet


@dataclass(frozen=True, kw_only=True)
class RowKind:
    """One kind of rows.

    `name` stands in files; `figure` is the one whose page lists all of these rows; `read` gives those of a period.
    `template` draws them as a table. `is_credited` where touches decide who gets them. `paged_title` stands above rows
    that are read page by page, where those are others.
    """

    name: str
    title: Promise
    figure: str
    read: Callable[[Period, ReportFilters], SourceRows]
    template: str
    is_credited: bool = False
    paged_title: Promise | None = None

    def title_of(self, rows: SourceRows) -> str:
        """Where there are too many rows to hold, they may say less."""
        return str(self.paged_title if self.paged_title and rows.is_rounded else self.title)


# -- hours ------------------------------------------------------------------------------------------------------------


MOST_PEOPLE = 50


def _hours(period: Period, filters: ReportFilters) -> SourceRows:
    """Hours by person, rate and platform; of more than `MOST_PEOPLE` by person alone, a page of people at a time."""
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    people = User.objects.filter(Exists(logged.filter(member=OuterRef("pk")))).order_by("name", "pk")
    return few_or_paged(
        "hours",
        people,
        page=lambda members: _hours_of(members, logged),
        every=lambda: _hours_by_rate(logged),
        sums=lambda: _sums_of_hours(period, filters),
        most=MOST_PEOPLE,
    )


def _hours_of(members: Sequence[User], logged: TimeEntryQuerySet) -> list[SourceRow]:
    """One row for each person. Its rate is left empty: there may be several, and the person's days tell them."""
    hours = _by_member(logged.filter(member__in=members))
    return [
        SourceRow(
            kind="hours",
            name=str(member),
            person=member.pk,
            minutes=hours[member.pk].minutes,
            cents=hours[member.pk].known_labour_cents,
        )
        for member in members
        if member.pk in hours
    ]


def _by_member(logged: TimeEntryQuerySet) -> dict[int, Figures]:
    return {
        member: Figures(minutes=int(minutes), unrated_minutes=int(unrated), labour_cent_minutes=int(labour))
        for member, minutes, unrated, labour in logged.costed_by("member")
    }


def _sums_of_hours(period: Period, filters: ReportFilters) -> SourceSums:
    totals = Figures.total(grouped(period, filters, "platform").values())
    return SourceSums(minutes=totals.minutes, cents=totals.known_labour_cents)


def _hours_by_rate(logged: TimeEntryQuerySet) -> list[SourceRow]:
    """The cents of the rows are shared so that they add up to the labour cost."""
    groups = list(
        logged.order_by("member__name", "member", "platform__name", "hourly_cents")
        .values_list("member", "member__name", "platform__name", "hourly_cents")
        .annotate(Sum("minutes"), Min("day"))
    )
    costs = _labour_shares([minutes * (rate or 0) for *_names, rate, minutes, _since in groups])
    return [
        SourceRow(
            kind="hours",
            name=name,
            person=member,
            day=since,
            platform=platform,
            minutes=minutes,
            hourly_cents=rate,
            cents=None if rate is None else cents,
        )
        for (member, name, platform, rate, minutes, since), cents in zip(groups, costs, strict=True)
    ]


def entries(period: Period, filters: ReportFilters, member: User | None = None) -> SourceRows:
    """What was logged, by one person or by all, day by day; the cents add up to what these hours cost."""
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    if member is not None:
        logged = logged.filter(member=member)
    ordered = logged.select_related("member", "platform", "campaign").order_by("-day", "platform__name", "pk")
    return few_or_paged(
        "entries",
        ordered,
        page=lambda entries: [
            _entry_row(entry, round_half_up(Fraction(entry.minutes * (entry.hourly_cents or 0), 60)))
            for entry in entries
        ],
        every=lambda: _every_entry(ordered),
        sums=lambda: _sums_of_entries(logged),
    )


def _every_entry(ordered: TimeEntryQuerySet) -> list[SourceRow]:
    entries = list(ordered)
    costs = _labour_shares([entry.minutes * (entry.hourly_cents or 0) for entry in entries])
    return [_entry_row(entry, cents) for entry, cents in zip(entries, costs, strict=True)]


def _sums_of_entries(logged: TimeEntryQuerySet) -> SourceSums:
    """Of one person's hours, which no rollup holds by themselves."""
    totals = Figures.total(_by_member(logged).values())
    return SourceSums(minutes=totals.minutes, cents=totals.known_labour_cents)


def _entry_row(entry: TimeEntry, cents: int) -> SourceRow:
    return SourceRow(
        kind="entries",
        name=str(entry.member),
        day=entry.day,
        platform=str(entry.platform),
        campaign=str(entry.campaign),
        minutes=entry.minutes,
        hourly_cents=entry.hourly_cents,
        cents=None if entry.hourly_cents is None else cents,
    )


def _labour_shares(cent_minutes: Sequence[int]) -> list[int]:
    """The cents of each row, which add up to the labour cost of all."""
    labour = Figures(labour_cent_minutes=sum(cent_minutes)).labour_cents
    return list(share(labour, cent_minutes)) if any(cent_minutes) else [0] * len(cent_minutes)


# -- spend ------------------------------------------------------------------------------------------------------------


def _spend(period: Period, filters: ReportFilters) -> SourceRows:
    """Spend with days in the period, and the cents that these days carry."""
    spent = Spend.objects.live().filter(starts_on__lte=period.last.sunday, ends_on__gte=period.first.monday)
    if filters.platform is not None:
        spent = spent.filter(platform=filters.conditions()["platform"])
    if filters.needs_campaigns:
        spent = spent.filter(_in_campaigns(filters))
    ordered = spent.select_related("platform", "campaign").order_by("starts_on", "pk")
    return few_or_paged(
        "spend",
        ordered,
        page=lambda rows: list(_spend_rows(rows, period)),
        every=lambda: _spend_rows(ordered.iterator(chunk_size=1000), period),
        is_rounded=False,
        sums=lambda: SourceSums(cents=Figures.total(grouped(period, filters, "platform").values()).spend_cents),
    )


def _spend_rows(spent: Iterable[Spend], period: Period) -> Iterator[SourceRow]:
    for spend in spent:
        weeks = (week for week in spend.weeks if week.monday in period)
        if cents := sum(spend.cents_in(week) for week in weeks):
            yield SourceRow(
                kind="spend",
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


# -- credits ----------------------------------------------------------------------------------------------------------


def credited(period: Period, filters: ReportFilters) -> QuerySet[Credit]:
    """The credits that the figures of this period are made of, of leads and of sales."""
    week = "money_week" if filters.basis is Basis.CASH else "work_week"
    weeks: dict[str, Any] = {f"{week}__gte": period.first.monday, f"{week}__lte": period.last.monday}
    return Credit.objects.filter(**weeks, **filters.conditions())


def sale_name(credit: Credit) -> str:
    """A sale with its lead, a refund with what it refunds."""
    sale = credit.sale
    assert sale
    named = f"{sale} · {sale.lead}" if sale.lead else str(sale)
    return _("Refund: %(sale)s") % {"sale": named} if sale.is_refund else named


def _sales(period: Period, filters: ReportFilters) -> SourceRows:
    rows = _without_nothing(credited(period, filters).filter(lead=None), filters)
    rows = rows.order_by(_newest_week(filters), "-sale__sold_on", "-sale", "work_week", "pk")
    return CreditedRows(
        "sales", rows.select_related("sale", "sale__lead", "platform", "campaign"), filters.model, sale_name
    )


def _newest_week(filters: ReportFilters) -> str:
    """The week of the basis comes first in the order: the index of its cells then leads to a page's few rows."""
    return "-money_week" if filters.basis is Basis.CASH else "-work_week"


def _without_nothing(rows: QuerySet[Credit], filters: ReportFilters) -> QuerySet[Credit]:
    return rows.exclude(**{f"share_{filters.model}": 0, f"cents_{filters.model}": 0})


def credited_leads(name: str, title: Promise) -> RowKind:
    """The leads that a credited count of this name adds up; the figure of the same name lists them."""
    where = CREDITED_COUNTS[f"{name}_millionths"].where

    def read(period: Period, filters: ReportFilters) -> SourceRows:
        rows = _without_nothing(credited(period, filters).filter(**where), filters)
        rows = rows.order_by(_newest_week(filters), "-lead__received_at", "-lead", "work_week", "pk")
        rows = rows.select_related("lead", "platform", "campaign")
        return CreditedRows(name, rows, filters.model, lambda credit: str(credit.lead))

    return RowKind(name=name, title=title, figure=name, read=read, template="reports/_lead_rows.html", is_credited=True)


# -- those that more than one figure rests on -------------------------------------------------------------------------

HOURS = RowKind(
    name="hours",
    title=gettext_lazy("Hours, by person and rate"),
    figure="hours",
    read=_hours,
    template="reports/_hours_rows.html",
    paged_title=gettext_lazy("Hours, by person"),
)
SPEND = RowKind(
    name="spend",
    title=gettext_lazy("Spend, the days that fall in these weeks"),
    figure="spend",
    read=_spend,
    template="reports/_spend_rows.html",
)
SALES = RowKind(
    name="sales",
    title=gettext_lazy("Sales and refunds, as credited"),
    figure="revenue",
    read=_sales,
    template="reports/_sale_rows.html",
    is_credited=True,
)
ENTRIES = RowKind(
    name="entries",
    title=gettext_lazy("Hours, day by day"),
    figure="hours",
    read=entries,
    template="reports/_entry_rows.html",
)
