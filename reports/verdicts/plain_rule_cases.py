"""What the plain rule looks at, read from the database for all platforms at once, and the cases it makes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce

from campaigns.attribution import PATH_MODELS
from campaigns.models import Agency, Platform
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from campaigns.weekly_limits import limits_by_week
from core.weeks import Week
from reports.figures.query import Period, ReportFilters, by_platform_and_week
from reports.figures.totals import Figures, round_half_up
from reports.models import CampaignWeek, Credit, PlatformWeek
from reports.verdicts.case import Case
from reports.verdicts.plain_rule import PlainRuleEvidence, Window, judge


def plain_rule_cases(week: Week, shared: Mapping[str, Mapping[int, float]] | None = None) -> dict[Platform, Case]:
    """What the plain rule says of each platform at the end of `week`.

    Like the method it looks at work that is to win new customers. ``shared`` gives models that share out the revenue
    of all platforms, platform by platform, beside those that share each sale by its own journey.
    """
    agency = Agency.current()
    inputs = PlainRuleInputs(
        week=week,
        agency=agency,
        figures_by_model={model.name: _figures_under(week, agency, model.name) for model in PATH_MODELS},
        minutes=_minutes(week),
        trial_limits=limits_by_week([week.previous, week]),
        firsts=_first_cost_weeks(),
        biggest=_biggest_sales(Period.ending(week, agency.window_weeks), agency.credit_model),
        shared=shared or {},
    )
    return {platform: _case(platform, inputs) for platform in Platform.objects.all()}


@dataclass(frozen=True)
class PlainRuleInputs:
    """What the plain rule looks at, read once for all platforms; `minutes` are of all work in single weeks."""

    week: Week
    agency: Agency
    figures_by_model: Mapping[str, Mapping[int | None, Mapping[date, Figures]]]
    minutes: Mapping[tuple[int, date], int]
    trial_limits: Mapping[tuple[int, Week], int]
    firsts: Mapping[int, Week]
    biggest: Mapping[int, tuple[int, int]]
    shared: Mapping[str, Mapping[int, float]]

    def figures(self, model: str, platform_id: int, last: Week) -> Figures:
        """Of the window that ends with this week."""
        return _sum(self.figures_by_model[model].get(platform_id, {}), Period.ending(last, self.agency.window_weeks))

    def limit(self, platform: Platform, week: Week) -> int | None:
        """The weekly limit that was in force in that week."""
        return self.trial_limits.get((platform.pk, week), platform.weekly_limit_minutes)

    def attributed_cents(self, last: Week) -> int:
        """The revenue of all platforms in that window, under the agency's model."""
        platforms = (pk for pk in self.figures_by_model[self.agency.credit_model] if pk is not None)
        return sum(self.figures(self.agency.credit_model, pk, last).revenue_cents for pk in platforms)


def _figures_under(week: Week, agency: Agency, model: str) -> dict[int | None, dict[date, Figures]]:
    """Both windows in one query: the weeks of the one that ends now and one week more."""
    period = Period.ending(week, agency.window_weeks + 1)
    return by_platform_and_week(period, ReportFilters(model=model, basis=Basis.CASH, purpose=Purpose.REACH))


def _minutes(week: Week) -> dict[tuple[int, date], int]:
    """Minutes of all work in this week and the one before: a limit of hours asks for no purpose."""
    rows = PlatformWeek.objects.filter(basis=Basis.CASH, week__in=[week.previous.monday, week.monday])
    return {(pk, monday): minutes for pk, monday, minutes in rows.values_list("platform", "week", "minutes")}


