"""Judge each platform at the end of a week, remember the verdict, and raise or clear its flags."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Min

from campaigns.models import Agency, Campaign, JobRun, Platform, UnrecordedPeriod
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.figures.time_allocation import own_limit, own_share
from reports.models import Evaluation, Flag, FlagCleared, FlagKind, Verdict
from reports.statistics.results import to_json
from reports.statistics.states import UNJUDGED, VerdictState
from reports.verdicts.announcements import tell_changes
from reports.verdicts.case import Case, as_json
from reports.verdicts.flag_rules import PLAIN, WEEKS_UNJUDGED, rule_of, why_cleared
from reports.verdicts.plain_rule import minutes_over_limit
from reports.verdicts.plain_rule_cases import plain_rule_cases

if TYPE_CHECKING:
    from reports.statistics.evidence import AssessmentRules


# Between two evaluations that changes ask for.
REST = timedelta(minutes=1)
# The stored evaluations are long; verdicts, which are short, are kept for good.
WEEKS_KEPT = 60


def evaluate(week: Week, *, at: datetime) -> dict[Platform, Case]:
    """Judge all platforms at the end of `week`, store what was found and set flags; safe to repeat.

    A week with a later one judged already only has its findings stored: flags tell of today.
    """
    with transaction.atomic():
        _wait_for_turn()
        cases = compute(week)
        before = _states_before(week)
        _store(cases, week, at=at)
        newest = Verdict.objects.aggregate(week=Max("week"))["week"]
        Evaluation.objects.filter(week__lte=Week(newest or week.monday).plus(-WEEKS_KEPT).monday).delete()
        if newest is None or newest <= week.monday:
            _set_flags(cases, week)
            set_own_brand_flag(week, Agency.current())
            tell_changes(before, cases, week, at=at)
    return cases


def _states_before(week: Week) -> dict[int, str]:
    """The state that each platform was last given, by an earlier look at this week or in one before."""
    recent = Verdict.objects.filter(week__lte=week.monday, week__gt=week.plus(-WEEKS_UNJUDGED).monday).order_by("week")
    return dict(recent.values_list("platform", "state"))


def _store(cases: Mapping[Platform, Case], week: Week, *, at: datetime) -> None:
    """Write verdicts and evaluations over those of an earlier look at the same week."""
    verdicts = [
        Verdict(
            platform=platform,
            week=week.monday,
            state=case.state,
            plain_state=case.judgement.state,
            figures=as_json(case),
            evaluated_at=at,
        )
        for platform, case in cases.items()
    ]
    evaluations = [
        Evaluation(platform=platform, week=week.monday, results=to_json(case.assessment), evaluated_at=at)
        for platform, case in cases.items()
        if case.assessment
    ]
    key = ["platform", "week"]
    Evaluation.objects.filter(week=week.monday).delete()
    Evaluation.objects.bulk_create(evaluations)
    fields = ["state", "plain_state", "figures", "evaluated_at"]
    Verdict.objects.bulk_create(verdicts, update_conflicts=True, unique_fields=key, update_fields=fields)


def request_evaluation(*, at: datetime) -> None:
    """Leave word that there is something new to judge; waits for one who judges now, and may have read before it."""
    JobRun.objects.get_or_create(name="evaluate")
    JobRun.objects.filter(name="evaluate").update(next_due=at)


def evaluate_due(*, at: datetime) -> None:
    """Judge the last complete week, and take away the word that was left, unless this fails."""
    with transaction.atomic():
        _wait_for_turn()
        JobRun.objects.filter(name="evaluate").update(next_due=None, detail=_left_out())
        evaluate(Agency.current().last_complete_week(at), at=at)


def is_due(at: datetime) -> bool:
    """Whether something waits to be judged, and the last time was long enough ago.

    A file that comes in moves the figures every few seconds; the sweep sees to what is left at the end.
    """
    job = JobRun.objects.filter(name="evaluate").exclude(next_due=None).first()
    # A clock that was put back must not keep it waiting.
    return job is not None and (job.finished_at is None or abs(at - job.finished_at) >= REST)


def _wait_for_turn() -> None:
    """One evaluation at a time, reading included: or one that read before a change would write over one after it."""
    JobRun.objects.get_or_create(name="evaluate")
    JobRun.objects.select_for_update().get(name="evaluate")


def is_outdated(week: Week) -> bool:
    """Whether the settings, or what campaigns are for, were changed after the verdicts of this week were spoken."""
    spoken = Verdict.objects.filter(week=week.monday).aggregate(at=Min("evaluated_at"))["at"]
    if spoken is None:
        return False
    settings = (Agency, UnrecordedPeriod)
    were_changed = any(model.history.filter(history_date__gt=spoken).exists() for model in settings)
    return were_changed or JobRun.objects.filter(name="evaluate").exclude(detail=_left_out()).exists()


def _left_out() -> str:
    """The campaigns whose work is not judged, as the job's note of what it left out."""
    numbers = Campaign.objects.exclude(purpose=Purpose.REACH).order_by("pk").values_list("pk", flat=True)
    return f"without campaigns {', '.join(map(str, numbers))}" if numbers else ""


