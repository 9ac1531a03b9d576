"""Compare each campaign's run with its baseline: read the weeks, have them compared, store what was found.

What is counted, and what it is held against, is decided in docs/adr/0010-what-a-campaign-is-compared-by.md.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Min, Q

from campaigns.attribution import MILLION
from campaigns.models import Agency, Campaign, JobRun
from campaigns.models.agency import Basis
from campaigns.models.catalogue import CampaignQuerySet, ComparedMeasure, Purpose
from core.weeks import Week
from reports.attribution.sums import COST_COLUMNS
from reports.comparisons.records import (
    ComparisonData,
    ComparisonRecord,
    ComparisonResult,
    ComparisonSpec,
    Control,
    Money,
    Neighbourhood,
    NotComparable,
    NotComparableReason,
    is_of_today,
    spec_from_json,
    to_json,
)
from reports.figures.query import Period, ReportFilters, by_platform_and_week
from reports.figures.totals import Figures
from reports.models import CampaignWeek, Comparison, PlatformWeek

if TYPE_CHECKING:
    from reports.statistics.interrupted_time_series import SeriesComparison

# A control needs this many units in every week: its logarithm is taken, and parts of one lead say nothing of a market.
LEAST_CONTROL = 1
WEEKS_OF_A_YEAR = 52
_WEEK_OF_DAYS = timedelta(days=7)


def comparable() -> CampaignQuerySet:
    """Campaigns that say both periods."""
    campaigns = Campaign.objects.filter(is_general=False)
    for name in ("baseline_starts_on", "baseline_ends_on", "starts_on"):
        campaigns = campaigns.exclude(**{name: None})
    return campaigns


def is_outdated(week: Week, changed: Collection[date] = ()) -> bool:
    """Whether a campaign asks what is not answered yet, or one of the weeks that changed (Mondays) is looked at."""
    agency = Agency.current()
    specs = {campaign.pk: ComparisonSpec.of(campaign, agency, week) for campaign in comparable()}
    stored = dict(Comparison.objects.order_by().values_list("campaign", "results__asked"))
    if {pk: spec_from_json(spec) for pk, spec in stored.items()} != specs:
        return True
    return any(monday in period for spec in specs.values() if (period := period_of(spec)) for monday in changed)


def evaluate_all(week: Week, *, at: datetime) -> None:
    """Compare every campaign at the end of ``week``; those whose figures are as they were stay as they are."""
    with transaction.atomic():
        wait_for_turn()
        agency = Agency.current()
        campaigns = list(comparable())
        Comparison.objects.exclude(campaign__in=campaigns).delete()
        stored = dict(Comparison.objects.order_by().values_list("campaign", "results"))
        specs = {campaign.pk: ComparisonSpec.of(campaign, agency, week) for campaign in campaigns}
        rows = ComparisonRows.of(specs.values(), agency.credit_model, campaigns=specs)
        for campaign in campaigns:
            _evaluate(campaign, specs[campaign.pk], rows, stored.get(campaign.pk), at=at)


def wait_for_turn() -> None:
    """One evaluation at a time, reading included: or one that read before a change would write over one after it."""
    JobRun.objects.get_or_create(name="compare")
    JobRun.objects.select_for_update().get(name="compare")


def _evaluate(campaign: Campaign, spec: ComparisonSpec, rows: "ComparisonRows", stored: Any, *, at: datetime) -> None:
    refusal = _refusal_at_once(campaign, spec, rows)
    data = None if refusal else rows.data_of(campaign.pk, spec)
    blank = ComparisonRecord(spec=spec, data=data, refusal=refusal, result=None)
    inputs = to_json(blank)
    if stored and is_of_today(stored) and all(stored.get(name) == inputs[name] for name in ("asked", "read")):
        return
    record = fit(spec, data) if data else blank
    Comparison.objects.update_or_create(
        campaign=campaign,
        defaults={"results": to_json(record), "until": spec.last_week.monday, "evaluated_at": at},
    )


def _refusal_at_once(campaign: Campaign, spec: ComparisonSpec, rows: "ComparisonRows") -> NotComparable | None:
    if spec.baseline_ends_on >= spec.starts_on:
        return NotComparable(reason=NotComparableReason.NOT_BEFORE)
    if spec.purpose == Purpose.SERVE:
        return NotComparable(reason=NotComparableReason.SERVES)
    if not rows.platforms(campaign.pk, spec):
        return NotComparable(reason=NotComparableReason.NO_PLATFORM)
    return None


def fit(spec: ComparisonSpec, data: ComparisonData) -> ComparisonRecord:
    """Compare the weeks that were read. For jobs: it computes."""
    # Imported here: web processes show what was found, and do without the libraries of the method.
    from reports.statistics import interrupted_time_series

    weeks = data.mondays
    before = len(data.before)
    season = WEEKS_OF_A_YEAR if before >= WEEKS_OF_A_YEAR else None
    compared = interrupted_time_series.compare(
        data.counts,
        data.during,
        control=data.control or None,
        time=[weeks[0].weeks_until(week) for week in weeks],
        season=season,
    )
    if isinstance(compared, interrupted_time_series.SeriesRefusal):
        refusal = NotComparable(reason=compared.reason.value, found=compared.found, needed=compared.needed)
        return ComparisonRecord(spec=spec, data=data, refusal=refusal, result=None)
    return ComparisonRecord(spec=spec, data=data, refusal=None, result=_result(compared, spec, data, season))


def _result(
    compared: "SeriesComparison", spec: ComparisonSpec, data: ComparisonData, season: int | None
) -> ComparisonResult:
    low, high = compared.incremental_interval
    return ComparisonResult(
        ratio=compared.rate_ratio,
        low=compared.low,
        high=compared.high,
        units=compared.incremental,
        units_low=low,
        units_high=high,
        plain=_mean(data.run) / _mean(data.before),
        dispersion=compared.dispersion,
        has_season=season is not None,
        expected=(*compared.expected_before.tolist(), *compared.expected.tolist()),
        money=_money(compared, spec, data),
        neighbours=Neighbourhood(
            finding=compared.residuals.finding.value,
            autocorrelation=compared.residuals.autocorrelation,
            p_value=compared.residuals.p_value,
            widening=compared.widening,
        ),
    )


def _money(compared: "SeriesComparison", spec: ComparisonSpec, data: ComparisonData) -> Money | None:
    if data.unit_cents is None:
        return None
    from reports.statistics import interrupted_time_series

    gain = interrupted_time_series.gain(
        compared, price=data.unit_cents, margin=spec.margin, invested=data.invested_cents
    )
    return Money(gain=gain.value, low=gain.low, high=gain.high, roi=gain.roi)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# -- what is read -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparisonRows:
    """The figures of all weeks that any campaign looks at, read once for all of them.

    ``by_platform`` is by platform (None is what no platform is credited with) and Monday. ``costs`` is by campaign,
    then by platform and Monday, with an entry wherever a campaign has hours, spend or contacts. ``recorded_from`` is
    the first Monday on which anything of a kind was recorded.
    """

    by_platform: Mapping[int | None, Mapping[date, Figures]]
    costs: Mapping[int, Mapping[tuple[int | None, date], Figures]]
    recorded_from: Mapping[str, date | None]

    @classmethod
    def of(
        cls,
        specs: Iterable[ComparisonSpec],
        model: str,
        *,
        campaigns: Collection[int] = (),
        basis: Basis = Basis.CASH,
    ) -> "ComparisonRows":
        """Read the weeks of these specs, and what they cost on these campaigns."""
        periods = [period for spec in specs if (period := period_of(spec))]
        if not periods:
            return cls({}, {}, {})
        period = Period(min(each.first for each in periods), max(each.last for each in periods))
        return cls(
            by_platform=by_platform_and_week(period, ReportFilters(model=model, basis=basis)),
            costs=_costs(period, campaigns) if campaigns else {},
            recorded_from=_recorded_from(model, basis),
        )

    def platforms(self, campaign_id: int, spec: ComparisonSpec) -> set[int]:
        """Those on which the campaign had hours, spend or contacts in the weeks it asks about."""
        period = period_of(spec)
        cells = self.costs.get(campaign_id, {})
        return {platform for platform, monday in cells if platform is not None and period and monday in period}

    def data_of(self, campaign_id: int, spec: ComparisonSpec) -> ComparisonData:
        """What the campaign's platforms brought, against what it cost."""
        return self.data_on(self.platforms(campaign_id, spec), spec, cost=self._cost(campaign_id, spec))

    def data_on(self, mine: set[int], spec: ComparisonSpec, *, cost: Figures) -> ComparisonData:
        """What these platforms brought in the weeks of the spec, beside what the others did."""
        others = {platform for platform in self.by_platform if platform is not None} - mine
        kept, during, unrecorded = self._weeks(spec)
        counts = self._sum(mine, kept, _units(spec.counted))
        control_of, control = self._control(mine, others, kept, _units(spec.counted))
        return ComparisonData(
            weeks=tuple(week.monday.isoformat() for week in kept),
            during=tuple(during),
            counts=tuple(counts),
            control=tuple(control),
            control_of=control_of,
            platforms=tuple(sorted(mine)),
            others=tuple(sorted(others)),
            unrecorded=unrecorded,
            unit_cents=self._unit_cents(mine, kept, counts),
            invested_cents=float(cost.cost),
            unrated_minutes=cost.unrated_minutes,
        )

    def _weeks(self, spec: ComparisonSpec) -> tuple[list[Week], list[bool], int]:
        """The weeks compared, which of them are the run's, and how many of the baseline nobody recorded."""
        first = self.recorded_from.get(spec.counted) or spec.last_week.next.monday
        before = whole_weeks(spec.baseline_starts_on, spec.baseline_ends_on, until=spec.last_week)
        run = whole_weeks(spec.starts_on, spec.ends_on, until=spec.last_week)
        known = [week for week in before if week.monday >= first]
        during = [*(False for _ in known), *(True for _ in run)]
        return [*known, *run], during, len(before) - len(known)

    def _control(
        self, mine: Collection[int], others: Collection[int], weeks: Sequence[Week], units: Callable[[Figures], float]
    ) -> tuple[Control, list[float]]:
        """The same on the other platforms; all other sales when that is too little; else none."""
        rest = [platform for platform in self.by_platform if platform not in mine]
        candidates = (
            (Control.PLATFORMS, self._sum(others, weeks, units)),
            (Control.SALES, self._sum(rest, weeks, _units(ComparedMeasure.SALES))),
        )
        enough = (candidate for candidate in candidates if min(candidate[1], default=0) >= LEAST_CONTROL)
        return next(enough, (Control.NONE, []))

    def _sum(
        self, platforms: Iterable[int | None], weeks: Sequence[Week], units: Callable[[Figures], float]
    ) -> list[float]:
        series = [self.by_platform.get(platform, {}) for platform in platforms]
        return [sum(units(figures[week.monday]) for figures in series if week.monday in figures) for week in weeks]

    def _unit_cents(self, mine: Collection[int], weeks: Sequence[Week], counts: Sequence[float]) -> float | None:
        revenue = sum(self._sum(mine, weeks, lambda figures: float(figures.revenue_cents)))
        return revenue / sum(counts) if revenue > 0 and sum(counts) > 0 else None

    def _cost(self, campaign_id: int, spec: ComparisonSpec) -> Figures:
        """Hours and spend on the campaign from the week it started in; a week begun counts whole, as it is recorded."""
        run = Period(Week.containing(date.fromisoformat(spec.starts_on)), spec.last_week)
        cells = self.costs.get(campaign_id, {})
        return Figures.total(cost for (_platform, monday), cost in cells.items() if monday in run)


