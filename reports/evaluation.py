"""Judge each platform at the end of a week, remember the verdict, and raise or clear its flags."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce

from campaigns.models import Agency, JobRun, Platform
from campaigns.models.agency import Basis, CreditModel
from campaigns.weeks import Week
from reports import attention
from reports.breakdown import Lens, Period, by_platform_and_week
from reports.figures import Figures
from reports.method.assessment import Assessment, Line, to_json
from reports.models import Credit, Flag, FlagKind, PlatformWeek, Verdict
from reports.verdict import Evidence, Judgement, State, Window, flag_should_clear, judge


@dataclass(frozen=True)
class Case:
    """One platform's evidence under the agency's credit model, and what each model would say of it.

    ``judgement`` and ``states`` are the plain rule's; ``assessment`` is what the method found, None for a platform
    without any work to judge and for what was stored before there was one.
    """

    evidence: Evidence
    judgement: Judgement
    states: Mapping[str, State]
    figures: Figures
    minutes_before: int
    assessment: Assessment | None = None

    @property
    def state(self) -> State:
        """The verdict: the method's, unless nothing was spent in the window that is shown."""
        if self.assessment is None or self.judgement.state is State.NO_DATA:
            return self.judgement.state
        return State(self.assessment.state)

    @property
    def depends_on_model(self) -> bool:
        return self.assessment.flips if self.assessment else len(set(self.states.values())) > 1


def evaluate(week: Week, *, at: datetime) -> dict[Platform, Case]:
    """Judge all platforms at the end of `week` and store verdicts and flags; safe to repeat."""
    with transaction.atomic():
        _wait_for_turn()
        cases = examine(week)
        for platform, case in cases.items():
            Verdict.objects.update_or_create(
                platform=platform,
                week=week.monday,
                defaults={
                    "state": case.state,
                    "plain_state": case.judgement.state,
                    "figures": as_json(case),
                    "evaluated_at": at,
                },
            )
            _set_flag(platform, FlagKind.LOSING, week, case, **_losing(case))
            _set_flag(platform, FlagKind.OVER_LIMIT, week, case, **_over_limit(case))
        attention.set_own_brand_flag(week, Agency.current())
    return cases


def _wait_for_turn() -> None:
    """One evaluation at a time, reading included: or one that read before a change would write over one after it."""
    JobRun.objects.get_or_create(name="evaluate")
    JobRun.objects.select_for_update().get(name="evaluate")


def is_outdated(week: Week) -> bool:
    """Whether the settings were changed after the verdicts of this week were spoken."""
    spoken = Verdict.objects.filter(week=week.monday).aggregate(at=Min("evaluated_at"))["at"]
    return spoken is not None and Agency.history.filter(history_date__gt=spoken).exists()


def examine(week: Week) -> dict[Platform, Case]:
    """What the rule says of each platform at the end of `week`, without storing anything."""
    agency = Agency.current()
    platforms = list(Platform.objects.all())
    firsts = _first_cost_weeks()
    looks = {model: _look(week, agency, CreditModel(model)) for model in CreditModel.values}
    biggest = _biggest_sales(Period.ending(week, agency.window_weeks), agency.credit_model)
    cases = {}
    for platform in platforms:
        by_model = {model: _evidence(platform, week, agency, look, firsts, biggest) for model, look in looks.items()}
        cases[platform] = _case(by_model, agency, looks[agency.credit_model].get(platform.pk, {}), week)
    return cases


def _look(week: Week, agency: Agency, model: CreditModel) -> dict[int | None, dict[date, Figures]]:
    """Both windows in one query: the weeks of the one that ends now and one week more."""
    period = Period.ending(week, agency.window_weeks + 1)
    return by_platform_and_week(period, Lens(model=model, basis=Basis.CASH))


