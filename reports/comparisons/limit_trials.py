"""Hold the weeks of a trial against the 26 weeks before it: leads while it runs, sales once they have had their time.

Leads are counted by the week they came in, sales by the week of the work that brought them, which is the trial's own.
"""

import math
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from campaigns.models import Agency, LimitTrial
from campaigns.models.agency import Basis
from campaigns.models.catalogue import ComparedMeasure
from campaigns.models.trials import LimitTrialQuerySet
from core.weeks import Week
from reports.comparisons.compute import ComparisonRows, fit, period_of, wait_for_turn
from reports.comparisons.records import ComparisonRecord, ComparisonSpec, from_json, to_json
from reports.figures.totals import Figures
from reports.models import Evaluation, TrialComparison

WEEKS_BEFORE = 26
# So much of what the work brings should be in before its sales are told.
ENOUGH_IS_IN = 0.9
# The delays of returns are known in months of four weeks; the settings are in months of the calendar.
WEEKS_A_MONTH, WEEKS_A_CALENDAR_MONTH = 4, 365.25 / 12 / 7
# Nine in ten of a normal distribution lie below so many standard deviations above the mean.
NINE_IN_TEN = 1.2816


def is_outdated(week: Week, changed: Collection[date] = ()) -> bool:
    """Whether a trial has weeks that are not looked at yet, or one of the weeks that changed (Mondays) is."""
    agency, trials = Agency.current(), list(begun(week))
    specs = {trial.pk: leads_spec(trial, agency, week) for trial in trials}
    stored = dict(TrialComparison.objects.filter(trial__in=trials).values_list("trial", "results__leads__asked"))
    if any(stored.get(pk) != to_json(_blank(spec))["asked"] for pk, spec in specs.items()):
        return True
    periods = [period for spec in specs.values() if (period := period_of(spec))]
    return any(monday in period for period in periods for monday in changed)


def evaluate_trials(week: Week, *, at: datetime) -> None:
    """Compare every trial that has begun by the end of ``week``; safe to repeat."""
    with transaction.atomic():
        wait_for_turn()
        agency, trials = Agency.current(), list(begun(week))
        leads = {trial: leads_spec(trial, agency, week) for trial in trials}
        sales = {trial: sales_spec(trial, agency) for trial in trials if sales_are_due(trial, agency, week)}
        found = {
            "leads": _compared(leads, agency, Basis.CASH),
            "sales": _compared(sales, agency, Basis.COHORT),
        }
        for trial in trials:
            results = {name: records.get(trial) for name, records in found.items()}
            defaults = {"results": results, "evaluated_at": at}
            TrialComparison.objects.update_or_create(trial=trial, defaults=defaults)


def begun(week: Week) -> LimitTrialQuerySet:
    """The trials of which a week was over at the end of this one."""
    return LimitTrial.objects.not_called_off().filter(first_week__lte=week.monday)


def _compared(specs: Mapping[LimitTrial, ComparisonSpec], agency: Agency, basis: Basis) -> dict[LimitTrial, Any]:
    if not specs:
        return {}
    rows = ComparisonRows.of(specs.values(), agency.credit_model, basis=basis)
    return {
        trial: to_json(fit(spec, rows.data_on({trial.platform_id}, spec, cost=Figures())))
        for trial, spec in specs.items()
    }


def _blank(spec: ComparisonSpec) -> ComparisonRecord:
    return ComparisonRecord(spec=spec, data=None, refusal=None, result=None)


def record_of(comparison: TrialComparison | None, name: str) -> ComparisonRecord | None:
    """What was found of `leads` or `sales`; None where nothing was computed yet."""
    stored = comparison.results.get(name) if comparison else None
    return from_json(stored) if stored else None


# -- what is asked ----------------------------------------------------------------------------------------------------


def leads_spec(trial: LimitTrial, agency: Agency, week: Week) -> ComparisonSpec:
    return _spec(trial, agency, ComparedMeasure.LEADS, min(week, trial.last))


def sales_spec(trial: LimitTrial, agency: Agency) -> ComparisonSpec:
    return _spec(trial, agency, ComparedMeasure.SALES, trial.last)


def _spec(trial: LimitTrial, agency: Agency, counted: ComparedMeasure, until: Week) -> ComparisonSpec:
    return ComparisonSpec(
        counted=counted.value,
        purpose="",
        baseline_starts_on=trial.first.plus(-WEEKS_BEFORE).monday.isoformat(),
        baseline_ends_on=trial.first.previous.sunday.isoformat(),
        starts_on=trial.first.monday.isoformat(),
        ends_on=trial.last.sunday.isoformat(),
        until=until.monday.isoformat(),
        model=agency.credit_model,
        margin=float(agency.margin),
    )


# -- when sales can be told -------------------------------------------------------------------------------------------


def sales_are_due(trial: LimitTrial, agency: Agency, week: Week) -> bool:
    return week >= sales_due_in(trial, agency)


def sales_due_in(trial: LimitTrial, agency: Agency) -> Week:
    """The week by whose end nine in ten of the sales that the trial's work brings should be in."""
    return trial.last.plus(min(_weeks_of_delay(trial, agency), math.ceil(agency.lookback_days / 7)))


def _weeks_of_delay(trial: LimitTrial, agency: Agency) -> int:
    """As the platform's last evaluation knows the delay; by the settings where it reaches no further."""
    newest = Evaluation.objects.filter(platform=trial.platform_id).order_by("-week")
    shares = newest.values_list("results__delay__share", flat=True).first() or ()
    known = next((age + 1 for age, share in enumerate(shares) if share >= ENOUGH_IS_IN), None)
    if known is not None:
        return known * WEEKS_A_MONTH
    months = agency.usual_delay_months + NINE_IN_TEN * agency.usual_delay_spread_months
    return math.ceil(months * WEEKS_A_CALENDAR_MONTH)
