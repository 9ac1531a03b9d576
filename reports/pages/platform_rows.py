"""The lines of the dashboard's table: what each platform's work for new customers cost and brought, and its verdict.

A platform's line holds one basis (docs/adr/0025): work that is to win new customers, which is what verdicts look at.
Work there that keeps or serves customers stands beside it, and is added up in a line of its own, so that all lines add
up to the total.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from django.utils.translation import gettext as _

from campaigns.models import Platform
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.charts.time_series import ReturnBar, Sparkline, return_bar, sparkline
from reports.figures.period_figures import ByPlatform, ByPlatformAndWeek, PeriodFigures
from reports.figures.query import Period, ReportFilters
from reports.figures.totals import Figures, round_half_up
from reports.pages.trial_page import TrialLine
from reports.statistics.results import Range
from reports.statistics.states import VerdictState
from reports.verdicts.advice import HoursAdvice, hours_advice
from reports.verdicts.records import StoredVerdict

# Width and height, as templates/reports/_bar.html and templates/_spark.html draw them.
BAR_SIZE = (150, 26)
SPARK_SIZE = (72, 22)
# The months in which the delay of returns is known.
WEEKS_A_MONTH = 4


@dataclass(frozen=True)
class PlatformRow:
    """One line; `key` is the platform's number, None for the lines below the platforms.

    `figures` are those of work for new customers, or of the one purpose that is shown; `beside` are those of the
    platform's other work. `verdict` is None where a client, a campaign or another purpose is chosen: it is spoken on
    all work for new customers. `is_unsold` while no sale is recorded yet. `trial` is the one that runs or is planned.
    """

    key: int | None
    label: str
    figures: Figures
    before: Figures
    weeks: int
    margin: Fraction
    colour: int = 0
    verdict: StoredVerdict | None = None
    beside: Figures = field(default_factory=Figures)
    minutes_by_week: Sequence[int] = field(default=())
    is_unsold: bool = False
    trial: TrialLine | None = None

    @property
    def returned(self) -> Fraction | None:
        """Return per 1 of cost in the period; not known where no sale is recorded yet."""
        return None if self.is_unsold else self.figures.return_per_unit(self.margin)

    @property
    def change(self) -> Fraction | None:
        """By how much the return per 1 differs from that of the period before."""
        before = self.before.return_per_unit(self.margin)
        return None if self.returned is None or before is None else self.returned - before

    @property
    def loss_cents(self) -> int:
        """Cost less revenue after margin: negative for a gain."""
        return round_half_up(self.figures.loss(self.margin))

    @property
    def minutes_a_week(self) -> Fraction:
        return Fraction(self.figures.minutes, self.weeks)

    @property
    def state(self) -> str:
        return self.verdict.state if self.verdict else VerdictState.NO_DATA.value

    @cached_property
    def in_the_end(self) -> Range | None:
        """What 1 brings back when all is in, with its bounds: the verdict's own; None where it refuses to say."""
        return self.verdict.returned if self.verdict else None

    @cached_property
    def advice(self) -> HoursAdvice | None:
        """How many hours pay, where the verdict can tell."""
        assessment = self.verdict.assessment if self.verdict else None
        return hours_advice(assessment) if assessment else None

    def share_in(self, weeks: int) -> Fraction | None:
        """The part of what work of that age will bring that should be in, 0 to 1; None where that is not known."""
        assessment = self.verdict.assessment if self.verdict else None
        if assessment is None or assessment.delay is None:
            return None
        share = assessment.delay.share
        return Fraction(share[max(0, min(weeks // WEEKS_A_MONTH, len(share) - 1))]) if share else None

    @cached_property
    def bar(self) -> ReturnBar | None:
        """The return in the end around the break-even line, with its bounds below."""
        known = self.in_the_end
        return None if known is None else return_bar(known.value, *BAR_SIZE, bounds=(known.low, known.high))

    @cached_property
    def spark(self) -> Sparkline | None:
        """The hours week by week; nothing when there were none, or one week only."""
        if len(self.minutes_by_week) < 2 or not any(self.minutes_by_week):
            return None
        return sparkline(self.minutes_by_week, *SPARK_SIZE)


@dataclass(frozen=True)
class PlatformRows:
    """The table: platforms, what is of none, work that keeps and serves, all of it, and General presence as a part.

    `platforms`, `unattributed` and `keeping` add up to `total`.
    """

    platforms: Sequence[PlatformRow]
    unattributed: PlatformRow
    keeping: PlatformRow
    total: PlatformRow
    general: PlatformRow
    series: ByPlatformAndWeek

    @property
    def is_empty(self) -> bool:
        return self.total.figures.is_empty

    def share_in(self, last_complete: Week) -> Fraction | None:
        """The part of what this work will bring that should be in by the end of `last_complete`, 0 to 1.

        By the cost of each week of the platforms whose delay is known; None when it is known of none.
        """
        cost = matured = Fraction(0)
        for line in self.platforms:
            for monday, figures in self.series.get(line.key, {}).items():
                share = line.share_in(Week(monday).weeks_until(last_complete))
                if share is not None:
                    cost += figures.cost
                    matured += figures.cost * share
        return matured / cost if cost > 0 else None


@dataclass(frozen=True)
class _Basis:
    """Which part of the figures the platforms' lines show: work for new customers, or the one purpose chosen."""

    by_week: ByPlatformAndWeek
    before: ByPlatform
    has_verdicts: bool

    @classmethod
    def of(cls, figures: PeriodFigures) -> "_Basis":
        filters = figures.filters
        has_verdicts = filters.campaign is None and filters.client is None
        if filters.purpose in (None, Purpose.REACH):
            return cls(figures.acquisition, figures.acquisition_before, has_verdicts)
        return cls(figures.by_week, figures.before, has_verdicts=False)


def platform_rows(
    figures: PeriodFigures,
    verdicts: Mapping[int, StoredVerdict],
    *,
    margin: Fraction,
    trials: Mapping[int, TrialLine] = MappingProxyType({}),
) -> PlatformRows:
    """Arrange what was read as the table: the platforms by their cost, the biggest first."""
    blank = PlatformRow(None, "", Figures(), Figures(), figures.period.weeks, margin)
    basis = _Basis.of(figures)
    platforms = [
        replace(_platform_row(platform, figures, basis, verdicts, blank), trial=trials.get(platform.pk))
        for platform in figures.platforms
    ]
    is_unsold = any(row.is_unsold for row in platforms) and not figures.total.revenue_cents
    whole = replace(blank, is_unsold=is_unsold)
    return PlatformRows(
        platforms=sorted(
            platforms, key=lambda row: (-row.figures.cost_cent_minutes, -row.figures.revenue_cents, row.label)
        ),
        unattributed=replace(
            blank,
            label=_("No known origin"),
            figures=figures.unattributed,
            before=figures.before.get(None, Figures()),
        ),
        keeping=replace(whole, label=_("Keeping and serving"), figures=Figures.total(row.beside for row in platforms)),
        total=replace(whole, figures=figures.total, before=Figures.total(figures.before.values())),
        general=replace(whole, figures=figures.general),
        series=figures.by_week,
    )


def _platform_row(
    platform: Platform,
    figures: PeriodFigures,
    basis: _Basis,
    verdicts: Mapping[int, StoredVerdict],
    blank: PlatformRow,
) -> PlatformRow:
    weeks, whole = basis.by_week.get(platform.pk, {}), figures.by_platform[platform.pk]
    shown, verdict = Figures.total(weeks.values()), verdicts.get(platform.pk)
    is_unsold = verdict is not None and verdict.state == VerdictState.NO_SALES and not whole.revenue_cents
    return replace(
        blank,
        key=platform.pk,
        label=str(platform),
        figures=shown,
        before=basis.before.get(platform.pk, Figures()),
        colour=platform.colour,
        verdict=verdict if basis.has_verdicts else None,
        is_unsold=is_unsold,
        beside=whole - shown,
        minutes_by_week=minutes_by_week(figures.period, weeks),
    )


def minutes_by_week(period: Period, weeks: Mapping[date, Figures]) -> list[int]:
    """The hours of each week of the period, in minutes."""
    return [weeks[week.monday].minutes if week.monday in weeks else 0 for week in Week.range(period.first, period.last)]


def purpose_shown(filters: ReportFilters) -> Purpose:
    """The purpose of the work in the platforms' lines, for the addresses of their figures."""
    return filters.purpose or Purpose.REACH