def _evidence(platform: Platform, inputs: PlainRuleInputs) -> PlainRuleEvidence:
    week, agency = inputs.week, inputs.agency
    now = inputs.figures(agency.credit_model, platform.pk, week)
    before = inputs.figures(agency.credit_model, platform.pk, week.previous)
    first = inputs.firsts.get(platform.pk)
    cents, sale = inputs.biggest.get(platform.pk, (0, None))
    return PlainRuleEvidence(
        now=Window(now.cost, now.revenue_cents),
        before=Window(before.cost, before.revenue_cents),
        target=agency.target,
        margin=agency.margin,
        weeks=agency.window_weeks,
        last_week=week,
        first_cost_week=first if first and first <= week else None,
        settling_weeks=agency.settling_weeks,
        minutes=now.minutes,
        unrated_minutes=now.unrated_minutes,
        spend_cents=now.spend_cents,
        last_week_minutes=inputs.minutes.get((platform.pk, week.monday), 0),
        weekly_limit_minutes=inputs.limit(platform, week),
        biggest_sale_cents=cents,
        biggest_sale=sale,
    )


def _case(platform: Platform, inputs: PlainRuleInputs) -> Case:
    evidence = _evidence(platform, inputs)
    return Case(
        evidence=evidence,
        judgement=judge(evidence),
        states={model: judge(with_revenue).state for model, with_revenue in _by_model(platform, inputs, evidence)},
        figures=inputs.figures(inputs.agency.credit_model, platform.pk, inputs.week),
        minutes_before=inputs.minutes.get((platform.pk, inputs.week.previous.monday), 0),
        limit_before_minutes=inputs.limit(platform, inputs.week.previous),
    )


def _by_model(
    platform: Platform, inputs: PlainRuleInputs, evidence: PlainRuleEvidence
) -> Iterator[tuple[str, PlainRuleEvidence]]:
    """The same evidence with the revenue that each model gives the platform."""
    weeks = inputs.week, inputs.week.previous
    for model in inputs.figures_by_model:
        yield (
            model,
            _with_revenue(evidence, *(inputs.figures(model, platform.pk, last).revenue_cents for last in weeks)),
        )
    for model, shares in inputs.shared.items():
        share = Fraction(shares.get(platform.pk, 0.0))
        yield model, _with_revenue(evidence, *(round_half_up(share * inputs.attributed_cents(last)) for last in weeks))


def _with_revenue(evidence: PlainRuleEvidence, now: int, before: int) -> PlainRuleEvidence:
    return replace(
        evidence,
        now=replace(evidence.now, revenue_cents=now),
        before=replace(evidence.before, revenue_cents=before),
        biggest_sale_cents=0,
    )


def _sum(weeks: Mapping[date, Figures], period: Period) -> Figures:
    return Figures.total(figures for monday, figures in weeks.items() if monday in period)


def _first_cost_weeks() -> dict[int, Week]:
    """The first week in which each platform had hours or spend."""
    costly = CampaignWeek.objects.filter(Q(minutes__gt=0) | Q(spend_cents__gt=0), basis=Basis.CASH)
    first_mondays = (
        costly.filter(campaign__purpose=Purpose.REACH)
        .exclude(platform=None)
        .order_by()
        .values_list("platform")
        .annotate(Min("week"))
    )
    return {platform_id: Week(monday) for platform_id, monday in first_mondays}


def _biggest_sales(period: Period, model: str) -> dict[int, tuple[int, int]]:
    """For each platform, the most cents that it is credited with of one sale, less its refunds, and that sale."""
    credited = (
        Credit.objects.filter(money_week__gte=period.first.monday, money_week__lte=period.last.monday)
        .filter(campaign__purpose=Purpose.REACH)
        .exclude(Q(sale=None) | Q(platform=None))
        .order_by()
        .values_list("platform", Coalesce("sale__refund_of", "sale"))
        .annotate(cents=Sum(f"cents_{model}"))
    )
    biggest: dict[int, tuple[int, int]] = {}
    for platform_id, sale_id, cents in credited.filter(cents__gt=0):
        biggest[platform_id] = max(biggest.get(platform_id, (0, 0)), (cents, sale_id))
    return biggest