def whole_weeks(first_day: str, last_day: str, *, until: Week) -> list[Week]:
    """The weeks of which every day lies in these days (ISO texts; no last day is none yet), up to ``until``."""
    first = date.fromisoformat(first_day)
    last = min(date.fromisoformat(last_day), until.sunday) if last_day else until.sunday
    if last - first < _WEEK_OF_DAYS - timedelta(days=1):
        return []
    week = Week.containing(first)
    begins = week if week.monday == first else week.next
    return [each for each in Week.range(begins, until) if each.sunday <= last]


def period_of(spec: ComparisonSpec) -> Period | None:
    """From the first week of the baseline to the last one looked at; None when they are the wrong way round."""
    first = Week.containing(date.fromisoformat(spec.baseline_starts_on))
    return Period(first, spec.last_week) if first <= spec.last_week else None


def _units(counted: str) -> Callable[[Figures], float]:
    name = f"{ComparedMeasure(counted).value}_millionths"
    return lambda figures: getattr(figures, name) / MILLION


def _costs(period: Period, campaign_ids: Iterable[int]) -> dict[int, dict[tuple[int | None, date], Figures]]:
    rows = CampaignWeek.objects.filter(
        basis=Basis.CASH,
        campaign__in=list(campaign_ids),
        week__gte=period.first.monday,
        week__lte=period.last.monday,
    )
    costs: dict[int, dict[tuple[int | None, date], Figures]] = defaultdict(dict)
    for campaign_id, platform_id, monday, *amounts in rows.values_list("campaign", "platform", "week", *COST_COLUMNS):
        costs[campaign_id][platform_id, monday] = Figures(*amounts)
    return costs


def _recorded_from(model: str, basis: Basis) -> dict[str, date | None]:
    """The first Monday with a lead, a qualified lead, a sale of anybody's."""
    kinds = {kind: Min("week", filter=Q(**{f"{kind}_{model}__gt": 0})) for kind in ComparedMeasure.values}
    return PlatformWeek.objects.filter(basis=basis).aggregate(**kinds)
