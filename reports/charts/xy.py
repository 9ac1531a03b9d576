"""Where points, lines and bands stand between two axes of numbers, for SVG written by a template. Pure.

Coordinates are texts in pixels, as in `charts`. What lies outside the axes is drawn at their edge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.charts.time_series import Anchor, Number, px, round_ticks, scaled

XY = tuple[float, float]

# A letter of a label is about this much of its height wide.
_LETTER = 0.58


@dataclass(frozen=True, slots=True)
class Stop:
    """A round value on an axis: where it stands along that axis."""

    value: Number
    at: str
    anchor: Anchor = "middle"


@dataclass(frozen=True, slots=True)
class Point:
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the plot ends; ``tick`` is how far the marks under it reach."""

    left: str
    right: str
    top: str
    bottom: str
    tick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A drawing of ``width`` by ``height`` pixels, its axes from ``x_low`` to ``x_high`` and ``y_low`` to ``y_high``.

    ``letter`` is the height of its text. Both axes begin at a value and end at a later one.
    """

    width: int
    height: int
    x_high: float
    y_high: float
    x_low: float = 0.0
    y_low: float = 0.0
    left: float = 44.0
    right_room: float = 14.0
    top: float = 20.0
    bottom_room: float = 40.0
    letter: float = 11.0

    @property
    def right(self) -> float:
        return self.width - self.right_room

    @property
    def bottom(self) -> float:
        return self.height - self.bottom_room

    @property
    def edges(self) -> Edges:
        return Edges(px(self.left), px(self.right), px(self.top), px(self.bottom), px(self.bottom + 5.0))

    def x(self, value: float) -> float:
        inside = min(max(value, self.x_low), self.x_high)
        return scaled(inside, self.x_low, self.x_high, self.left, self.right)

    def y(self, value: float) -> float:
        inside = min(max(value, self.y_low), self.y_high)
        return scaled(inside, self.y_low, self.y_high, self.bottom, self.top)

    def point(self, x: float, y: float) -> Point:
        return Point(px(self.x(x)), px(self.y(y)))

    def line(self, points: Iterable[XY]) -> str:
        """The ``points`` of a polyline."""
        return " ".join(f"{px(self.x(x))},{px(self.y(y))}" for x, y in points)

    def band(self, lows: Sequence[XY], highs: Sequence[XY]) -> str:
        """The ``points`` of a polygon: there along the upper bounds and back along the lower ones."""
        return self.line([*highs, *reversed(lows)])

    def x_stops(self, values: Iterable[Number] | None = None) -> list[Stop]:
        """Those values on the axis below, or round ones."""
        return [Stop(value, px(self.x(float(value)))) for value in values or _round_values(self.x_low, self.x_high)]

    def y_stops(self) -> list[Stop]:
        return [Stop(value, px(self.y(float(value)))) for value in _round_values(self.y_low, self.y_high)]


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside a point; ``x`` and ``y`` are where its base line is anchored."""

    text: str
    x: str
    y: str
    anchor: Anchor


def on_the_line(plane: Plane, text: str, y: float) -> Label:
    """A label above a level line, at its left end."""
    return Label(text, px(plane.left + 4.0), px(plane.y(y) - 5.0), "start")


def spread(plane: Plane, wanted: Iterable[tuple[str, XY]], *, most: int, around: Sequence[Label] = ()) -> list[Label]:
    """Place at most ``most`` labels above their points, the first ones first.

    One that would cover another, or one of those ``around``, is left out. A label whose point is near the right edge
    ends there, so that it is not cut off; one near the axis begins there, so that it covers none of its figures.
    """
    placed: list[Label] = []
    for text, (x, y) in wanted:
        label = _label(plane, text, x, y)
        if len(placed) < most and not any(_overlap(plane, label, other) for other in (*around, *placed)):
            placed.append(label)
    return placed


def _label(plane: Plane, text: str, x: float, y: float) -> Label:
    middle, base = plane.x(x), px(plane.y(y) - 8.0)
    if middle + _wide(plane, text) / 2 > plane.width:
        return Label(text, px(plane.width), base, "end")
    if middle - _wide(plane, text) / 2 < plane.left:
        return Label(text, px(plane.left + 2.0), base, "start")
    return Label(text, px(middle), base, "middle")


def _wide(plane: Plane, text: str) -> float:
    return len(text) * plane.letter * _LETTER


def _overlap(plane: Plane, label: Label, other: Label) -> bool:
    """Whether they touch, or come nearer than a few pixels side by side."""
    (left, right), (other_left, other_right) = (_sides(plane, each) for each in (label, other))
    apart = abs(float(label.y) - float(other.y))
    return apart < plane.letter + 2 and left < other_right + 4 and other_left < right + 4


def _sides(plane: Plane, label: Label) -> tuple[float, float]:
    before = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
    left = float(label.x) - before * _wide(plane, label.text)
    return left, left + _wide(plane, label.text)


def _round_values(low: float, high: float) -> list[int | float]:
    return [tick for tick in round_ticks(low, high) if tick >= low]
