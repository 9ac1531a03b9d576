"""The dashboard's charts with the words that stand on them, and the same figures as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.weeks import Week
from reports.charts.axis import HEIGHT, MOST_STOPS, WIDTH, LegendEntry, Mark, Spot, compact, week_number
from reports.charts.time_series import ChartSeries, Frame, LineChart, StackedBars, lines, stacked_bars
from reports.figures import formatting
from reports.figures.query import Period
from reports.figures.totals import Figures
from reports.pages.platform_rows import PlatformRow


@dataclass(frozen=True)
class DashboardChart:
    """A chart, its labels in words, its legend and its table."""

    chart: StackedBars | LineChart
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    spots: Sequence[Spot]
    legend: Sequence[LegendEntry]
    head: Sequence[str]
    rows: Sequence[tuple[Week, Sequence[str]]]
    unfinished: frozenset[Week]

    @property
    def frame(self) -> Frame:
        return self.chart.frame

    @property
    def has_stops(self) -> bool:
        return len(self.spots) <= MOST_STOPS


def hours_by_platform(platforms: Sequence[PlatformRow], period: Period, last_complete: Week) -> DashboardChart | None:
    """Stacked hours a week; None when nobody logged any."""
    shown = [row for row in platforms if row.figures.minutes]
    if not shown:
        return None
    weeks = list(Week.range(period.first, period.last))
    names = [row.label for row in shown]
    table = [_hours_and_their_sum(minutes) for minutes in zip(*(row.minutes_by_week for row in shown), strict=True)]
    return _chart(
        stacked_bars(weeks, [_hours_layer(row) for row in shown], WIDTH, HEIGHT),
        last_complete,
        tips=[_tip(f"{week}: {total}", names, each) for week, (*each, total) in zip(weeks, table, strict=True)],
        legend=[LegendEntry(row.label, f"platform-{row.colour}") for row in shown],
        head=[*names, pgettext("sum", "All")],
        rows=list(zip(weeks, table, strict=True)),
    )


def _hours_layer(row: PlatformRow) -> ChartSeries:
    return ChartSeries(str(row.colour), [Fraction(minutes, 60) for minutes in row.minutes_by_week])


def _hours_and_their_sum(minutes: Sequence[int]) -> list[str]:
    return [formatting.hours(logged) for logged in (*minutes, sum(minutes))]


def hours_of(row: PlatformRow, period: Period, last_complete: Week) -> DashboardChart | None:
    """One platform's hours a week, from which its weekly limit can be judged."""
    return hours_by_platform([row], period, last_complete)


def cost_and_revenue(of_week: Callable[[date], Figures], period: Period, last_complete: Week) -> DashboardChart:
    """What each week cost and what is credited to it."""
    weeks = list(Week.range(period.first, period.last))
    figures = [of_week(week.monday) for week in weeks]
    layers = [
        ChartSeries("cost", [week.cost / 100 for week in figures]),
        ChartSeries("revenue", [Fraction(week.revenue_cents, 100) for week in figures]),
    ]
    names = [_("Cost"), _("Credited revenue")]
    rows = [[formatting.cash(week.cost), formatting.cash(week.revenue_cents)] for week in figures]
    return _chart(
        lines(weeks, layers, WIDTH, HEIGHT),
        last_complete,
        tips=[_tip(str(week), names, row) for week, row in zip(weeks, rows, strict=True)],
        legend=[LegendEntry(names[0], "dash loss"), LegendEntry(names[1], "stroke gain")],
        head=names,
        rows=list(zip(weeks, rows, strict=True)),
    )


def _chart(
    chart: StackedBars | LineChart,
    last_complete: Week,
    *,
    tips: Sequence[str],
    legend: Sequence[LegendEntry],
    head: Sequence[str],
    rows: Sequence[tuple[Week, Sequence[str]]],
) -> DashboardChart:
    frame = chart.frame
    return DashboardChart(
        chart=chart,
        ticks=[Mark(frame.left, tick.y, compact(tick.value)) for tick in frame.ticks],
        labels=[Mark(label.x, "", week_number(label.week), label.anchor) for label in frame.labels],
        spots=[Spot(column, tip) for column, tip in zip(frame.columns, tips, strict=True)],
        legend=legend,
        head=head,
        rows=rows,
        unfinished=frozenset(column.week for column in frame.columns if column.week > last_complete),
    )


def _tip(title: str, names: Iterable[str], values: Iterable[str]) -> str:
    return "\n".join([title, *(f"{name} {value}" for name, value in zip(names, values, strict=True))])
