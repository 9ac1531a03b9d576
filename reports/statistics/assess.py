"""From the rows of an agency to the `Assessment` of each platform: the method put together.

The order: how long returns take (`chain_ladder`), what a sale weighs and how sure one can be (`posterior`), now and
four weeks before; then what each month will have brought (`projection`), where the next hour stops paying
(`marginal_return`), and the same under each attribution model (`data_driven_attribution`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from reports.statistics import chain_ladder, data_driven_attribution, posterior, projection
from reports.statistics.arrays import FloatArray, floats
from reports.statistics.chain_ladder import MIN_SALES, TriangleReason, TriangleRefusal
from reports.statistics.inputs import EvaluationInputs
from reports.statistics.marginal_return import line_of
from reports.statistics.posterior import (
    DISPERSION_MONTHS,
    WINDOW_MONTHS,
    Rule,
    StateEstimate,
    WindowEvidence,
    periods_of,
)
from reports.statistics.projection import Outlook
from reports.statistics.results import Assessment, Range, Refusal, ReturnLag, UnderModel, WindowEstimate
from reports.statistics.states import VerdictState

WIDEST = periods_of(max(WINDOW_MONTHS))
SOLD_MONTHS = periods_of(DISPERSION_MONTHS)
WEEKS_A_MONTH = 4
# So many sales tell what a usual one brings.
ENOUGH_SALES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRules:
    """The agency's settings: amounts in cents after margin, the delay's mean and standard deviation in months.

    All sales are recorded from ``complete_since`` on, None while nobody has said so; ``unrecorded`` are the first and
    the last day of each period without records.
    """

    target: float
    typical_sale: float | None
    usual_delay: float
    delay_spread: float
    complete_since: date | None = None
    unrecorded: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Shares:
    """How the two data-driven models share out value: model -> platform -> share; and why one of them does not."""

    models: Mapping[str, Mapping[int, float]]
    refused: Mapping[str, Refusal]


@dataclass(frozen=True, slots=True)
class _Curve:
    """p(age) for every age that is known, and what is said of it; no delay: refused."""

    share: FloatArray
    delay: ReturnLag | None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What all platforms share at one moment: the rows known then, the rule, phi, the agency's curve and the guess."""

    rows: EvaluationInputs
    rule: Rule
    phi: float
    agency: _Curve
    guess: _Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """One platform at one moment: its curve, and the window that is judged with the cost that has matured in it.

    ``window`` is its width in months of four weeks; ``months`` in calendar months.
    """

    look: _Look
    row: int
    curve: _Curve
    months: int
    matured: float

    @property
    def window(self) -> int:
        return periods_of(self.months)

    @property
    def cost(self) -> float:
        return float(self.look.rows.cost[self.row, -self.window :].sum())

    def returned(self, model: str) -> float:
        return float(self.look.rows.money[model][self.row, -self.window :].sum())

    def evidence(self, returned: float) -> WindowEvidence | None:
        if self.curve.delay is None:
            return None
        return WindowEvidence(returned, self.matured, self.look.phi, self.months)


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
            seen = _Seen(view(now, row), view(before, row), rules, previous.get(platform, VerdictState.WATCH))
            found[platform] = _assessment(seen, shares, plain[platform], inputs_until)
    return found


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


# -- one moment -------------------------------------------------------------------------------------------------------


def look(rows: EvaluationInputs, rules: AssessmentRules) -> _Look:
    """What all platforms share at the end of these rows."""
    rule, phi = _weight_of_a_sale(rows, rules)
    return _Look(rows=rows, rule=rule, phi=phi, agency=_estimated(rows, None), guess=_guessed(rows, rules))


def _weight_of_a_sale(rows: EvaluationInputs, rules: AssessmentRules) -> tuple[Rule, float]:
    """phi from the sales of the last 24 months, of all of them when those are few; else from the typical sale."""
    worth, month = rows.sold.net()
    if not len(worth):
        can_judge = rules.complete_since is not None and rules.typical_sale is not None
        return (Rule.TYPICAL_SALE, rules.typical_sale or np.nan) if can_judge else (Rule.PLAIN, np.nan)
    recent = month >= rows.months - SOLD_MONTHS
    counts = np.bincount(month, minlength=rows.months)[max(int(month.min()), rows.months - SOLD_MONTHS) :]
    values = worth[recent] if recent.sum() >= MIN_SALES else worth
    return Rule.EVIDENCE, posterior.phi_of(values, dispersion=posterior.dispersion_of(counts))


