"""What stands beside and under the axes of every chart: labels, legend entries, and what the pointer finds."""

from dataclasses import dataclass

from babel.numbers import format_compact_decimal

from core import money
from reports.charts.time_series import Column

WIDTH, HEIGHT = 540, 216
# Above this many weeks, the weeks of a chart are no stops of the keyboard: the table under it is the way to read them.
MOST_STOPS = 60


@dataclass(frozen=True)
class Spot:
    """One week of a chart as the pointer finds it: where it stands and what is said of it."""

    column: Column
    tip: str


@dataclass(frozen=True)
class Mark:
    """A label beside the axis or under it."""

    x: str
    y: str
    text: str
    anchor: str = "end"


@dataclass(frozen=True)
class LegendEntry:
    """One entry of the legend."""

    name: str
    css: str


def compact(value: int | float) -> str:
    """`5K`, `1.2M`: short enough for an axis."""
    return str(format_compact_decimal(value, locale=money.current_locale(), fraction_digits=1))