def compute(week: Week) -> dict[Platform, Case]:
    """What is to be said of each platform at the end of `week`, without storing anything. For jobs: it computes."""
    # Imported here: web processes show what was found, and do without the libraries of the method.
    from reports.statistics import assess
    from reports.verdicts import load_inputs

    agency = Agency.current()
    platforms = list(Platform.objects.all())
    rows = load_inputs.read(week, [platform.pk for platform in platforms], agency)
    shares = assess.shares_of(rows.paths)
    cases = plain_rule_cases(week, shares.models)
    assessments = assess.assess(
        rows,
        _rules(agency),
        shares,
        previous={pk: state for pk, (_week, state) in _judged_before(week).items()},
        plain={
            platform.pk: {model: state.value for model, state in case.states.items()}
            for platform, case in cases.items()
        },
        inputs_until=week.sunday.isoformat(),
    )
    return {platform: replace(case, assessment=assessments.get(platform.pk)) for platform, case in cases.items()}


def _rules(agency: Agency) -> "AssessmentRules":
    from reports.statistics.evidence import AssessmentRules

    return AssessmentRules(
        target=float(agency.target),
        usual_sale=None if agency.typical_sale is None else float(agency.typical_sale),
        usual_delay=float(agency.usual_delay_months),
        delay_spread=float(agency.usual_delay_spread_months),
        lookback_weeks=agency.lookback_days / 7,
    )


def _judged_before(week: Week) -> dict[int, tuple[Week, VerdictState]]:
    """When each platform was last judged before this week, and how; not by the plain rule, nor too long ago to hold."""
    stored = (
        Verdict.objects.filter(week__lt=week.monday, week__gt=week.plus(-WEEKS_UNJUDGED).monday)
        .exclude(figures__assessment__rule=PLAIN)
        .order_by("week")
        .values_list("platform", "week", "figures__assessment__state")
    )
    return {pk: (Week(monday), VerdictState(state)) for pk, monday, state in stored if state and state not in UNJUDGED}


# -- flags ------------------------------------------------------------------------------------------------------------


def _set_flags(cases: Mapping[Platform, Case], week: Week) -> None:
    opened = Flag.objects.select_for_update().open().exclude(platform=None)
    up = {(flag.platform_id, flag.kind): flag for flag in opened}
    judged = {pk: judged_in for pk, (judged_in, _state) in _judged_before(week).items()}
    for platform, case in cases.items():
        losing, over_limit = (up.get((platform.pk, kind)) for kind in (FlagKind.LOSING, FlagKind.OVER_LIMIT))
        if losing is not None:
            _clear(losing, week, _why_losing_falls(losing, case, week, judged.get(platform.pk)))
        elif case.state is VerdictState.LOSING:
            _raise(platform, FlagKind.LOSING, week, case)
        if over_limit is not None:
            _clear(over_limit, week, FlagCleared.WITHIN_LIMIT if _is_within_limit(case) else None)
        elif case.judgement.over_limit_minutes > 0:
            _raise(platform, FlagKind.OVER_LIMIT, week, case)


def _why_losing_falls(flag: Flag, case: Case, week: Week, judged_in: Week | None) -> FlagCleared | None:
    since = max(Week(flag.raised_on), judged_in or Week(flag.raised_on))
    return why_cleared(case, rule=rule_of(flag.figures), weeks_unjudged=since.weeks_until(week))


def _is_within_limit(case: Case) -> bool:
    """Raised by one week above the limit, cleared by two within it, each held against the limit of its own week."""
    before = minutes_over_limit(case.minutes_before, case.limit_before_minutes)
    return not case.judgement.over_limit_minutes and not before


def _raise(platform: Platform, kind: FlagKind, week: Week, case: Case) -> None:
    Flag.objects.create(platform=platform, kind=kind, raised_on=week.monday, figures=as_json(case))


def _clear(flag: Flag, week: Week, because: FlagCleared | None) -> None:
    """Take the flag down when there is a reason; a week from before it was raised has none."""
    if because is not None and flag.raised_on <= week.monday:
        flag.clear(week, because)


def set_own_brand_flag(week: Week, agency: Agency) -> None:
    """Raise the flag when this week is above the limit; clear it when this one and the one before are within it."""
    limit = own_limit(agency)
    before, now = (own_share(each, limit) for each in (week.previous, week))
    flag = Flag.objects.select_for_update().open().filter(kind=FlagKind.OWN_BRAND).first()
    if now.is_over and flag is None:
        Flag.objects.create(kind=FlagKind.OWN_BRAND, raised_on=week.monday, figures=now.as_json())
    elif flag is not None and not now.is_over and not before.is_over and flag.raised_on <= week.monday:
        flag.clear(week, FlagCleared.WITHIN_LIMIT)
