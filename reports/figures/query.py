"""Figures of a period, row by row: the one place that reads the rollups for the dashboard, the e-mail and exports.

Whatever the rows are by, they add up to the total: what belongs to no platform, campaign or person has a row of its
own (*Unattributed*). *General presence* is told beside them, as a part of the rows, never added a second time; only by
campaign is it a row like the others.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from django.db.models import Case, DateField, Field, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from campaigns.attribution import DEFAULT_MODEL
from campaigns.models import Campaign, Client, Platform
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from core.statements import Given, Statement
from core.weeks import Week
from reports.attribution.sums import columns_of
from reports.figures.totals import Figures
from reports.models import CampaignWeek, Flag, PlatformWeek
from timesheets.models import TimeEntry, User


class By(StrEnum):
    """What the rows of a breakdown are."""

    PLATFORM = "platform"
    CAMPAIGN = "campaign"
    WEEK = "week"
    CLIENT = "client"
    PURPOSE = "purpose"
    MEMBER = "member"


@dataclass(frozen=True)
class Period:
    """Weeks from `first` to `last`, both included."""

    first: Week
    last: Week

    @classmethod
    def ending(cls, last: Week, weeks: int) -> "Period":
        return cls(last.plus(1 - weeks), last)

    @property
    def weeks(self) -> int:
        return self.first.weeks_until(self.last) + 1

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one starts."""
        return Period.ending(self.first.previous, self.weeks)

    def __contains__(self, monday: date) -> bool:
        return self.first.monday <= monday <= self.last.monday


# As the platform to filter by: only what belongs to no platform.
UNATTRIBUTED = 0


@dataclass(frozen=True, kw_only=True)
class ReportFilters:
    """The attribution model, the basis, and what is left out. None leaves nothing out."""

    model: str = DEFAULT_MODEL
    basis: Basis = Basis.CASH
    platform: int | None = None
    campaign: int | None = None
    client: int | None = None
    purpose: Purpose | None = None

    @property
    def is_filtered(self) -> bool:
        return any(value is not None for value in (self.platform, self.campaign, self.client, self.purpose))

    @property
    def needs_campaigns(self) -> bool:
        """Whether only the fine rollup can answer."""
        return any(value is not None for value in (self.campaign, self.client, self.purpose))

    def conditions(self) -> dict[str, Any]:
        """The filters, as lookups on rows with a platform and a campaign."""
        wanted: dict[str, Any] = {
            "platform": self.platform,
            "campaign": self.campaign,
            "campaign__client": self.client,
            "campaign__purpose": self.purpose,
        }
        chosen = {name: value for name, value in wanted.items() if value is not None}
        if self.platform == UNATTRIBUTED:
            chosen["platform"] = None
        return chosen


@dataclass(frozen=True)
class BreakdownRow:
    """One line: `key` is a primary key, a Monday or a purpose; None is the unattributed line."""

    key: Any
    label: str
    figures: Figures


@dataclass(frozen=True)
class Breakdown:
    """Rows that add up to `total`; `general` is the part of it that is General presence."""

    rows: list[BreakdownRow]
    total: Figures
    general: Figures = field(default_factory=Figures)

    def row(self, key: Any) -> BreakdownRow | None:
        return next((row for row in self.rows if row.key == key), None)


KEYS = {
    By.PLATFORM: "platform",
    By.CAMPAIGN: "campaign",
    By.WEEK: "week",
    By.CLIENT: "campaign__client",
    By.PURPOSE: "campaign__purpose",
}


def figures_by(period: Period, by: By, filters: ReportFilters) -> Breakdown:
    """Figures of the period by platform, campaign, week, client, purpose or member, biggest cost first."""
    if by is By.MEMBER:
        return _by_member(period, filters)
    sums = {key: figures for (key,), figures in grouped(period, filters, KEYS[by]).items()}
    rows = [BreakdownRow(key, label, sums.get(key, Figures())) for key, label in _labels(by, period, sums)]
    if by is not By.WEEK:
        rows = [*_biggest_first(rows), BreakdownRow(None, _("Unattributed"), sums.get(None, Figures()))]
    return Breakdown(rows, Figures.total(sums.values()), general_presence(period, filters))


# A key to group by: the Monday of weeks from `shown_from` on, None for all weeks before it.
MONDAY_SHOWN = "monday_shown"