def _evidence(
    platform: Platform,
    week: Week,
    agency: Agency,
    look: Mapping[int | None, Mapping[date, Figures]],
    firsts: Mapping[int, Week],
    biggest: Mapping[int, tuple[int, int]],
) -> Evidence:
    weeks = look.get(platform.pk, {})
    now = _sum(weeks, Period.ending(week, agency.window_weeks))
    before = _sum(weeks, Period.ending(week.previous, agency.window_weeks))
    first = firsts.get(platform.pk)
    cents, sale = biggest.get(platform.pk, (0, None))
    return Evidence(
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
        last_week_minutes=weeks.get(week.monday, Figures()).minutes,
        weekly_limit_minutes=platform.weekly_limit_minutes,
        biggest_sale_cents=cents,
        biggest_sale=sale,
    )


def _case(by_model: Mapping[str, Evidence], agency: Agency, weeks: Mapping[date, Figures], week: Week) -> Case:
    evidence = by_model[agency.credit_model]
    return Case(
        evidence=evidence,
        judgement=judge(evidence),
        states={model: judge(replace(one, biggest_sale_cents=0)).state for model, one in by_model.items()},
        figures=_sum(weeks, Period.ending(week, agency.window_weeks)),
        minutes_before=weeks.get(week.previous.monday, Figures()).minutes,
    )


def _sum(weeks: Mapping[date, Figures], period: Period) -> Figures:
    return Figures.total(figures for monday, figures in weeks.items() if monday in period)


def _first_cost_weeks() -> dict[int, Week]:
    """The first week in which each platform had hours or spend."""
    costly = PlatformWeek.objects.filter(Q(minutes__gt=0) | Q(spend_cents__gt=0), basis=Basis.CASH)
    found = costly.exclude(platform=None).order_by().values_list("platform").annotate(Min("week"))
    return {platform_id: Week(monday) for platform_id, monday in found}


def _biggest_sales(period: Period, model: str) -> dict[int, tuple[int, int]]:
    """For each platform, the most cents that it is credited with of one sale, less its refunds, and that sale."""
    credited = (
        Credit.objects.filter(money_week__gte=period.first.monday, money_week__lte=period.last.monday)
        .exclude(Q(sale=None) | Q(platform=None))
        .order_by()
        .values_list("platform", Coalesce("sale__refund_of", "sale"))
        .annotate(cents=Sum(f"cents_{model}"))
    )
    biggest: dict[int, tuple[int, int]] = {}
    for platform_id, sale_id, cents in credited.filter(cents__gt=0):
        biggest[platform_id] = max(biggest.get(platform_id, (0, 0)), (cents, sale_id))
    return biggest


# -- flags ------------------------------------------------------------------------------------------------------------


def _losing(case: Case) -> dict[str, bool]:
    return {"up": case.judgement.is_flagged, "over": flag_should_clear(case.evidence)}


def _over_limit(case: Case) -> dict[str, bool]:
    """Raised by one week above the limit, cleared by two within it."""
    limit = case.evidence.weekly_limit_minutes
    within_before = limit is None or case.minutes_before <= limit
    return {
        "up": case.judgement.over_limit_minutes > 0,
        "over": not case.judgement.over_limit_minutes and within_before,
    }


def _set_flag(platform: Platform, kind: FlagKind, week: Week, case: Case, *, up: bool, over: bool) -> None:
    flag = Flag.objects.select_for_update().open().filter(platform=platform, kind=kind).first()
    if up and flag is None:
        Flag.objects.create(platform=platform, kind=kind, raised_on=week.monday, figures=as_json(case))
    elif over and flag is not None and flag.raised_on <= week.monday:
        flag.cleared_on = week.monday
        flag.save(update_fields=["cleared_on"])


# -- what is stored ---------------------------------------------------------------------------------------------------


def as_json(case: Case) -> dict[str, Any]:
    """The case as plain JSON: exact fractions as text like `3/4`; of the assessment, what lists of platforms show."""
    return {
        "judgement": _plain(asdict(case.judgement)),
        "evidence": _plain(asdict(case.evidence)),
        "figures": _plain(asdict(case.figures)),
        "states": {model: state.value for model, state in case.states.items()},
        "minutes_before": case.minutes_before,
        "assessment": to_json(brief(case.assessment)) if case.assessment else None,
    }


def brief(assessment: Assessment) -> Assessment:
    """The assessment without what only a platform's own page draws."""
    return replace(assessment, cohorts=(), line=Line())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction | date):
        return str(value)
    return value
