"""The intervals of an assessment, as they are shown, held against what truly came."""

from collections.abc import Iterator
from datetime import date

from core.weeks import Week
from reports.statistics.results import Assessment, Range
from reports.statistics.simulation.measures import Place, Truth
from reports.statistics.simulation.records import FIRST, FRIDAY

# Sums of fewer sales have steps, so that no bounds hold them with just 80 %.
LEAST_SALES = 8.0
# What is in the pipe for the first whole quarter.
WHOLE_QUARTER = 1


def places(week: int, row: int, found: Assessment, truth: Truth) -> Iterator[Place]:
    """Whether what came lies below the interval that is shown (0), in it, or above it (1)."""
    for what, interval, came in _shown(week, row, found, truth):
        yield Place(what, week, row, float(came > interval.high) / 2 + 0.5 - float(came < interval.low) / 2)


def _shown(week: int, row: int, found: Assessment, truth: Truth) -> Iterator[tuple[str, Range, float]]:
    if found.now is None:
        return
    value, later = found.now.usual_sale_cents or 0.0, week + 1
    yield "return", found.now.returned, truth.returns[row]
    if found.total:
        yield "total", found.total, truth.to_come(row, (0, later), (0, None))
    if len(found.quarters) > WHOLE_QUARTER:
        quarter = found.quarters[WHOLE_QUARTER]
        paid = (_fridays_before(quarter.first_day), _fridays_before(quarter.last_day, is_included=True))
        yield "quarter", quarter.expected, truth.to_come(row, (0, later), paid)
    for cohort in found.cohorts:
        first, last = (Week.parse(name) for name in (cohort.first_week, cohort.last_week))
        worked = (FIRST.weeks_until(first), FIRST.weeks_until(last) + 1)
        if cohort.expected and cohort.expected.value - cohort.returned_cents >= LEAST_SALES * value:
            yield "month", cohort.expected, truth.to_come(row, worked, (0, None))


def _fridays_before(day: str, *, is_included: bool = False) -> int:
    """How many weeks had their Friday, on which sales are made, before this day."""
    passed = date.fromisoformat(day) - FIRST.days[FRIDAY]
    return -(-(passed.days + is_included) // 7)
