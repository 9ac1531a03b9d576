"""The dashboard's charts with the words that stand on them, and the same figures as a table."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import money
from core.list_words import with_colon
from core.week_names import week_name, week_number
from core.weeks import Week
from reports.charts.axis import HEIGHT, MOST_STOPS, WIDTH, LegendEntry, Mark, Spot, compact
from reports.charts.time_series import ChartSeries, Frame, LineChart, StackedBars, lines, stacked_bars
from reports.figures import formatting
from reports.figures.period_figures import PeriodFigures
from reports.figures.query import Period
from reports.figures.totals import Figures
from reports.pages.platform_rows import minutes_by_week
from reports.statistics.states import VerdictState
from reports.verdicts.records import StoredVerdict
from reports.verdicts.wording import STATE_WORDS
from reports.verdicts.wording.certainty import LEAVE_LOSING, RAISE_LOSING

MOST_LAYERS = 20  # of platforms, each with its own; the others are one


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


@dataclass(frozen=True)
class HoursLayer:
    """The hours of one platform, or of one kind of client: minutes of each week."""

    label: str
    colour: int
    minutes: Sequence[int]


def hours_chart(layers: Sequence[HoursLayer], period: Period, last_complete: Week) -> DashboardChart | None:
    """Stacked hours a week; None when nobody logged any."""
    shown = [layer for layer in layers if any(layer.minutes)]
    if not shown:
        return None
    weeks = list(Week.range(period.first, period.last))
    names = [layer.label for layer in shown]
    table = [_hours_and_their_sum(minutes) for minutes in zip(*(layer.minutes for layer in shown), strict=True)]
    return _chart(
        stacked_bars(weeks, [_series(layer) for layer in shown], WIDTH, HEIGHT),
        last_complete,
        tips=[
            _tip(with_colon(week_name(week), total), names, each)
            for week, (*each, total) in zip(weeks, table, strict=True)
        ],
        legend=[LegendEntry(layer.label, f"platform-{layer.colour}") for layer in shown],
        head=[*names, pgettext("sum", "All")],
        rows=list(zip(weeks, table, strict=True)),
    )


def _series(layer: HoursLayer) -> ChartSeries:
    return ChartSeries(str(layer.colour), [Fraction(minutes, 60) for minutes in layer.minutes])


def _hours_and_their_sum(minutes: Sequence[int]) -> list[str]:
    return [formatting.hours(logged) for logged in (*minutes, sum(minutes))]


def hours_by_platform(figures: PeriodFigures, last_complete: Week) -> DashboardChart | None:
    """All hours of each platform, whatever they were for, the most costly first."""
    by_cost = sorted(figures.platforms, key=lambda platform: -figures.by_platform[platform.pk].cost_cent_minutes)
    layers = [
        HoursLayer(str(platform), platform.colour, minutes_by_week(figures.period, figures.by_week[platform.pk]))
        for platform in by_cost
    ]
    return hours_chart([*layers[:MOST_LAYERS], *_others(layers[MOST_LAYERS:])], figures.period, last_complete)


def _others(layers: Sequence[HoursLayer]) -> list[HoursLayer]:
    """Many as one, so that the stack is as high as ever and no legend is longer than the chart."""
    minutes = [sum(week) for week in zip(*(layer.minutes for layer in layers), strict=True)]
    return [HoursLayer(_("Other platforms"), 1, minutes)] if layers else []


def cost_and_revenue(of_week: Callable[[date], Figures], period: Period, last_complete: Week) -> DashboardChart:
    """What each week cost and what is credited to it."""
    weeks = list(Week.range(period.first, period.last))
    figures = [of_week(week.monday) for week in weeks]
    layers = [
        ChartSeries("cost", [week.cost / 100 for week in figures]),
        ChartSeries("revenue", [Fraction(week.revenue_cents, 100) for week in figures]),
    ]
    names = [_("Cost"), _("Credited revenue")]
    rows = [[formatting.cash(week.known_cost_cents), formatting.cash(week.revenue_cents)] for week in figures]
    return _chart(
        lines(weeks, layers, WIDTH, HEIGHT),
        last_complete,
        tips=[_tip(week_name(week), names, row) for week, row in zip(weeks, rows, strict=True)],
        legend=[LegendEntry(names[0], "dash loss"), LegendEntry(names[1], "stroke gain")],
        head=names,
        rows=list(zip(weeks, rows, strict=True)),
    )


def chance_of_loss(history: Sequence[StoredVerdict]) -> DashboardChart | None:
    """How sure each week's verdict was that the platform loses, in percent, between the thresholds that it is held to.

    `history` is newest first. None where no chance was worked out in any week.
    """
    by_week = {spoken.week: spoken for spoken in history}
    if not any(spoken.chance_of_loss is not None for spoken in history):
        return None
    weeks = list(Week.range(min(by_week), max(by_week)))
    chances = [_percent(by_week[week].chance_of_loss) if week in by_week else None for week in weeks]
    raised, left = (Fraction(round(level * 100)) for level in (RAISE_LOSING, LEAVE_LOSING))
    layers = [
        ChartSeries("chance", chances),
        ChartSeries("threshold", [raised] * len(weeks)),
        ChartSeries("threshold", [left] * len(weeks)),
    ]
    rows = [_verdict_cells(by_week.get(week)) for week in weeks]
    head = [_("State"), _("How sure"), formatting.back_per_unit()]
    return _chart(
        lines(weeks, layers, WIDTH, HEIGHT),
        weeks[-1],
        tips=[_tip(week_name(week), head, row) for week, row in zip(weeks, rows, strict=True)],
        legend=[
            LegendEntry(_("Chance that it loses, in 100"), "stroke chance"),
            LegendEntry(
                _("Called losing from %(raised)s on, no longer below %(left)s") % {"raised": raised, "left": left},
                "dash threshold",
            ),
        ],
        head=head,
        rows=list(zip(weeks, rows, strict=True)),
    )


def _percent(chance: float | None) -> Fraction | None:
    return None if chance is None else Fraction(math.floor(chance * 100))


def _verdict_cells(spoken: StoredVerdict | None) -> list[str]:
    if spoken is None:
        return [money.NO_FIGURE] * 3
    back = formatting.per_unit(spoken.returned.value) if spoken.returned else money.NO_FIGURE
    return [str(STATE_WORDS[VerdictState(spoken.state)]), spoken.clause, back]


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
