"""The lines of the dashboard's table: each platform's figures beside those of the period before, and its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from campaigns.models import Platform
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.charts.time_series import ReturnBar, Sparkline, return_bar, sparkline
from reports.figures.query import Breakdown, By, Period, ReportFilters, by_platform_and_week, figures_by, grouped
from reports.figures.totals import Figures, round_half_up
from reports.statistics.states import VerdictState
from reports.verdicts.records import Spoken, latest_verdicts

# Width and height, as templates/reports/_bar.html and templates/_spark.html draw them.
BAR_SIZE = (150, 22)
SPARK_SIZE = (72, 22)
# The months in which the delay of returns is known.
WEEKS_A_MONTH = 4

WeeklyFigures = Mapping[int | None, Mapping[date, Figures]]


@dataclass(frozen=True)
class PlatformRow:
    """One line; `key` is the platform's number, None for Unattributed, All and General presence.

    `judged` is the part of a platform's figures that reaches new customers: what its verdict looks at.
    """

    key: int | None
    label: str
    figures: Figures
    before: Figures
    weeks: int
    margin: Fraction
    colour: int = 0
    verdict: Spoken | None = None
    judged: Figures = field(default_factory=Figures)
    minutes_by_week: Sequence[int] = field(default=())

    @property
    def returned(self) -> Fraction | None:
        """Return per 1 of cost."""
        return self.figures.return_per_unit(self.margin)

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

    def of_week(self, monday: date) -> Figures:
        return Figures.total(weeks.get(monday, Figures()) for weeks in self.series.values())


def platform_rows(period: Period, filters: ReportFilters, *, margin: Fraction, last_complete: Week) -> PlatformRows:
    """All lines of a period; a fixed number of queries, whatever the number of rows below them."""
    now = figures_by(period, By.PLATFORM, filters)
    before = {key: figures for (key,), figures in grouped(period.before, filters, "platform").items()}
    series = by_platform_and_week(period, filters)
    judged = _judged(period, filters)
    colours = dict(Platform.objects.values_list("pk", "colour"))
    verdicts = latest_verdicts(last_complete)
    blank = PlatformRow(None, "", Figures(), Figures(), period.weeks, margin)
    platforms = [
        replace(
            blank,
            key=row.key,
            label=row.label,
            figures=row.figures,
            before=before.get(row.key, Figures()),
            colour=colours[row.key],
            verdict=verdicts.get(row.key),
            judged=judged.get(row.key, Figures()),
            minutes_by_week=_minutes_by_week(period, series.get(row.key, {})),
        )
        for row in now.rows
        if row.key is not None
    ]
    return PlatformRows(
        platforms=platforms,
        unattributed=_unattributed(now, before, blank),
        total=replace(blank, figures=now.total, before=Figures.total(before.values())),
        general=replace(blank, figures=now.general),
        series=series,
    )


def _judged(period: Period, filters: ReportFilters) -> dict[int | None, Figures]:
    """By platform, the part that verdicts look at; nothing when something else was asked for."""
    if filters.purpose not in (None, Purpose.REACH):
        return {}
    found = grouped(period, replace(filters, purpose=Purpose.REACH), "platform")
    return {key: figures for (key,), figures in found.items()}


def _unattributed(now: Breakdown, before: Mapping[int | None, Figures], blank: PlatformRow) -> PlatformRow:
    row = now.row(None)
    assert row
    return replace(blank, label=row.label, figures=row.figures, before=before.get(None, Figures()))


def _minutes_by_week(period: Period, weeks: Mapping[date, Figures]) -> list[int]:
    return [weeks.get(week.monday, Figures()).minutes for week in Week.range(period.first, period.last)]