def _estimated(rows: EvaluationInputs, row: int | None) -> _Curve:
    """p(age) from the sales of one platform, or of all (None), and why not."""
    # Fractions of sales add up to whole ones but for the last digits.
    triangle, sales = rows.triangle(row), int(rows.counted(row) + 1e-4)
    source = "agency" if row is None else "own"
    if not np.nan_to_num(triangle.cumulative).any():
        nothing_sold = Refusal(TriangleReason.FEW_SALES.value, 0, MIN_SALES, source=source)
        return _Curve(floats([]), None, (nothing_sold,))
    cut, _ = chain_ladder.from_first_return(triangle)
    refusals = tuple(
        _refusal(refusal, source=source, months=len(triangle.cumulative))
        for refusal in chain_ladder.refusals(cut, sales=sales)
    )
    if refusals:
        return _Curve(floats([]), None, refusals)
    return _curve(chain_ladder.shares(triangle.cumulative), rows, source, sales)


def _refusal(found: TriangleRefusal, *, source: str, months: int) -> Refusal:
    """With the weeks that it takes to have sales enough, as many coming as in the ``months`` so far."""
    pace = found.found / months if found.reason is TriangleReason.FEW_SALES else 0.0
    weeks = math.ceil((found.needed - found.found) / pace * WEEKS_A_MONTH) if pace else None
    return Refusal(
        found.reason.value, float(found.found), float(found.needed), found.where, weeks_more=weeks, source=source
    )


def _guessed(rows: EvaluationInputs, rules: AssessmentRules) -> _Curve:
    share = chain_ladder.guessed_shares(rows.months, mean=rules.usual_delay, deviation=rules.delay_spread)
    return _curve(share, rows, "guess", 0)


def _curve(share: FloatArray, rows: EvaluationInputs, source: str, sales: int) -> _Curve:
    """Ages that nobody has seen yet count as the last one that was."""
    padded = np.append(share, np.full(max(0, rows.months - len(share)), share[-1]))
    rounded = tuple(round(float(part), 6) for part in share)
    return _Curve(padded, ReturnLag(source=source, share=rounded, sales=sales))


def view(look: _Look, row: int) -> _View:
    """One platform at that moment: the first window, narrowest first, with evidence enough."""
    curve = _curve_for(look, row)
    if curve.delay is None:
        return _View(look=look, row=row, curve=curve, months=max(WINDOW_MONTHS), matured=0.0)
    cost = look.rows.cost[row]
    come_in = np.flip(curve.share[: len(cost)])
    windows = [
        WindowEvidence(0.0, float(posterior.matured_cost(cost[-width:], come_in[-width:])), look.phi, months)
        for months in WINDOW_MONTHS
        for width in [periods_of(months)]
    ]
    chosen = posterior.narrowest_enough(windows)
    return _View(look=look, row=row, curve=curve, months=chosen.months, matured=chosen.matured)


def _curve_for(look: _Look, row: int) -> _Curve:
    """The platform's own curve, else the agency's, else none.

    The guess of the delay is for an agency without any sale, and for a platform that was never credited with anything
    in an agency that has too few: hours that bring nothing must not be too early to judge for ever.
    """
    if look.rule is Rule.PLAIN:
        return _Curve(floats([]), None)
    if look.rule is Rule.TYPICAL_SALE:
        return look.guess
    own = _estimated(look.rows, row)
    if own.delay is not None:
        return own
    if look.agency.delay is not None:
        return _borrowed(look.agency, own)
    if not look.rows.history[row].any():
        return _borrowed(look.guess, own)
    return _Curve(floats([]), None, own.refusals + look.agency.refusals)


def _borrowed(curve: _Curve, own: _Curve) -> _Curve:
    assert curve.delay
    return _Curve(curve.share, replace(curve.delay, refusals=own.refusals))


# -- one platform -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """One platform now and four weeks before."""

    now: _View
    before: _View
    rules: AssessmentRules
    previous: VerdictState

    def read(self, returned: float, returned_before: float) -> StateEstimate:
        """The state with this much returned in the windows of both moments."""
        rule, target = self.now.look.rule, self.rules.target
        if rule is Rule.PLAIN:
            return StateEstimate(state=self._unjudged, rule=rule)
        now, before = self.now.evidence(returned), self.before.evidence(returned_before)
        return posterior.estimate_state(now, before, target=target, previous=self.previous, rule=rule)

    @property
    def _unjudged(self) -> VerdictState:
        """Silence is no evidence until it is known that sales would have been recorded."""
        return VerdictState.NO_SALES if self.rules.complete_since is None else VerdictState.INSUFFICIENT

    def refusals(self) -> tuple[Refusal, ...]:
        """Why there is no curve, or no weight of a sale."""
        if self.now.look.rule is Rule.PLAIN and self._unjudged is VerdictState.INSUFFICIENT:
            return (Refusal("usual_sale_unknown", 0, ENOUGH_SALES),)
        return self.now.curve.refusals


