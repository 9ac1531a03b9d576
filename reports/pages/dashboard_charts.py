"""The dashboard's charts with the words that stand on them, and the same figures as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.weeks import Week
from reports.charts.axis import HEIGHT, MOST_STOPS, WIDTH, Entry, Mark, Spot, compact, week_number
from reports.charts.time_series import Frame, Lines, StackedBars, lines, stacked_bars
from reports.charts.time_series import Series as ChartSeries
from reports.figures import formatting
from reports.figures.query import Period
from reports.figures.totals import Figures
from reports.pages.platform_rows import PlatformRow, PlatformRows


@dataclass(frozen=True)
class Picture:
    """A chart, its labels in words, its legend and its table."""

    chart: StackedBars | Lines
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    spots: Sequence[Spot]
    legend: Sequence[Entry]
    head: Sequence[str]
    rows: Sequence[tuple[Week, Sequence[str]]]
    unfinished: frozenset[Week]

    @property
    def frame(self) -> Frame:
        return self.chart.frame

    @property
    def has_stops(self) -> bool:
        return len(self.spots) <= MOST_STOPS


def hours_by_platform(table: PlatformRows, period: Period, last_complete: Week) -> Picture | None:
    """Stacked hours a week; None when nobody logged any."""
    shown = [line for line in table.platforms if line.figures.minutes]
    if not shown:
        return None
    weeks = list(Week.range(period.first, period.last))
    layers = [ChartSeries(str(line.colour), [Fraction(one, 60) for one in line.minutes_by_week]) for line in shown]
    chart = stacked_bars(weeks, layers, WIDTH, HEIGHT)
    rows = [[formatting.hours(line.minutes_by_week[index]) for line in shown] for index in range(len(weeks))]
    sums = [formatting.hours(sum(line.minutes_by_week[index] for line in shown)) for index in range(len(weeks))]
    names = [line.label for line in shown]
    return _picture(
        chart,
        last_complete,
        tips=[_tip(f"{week}: {total}", names, row) for week, total, row in zip(weeks, sums, rows, strict=True)],
        legend=[Entry(line.label, f"platform-{line.colour}") for line in shown],
        head=[*names, pgettext("sum", "All")],
        rows=[(week, [*row, total]) for week, row, total in zip(weeks, rows, sums, strict=True)],
    )


def hours_of(line: PlatformRow, period: Period, last_complete: Week) -> Picture | None:
    """One platform's hours a week, from which its weekly limit can be judged."""
    table = PlatformRows([line], line, line, line, {})
    return hours_by_platform(table, period, last_complete)


def cost_and_revenue(of_week: Callable[[date], Figures], period: Period, last_complete: Week) -> Picture:
    """What each week cost and what is credited to it."""
    weeks = list(Week.range(period.first, period.last))
    figures = [of_week(week.monday) for week in weeks]
    layers = [
        ChartSeries("cost", [one.cost / 100 for one in figures]),
        ChartSeries("revenue", [Fraction(one.revenue_cents, 100) for one in figures]),
    ]
    names = [_("Cost"), _("Credited revenue")]
    rows = [[formatting.cash(one.cost), formatting.cash(one.revenue_cents)] for one in figures]
    return _picture(
        lines(weeks, layers, WIDTH, HEIGHT),
        last_complete,
        tips=[_tip(str(week), names, row) for week, row in zip(weeks, rows, strict=True)],
        legend=[Entry(names[0], "dash loss"), Entry(names[1], "stroke gain")],
        head=names,
        rows=list(zip(weeks, rows, strict=True)),
    )


def _picture(
    chart: StackedBars | Lines,
    last_complete: Week,
    *,
    tips: Sequence[str],
    legend: Sequence[Entry],
    head: Sequence[str],
    rows: Sequence[tuple[Week, Sequence[str]]],
) -> Picture:
    frame = chart.frame
    return Picture(
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
