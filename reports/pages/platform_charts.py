"""A platform's pictures of what was found: what came back by age, how long it takes, hours against leads.

Drawn from a stored `Assessment`; nothing is estimated here. Ages are months of four weeks after the month of the work.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from babel.dates import format_date
from django.utils.translation import gettext as _

from core import money
from core.templatetags.retour import percent
from core.weeks import Week
from reports.charts.axis import MOST_STOPS, Mark, compact
from reports.charts.time_series import Number
from reports.charts.xy import XY, Label, Plane, Point, Stop, on_the_line, spread
from reports.figures.formatting import cash, per_unit
from reports.statistics.results import Assessment, Cohort, Range, ReturnLag
from reports.verdicts.wording.response_curve import per_unit_range
from reports.verdicts.wording.return_lag import TOLD_AGES, told_ages

MONTH_WEEKS = 4
HALF_SIZE = (540, 270)
# With more lines than these, those that are not named step back further.
MOST_IN_FULL = 24
# Room for the name of the axis in letters as large as a phone needs.
HALF_BOTTOM = 52.0


# -- what came back by age --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CumulativeReturns:
    """One month of work as a line to its newest age; `is_young` when its fan is drawn."""

    points: str
    end: Point
    tip: str
    is_young: bool


@dataclass(frozen=True)
class ForecastBand:
    """What is still expected of one month of work: the middle and what holds it with 80 %."""

    band: str
    middle: str


@dataclass(frozen=True)
class Drawing:
    """The courses at one size."""

    name: str
    plane: Plane
    ticks: Sequence[Mark]
    months: Sequence[Stop]
    courses: Sequence[CumulativeReturns]
    fans: Sequence[ForecastBand]
    labels: Sequence[Label]
    target: str
    has_stops: bool
    is_crowded: bool


@dataclass(frozen=True)
class CohortRow:
    """One month of work in words. `outcome` says when it breaks even, or why that is not said."""

    work: str
    first: Week
    last: Week
    cost: str
    back: str
    expected: str
    bounds: str
    outcome: str


@dataclass(frozen=True)
class Payback:
    """What came back per 1 of cost by age, for a wide screen and for a narrow one, and as a table, newest first."""

    drawings: Sequence[Drawing]
    rows: Sequence[CohortRow]
    has_fans: bool


@dataclass(frozen=True)
class _Size:
    name: str
    width: int
    height: int
    letter: float
    most_labels: int
    most_fans: int


WIDE = _Size("wide", 1120, 400, letter=13, most_labels=12, most_fans=3)
NARROW = _Size("narrow", 358, 340, letter=12, most_labels=5, most_fans=2)


def payback(assessment: Assessment) -> Payback | None:
    """None when no month of work has cost anything yet."""
    cohorts = [cohort for cohort in assessment.cohorts if cohort.cost_cents > 0 and cohort.course]
    if not cohorts:
        return None
    rows = {cohort.first_week: _row(cohort, has_pace=assessment.delay is not None) for cohort in assessment.cohorts}
    tips = {week: _tip(row) for week, row in rows.items()}
    drawings = [_drawing(cohorts, tips, assessment.target, size) for size in (WIDE, NARROW)]
    return Payback(drawings, list(reversed(rows.values())), has_fans=any(drawing.fans for drawing in drawings))


def _drawing(cohorts: Sequence[Cohort], tips: Mapping[str, str], target: float, size: _Size) -> Drawing:
    """`tips` are by the first week of the work."""
    young = _young(cohorts, size.most_fans)
    plane = _payback_plane(cohorts, young, target, size)
    wanted = ((_short(cohort), _end(cohort)) for cohort in _by_claim_to_a_name(cohorts, young))
    aim = on_the_line(plane, target_words(target), target)
    return Drawing(
        name=size.name,
        plane=plane,
        ticks=[Mark("", stop.at, _tick_words(stop.value, plane.y_high)) for stop in plane.y_stops()],
        months=month_stops(plane),
        courses=[_course(plane, cohort, tips[cohort.first_week], is_young=cohort in young) for cohort in cohorts],
        fans=[_fan(plane, cohort) for cohort in young],
        labels=[*spread(plane, wanted, most=size.most_labels, around=[aim]), aim],
        target=_y(plane, target),
        has_stops=size is WIDE and len(cohorts) <= MOST_STOPS,
        is_crowded=len(cohorts) > MOST_IN_FULL,
    )


def _payback_plane(cohorts: Sequence[Cohort], young: Sequence[Cohort], target: float, size: _Size) -> Plane:
    """From the youngest age to the oldest, forecasts included, and from the deepest loss to the highest return."""
    return Plane(
        width=size.width,
        height=size.height,
        x_high=max([TOLD_AGES[0], *(cohort.age + len(cohort.fan) for cohort in cohorts)]),
        y_high=_highest(cohorts, young, target),
        y_low=min(0.0, *(amount / cohort.cost_cents for cohort in cohorts for amount in cohort.course)),
        left=54.0 if size is WIDE else 46.0,
        letter=size.letter,
    )


def _by_claim_to_a_name(cohorts: Sequence[Cohort], young: Sequence[Cohort]) -> list[Cohort]:
    """Those with a fan are named first, then the newest: the others stay quiet."""
    return [*young, *(cohort for cohort in reversed(cohorts) if cohort not in young)]


def _tick_words(value: Number, highest: float) -> str:
    """An amount beside the axis, short enough for it."""
    if highest < 10:
        return per_unit(float(value))
    return compact(float(value)) if highest >= 1_000 else money.format_money(Fraction(value) * 100, digits=0)


def _young(cohorts: Sequence[Cohort], most: int) -> list[Cohort]:
    """The months of work whose fan is drawn: of those with something still to come, some from young to old."""
    waiting = [cohort for cohort in reversed(cohorts) if cohort.fan and cohort.expected and not cohort.is_refused]
    waiting = [
        cohort for cohort in waiting if cohort.expected and cohort.expected.value > 1.05 * max(cohort.returned_cents, 0)
    ]
    if len(waiting) <= most:
        return waiting
    return [waiting[len(waiting) * step // most] for step in range(most)]


def _highest(cohorts: Sequence[Cohort], young: Sequence[Cohort], target: float) -> float:
    """The top of the axis: all that came back and is expected, and of the bounds not more than half as much again."""
    seen = [amount / cohort.cost_cents for cohort in cohorts for amount in cohort.course]
    middle = [each.value / cohort.cost_cents for cohort in young for each in cohort.fan]
    bounds = [each.high / cohort.cost_cents for cohort in young for each in cohort.fan]
    highest = max([1.25 * target, *seen, *middle])
    return min(max([highest, *bounds]), 1.5 * highest) * 1.04


def _course(plane: Plane, cohort: Cohort, tip: str, *, is_young: bool) -> CumulativeReturns:
    points = [(float(age), amount / cohort.cost_cents) for age, amount in enumerate(cohort.course)]
    return CumulativeReturns(plane.line(points), plane.point(*points[-1]), tip, is_young)


def _fan(plane: Plane, cohort: Cohort) -> ForecastBand:
    """To the end of the axis: where a fan ends, all but nothing is to come, and it goes on level."""
    end, cost = _end(cohort), cohort.cost_cents
    ahead = [(float(cohort.age + step), each) for step, each in enumerate(cohort.fan, start=1)]
    ahead.append((plane.x_high, cohort.fan[-1]))
    lows = [end, *((age, each.low / cost) for age, each in ahead)]
    highs = [end, *((age, each.high / cost) for age, each in ahead)]
    middle = [end, *((age, each.value / cost) for age, each in ahead)]
    return ForecastBand(plane.band(lows, highs), plane.line(middle))


def _end(cohort: Cohort) -> XY:
    return float(len(cohort.course) - 1), cohort.course[-1] / cohort.cost_cents


def target_words(target: float) -> str:
    return _("break-even") if target == 1 else _("target %(target)s") % {"target": per_unit(target)}


def _tip(row: CohortRow) -> str:
    lines = [row.work, _("Back so far %(back)s") % {"back": row.back}]
    if row.bounds:
        lines.append(_("Expected %(expected)s (%(bounds)s)") % {"expected": row.expected, "bounds": row.bounds})
    return "\n".join([*lines, row.outcome])


def _row(cohort: Cohort, *, has_pace: bool) -> CohortRow:
    """`has_pace` when it is known how long returns take, so that something can be expected."""
    first, last = Week.parse(cohort.first_week), Week.parse(cohort.last_week)
    expected = None if cohort.is_refused else per_1(cohort.expected, cohort.cost_cents)
    return CohortRow(
        work=_span(first.monday, last.sunday),
        first=first,
        last=last,
        cost=cash(cohort.cost_cents),
        back=per_unit(cohort.returned_cents / cohort.cost_cents if cohort.cost_cents > 0 else None),
        expected=per_unit(expected.value) if expected else money.NO_FIGURE,
        bounds=per_unit_range(expected) if expected else "",
        outcome=_outcome(cohort, first, has_pace=has_pace),
    )


def per_1(amount: Range | None, cost: float) -> Range | None:
    """An amount per 1 of cost; None without a cost, or where it knows no end."""
    if amount is None or cost <= 0 or not math.isfinite(amount.value):
        return None
    return Range(amount.value / cost, amount.low / cost, amount.high / cost)


def _outcome(cohort: Cohort, first: Week, *, has_pace: bool) -> str:
    at = cohort.breaks_even_at
    if cohort.cost_cents <= 0:
        return _("Cost nothing")
    if at is not None and at <= cohort.age:
        return _("Reached in %(month)s") % {"month": _month_of(first, at)}
    if not has_pace:
        return _("Not known yet how long returns take")
    if cohort.is_refused or cohort.expected is None:
        return _("Too uncertain to say")
    return _("Not expected") if at is None else _("Expected in %(month)s") % {"month": _month_of(first, at)}


def _month_of(first: Week, age: int) -> str:
    """The month in which work that began with this week comes to that age: `Mar 2027`."""
    ends = first.plus(MONTH_WEEKS * (age + 1) - 1).sunday
    return str(format_date(ends, "LLL y", locale=money.current_locale()))


def _span(first: date, last: date) -> str:
    locale = money.current_locale()
    start = format_date(first, "d MMM" if first.year == last.year else "d MMM y", locale=locale)
    return f"{start} – {format_date(last, 'd MMM y', locale=locale)}"


def _short(cohort: Cohort) -> str:
    """`26 Oct 26`: the first day of the work, as it fits beside a line."""
    return str(format_date(Week.parse(cohort.first_week).monday, "d MMM yy", locale=money.current_locale()))


# -- how long it takes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DelayCurve:
    """The share p that is in by each age."""

    plane: Plane
    ticks: Sequence[Mark]
    months: Sequence[Stop]
    line: str
    area: str
    told: Sequence[Point]
    labels: Sequence[Label]
    rows: Sequence[tuple[int, str]]


def delay_curve(delay: ReturnLag) -> DelayCurve:
    ages = list(range(len(delay.share)))
    plane = Plane(
        width=HALF_SIZE[0],
        height=HALF_SIZE[1],
        x_high=max(ages[-1], 1),
        y_high=1.0,
        letter=13,
        left=52.0,
        bottom_room=HALF_BOTTOM,
    )
    points = [(float(age), share) for age, share in enumerate(delay.share)]
    told = [points[age] for age in told_ages(delay)]
    return DelayCurve(
        plane=plane,
        ticks=[Mark("", _y(plane, part / 4), percent(Fraction(part, 4))) for part in range(5)],
        months=month_stops(plane),
        line=plane.line(points),
        area=plane.band([(0.0, 0.0), (points[-1][0], 0.0)], points),
        told=[plane.point(*point) for point in told],
        labels=spread(plane, [(percent(Fraction(share)), (age, share)) for age, share in told], most=3),
        rows=[(age, percent(Fraction(share))) for age, share in enumerate(delay.share)],
    )


def month_stops(plane: Plane) -> list[Stop]:
    """Quarters on the axis of ages; every month while they are few, half years or years where they are many."""
    every = next((step for most, step in ((7, 1), (20, 3), (40, 6)) if plane.x_high <= most), 12)
    return plane.x_stops(range(0, math.floor(plane.x_high) + 1, every))


def _y(plane: Plane, value: float) -> str:
    return plane.point(plane.x_low, value).y
