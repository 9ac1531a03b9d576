"""What the rows of one moment say of every platform: the delay, the value of a sale, what fell due, and the return."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reports.statistics import sale_value
from reports.statistics.arrays import BoolArray, FloatArray, IntArray
from reports.statistics.delay import DelayPosterior, delay_grid, due, faded, is_recorded, learn
from reports.statistics.inputs import WEEKS_A_MONTH, EvaluationInputs
from reports.statistics.posterior import ENOUGH, DueEvidence, ReturnPosterior, averaged, return_posterior
from reports.statistics.sale_value import SaleValue

# Ages are known to so many months after the newest work, for what is still to come.
AHEAD_MONTHS = 40
# The sales of so many months tell what one is worth; all there are, when they are fewer than that.
VALUE_MONTHS = 26
VALUE_SALES = 30
# A silence of the whole agency that is worth a word: in weeks and in sales due, within the last so many weeks.
SHORTEST_SILENCE, SILENT_SALES, SILENT_WEEKS = 4, 8.0, 52
# Shapley values nearly equal *linear*, and end at 12 platforms.
NOT_AVERAGED = ("shapley",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRules:
    """The agency's settings: amounts in cents after margin, the delay's mean and standard deviation in months.

    Work gets no credit for what comes after the lookback.
    """

    target: float
    usual_sale: float | None
    usual_delay: float
    delay_spread: float
    lookback_weeks: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One moment. ``weighed`` and ``squared`` are the cost that fell due for each delay, faded: shape (P, G).

    ``due`` is the expected cost that fell due in each week, 0 where nothing was recorded: shape (P, W). ``value`` is
    None while nobody knows what a usual sale brings.
    """

    rows: EvaluationInputs
    rules: AssessmentRules
    delay: DelayPosterior
    value: SaleValue | None
    share: FloatArray
    due: FloatArray
    recorded: BoolArray
    weighed: FloatArray
    squared: FloatArray

    @property
    def can_judge(self) -> bool:
        return self.value is not None and bool(self.rows.recorded)

    def amount(self, row: int) -> float:
        """How many usual sales what should have come back by now is worth, as evidence of today."""
        if self.value is None:
            return 0.0
        return float(self.delay.weight @ self._evidence(row, 0.0).due) * self.rules.target / self.value.mean

    def has_enough(self, row: int) -> bool:
        """Whether something can be said: what should be back by now is worth `ENOUGH` usual sales.

        By the settings or by what the sales taught of the delay, whichever says more: the first sales make the delay
        look short and then long, and what could be judged last week can be judged in this one.
        """
        if self.value is None:
            return False
        due, grid = self._evidence(row, 0.0).due, self.delay.grid
        most = max(float(weight @ due) for weight in (self.delay.weight, np.exp(grid.log_prior)))
        return most * self.rules.target / self.value.mean >= ENOUGH

    def returned(self, model: str) -> FloatArray:
        """What each platform was credited with in recorded weeks, each sale by its weight today."""
        result: FloatArray = self._returned_by_week(model).sum(axis=1)
        return result

    def _returned_by_week(self, model: str) -> FloatArray:
        return self.rows.returned[model] * self.recorded * faded(self.rows.now - np.arange(self.rows.now + 1))

    def posteriors(self, row: int, shares: Mapping[str, Mapping[int, float]]) -> dict[str, ReturnPosterior]:
        """The return per 1 under each attribution model; a data-driven one shares out what all platforms brought."""
        return self._each_posterior(row, self._amounts(row, shares))

    def without_best_week(self, row: int, shares: Mapping[str, Mapping[int, float]]) -> dict[str, ReturnPosterior]:
        """The same as if the one week that brought most had brought nothing."""
        best = {model: float(self._returned_by_week(model)[row].max()) for model in self.rows.returned}
        amounts = self._amounts(row, shares)
        return self._each_posterior(
            row, {model: amount - best.get(model, best[self.rows.model]) for model, amount in amounts.items()}
        )

    def _amounts(self, row: int, shares: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
        amounts = {model: float(self.returned(model)[row]) for model in self.rows.returned}
        whole = float(self.returned(self.rows.model).sum())
        platform = self.rows.platforms[row]
        return amounts | {model: share.get(platform, 0.0) * whole for model, share in shares.items()}

    def _each_posterior(self, row: int, amounts: Mapping[str, float]) -> dict[str, ReturnPosterior]:
        by_amount = {amount: self._posterior(row, amount) for amount in set(amounts.values())}
        return {model: by_amount[amount] for model, amount in amounts.items()}

    def _posterior(self, row: int, returned: float) -> ReturnPosterior:
        assert self.value
        return return_posterior(self._evidence(row, returned), self.delay, self.value, target=self.rules.target)

    def _evidence(self, row: int, returned: float) -> DueEvidence:
        return DueEvidence(weighed=self.weighed[row], squared=self.squared[row], returned=returned)


def look(rows: EvaluationInputs, rules: AssessmentRules) -> Look:
    """What the rows say at their end."""
    ages = WEEKS_A_MONTH * (rows.months + AHEAD_MONTHS)
    grid = delay_grid(rules.usual_delay, rules.delay_spread, ages, longest=rules.lookback_weeks)
    delay = learn(grid, rows.delays, rows.recorded, rows.now)
    recorded = is_recorded(np.arange(rows.now + 1), rows.recorded)
    share = delay.share_by_age()
    return Look(
        rows=rows,
        rules=rules,
        delay=delay,
        value=_value(rows, rules),
        share=share,
        due=_due_by_week(rows.cost, share) * recorded,
        recorded=recorded,
        weighed=rows.cost @ due(grid, rows.recorded, rows.now, power=1).T,
        squared=rows.cost @ due(grid, rows.recorded, rows.now, power=2).T,
    )


def mixture(posteriors: Mapping[str, ReturnPosterior]) -> ReturnPosterior:
    """Return the posterior that the verdict rests on: no model is known to be right, so they count alike."""
    return averaged(posterior for model, posterior in posteriors.items() if model not in NOT_AVERAGED)


def longest_silence(seen: Look) -> tuple[int, int, float] | None:
    """Return the first and the last of those weeks of the last year in which most sales were due and none was made.

    And how many were due, at the pace of all other recorded weeks; None when that is fewer than `SILENT_SALES`. It may
    be a loss of records that nobody told.
    """
    if seen.value is None or not seen.rows.recorded:
        return None
    quiet = seen.recorded.copy()
    quiet[seen.rows.sold.week[seen.rows.sold.week >= 0]] = False
    quiet[: -min(SILENT_WEEKS, len(quiet))] = False
    weeks = np.flatnonzero(quiet)
    runs = [run for run in np.split(weeks, np.flatnonzero(np.diff(weeks) > 1) + 1) if len(run) >= SHORTEST_SILENCE]
    silences = ((int(run[0]), int(run[-1]), _sales_due(seen, run)) for run in runs)
    longest = max(silences, key=lambda silence: silence[2], default=None)
    return longest if longest and longest[2] >= SILENT_SALES else None


def _sales_due(seen: Look, run: IntArray) -> float:
    """How many sales were due in these weeks, if they had gone as the other recorded ones."""
    assert seen.value
    due, came = seen.due.sum(axis=0), (seen.rows.returned[seen.rows.model] * seen.recorded).sum()
    others = due.sum() - due[run].sum()
    return float(due[run].sum() * came / others / seen.value.mean) if others > 0 else 0.0


def _due_by_week(cost: FloatArray, share: FloatArray) -> FloatArray:
    """The cost of which returns fall due in each week, whichever week the work was done in."""
    weeks = cost.shape[1]
    density = np.diff(share[:weeks], prepend=0.0)
    return np.stack([np.convolve(each, density)[:weeks] for each in cost]) if len(cost) else cost


def _value(rows: EvaluationInputs, rules: AssessmentRules) -> SaleValue | None:
    """From the sales of the last 24 months, of all of them when those are few."""
    worth, week = rows.sold.net()
    since = rows.now + 1 - WEEKS_A_MONTH * VALUE_MONTHS
    recent = week >= since
    values = worth[recent] if recent.sum() >= VALUE_SALES else worth
    return sale_value.estimate(values, _counts(rows, week[recent], max(since, 0)), usual=rules.usual_sale)


def _counts(rows: EvaluationInputs, week: IntArray, since: int) -> FloatArray:
    """The number of sales in each recorded month of that time."""
    weeks = np.arange(since, rows.now + 1)
    counts = np.bincount(week - since, minlength=len(weeks)).astype(np.float64)
    whole = len(weeks) // WEEKS_A_MONTH * WEEKS_A_MONTH
    inside = is_recorded(weeks, rows.recorded)[-whole:].reshape(-1, WEEKS_A_MONTH).all(axis=1)
    by_month: FloatArray = counts[-whole:].reshape(-1, WEEKS_A_MONTH).sum(axis=1)[inside]
    return by_month
