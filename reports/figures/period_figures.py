"""The figures of one period, read from the rollups in one place and handed to all who show them.

The dashboard's rows and charts, its exports, the sentences on what is missing and the Monday e-mail are arranged from
one `PeriodFigures`, so that no two of them can differ and none asks the database again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from campaigns.models import Platform
from campaigns.models.catalogue import Purpose
from reports.figures.query import Period, ReportFilters, grouped, monday_within
from reports.figures.totals import Figures

# Under a platform's number; None is what belongs to no platform.
ByPlatform = Mapping[int | None, Figures]


@dataclass(frozen=True)
class PeriodFigures:
    """What the rollups hold of a period under one set of filters.

    ``by_week`` is by platform and Monday. ``before`` are the sums of the period before, of the same length. ``judged``
    is the part of the period's figures that verdicts look at: work that reaches new customers; empty when the filters
    leave that out. ``general`` is the part that is *General presence*. ``platforms`` are those with figures.
    """

    period: Period
    filters: ReportFilters
    by_week: Mapping[int | None, Mapping[date, Figures]]
    before: ByPlatform
    judged: ByPlatform
    general: Figures
    platforms: Sequence[Platform]

    @cached_property
    def by_platform(self) -> ByPlatform:
        return {platform_id: Figures.total(weeks.values()) for platform_id, weeks in self.by_week.items()}

    @cached_property
    def total(self) -> Figures:
        return Figures.total(self.by_platform.values())

    @property
    def unattributed(self) -> Figures:
        return self.by_platform.get(None, Figures())

    def of_week(self, monday: date) -> Figures:
        return Figures.total(weeks.get(monday, Figures()) for weeks in self.by_week.values())


def read_period(period: Period, filters: ReportFilters) -> PeriodFigures:
    """Read all of it in three queries: one for each rollup, and one for the platforms."""
    by_week, before = _both_periods(period, filters)
    judged, general = _parts(period, filters)
    return PeriodFigures(
        period=period,
        filters=filters,
        by_week=by_week,
        before=before,
        judged=judged,
        general=general,
        platforms=list(Platform.objects.filter(pk__in=[pk for pk in by_week if pk is not None])),
    )


def _both_periods(period: Period, filters: ReportFilters) -> tuple[dict[int | None, dict[date, Figures]], ByPlatform]:
    """The weeks of this period, and the sums of the one before; the database adds the latter up."""
    both = Period(period.before.first, period.last)
    by_week: dict[int | None, dict[date, Figures]] = defaultdict(dict)
    before: dict[int | None, Figures] = {}
    for (platform_id, monday), figures in grouped(both, filters, "platform", monday_within(period)).items():
        if monday is None:
            before[platform_id] = figures
        else:
            by_week[platform_id][monday] = figures
    return dict(by_week), before


def _parts(period: Period, filters: ReportFilters) -> tuple[ByPlatform, Figures]:
    """What verdicts look at, by platform, and General presence: hours and spend of no campaign, and what they brought.

    Narrowed to one campaign, nothing is General presence beside it.
    """
    judged: dict[int | None, Figures] = defaultdict(Figures)
    general = Figures()
    cells = grouped(period, filters, "platform", "campaign__purpose", "campaign__is_general")
    for (platform_id, purpose, is_general), figures in cells.items():
        if purpose == Purpose.REACH:
            judged[platform_id] += figures
        if is_general and filters.campaign is None:
            general += figures
    return dict(judged), general
