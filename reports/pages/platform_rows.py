"""The lines of the dashboard's table: each platform's figures beside those of the period before, and its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from campaigns.models import Platform
from core.weeks import Week
from reports.charts.time_series import ReturnBar, Sparkline, return_bar, sparkline
from reports.figures.period_figures import PeriodFigures
from reports.figures.query import Period
from reports.figures.totals import Figures, round_half_up
from reports.statistics.states import VerdictState
from reports.verdicts.records import StoredVerdict

# Width and height, as templates/reports/_bar.html and templates/_spark.html draw them.
BAR_SIZE = (150, 22)
SPARK_SIZE = (72, 22)
# The months in which the delay of returns is known.
WEEKS_A_MONTH = 4

WeeklyFigures = Mapping[int | None, Mapping[date, Figures]]


@dataclass(frozen=True)
class PlatformRow:
    """One line; `key` is the platform's number, None for Unattributed, All and General presence.

    `judged` is the part of a platform's figures that reaches new customers: what its verdict looks at. `is_unsold`
    while no sale is recorded yet.
    """

    key: int | None
    label: str
    figures: Figures
    before: Figures
    weeks: int
    margin: Fraction
    colour: int = 0
    verdict: StoredVerdict | None = None
    judged: Figures = field(default_factory=Figures)
    minutes_by_week: Sequence[int] = field(default=())
    is_unsold: bool = False

    @property
    def returned(self) -> Fraction | None:
        """Return per 1 of cost; not known where no sale is recorded yet."""
        return None if self.is_unsold else self.figures.return_per_unit(self.margin)

    @property
    def change(self) -> Fraction | None:
        """By how much the return per 1 differs from that of the period before."""
        before = self.before.return_per_unit(self.margin)
        return None if self.returned is None or before is None else self.returned - before

    @property
    def gain_cents(self) -> int:
        """Revenue after margin less cost of the work that is judged: negative for a loss."""
        return round_half_up(self.judged.revenue_cents * self.margin - self.judged.cost)

    @property
    def minutes_a_week(self) -> Fraction:
        return Fraction(self.figures.minutes, self.weeks)

    @property
    def state(self) -> str:
        return self.verdict.state if self.verdict else VerdictState.NO_DATA.value

    def share_in(self, weeks: int) -> Fraction | None:
        """The part of what work of that age will bring that should be in, 0 to 1; None where that is not known."""
        assessment = self.verdict.assessment if self.verdict else None
        if assessment is None or assessment.delay is None:
            return None
        share = assessment.delay.share
        return Fraction(share[max(0, min(weeks // WEEKS_A_MONTH, len(share) - 1))]) if share else None

    @property
    def bar(self) -> ReturnBar | None:
        return None if self.returned is None else return_bar(self.returned, *BAR_SIZE)

    @property
    def spark(self) -> Sparkline | None:
        """The hours week by week; nothing when there were none, or one week only."""
        if len(self.minutes_by_week) < 2 or not any(self.minutes_by_week):
            return None
        return sparkline(self.minutes_by_week, *SPARK_SIZE)


@dataclass(frozen=True)
class PlatformRows:
    """The table: platforms, then what belongs to none, then all of it, and General presence as a part of that."""

    platforms: Sequence[PlatformRow]
    unattributed: PlatformRow
    total: PlatformRow
    general: PlatformRow
    series: WeeklyFigures

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


def platform_rows(figures: PeriodFigures, verdicts: Mapping[int, StoredVerdict], *, margin: Fraction) -> PlatformRows:
    """Arrange what was read as the table: the platforms by their cost, the biggest first."""
    blank = PlatformRow(None, "", Figures(), Figures(), figures.period.weeks, margin)
    platforms = [_platform_row(platform, figures, verdicts, blank) for platform in figures.platforms]
    is_unsold = any(row.is_unsold for row in platforms) and not figures.total.revenue_cents
    whole = replace(blank, is_unsold=is_unsold)
    return PlatformRows(
        platforms=sorted(platforms, key=lambda row: (-row.figures.cost, -row.figures.revenue_cents, row.label)),
        unattributed=replace(
            blank,
            label=_("Unattributed"),
            figures=figures.unattributed,
            before=figures.before.get(None, Figures()),
        ),
        total=replace(whole, figures=figures.total, before=Figures.total(figures.before.values())),
        general=replace(whole, figures=figures.general),
        series=figures.by_week,
    )


def _platform_row(
    platform: Platform, figures: PeriodFigures, verdicts: Mapping[int, StoredVerdict], blank: PlatformRow
) -> PlatformRow:
    weeks, verdict = figures.by_week[platform.pk], verdicts.get(platform.pk)
    is_unsold = verdict is not None and verdict.state == VerdictState.NO_SALES
    return replace(
        blank,
        key=platform.pk,
        label=str(platform),
        figures=figures.by_platform[platform.pk],
        before=figures.before.get(platform.pk, Figures()),
        colour=platform.colour,
        verdict=verdict,
        is_unsold=is_unsold and not figures.by_platform[platform.pk].revenue_cents,
        judged=figures.judged.get(platform.pk, Figures()),
        minutes_by_week=_minutes_by_week(figures.period, weeks),
    )


def _minutes_by_week(period: Period, weeks: Mapping[date, Figures]) -> list[int]:
    return [weeks.get(week.monday, Figures()).minutes for week in Week.range(period.first, period.last)]