def _assessment(seen: _Seen, shares: Shares, plain: Mapping[str, str], inputs_until: str) -> Assessment:
    view, rows = seen.now, seen.now.look.rows
    reading = seen.read(view.returned(rows.model), seen.before.returned(seen.before.look.rows.model))
    outlook = _outlook(view)
    course = np.where(_known(rows), np.cumsum(rows.money[rows.model][view.row], axis=1), np.nan)
    start = int(np.argmax(rows.cost[view.row] != 0))
    cost = rows.cost[view.row]
    return Assessment(
        week=rows.weeks[-1][1],
        inputs_until=inputs_until,
        target=seen.rules.target,
        state=reading.state.value,
        rule=reading.rule.value,
        judged=_judged(seen.previous, reading.state).value,
        plain_state=plain[rows.model],
        spent_cents=round(float(cost.sum()), 2),
        now=_window_estimate(view, seen.rules.target),
        before=_window_estimate(seen.before, seen.rules.target),
        refusals=seen.refusals(),
        delay=view.curve.delay,
        cohorts=projection.cohorts(rows.weeks[start:], course[start:], cost[start:], outlook, target=seen.rules.target),
        total=outlook.total() if outlook else None,
        total_cost_cents=round(float(cost.sum()), 2),
        line=line_of(rows, view.row, average_return=_average_return(view), target=seen.rules.target),
        models=_under_models(seen, shares, plain),
        models_refused=shares.refused,
    )


def _judged(previous: VerdictState, state: VerdictState) -> VerdictState:
    return VerdictState.from_code(int(posterior.last_judged(np.array(previous.code), np.array(state.code))))


def _window_estimate(view: _View, target: float) -> WindowEstimate | None:
    found = view.evidence(view.returned(view.look.rows.model))
    if found is None:
        return None
    low, high = found.interval()
    return WindowEstimate(
        months=found.months,
        cost_cents=round(view.cost, 2),
        matured_cents=round(found.matured, 2),
        returned_cents=round(found.returned, 2),
        phi_cents=round(found.phi, 2),
        amount=found.amount,
        p_below=found.p_below(target),
        p_above=found.p_above(target),
        returned=Range(found.returned / found.matured if found.matured > 0 else 0.0, low, high),
    )


def _known(rows: EvaluationInputs) -> FloatArray:
    ages = np.arange(rows.months)
    return floats(np.add.outer(ages, ages) < rows.months)


def _outlook(view: _View) -> Outlook | None:
    """The chain ladder's where the platform's own sales tell the delay; else what all its months say together.

    The ladder needs to know what each cohort cost, so it is not for platforms with returns of work before the hours.
    """
    if view.curve.delay is None:
        return None
    rows, row = view.look.rows, view.row
    money, cost = rows.money[rows.model][row], rows.cost[row]
    start = int(np.argmax(cost != 0))
    if view.curve.delay.source == "own" and np.array_equal(money, rows.history[row]):
        return projection.by_triangle(rows.triangle(row), cost[start:], phi=view.look.phi)
    return projection.by_share(view.curve.share, money[start:].sum(axis=1), cost[start:], phi=view.look.phi)


def _average_return(view: _View) -> float | None:
    """What 1 of matured cost brought in the widest window; None while that is less than three usual sales."""
    found = view.evidence(0.0)
    if found is None or not found.is_enough:
        return None
    rows, cost = view.look.rows, view.look.rows.cost[view.row, -WIDEST:]
    matured = float(posterior.matured_cost(cost, np.flip(view.curve.share[: rows.months])[-WIDEST:]))
    return float(rows.money[rows.model][view.row, -WIDEST:].sum()) / matured


def _under_models(seen: _Seen, shares: Shares, plain: Mapping[str, str]) -> dict[str, UnderModel]:
    """The same reading with what each model gives the platform."""
    platform = seen.now.look.rows.platforms[seen.now.row]
    credited = {model: (seen.now.returned(model), seen.before.returned(model)) for model in seen.now.look.rows.money}
    for model, by_platform in shares.models.items():
        share = by_platform.get(platform, 0.0)
        credited[model] = share * _attributed(seen.now), share * _attributed(seen.before)
    return {model: _under_model(seen, plain[model], *amounts) for model, amounts in credited.items()}


def _under_model(seen: _Seen, plain: str, returned: float, returned_before: float) -> UnderModel:
    reading = seen.read(returned, returned_before)
    return UnderModel(
        state=reading.state.value, plain_state=plain, returned_cents=round(returned, 2), p_below=reading.p_below
    )


def _attributed(view: _View) -> float:
    """What all platforms together were credited with in the window."""
    rows = view.look.rows
    return float(rows.money[rows.model][:, -view.window :].sum())
