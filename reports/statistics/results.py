"""What the method finds for one platform at the end of one week, and how it is stored.

Amounts are in cents, as floats: they are estimates. Months are of four weeks, so that each is complete whenever a
week ends; a cohort is the work of one of them. Every class is a record of plain values, written to JSON by `to_json`
and read back by `from_json`, so that a page shows exactly what was evaluated.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

# Raised when the shape changes, so that what an older version stored is evaluated anew rather than misread.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with the bounds that hold it with 80 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not said: the code of the reason, what was found, what is needed, and where.

    ``source`` is whose sales were too little: this platform's "own", or those of the whole "agency".
    """

    reason: str
    found: float
    needed: float
    where: tuple[str, ...] = ()
    weeks_more: int | None = None
    variation: float | None = None
    source: str = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEstimate:
    """One window of work against the target: `posterior.WindowEvidence` and what follows from it.

    ``months`` of the calendar is the width of the window, ``cost_cents`` what its work cost, ``matured_cents`` C* the
    part of it that should have paid back by now, ``returned_cents`` S its net credited margin, ``phi_cents`` what one
    sale weighs, ``amount`` E = C*/phi. ``returned`` is S per 1 of C* with the bounds of the true return.
    """

    months: int
    cost_cents: float
    matured_cents: float
    returned_cents: float
    phi_cents: float
    amount: float
    p_below: float
    p_above: float
    returned: Range

    @property
    def periods(self) -> int:
        """How many months of four weeks the window has: 6, 13 and 26."""
        return round(self.months * 13 / 12)

    @property
    def matured_share(self) -> float:
        """The part of the window's cost that should have paid back by now."""
        return self.matured_cents / self.cost_cents if self.cost_cents > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLag:
    """How long returns take: ``share`` is p(age), one value per month of age from 0.

    ``source`` is "own" (this platform's sales), "agency" (all platforms') or "guess" (the setting). ``sales`` stand
    behind it. ``refusals`` say why the platform's own were not enough, when they were not.
    """

    source: str
    share: tuple[float, ...]
    sales: int
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """One month of work. ``course`` holds what had come back by each age so far, cumulative, cents.

    ``fan`` holds, for each later age up to the last known one, what is expected to have come back by then. Both are
    None-free and adjoin: the course ends at ``age``, the fan begins at ``age + 1``. ``expected`` is the whole that it
    will have brought in the end. ``breaks_even_at`` is the age at which the target is reached, None when never.
    """

    first_week: str
    last_week: str
    age: int
    cost_cents: float
    returned_cents: float
    expected: Range | None
    is_refused: bool
    breaks_even_at: int | None
    course: tuple[float, ...]
    fan: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """Weekly results against weekly hours, and where the next hour stops paying.

    Expected leads of a week = exp(``log_a``) x hours^``b``. ``points`` are the (hours, leads) of the weeks behind it.
    ``hours_now`` is the mean of the last window's weeks, ``lead_cents`` the average cost of a lead at that,
    ``value_of_lead_cents`` the margin that one brings, ``hour_cents`` what an hour costs. ``refusal`` says why no line
    is drawn; then the last three are None, and all of the curve when nothing could be fitted.
    """

    points: tuple[tuple[float, float], ...] = ()
    refusal: Refusal | None = None
    log_a: float | None = None
    b: float | None = None
    covariance: tuple[tuple[float, float], ...] = ()
    b_error: float | None = None
    b_low: float | None = None
    b_high: float | None = None
    dispersion: float | None = None
    weeks: int = 0
    left_out: int = 0
    least_hours: float = 0.0
    most_hours: float = 0.0
    spread: float = 0.0
    hours_now: float = 0.0
    hour_cents: float | None = None
    lead_cents: float | None = None
    value_of_lead_cents: float | None = None
    marginal_lead_cents: Range | None = None
    marginal_return: Range | None = None
    break_even_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderModel:
    """What one attribution model says of the platform: the state by the evidence rule, and by the plain rule."""

    state: str
    plain_state: str
    returned_cents: float
    p_below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All of it for one platform: only the work of campaigns that reach new customers is judged.

    ``state`` is no_sales, too_early, insufficient, watch, losing or earning; ``rule`` what it rests on: evidence,
    typical_sale or plain. ``judged`` is the last state that was a judgement: watch, losing or earning. ``now`` and
    ``before`` (four weeks earlier) are None when nothing can be judged; then ``refusals`` say why. ``spent_cents`` is
    the cost of all its work so far. ``total`` is what all its cohorts will have brought, ``total_cost_cents`` what they
    cost; None when that is refused.
    """

    week: str
    inputs_until: str
    target: float
    state: str
    rule: str
    judged: str
    plain_state: str
    spent_cents: float
    now: WindowEstimate | None
    before: WindowEstimate | None
    refusals: tuple[Refusal, ...]
    delay: ReturnLag | None
    cohorts: tuple[Cohort, ...]
    total: Range | None
    total_cost_cents: float
    line: ResponseLine
    models: Mapping[str, UnderModel]
    models_refused: Mapping[str, Refusal]

    @property
    def flips(self) -> bool:
        """Whether the attribution models disagree about the state."""
        return len({model.state for model in self.models.values()}) > 1


StoredPart = TypeVar("StoredPart")


def to_json(assessment: Assessment) -> dict[str, Any]:
    """Return plain values, with the version of the shape.

    JSON has no infinity (the next lead may cost any amount): it is written as the text "inf".
    """
    return {"version": VERSION, **_plain(assessment)}


def from_json(stored: Mapping[str, Any]) -> Assessment | None:
    """The inverse of `to_json`; None for what another version stored."""
    if stored.get("version") != VERSION:
        return None
    return _part(Assessment, stored)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _part(kind: type[StoredPart], stored: Mapping[str, Any]) -> StoredPart:
    hints = _hints(kind)  # type: ignore[arg-type]
    return kind(**{field.name: _value(hints[field.name], stored[field.name]) for field in fields(kind)})  # type: ignore[arg-type]


def _value(hint: Any, stored: Any) -> Any:
    """Read a stored value back as what its annotation says."""
    if stored is None:
        return None
    if get_origin(hint) in (UnionType, Union):
        return _value(_not_none(hint), stored)
    if is_dataclass(hint):
        return _part(hint, stored)  # type: ignore[arg-type]
    if hint is float:
        return float(stored)
    return _values(hint, stored)


def _not_none(hint: Any) -> Any:
    return next(inner for inner in get_args(hint) if inner is not type(None))


def _values(hint: Any, stored: Any) -> Any:
    """Read a tuple or a mapping back item by item; anything else is as JSON has it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        kinds: Sequence[Any] = [inner[0]] * len(stored) if inner[-1] is Ellipsis else inner
        return tuple(_value(kind, item) for kind, item in zip(kinds, stored, strict=True))
    if isinstance(hint, type) or origin is None:
        return stored
    return {name: _value(inner[1], item) for name, item in stored.items()}
