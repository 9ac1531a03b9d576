"""What was counted besides money, what the work behind it cost, and what it is worth on the agency's own scale."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from campaigns.models import Campaign, Outcome, Platform
from campaigns.models.money import Scale
from reports.figures.query import Period, ReportFilters, grouped
from reports.figures.totals import Figures

Place = tuple[int, int]  # platform, campaign


@dataclass(frozen=True)
class OutcomeCount:
    """A count with the cost of the work on its platform and campaign in the weeks that were counted.

    ``value_cents`` is on the agency's own scale; ``valued`` is how many of the count had a value in their week.
    """

    count: int = 0
    figures: Figures = field(default_factory=Figures)
    valued: int = 0
    value_cents: int = 0

    def __add__(self, other: "OutcomeCount") -> "OutcomeCount":
        return OutcomeCount(
            self.count + other.count,
            self.figures + other.figures,
            self.valued + other.valued,
            self.value_cents + other.value_cents,
        )

    @property
    def cost_each_cents(self) -> Fraction | None:
        """Cost / count, exact, in cents; None without either: what nobody paid for is not free."""
        return self.figures.cost / self.count if self.count and self.figures.cost else None


@dataclass(frozen=True)
class OutcomeEntry:
    """One entry: what was counted in one week, on one platform, for one campaign."""

    monday: date
    platform: str
    campaign: str
    note: str
    counted: OutcomeCount


@dataclass(frozen=True)
class MeasureRow:
    """One measure on one platform, for one campaign."""

    platform: Platform
    campaign: Campaign
    counted: OutcomeCount


@dataclass(frozen=True)
class Measure:
    """One measure with its rows, which add up to `total`. Totals of different measures may rest on the same hours."""

    name: str
    rows: Sequence[MeasureRow]
    total: OutcomeCount


def outcomes(period: Period, filters: ReportFilters) -> list[Measure]:
    """All measures counted in these weeks; five queries."""
    cells: dict[str, dict[Place, OutcomeCount]] = defaultdict(lambda: defaultdict(OutcomeCount))
    for outcome, counted in _entries(period, filters):
        cells[outcome.measure][outcome.platform_id, outcome.campaign_id] += counted
    platforms = Platform.objects.in_bulk({place[0] for places in cells.values() for place in places})
    campaigns = Campaign.objects.in_bulk({place[1] for places in cells.values() for place in places})
    return [
        Measure(
            name=name,
            rows=sorted(
                (MeasureRow(platforms[place[0]], campaigns[place[1]], counted) for place, counted in places.items()),
                key=lambda row: (-row.counted.count, str(row.platform), str(row.campaign)),
            ),
            total=sum(places.values(), start=OutcomeCount()),
        )
        for name, places in sorted(cells.items())
    ]


def weeks_of(measure: str, period: Period, filters: ReportFilters) -> list[OutcomeEntry]:
    """The entries of one measure, newest first."""
    return [
        OutcomeEntry(outcome.week, str(outcome.platform), str(outcome.campaign), outcome.note, counted)
        for outcome, counted in _entries(period, filters, measure=measure)
    ]


def _entries(period: Period, filters: ReportFilters, **wanted: str) -> list[tuple[Outcome, OutcomeCount]]:
    """Each entry with the cost of its platform and campaign in its week, as the fine rollup has it."""
    rows = Outcome.objects.live().filter(
        week__gte=period.first.monday, week__lte=period.last.monday, **filters.conditions(), **wanted
    )
    costs = grouped(period, filters, "week", "platform", "campaign")
    scale = Scale()
    counted = []
    for outcome in rows.select_related("platform", "campaign").order_by(
        "-week", "platform__name", "campaign__name", "pk"
    ):
        value = scale.value_of(outcome.measure, outcome.week)
        figures = costs.get((outcome.week, outcome.platform_id, outcome.campaign_id), Figures())
        valued = 0 if value is None else outcome.count
        counted.append((outcome, OutcomeCount(outcome.count, figures, valued, valued * (value or 0))))
    return counted
