"""Where the marks of a chart stand, for SVG written by a template. Pure: no Django, no clock.

Coordinates are pixels, rounded to one decimal and given as texts: a template in French would write the number
12.5 as ``12,5``, which is no coordinate. Values and weeks are given as they are, for the template to put in words.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from core.weeks import Week

Number = int | float | Fraction
Anchor = Literal["start", "middle", "end"]
Side = Literal["loss", "even", "gain", "none"]

# Room around the plot for the figures of the axis, the names of the weeks and half a line of text on top.
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 6, 10, 24
_WEEK_LABEL_WIDTH = 44
_MOST_STEPS = 5
# A bar takes this much of its slot, but a single week does not make a wall. Between segments the background shows.
_BAR_SHARE = 0.84
_WIDEST_BAR = 56.0
_SEGMENT_GAP = 1.0


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """The values of one line or one layer, one per week; None is a week without a figure."""

    key: str
    values: Sequence[Number | None]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot at a round value."""

    value: int | float
    y: str


@dataclass(frozen=True, slots=True)
class WeekLabel:
    """A week's name under the plot; the last one is anchored at its end where it would be cut off."""

    week: Week
    x: str
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Column:
    """The full height of one week, to point at; ``values`` are those of every series in their order."""

    week: Week
    x: str
    width: str
    values: tuple[Number | None, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of the drawing, its plot and its axes; ``zero`` is the height of the line at 0."""

    width: int
    height: int
    left: str
    right: str
    top: str
    bottom: str
    zero: str
    ticks: tuple[Tick, ...]
    labels: tuple[WeekLabel, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One layer of one bar."""

    key: str
    week: Week
    value: Number
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class StackedBars:
    frame: Frame
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    week: Week
    value: Number
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One series: ``polylines`` are its ``points`` attributes, one per stretch of weeks without a gap."""

    key: str
    polylines: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    frame: Frame
    lines: tuple[ChartLine, ...]


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line without axes, from 0 to its highest value; ``points`` is empty without values."""

    width: int
    height: int
    points: str
    last_x: str
    last_y: str


@dataclass(frozen=True, slots=True)
class ReturnBar:
    """A bar from the break-even line at ``even``: left for loss, right for gain, ``none`` without a figure.

    ``arrow`` are the points of a mark for what lies beyond the end, empty when all of it is shown. ``low`` and ``high``
    are the ends of a line below for the bounds, both empty without any; ``below`` is its height.
    """

    width: int
    height: int
    even: str
    x: str
    y: str
    bar_width: str
    bar_height: str
    side: Side
    arrow: str
    low: str = ""
    high: str = ""
    below: str = ""

    def coordinates(self) -> Mapping[str, str]:
        """All of it by name, as a template writes it."""
        return {name: str(getattr(self, name)) for name in self.__slots__}


def stacked_bars(weeks: Sequence[Week], series: Sequence[ChartSeries], width: int, height: int) -> StackedBars:
    """Lay out one bar per week, its layers from the bottom up in the order of the series.

    Layers are amounts: nothing, no figure and less than nothing take no room.
    """
    layers = [[_amount(value) for value in each.values] for each in series]
    totals = [sum(values) for values in zip(*layers, strict=True)]
    plot = _Plot(width, height, len(weeks), low=0.0, high=max(totals, default=0.0))
    segments: list[Segment] = []
    for index, week in enumerate(weeks):
        below = 0.0
        for each, layer in zip(series, layers, strict=True):
            if layer[index]:
                segments.append(_segment(plot, each, week, index, below, below + layer[index]))
            below += layer[index]
    return StackedBars(_frame(plot, weeks, series), tuple(segments))


def lines(weeks: Sequence[Week], series: Sequence[ChartSeries], width: int, height: int) -> LineChart:
    """Lay out one line per series over the weeks; the axis always holds 0, below it when values are negative."""
    values = [float(value) for each in series for value in each.values if value is not None]
    plot = _Plot(width, height, len(weeks), low=min([0.0, *values]), high=max([0.0, *values]))
    return LineChart(_frame(plot, weeks, series), tuple(_line(plot, weeks, each) for each in series))


def sparkline(values: Sequence[Number], width: int, height: int) -> Sparkline:
    """Lay out a small line; a single value is a level one."""
    shown = [float(value) for value in values]
    if len(shown) == 1:
        shown *= 2
    if not shown:
        return Sparkline(width, height, "", "", "")
    margin = 2.0
    low, high = min(0.0, *shown), max(0.0, *shown)
    step = (width - 2 * margin) / (len(shown) - 1)
    points = [
        (px(margin + index * step), px(scaled(value, low, high, height - margin, margin)))
        for index, value in enumerate(shown)
    ]
    return Sparkline(width, height, " ".join(map(",".join, points)), *points[-1])


def return_bar(
    value: Number | None, width: int, height: int = 22, *, bounds: tuple[float, float] | None = None
) -> ReturnBar:
    """Lay out a return per unit of money around the break-even line at 1, and below it the line of its bounds.

    Both sides have the same scale: the left end is a return of 0, the right end one of 2.5; what is beyond is cut
    and gets the mark.
    """
    even = width * 0.4
    y, bar_height = height * 0.27, height * 0.46
    end = even if value is None else even * float(min(max(value, -1e6), 1e6))
    shown = _within(end, width)
    # A cut bar gives up its end to the mark, and a return of 1.001 is a gain still, so it must be seen.
    mark = bar_height / 2 if end != shown else 0.0
    side = _side(value)
    bar_width = 0.0 if side in ("none", "even") else max(abs(shown - even) - (mark and mark + 1.5), 1.0)
    return ReturnBar(
        width=width,
        height=height,
        even=px(even),
        x=px(even - bar_width if side == "loss" else even),
        y=px(y),
        bar_width=px(bar_width),
        bar_height=px(bar_height),
        side=side,
        arrow=_arrow(shown, y, mark, pointing=math.copysign(1.0, end - shown)) if mark else "",
        low=px(_within(even * bounds[0], width)) if bounds else "",
        high=px(_within(even * bounds[1], width)) if bounds else "",
        below=px(height * 0.86) if bounds else "",
    )


def _within(x: float, width: int) -> float:
    return min(max(x, 0.0), float(width))


def round_ticks(low: Number, high: Number) -> list[int | float]:
    """Return the round values from ``low`` to ``high``, 0 among them, in steps of 1, 2 or 5 times a power of ten."""
    low, high = min(Fraction(low), Fraction(0)), max(Fraction(high), Fraction(0))
    step = _round_step(high - low)
    ticks = [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return [int(tick) if tick.denominator == 1 else float(tick) for tick in ticks]


def _round_step(span: Fraction) -> Fraction:
    """Return the smallest round step of which at most five fit into the span."""
    if span == 0:
        return Fraction(1)
    # Two powers below the span is less than any step that can win, whatever the rounding of the logarithm.
    lowest = math.floor(math.log10(span)) - 2
    steps = (factor * _power_of_ten(lowest + more) for more in range(4) for factor in (1, 2, 5))
    return next(step for step in steps if span / step <= _MOST_STEPS)


def _power_of_ten(exponent: int) -> Fraction:
    return Fraction(10**exponent) if exponent >= 0 else Fraction(1, 10**-exponent)


@dataclass(frozen=True, slots=True)
class _Plot:
    """The scale of a drawing: from weeks and values to pixels."""

    width: int
    height: int
    count: int
    low: float
    high: float

    @property
    def slot(self) -> float:
        return (self.width - _LEFT - _RIGHT) / max(self.count, 1)

    @property
    def bottom(self) -> float:
        return self.height - _BOTTOM

    def middle(self, index: int) -> float:
        return _LEFT + (index + 0.5) * self.slot

    def y(self, value: float) -> float:
        return scaled(value, self.low, self.high, self.bottom, _TOP)


def _frame(plot: _Plot, weeks: Sequence[Week], series: Sequence[ChartSeries]) -> Frame:
    columns = (
        Column(week, px(_LEFT + index * plot.slot), px(plot.slot), tuple(each.values[index] for each in series))
        for index, week in enumerate(weeks)
    )
    return Frame(
        width=plot.width,
        height=plot.height,
        left=px(_LEFT),
        right=px(plot.width - _RIGHT),
        top=px(_TOP),
        bottom=px(plot.bottom),
        zero=px(plot.y(0)),
        ticks=tuple(Tick(value, px(plot.y(value))) for value in round_ticks(plot.low, plot.high)),
        labels=tuple(_week_labels(plot, weeks)),
        columns=tuple(columns),
    )


def _week_labels(plot: _Plot, weeks: Sequence[Week]) -> list[WeekLabel]:
    """Name as many weeks as there is room for, the last one always."""
    every = max(1, math.ceil(_WEEK_LABEL_WIDTH / plot.slot))
    last = len(weeks) - 1
    labels = []
    for index in range(last % every, last + 1, every):
        middle = plot.middle(index)
        if middle + _WEEK_LABEL_WIDTH / 2 > plot.width:
            labels.append(WeekLabel(weeks[index], px(plot.width - _RIGHT), "end"))
        else:
            labels.append(WeekLabel(weeks[index], px(middle), "middle"))
    return labels


def _segment(plot: _Plot, series: ChartSeries, week: Week, index: int, below: float, above: float) -> Segment:
    width = min(plot.slot * _BAR_SHARE, _WIDEST_BAR)
    top, bottom = plot.y(above), plot.y(below)
    gap = _SEGMENT_GAP if below and bottom - top > 2 * _SEGMENT_GAP else 0.0
    return Segment(
        key=series.key,
        week=week,
        value=series.values[index] or 0,
        x=px(plot.middle(index) - width / 2),
        y=px(top),
        width=px(width),
        height=px(bottom - top - gap),
    )


def _line(plot: _Plot, weeks: Sequence[Week], series: ChartSeries) -> ChartLine:
    known = [(index, value) for index, value in enumerate(series.values) if value is not None]
    dots = [Dot(weeks[index], value, px(plot.middle(index)), px(plot.y(float(value)))) for index, value in known]
    stretches = _without_gaps([index for index, _value in known], dots)
    return ChartLine(series.key, tuple(_polyline(stretch) for stretch in stretches if len(stretch) > 1), tuple(dots))


def _without_gaps(indexes: Sequence[int], dots: Sequence[Dot]) -> list[list[Dot]]:
    """The dots of neighbouring weeks together; a week without a figure parts them."""
    stretches = [[dot] for dot in dots[:1]]
    for (before, after), dot in zip(pairwise(indexes), dots[1:], strict=True):
        if after > before + 1:
            stretches.append([])
        stretches[-1].append(dot)
    return stretches


def _polyline(dots: Iterable[Dot]) -> str:
    """The attribute `points` of these dots."""
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


def _side(value: Number | None) -> Side:
    if value is None:
        return "none"
    if value == 1:
        return "even"
    return "loss" if value < 1 else "gain"


def _arrow(x: float, y: float, length: float, *, pointing: float) -> str:
    """Return the points of a triangle with its tip at ``x``: +1 points right, -1 left."""
    base = x - pointing * length
    return f"{px(base)},{px(y)} {px(x)},{px(y + length)} {px(base)},{px(y + 2 * length)}"


def scaled(value: float, low: float, high: float, at_low: float, at_high: float) -> float:
    """Return where a value stands; with nothing but zeros, everything stands at the low end."""
    if high == low:
        return at_low
    return at_low + (value - low) / (high - low) * (at_high - at_low)


def _amount(value: Number | None) -> float:
    return max(float(value), 0.0) if value is not None else 0.0


def px(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text