def grouped(
    period: Period,
    filters: ReportFilters,
    *keys: str,
    among: Collection[int] | None = None,
    alerted: bool = False,
    shown_from: Week | None = None,
) -> dict[tuple[Any, ...], Figures]:
    """One query: figures of the period grouped by these columns of a rollup, the coarse one when it can answer.

    `among` names campaigns beside which the others are left out, `alerted` leaves out those without an alert of their
    budget; then the first key is the campaign.
    """
    conditions = filters.conditions()
    needs_campaigns = filters.needs_campaigns or any(key.startswith("campaign") for key in keys)
    empty = tuple(name for name, value in conditions.items() if value is None)
    chosen = tuple(name for name in conditions if name not in empty)
    question = _RollupSums(filters.model, needs_campaigns, keys, chosen, empty, alerted)
    values = {
        "basis": filters.basis,
        "first": period.first.monday,
        "last": period.last.monday,
        "shown_from": shown_from.monday if shown_from else None,
        **conditions,
    }
    rows: Iterable[Any]
    if among is None:
        rows = _written(question).rows(**values)
    else:  # as many values as there are campaigns
        rows = question.rows(values.__getitem__).filter(campaign__in=among)
    width = len(keys)
    return {row[:width]: Figures(*map(int, row[width:])) for row in rows}


@dataclass(frozen=True, slots=True)
class _RollupSums:
    """Sums of a rollup by these keys, in which the columns of `conditions` have a value and those of `empty` none.

    `alerted`: of the campaigns that have an alert of their budget alone.
    """

    model: str
    needs_campaigns: bool
    keys: tuple[str, ...]
    conditions: tuple[str, ...]
    empty: tuple[str, ...]
    alerted: bool

    def rows(self, value: Callable[[str], Any]) -> QuerySet[Any, Any]:
        table: QuerySet[Any] = CampaignWeek.objects.all() if self.needs_campaigns else PlatformWeek.objects.all()
        chosen = {name: value(name) for name in self.conditions} | dict.fromkeys(self.empty)
        weeks = {"week__gte": value("first"), "week__lte": value("last")}
        shown = Case(When(week__gte=value("shown_from"), then="week"), default=None, output_field=DateField())
        rows: QuerySet[Any, Any] = table.filter(basis=value("basis"), **weeks, **chosen).order_by()
        if self.alerted:
            rows = rows.filter(campaign__in=Flag.objects.of_budgets().values("campaign"))
        by_key = rows.values_list(*(shown if key == MONDAY_SHOWN else key for key in self.keys))
        # PostgreSQL adds whole numbers up to decimals of any size; they become whole numbers where they are read.
        sums: QuerySet[Any, Any] = by_key.annotate(
            **{f"sum_{column}": Sum(column, output_field=Field()) for column in columns_of(self.model)}
        )
        return sums


@cache
def _written(question: _RollupSums) -> Statement[Any]:
    return Statement(lambda: question.rows(Given))


def general_presence(period: Period, filters: ReportFilters) -> Figures:
    """What the built-in campaign holds: hours and spend that belong to no campaign, and what they brought."""
    if filters.campaign is not None:
        return Figures()
    return grouped(period, filters, "campaign__is_general").get((True,), Figures())


def _labels(by: By, period: Period, sums: Iterable[Any]) -> list[tuple[Any, str]]:
    """The keys of the rows with their names: every week of the period, of all else what has figures."""
    if by is By.WEEK:
        return [(week.monday, str(week)) for week in Week.range(period.first, period.last)]
    keys = {key for key in sums if key is not None}
    if by is By.PURPOSE:
        return [(purpose.value, str(purpose.label)) for purpose in Purpose if purpose.value in keys]
    return [(row.pk, str(row)) for row in _rows_named(by, keys)]


def _rows_named(by: By, keys: Collection[int]) -> QuerySet[Any]:
    """What the keys are of; General presence is shown among campaigns without figures, too."""
    if by is By.CAMPAIGN:
        return Campaign.objects.filter(Q(pk__in=keys) | Q(is_general=True))
    return (Platform if by is By.PLATFORM else Client).objects.filter(pk__in=keys)


def _biggest_first(rows: list[BreakdownRow]) -> list[BreakdownRow]:
    return sorted(rows, key=lambda row: (-row.figures.cost_cent_minutes, -row.figures.revenue_cents, row.label))


def _by_member(period: Period, filters: ReportFilters) -> Breakdown:
    """Hours and their cost by person. Leads, sales and spend are nobody's: they stand in the unattributed row."""
    entries = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    hours = {
        member: Figures(minutes=int(minutes), unrated_minutes=int(unrated), labour_cent_minutes=int(labour))
        for member, minutes, unrated, labour in entries.costed_by("member")
    }
    names = dict(User.objects.filter(pk__in=hours).values_list("pk", "name"))
    rows = _biggest_first([BreakdownRow(member, names[member], figures) for member, figures in hours.items()])
    total = Figures.total(grouped(period, filters, "week").values())
    people = Figures.total(hours.values())
    return Breakdown(
        [*rows, BreakdownRow(None, _("Unattributed"), total - people)], total, general_presence(period, filters)
    )


def by_platform_and_week(period: Period, filters: ReportFilters) -> dict[int | None, dict[date, Figures]]:
    """Figures per platform and Monday, for sparklines and charts, in one query."""
    series: dict[int | None, dict[date, Figures]] = defaultdict(dict)
    for (platform_id, monday), figures in grouped(period, filters, "platform", "week").items():
        series[platform_id][monday] = figures
    return series
