"""A platform's hours against its leads, drawn from a stored `Assessment`; nothing is estimated here."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import pgettext

from core import money
from reports.charts.axis import Mark
from reports.charts.xy import Plane, Point, Stop
from reports.pages.platform_charts import HALF_BOTTOM, HALF_SIZE
from reports.statistics.response_curve import Curve, from_line
from reports.statistics.results import ResponseLine
from reports.verdicts.wording.response_curve import mark as line_mark


@dataclass(frozen=True)
class HoursAndLeads:
    """Weeks as points, the fitted curve with what holds it with 80 %, and where the next hour stops paying."""

    plane: Plane
    ticks: Sequence[Mark]
    hours: Sequence[Stop]
    weeks: Sequence[Point]
    curve: str
    band: str
    stop: Mark | None
    now: Mark | None
    rows: Sequence[tuple[str, str]]


def hours_and_leads(line: ResponseLine) -> HoursAndLeads | None:
    """None when no week had hours."""
    if not line.points:
        return None
    curve = from_line(line)
    plane = _hours_plane(line)
    drawn = _sampled(curve) if curve and line.refusal is None else []
    return HoursAndLeads(
        plane=plane,
        ticks=[Mark("", stop.at, _plain_number(stop.value)) for stop in plane.y_stops()],
        hours=plane.x_stops(),
        weeks=[plane.point(hours, leads) for hours, leads in line.points],
        curve=plane.line((hours, middle) for hours, _low, middle, _high in drawn),
        band=_bounds(plane, drawn),
        stop=_mark(plane, line.break_even_hours, line_mark(line)) if drawn else None,
        now=_mark(plane, line.hours_now, pgettext("hours a week", "now")) if line.hours_now > 0 else None,
        rows=[(_plain_number(hours), _plain_number(leads)) for hours, leads in sorted(line.points)],
    )


def _hours_plane(line: ResponseLine) -> Plane:
    """A little larger than the hours and the leads of the largest weeks."""
    return Plane(
        width=HALF_SIZE[0],
        height=HALF_SIZE[1],
        x_high=1.04 * max([1.0, line.hours_now, *(hours for hours, _leads in line.points)]),
        y_high=1.08 * max([1.0, *(leads for _hours, leads in line.points)]),
        letter=13,
        top=32.0,
        bottom_room=HALF_BOTTOM,
    )


def _bounds(plane: Plane, drawn: Sequence[tuple[float, float, float, float]]) -> str:
    """The band between the lower and the upper bounds, empty where nothing is drawn."""
    if not drawn:
        return ""
    lows = [(hours, low) for hours, low, _middle, _high in drawn]
    return plane.band(lows, [(hours, high) for hours, _low, _middle, high in drawn])


def _sampled(curve: Curve, steps: int = 40) -> list[tuple[float, float, float, float]]:
    """Hours, lower bound, middle and upper bound of the leads, between the fewest and the most hours observed."""
    spread_hours = curve.most_hours - curve.least_hours
    hours = [curve.least_hours + spread_hours * step / steps for step in range(steps + 1)]
    return [(worked, *curve.bounds(worked)) for worked in hours]


def _mark(plane: Plane, hours: float | None, text: str) -> Mark | None:
    """A line across the plot with its name, which turns to the side where there is room."""
    if hours is None:
        return None
    is_right = plane.x(hours) > (plane.left + plane.right) / 2
    return Mark(_px_of(plane, hours), "", text, "end" if is_right else "start")


def _plain_number(value: float | Fraction) -> str:
    """As few decimals as it needs, at most one."""
    return money.format_number(Fraction(value), digits=0 if round(float(value), 1) % 1 == 0 else 1)


def _px_of(plane: Plane, value: float) -> str:
    return plane.point(value, plane.y_low).x
