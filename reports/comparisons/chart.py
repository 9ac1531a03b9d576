"""The chart of a campaign's baseline and run: what came each week, and what was expected without the campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from campaigns.models.catalogue import ComparedMeasure
from core import money
from core.list_words import with_colon
from core.week_names import week_name, week_number
from core.weeks import Week
from reports.charts.axis import HEIGHT, MOST_STOPS, WIDTH, LegendEntry, Mark, Spot, compact
from reports.charts.time_series import ChartSeries, Column, Frame, LineChart, lines
from reports.comparisons.records import ComparisonData, ComparisonResult, ComparisonSpec
from reports.comparisons.wording import MANY


@dataclass(frozen=True)
class Shade:
    """The weeks of the baseline or of the run, as a part of the plot."""

    css: str
    x: str
    width: str


@dataclass(frozen=True)
class ComparisonChart:
    """The chart, its labels in words, and its table, with the two periods shaded."""

    chart: LineChart
    shades: Sequence[Shade]
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    spots: Sequence[Spot]
    legend: Sequence[LegendEntry]
    head: Sequence[str]
    rows: Sequence[tuple[Week, Sequence[str]]]

    @property
    def frame(self) -> Frame:
        return self.chart.frame

    @property
    def plot_height(self) -> str:
        return f"{float(self.frame.bottom) - float(self.frame.top):.1f}"

    @property
    def has_stops(self) -> bool:
        return len(self.spots) <= MOST_STOPS


@dataclass(frozen=True)
class _Observation:
    """One week of the chart; nothing is known of weeks between baseline and run."""

    week: Week
    during: bool | None = None
    observed: float | None = None
    expected: float | None = None


def comparison_chart(spec: ComparisonSpec, data: ComparisonData, result: ComparisonResult) -> ComparisonChart:
    """Draw every week from the first compared to the last; those between baseline and run have no figure."""
    weeks = _observations(data, result)
    series = [
        ChartSeries("expected", [each.expected for each in weeks]),
        ChartSeries("observed", [each.observed for each in weeks]),
    ]
    chart = lines([each.week for each in weeks], series, WIDTH, HEIGHT)
    head = [_("Period"), str(MANY[ComparedMeasure(spec.counted)]).capitalize(), _("Expected without it")]
    rows = [_row(each.during, each.observed, each.expected) for each in weeks]
    return ComparisonChart(
        chart=chart,
        shades=_shades(chart.frame.columns, [each.during for each in weeks]),
        ticks=[Mark(chart.frame.left, tick.y, compact(tick.value)) for tick in chart.frame.ticks],
        labels=[Mark(label.x, "", week_number(label.week), label.anchor) for label in chart.frame.labels],
        spots=[_spot(column, head, row) for column, row in zip(chart.frame.columns, rows, strict=True)],
        legend=_legend(head),
        head=head,
        rows=[(each.week, row) for each, row in zip(weeks, rows, strict=True)],
    )


def _observations(data: ComparisonData, result: ComparisonResult) -> list[_Observation]:
    compared = zip(data.mondays, data.during, data.counts, result.expected, strict=True)
    known = {values[0]: _Observation(*values) for values in compared}
    weeks = Week.range(data.mondays[0], data.mondays[-1])
    return [known.get(week, _Observation(week)) for week in weeks]


def _legend(head: Sequence[str]) -> list[LegendEntry]:
    return [
        LegendEntry(head[1], "stroke"),
        LegendEntry(head[2], "dash"),
        LegendEntry(_("Baseline"), "shade-baseline"),
        LegendEntry(_("Run"), "shade-run"),
    ]


def _row(during: bool | None, observed: float | None, expected: float | None) -> list[str]:
    if during is None or observed is None or expected is None:
        return [money.NO_FIGURE] * 3
    return [_("Run") if during else _("Baseline"), _tenths(observed), _tenths(expected)]


def _tenths(count: float) -> str:
    """With one decimal in every row, for they stand under each other."""
    return money.format_number(Fraction(count), digits=1)


def _spot(column: Column, head: Sequence[str], row: Sequence[str]) -> Spot:
    title = with_colon(week_name(column.week), row[0])
    return Spot(column, "\n".join([title, *(f"{name} {value}" for name, value in zip(head[1:], row[1:], strict=True))]))


def _shades(columns: Sequence[Column], during: Sequence[bool | None]) -> list[Shade]:
    return [
        shade
        for css, wanted in (("shade-baseline", False), ("shade-run", True))
        if (
            shade := _shade(
                css, [column for column, is_of_run in zip(columns, during, strict=True) if is_of_run is wanted]
            )
        )
    ]


def _shade(css: str, columns: Sequence[Column]) -> Shade | None:
    if not columns:
        return None
    width = float(columns[-1].x) + float(columns[-1].width) - float(columns[0].x)
    return Shade(css, columns[0].x, f"{width:.1f}")
