"""The geometry of the charts: numbers in, coordinates out. Pure: no Django, no clock, no colours, no words.

Coordinates are those of the viewBox, rounded to one decimal; y grows downwards, as in SVG.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Number = int | float | Fraction

# A return of 1 per 1, break-even, stands at this many units of the bar's box; see templates/_back.html.
EVEN = 60
LONGEST_BAR = 88


@dataclass(frozen=True, slots=True)
class Plot:
    """The box that data is drawn in, and the size of the whole picture."""

    width: int = 540
    height: int = 204
    left: int = 40
    right: int = 534
    top: int = 8
    bottom: int = 180

    def x(self, index: int, count: int) -> float:
        """The middle of slot `index` of `count` slots of equal width."""
        return self.left + (index + 0.5) * (self.right - self.left) / count

    def y(self, value: Number, low: Number, high: Number) -> float:
        return self.bottom - float(value - low) / float(high - low) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot at `value`."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One series' part of a stacked bar; `series` is its position in what was given."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One week: where its bar, its label and the area that answers to the pointer stand."""

    x: float
    width: float
    middle: float
    hit_x: float
    hit_width: float
    is_labelled: bool
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a template loops over."""

    plot: Plot
    ticks: tuple[Tick, ...]
    slots: tuple[Slot, ...]
    lines: tuple[str, ...] = ()
    zero: float = 0.0


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line: `points` for a polyline, `last_y` for the dot on the last value."""

    points: str
    last_y: float


@dataclass(frozen=True, slots=True)
class ReturnBar:
    """A bar from the break-even line, to the left for a loss; `over` when it is longer than can be drawn."""

    kind: str
    x: int
    width: int
    over: bool


def steps(low: Number, high: Number, about: int = 4) -> list[int]:
    """Return round values (1, 2 or 5 times a power of ten apart) from at or below `low` to at or above `high`.

    Whole numbers only; there are always two of them, and 0 is one when the range holds it.
    """
    spread = max(float(high) - float(low), 1.0)
    rough = spread / about
    power = 10 ** max(0, math.floor(math.log10(rough)))
    step = next(int(power * factor) for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(float(low) / step), math.ceil(float(high) / step)
    return [step * index for index in range(first, max(last, first + 1) + 1)]


def stacked_bars(series: Sequence[Sequence[Number]], plot: Plot | None = None) -> Chart:
    """Stack the series, the first at the bottom; each holds one number, not negative, a week."""
    plot = plot or Plot()
    sums = [sum(week, start=Fraction(0)) for week in zip(*series, strict=True)]
    values = steps(0, max(sums, default=0))
    top = values[-1]
    slots = _slots(plot, len(sums))
    stacked = tuple(_with_pieces(slot, [one[week] for one in series], top, plot) for week, slot in enumerate(slots))
    return Chart(plot, _ticks(values, plot), stacked, zero=plot.bottom)


def lines(series: Sequence[Sequence[Number]], plot: Plot | None = None) -> Chart:
    """Draw one line a series, one value a week; values may be negative, and 0 is always in sight."""
    plot = plot or Plot()
    every = [value for one in series for value in one]
    values = steps(min([*every, 0]), max([*every, 0]))
    low, high = values[0], values[-1]
    slots = _slots(plot, max((len(one) for one in series), default=0))
    drawn = tuple(
        " ".join(
            f"{slot.middle},{round(plot.y(value, low, high), 1)}" for slot, value in zip(slots, one, strict=True)
        )
        for one in series
    )
    return Chart(plot, _ticks(values, plot), slots, drawn, zero=round(plot.y(0, low, high), 1))


def sparkline(values: Sequence[Number], width: int = 72, height: int = 22) -> Spark:
    """A line from 0 at the bottom to the largest value at the top, with 2 units of air."""
    top = max([*values, 0])
    span = max(len(values) - 1, 1)
    ys = [round(height - 2 - (float(value / top) if top else 0.0) * (height - 4), 1) for value in values]
    points = " ".join(f"{round(index * width / span, 1)},{y}" for index, y in enumerate(ys))
    return Spark(points, ys[-1] if ys else height - 2.0)


def return_bar(value: Number) -> ReturnBar:
    """The bar of a return per 1: left of break-even and at most down to 0, right of it and cut off where it is long."""
    if value < 1:
        width = min(EVEN, round(float(1 - value) * EVEN))
        return ReturnBar("loss", EVEN - width, width, over=value < 0)
    width = round(float(min(value, 100) - 1) * EVEN)
    return ReturnBar("gain", EVEN, min(width, LONGEST_BAR), over=width > LONGEST_BAR)


def _slots(plot: Plot, count: int) -> tuple[Slot, ...]:
    if not count:
        return ()
    each = (plot.right - plot.left) / count
    bar = max(each * 0.84, 1.0)
    label_every = math.ceil(count / 5)
    return tuple(
        Slot(
            x=round(plot.x(index, count) - bar / 2, 1),
            width=round(bar, 1),
            middle=round(plot.x(index, count), 1),
            hit_x=round(plot.x(index, count) - each / 2, 1),
            hit_width=round(each, 1),
            # Counted from the end: the newest week always has its name.
            is_labelled=(count - 1 - index) % label_every == 0,
        )
        for index in range(count)
    )


def _with_pieces(slot: Slot, week: Sequence[Number], top: Number, plot: Plot) -> Slot:
    pieces = []
    below: Number = Fraction(0)
    for series, value in enumerate(week):
        y = round(plot.y(below + value, 0, top), 1)
        height = round(plot.y(below, 0, top) - y, 1)
        below += value
        if value:
            # One unit of air above each piece tells neighbours apart; a thin one keeps what it has.
            pieces.append(Piece(series, y, round(height - 1, 1) if height > 2 else max(height, 0.5)))
    return Slot(slot.x, slot.width, slot.middle, slot.hit_x, slot.hit_width, slot.is_labelled, tuple(pieces))


def _ticks(values: Sequence[int], plot: Plot) -> tuple[Tick, ...]:
    return tuple(Tick(value, round(plot.y(value, values[0], values[-1]), 1)) for value in values)
