"""From the rows of an agency to the `Assessment` of each platform: the method put together.

The order: how long sales take (`delay`), what one is worth (`sale_value`), what that says of each platform's return,
now and four weeks before (`evidence`, `posterior`); then what the work is still to bring (`projection`), where the next
hour stops paying (`marginal_return`), and the same under each attribution model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import itemgetter

import numpy as np

from core.weeks import Week
from reports.statistics import data_driven_attribution, posterior, projection
from reports.statistics.arrays import FloatArray
from reports.statistics.delay import WEEKS_A_MONTH as CALENDAR_WEEKS
from reports.statistics.delay import faded
from reports.statistics.evidence import AssessmentRules, Look, longest_silence, look, mixture
from reports.statistics.inputs import WEEKS_A_MONTH, EvaluationInputs, known_cells
from reports.statistics.marginal_return import line_of
from reports.statistics.posterior import ENOUGH, LEAVE_EARNING, ReturnPosterior, Rule
from reports.statistics.projection import ALL_IN, Prediction
from reports.statistics.results import (
    Assessment,
    EvidenceMonth,
    Range,
    Refusal,
    ReturnLag,
    Silence,
    UnderModel,
    WindowEstimate,
)
from reports.statistics.sale_value import ENOUGH_SALES
from reports.statistics.states import VerdictState

Taken = Callable[[Mapping[str, ReturnPosterior]], ReturnPosterior]
# What sentences speak of: what fell due and what came in this time. The chance rests on all evidence.
WINDOW_WEEKS = 52
# The months of evidence that are listed; older ones count for next to nothing.
LISTED_MONTHS = 39
# How long returns take is drawn up to five years.
MOST_AGES = 65


@dataclass(frozen=True, slots=True)
class Shares:
    """How the two data-driven models share out value: model -> platform -> share; and why one of them does not."""

    models: Mapping[str, Mapping[int, float]]
    refused: Mapping[str, Refusal]


def shares_of(found: tuple[data_driven_attribution.ChannelPath, ...]) -> Shares:
    """Let the paths of all leads share out the value of those that were won, by each data-driven model."""
    if not any(path.value for path in found):
        return Shares({}, dict.fromkeys(data_driven_attribution.MODELS, Refusal("no_paths", 0, 1)))
    models, refused = {}, {}
    for name, credit in data_driven_attribution.MODELS.items():
        try:
            models[name] = _value_shares(credit(found))
        except data_driven_attribution.TooManyChannels:
            channels = len(data_driven_attribution.channels_of(found))
            refused[name] = Refusal("too_many_channels", channels, data_driven_attribution.MAX_SHAPLEY)
    return Shares(models, refused)


def _value_shares(credits: Mapping[str, data_driven_attribution.ChannelCredit]) -> dict[int, float]:
    whole = sum(credit.value for credit in credits.values())
    return {int(channel): credit.value / whole if whole > 0 else 0.0 for channel, credit in credits.items()}


def assess(
    rows: EvaluationInputs,
    rules: AssessmentRules,
    shares: Shares,
    *,
    previous: Mapping[int, VerdictState],
    plain: Mapping[int, Mapping[str, str]],
    inputs_until: str,
) -> dict[int, Assessment]:
    """Return the assessment of each platform that ever cost anything.

    ``previous`` holds the last state that was judged before this week, ``plain`` the plain rule's state under each
    model, by platform; ``inputs_until`` is the last day that the rows know.
    """
    now, before = look(rows, rules), look(rows.month_ago(), rules)
    found = {}
    for row, platform in enumerate(rows.platforms):
        if rows.cost[row].any():
            seen = Reading(now, before, row, shares, previous.get(platform, VerdictState.WATCH))
            found[platform] = _assessment(seen, plain[platform], inputs_until)
    return found


# -- one platform, now and four weeks before --------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What the evidence of now and of four weeks before says of one platform; ``previous`` was judged before."""

    now: Look
    before: Look
    row: int
    shares: Shares
    previous: VerdictState

    @cached_property
    def posteriors(self) -> dict[str, ReturnPosterior]:
        """The return by attribution model, now."""
        return self.now.posteriors(self.row, self.shares.models)

    @cached_property
    def posteriors_before(self) -> dict[str, ReturnPosterior]:
        return self.before.posteriors(self.row, self.shares.models) if self.before.can_judge else {}

    @property
    def state(self) -> VerdictState:
        """The verdict: averaged over the attribution models."""
        if not self.now.can_judge or self._is_early:
            return self._unjudged
        before = mixture(self.posteriors_before) if self.posteriors_before else None
        return self._next(mixture(self.posteriors), before, mixture)

    def under(self, model: str) -> VerdictState:
        """The state if this attribution model were right."""
        if not self.now.can_judge or self._is_early:
            return self._unjudged
        return self._next(self.posteriors[model], self.posteriors_before.get(model), itemgetter(model))

    def _next(self, now: ReturnPosterior, before: ReturnPosterior | None, taken: Taken) -> VerdictState:
        """The next state; ``taken`` takes the posterior that it is of from those under each model."""
        target = self.now.rules.target
        below_before = None if before is None else before.p_below(target)
        state = posterior.next_state(self.previous, now.p_below(target), below_before)
        is_raised = state is VerdictState.EARNING and self.previous is not VerdictState.EARNING
        return VerdictState.WATCH if is_raised and self._rests_on_one_week(taken) else state

    def _rests_on_one_week(self, taken: Taken) -> bool:
        """Whether one week, as one big sale makes it, is why it would be *earning*: no sale turns a verdict round."""
        without = taken(self.now.without_best_week(self.row, self.shares.models))
        return 1 - without.p_below(self.now.rules.target) < LEAVE_EARNING

    @property
    def _is_early(self) -> bool:
        return not self.now.has_enough(self.row)

    @property
    def _unjudged(self) -> VerdictState:
        """Silence is no evidence until sales are recorded; young work is early; little work says little at any age."""
        if not self.now.rows.recorded:
            return VerdictState.NO_SALES
        if self.now.value is None or self._spent / self.now.value.mean < ENOUGH:
            return VerdictState.INSUFFICIENT
        return VerdictState.TOO_EARLY

    @property
    def _spent(self) -> float:
        return float(self.now.rows.cost[self.row].sum()) * self.now.rules.target

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What somebody has to say before anything can be judged."""
        if self.now.rows.recorded and self.now.value is None:
            sales = len(self.now.rows.sold.net()[0])
            return (Refusal("usual_sale_unknown", sales, ENOUGH_SALES),)
        return ()


def _assessment(seen: Reading, plain: Mapping[str, str], inputs_until: str) -> Assessment:
    now, rows, row = seen.now, seen.now.rows, seen.row
    prediction = _prediction(seen)
    cost, returned = rows.by_month(rows.cost[row]), float(rows.returned[rows.model][row].sum())
    start = int(np.argmax(cost != 0))
    course = np.where(known_cells(rows.months), np.cumsum(rows.course[row], axis=1), np.nan)
    return Assessment(
        week=rows.weeks[-1][1],
        inputs_until=inputs_until,
        target=now.rules.target,
        state=seen.state.value,
        rule=(Rule.EVIDENCE if now.delay.sales else Rule.TYPICAL_SALE).value,
        judged=posterior.last_judged(seen.previous, seen.state).value,
        plain_state=plain[rows.model],
        spent_cents=round(float(cost.sum()), 2),
        now=_window_estimate(now, row, mixture(seen.posteriors)) if now.can_judge else None,
        before=_window_estimate(seen.before, row, mixture(seen.posteriors_before)) if seen.before.can_judge else None,
        refusals=seen.refusals,
        delay=_return_lag(now),
        cohorts=projection.cohorts(
            rows.weeks[start:], course[start:], cost[start:], prediction, target=now.rules.target
        ),
        total=projection.total(prediction, returned) if prediction else None,
        total_cost_cents=round(float(cost.sum()), 2),
        line=line_of(rows, row, average_return=_average_return(seen), target=now.rules.target),
        models=_under_models(seen, plain),
        models_refused=seen.shares.refused,
        recorded_since=_recorded_since(rows),
        months=_evidence_months(now, row),
        silence=_silence(now),
        quarters=projection.quarters(prediction, date.fromisoformat(inputs_until)) if prediction else (),
    )


def _prediction(seen: Reading) -> Prediction | None:
    now = seen.now
    if not now.can_judge or now.value is None:
        return None
    return Prediction.of(mixture(seen.posteriors), now.delay.grid, now.value, now.rows.cost[seen.row], now.share)


def _window_estimate(seen: Look, row: int, found: ReturnPosterior) -> WindowEstimate:
    """What fell due in the window and what came; the window begins with the first cost or with recorded time."""
    assert seen.value
    rows, target = seen.rows, seen.rules.target
    start = max(rows.now + 1 - WINDOW_WEEKS, min(_first_cost(rows, row), rows.now), min(rows.recorded[0][0], rows.now))
    window = slice(start, None)
    low, high = found.interval()
    below = found.p_below(target)
    returned = rows.returned[rows.model][row] * seen.recorded
    return WindowEstimate(
        months=max(1, round((rows.now + 1 - start) / CALENDAR_WEEKS)),
        cost_cents=round(float(rows.cost[row, window].sum()), 2),
        matured_cents=round(float(seen.due[row, window].sum()), 2),
        returned_cents=round(float(returned[window].sum()), 2),
        phi_cents=round(seen.value.phi, 2),
        amount=seen.amount(row),
        p_below=below,
        p_above=1.0 - below,
        returned=Range(round(found.mean, 6), round(low, 6), round(high, 6)),
        usual_sale_cents=round(seen.value.mean, 2),
        first_week=str(_week(rows, start)),
        last_week=rows.weeks[-1][1],
    )


def _first_cost(rows: EvaluationInputs, row: int) -> int:
    return int(np.argmax(rows.cost[row] != 0))


def _return_lag(seen: Look) -> ReturnLag | None:
    """How long sales take here, as expected, month by month; None while nothing was recorded."""
    if not seen.rows.recorded:
        return None
    by_month = _by_month_of_work(seen.share)
    ages = min(int(np.argmax(by_month >= ALL_IN)) + 1 if (by_month >= ALL_IN).any() else MOST_AGES, MOST_AGES)
    return ReturnLag(
        source="agency" if seen.delay.sales else "guess",
        share=tuple(round(float(part), 6) for part in by_month[:ages]),
        # Fractions of sales add up to whole ones but for the last digits.
        sales=int(seen.delay.sales + 1e-4),
        half_months=_half(seen),
        taught=round(seen.delay.taught, 6),
    )


def _by_month_of_work(share: FloatArray) -> FloatArray:
    """p by month of age, for work spread over its four weeks."""
    months = len(share) // WEEKS_A_MONTH - 1
    ages = WEEKS_A_MONTH * np.arange(months)[:, None] + np.arange(WEEKS_A_MONTH)
    result: FloatArray = share[ages].mean(axis=1)
    return result


def _half(seen: Look) -> Range:
    """After how many months half is in, for each delay of the grid: the mean and the bounds of 80 in 100."""
    table, weight = seen.delay.grid.arrived[0], seen.delay.weight
    weeks = np.where((table >= 0.5).any(axis=1), np.argmax(table >= 0.5, axis=1), table.shape[1])
    order = np.argsort(weeks)
    places = np.searchsorted(np.cumsum(weight[order]), [0.1, 0.5, 0.9])
    low, middle, high = weeks[order][np.minimum(places, len(order) - 1)] / CALENDAR_WEEKS
    return Range(round(float(middle), 2), round(float(low), 2), round(float(high), 2))


def _recorded_since(rows: EvaluationInputs) -> str | None:
    if not rows.recorded:
        return None
    return _week(rows, rows.recorded[0][0]).monday.isoformat()


def _silence(seen: Look) -> Silence | None:
    found = longest_silence(seen)
    if found is None:
        return None
    first, last, sales = found
    return Silence(first_week=str(_week(seen.rows, first)), last_week=str(_week(seen.rows, last)), due=round(sales, 2))


def _week(rows: EvaluationInputs, number: int) -> Week:
    return Week.parse(rows.weeks[-1][1]).plus(number - rows.now)


def _evidence_months(seen: Look, row: int) -> tuple[EvidenceMonth, ...]:
    """Month by month from the first cost on, oldest first: what makes up the evidence."""
    rows = seen.rows
    came = rows.returned[rows.model][row] * seen.recorded
    weights = rows.by_month(faded(rows.now - np.arange(rows.now + 1)) * seen.recorded)
    cost, fell_due, returned = (rows.by_month(each) for each in (rows.cost[row], seen.due[row], came))
    inside = rows.by_month(seen.recorded.astype(np.float64))
    first = max(_first_cost(rows, row) // WEEKS_A_MONTH, rows.months - LISTED_MONTHS)
    return tuple(
        EvidenceMonth(
            first_week=rows.weeks[month][0],
            last_week=rows.weeks[month][1],
            cost_cents=round(float(cost[month]), 2),
            due_cents=round(float(fell_due[month]), 2),
            returned_cents=round(float(returned[month]), 2),
            weight=round(float(weights[month] / inside[month]), 4) if inside[month] else 0.0,
            is_recorded=bool(inside[month] == WEEKS_A_MONTH),
        )
        for month in range(first, rows.months)
    )


def _average_return(seen: Reading) -> float | None:
    """What 1 spent brings back; None while that is not known."""
    if not seen.now.can_judge or not seen.now.has_enough(seen.row):
        return None
    return mixture(seen.posteriors).mean


def _under_models(seen: Reading, plain: Mapping[str, str]) -> dict[str, UnderModel]:
    """The same reading with what each model gives the platform."""
    rows, row = seen.now.rows, seen.row
    came = {model: float((amounts[row] * seen.now.recorded).sum()) for model, amounts in rows.returned.items()}
    whole = float((rows.returned[rows.model] * seen.now.recorded).sum())
    platform = rows.platforms[row]
    came |= {model: share.get(platform, 0.0) * whole for model, share in seen.shares.models.items()}
    target = seen.now.rules.target
    return {
        model: UnderModel(
            state=seen.under(model).value,
            plain_state=plain[model],
            returned_cents=round(amount, 2),
            p_below=seen.posteriors[model].p_below(target) if seen.now.can_judge else None,
        )
        for model, amount in came.items()
    }
