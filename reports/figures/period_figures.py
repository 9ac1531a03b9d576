"""The figures of one period, read from the rollups in one place and handed to all who show them.

The dashboard's rows and charts, its exports, the sentences on what is missing and the Monday e-mail are arranged from
one `PeriodFigures`, so that no two of them can differ and none asks the database again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from campaigns.models import Platform
from campaigns.models.catalogue import Purpose
from reports.figures.query import MONDAY_SHOWN, Period, ReportFilters, grouped
from reports.figures.totals import Figures

# Under a platform's number; None is what belongs to no platform.
ByPlatform = Mapping[int | None, Figures]
ByPlatformAndWeek = Mapping[int | None, Mapping[date, Figures]]


@dataclass(frozen=True)
class PeriodFigures:
    """What the rollups hold of a period under one set of filters.

    ``by_week`` is by platform and Monday. ``acquisition`` is the part of it that verdicts look at: work that is to win
    new customers, and all that this work brought, sales to those who had bought before included (docs/adr/0025).
    ``before`` and ``acquisition_before`` are the sums of the period before, of the same length; empty where it was not
    read. ``general`` is the part that is *General presence*. ``platforms`` are those with figures.
    """

    period: Period
    filters: ReportFilters
    by_week: ByPlatformAndWeek
    acquisition: ByPlatformAndWeek
    before: ByPlatform
    acquisition_before: ByPlatform
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
        return Figures.total(weeks[monday] for weeks in self.by_week.values() if monday in weeks)


@dataclass
class _Sums:
    """Figures on their way into a `PeriodFigures`, by platform: of the weeks shown by Monday, and of those before."""

    by_week: dict[int | None, dict[date, Figures]] = field(default_factory=lambda: defaultdict(dict))
    before: dict[int | None, Figures] = field(default_factory=lambda: defaultdict(Figures))

    def add(self, platform_id: int | None, monday: date | None, figures: Figures) -> None:
        if monday is None:
            self.before[platform_id] += figures
        else:
            weeks = self.by_week[platform_id]
            weeks[monday] = weeks[monday] + figures if monday in weeks else figures


def read_period(
    period: Period, filters: ReportFilters, platforms: Sequence[Platform] | None = None, *, compares: bool = True
) -> PeriodFigures:
    """Read all of it in two queries: one for the rollup by campaign, and one for the platforms.

    `platforms` are all of them, where they were read already. Who compares with no period before reads half as much.
    """
    whole, acquisition, general = _Sums(), _Sums(), Figures()
    both = Period(period.before.first, period.last) if compares else period
    cells = grouped(
        both, filters, "platform", "campaign__purpose", "campaign__is_general", MONDAY_SHOWN, shown_from=period.first
    )
    for (platform_id, purpose, is_general, monday), figures in cells.items():
        whole.add(platform_id, monday, figures)
        if purpose == Purpose.REACH and platform_id is not None:
            acquisition.add(platform_id, monday, figures)
        if is_general and monday and filters.campaign is None:
            general += figures
    return PeriodFigures(
        period=period,
        filters=filters,
        by_week=dict(whole.by_week),
        acquisition=dict(acquisition.by_week),
        before=dict(whole.before),
        acquisition_before=dict(acquisition.before),
        general=general,
        platforms=_with_figures(platforms, whole.by_week),
    )


def _with_figures(platforms: Sequence[Platform] | None, figures: ByPlatformAndWeek) -> Sequence[Platform]:
    if platforms is None:
        return list(Platform.objects.filter(pk__in=[pk for pk in figures if pk is not None]))
    return [platform for platform in platforms if platform.pk in figures]
