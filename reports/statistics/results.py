"""What the method finds for one platform at the end of one week, and how it is stored.

Amounts are in cents, as floats: they are estimates. Months are of four weeks, so that each is complete whenever a
week ends; a cohort is the work of one of them. Every class is a record of plain values, written to JSON by `to_json`
and read back by `from_json`, so that a page shows exactly what was evaluated.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from reports.statistics.states import VerdictState

# Raised when the meaning of a field changes. What an older version stored is read with the defaults of newer fields.
VERSION = 2


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
    """What fell due in a window of time and what came, against the target, and what follows from all evidence.

    ``months`` of the calendar is the width of the window, ``cost_cents`` what the work in it cost, ``matured_cents``
    the cost of any work of which the returns fell due in it, ``returned_cents`` the net margin credited in it, both in
    recorded time alone. ``phi_cents`` is what one sale weighs, ``usual_sale_cents`` what one brings, ``amount`` how
    many usual sales all the cost that fell due is worth. ``p_below`` and ``p_above`` are the chances that the true
    return lies below or above the target. ``returned`` is what 1 brings back, from all evidence, newer counting more.

    Version 1 knew windows of work, not of time: what is matured was of the work of the window.
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
    usual_sale_cents: float | None = None
    first_week: str | None = None
    last_week: str | None = None

    @property
    def matured_share(self) -> float:
        """Of version 1: the part of the window's cost that should have paid back by then."""
        return self.matured_cents / self.cost_cents if self.cost_cents > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceMonth:
    """Four weeks of time: what work cost in them, what fell due, what came, and how much that counts today, 0 to 1.

    ``is_recorded`` when all four lie in recorded time.
    """

    first_week: str
    last_week: str
    cost_cents: float
    due_cents: float
    returned_cents: float
    weight: float
    is_recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Recorded weeks in which no platform of the agency sold anything, though about so many sales were due."""

    first_week: str
    last_week: str
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """What work done so far is still to bring in a calendar quarter, or in what is left of it."""

    first_day: str
    last_day: str
    expected: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLag:
    """How long returns take: ``share`` is p(age), one value per month of age from 0.

    ``source`` is "agency" (the sales of all platforms, beside the settings) or "guess" (the settings alone). ``sales``
    stand behind it. ``half_months`` is after how many months half of what work brings is in, with its bounds;
    ``taught`` how much of the doubt about the settings the sales took away, 0 to 1.

    Version 1 also knew "own", and ``refusals`` that said why a platform's own sales were not enough.
    """

    source: str
    share: tuple[float, ...]
    sales: int
    refusals: tuple[Refusal, ...] = ()
    half_months: Range | None = None
    taught: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """One month of work. ``course`` holds what had come back by each age so far, cumulative, cents.

    ``fan`` holds, for each later age until all but nothing is to come, what is expected to have come back by then. They
    adjoin: the course ends at ``age``, the fan begins at ``age + 1``. ``expected`` is the whole that it will have
    brought in the end. ``breaks_even_at`` is the age at which the target is expected to be reached, None when never.
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
    version: int = VERSION
    recorded_since: str | None = None
    months: tuple[EvidenceMonth, ...] = ()
    quarters: tuple[Quarter, ...] = ()
    silence: Silence | None = None

    @property
    def depends_on_model(self) -> bool:
        """Whether the attribution models disagree, and the verdict with them.

        A verdict that is sure on average over the models does not depend on any of them.
        """
        is_sure = self.is_averaged and self.state in (VerdictState.LOSING, VerdictState.EARNING)
        return not is_sure and len({model.state for model in self.models.values()}) > 1

    @property
    def is_averaged(self) -> bool:
        """Whether the state averages over the attribution models; version 1 took the agency's."""
        return self.version > 1


StoredPart = TypeVar("StoredPart")
Reader = Callable[[Any], Any]


def to_json(assessment: Assessment) -> dict[str, Any]:
    """Return plain values, with the version of the shape they were first stored in.

    JSON has no infinity (the next lead may cost any amount): it is written as the text "inf".
    """
    plain: dict[str, Any] = _plain(assessment)
    return plain


def from_json(stored: Mapping[str, Any]) -> Assessment | None:
    """The inverse of `to_json`, for what this version stored or an older one; None for a version yet to come."""
    if not 1 <= stored.get("version", 0) <= VERSION:
        return None
    return _part(Assessment, stored)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str | int):  # nearly all of the rest
        return value
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _part(kind: type[StoredPart], stored: Mapping[str, Any]) -> StoredPart:
    readers = _readers(kind)  # type: ignore[arg-type]
    return kind(
        **{
            name: stored[name] if reader is None else reader(stored[name])
            for name, reader, is_required in readers
            if is_required or name in stored
        }
    )


@cache
def _readers(kind: Any) -> Sequence[tuple[str, Reader | None, bool]]:
    """The fields of a record: the name, what reads it, and whether it has to be there. Looked up once for each kind."""
    hints = get_type_hints(kind)
    return [(field.name, _reader(hints[field.name]), _is_required(field)) for field in fields(kind)]


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _reader(hint: Any) -> Reader | None:
    """What reads a stored value back as what its annotation says; None where that is as JSON has it."""
    if get_origin(hint) in (UnionType, Union):
        return _reader(_not_none(hint))
    if is_dataclass(hint):
        return lambda stored: None if stored is None else _part(hint, stored)  # type: ignore[arg-type]
    if hint is float:
        return lambda stored: None if stored is None else float(stored)
    return _reader_of_many(hint)


def _not_none(hint: Any) -> Any:
    return next(inner for inner in get_args(hint) if inner is not type(None))


def _reader_of_many(hint: Any) -> Reader | None:
    """The same for a tuple or a mapping, which are read item by item."""
    origin, inner = get_origin(hint), get_args(hint)
    if isinstance(hint, type) or origin is None:
        return None
    if origin is not tuple:
        return _many(inner[1], lambda read, stored: {name: read(item) for name, item in stored.items()})
    if inner[-1] is Ellipsis:
        return _many(inner[0], lambda read, stored: tuple(map(read, stored)))
    readers = [_reader(kind) or _as_it_is for kind in inner]
    return lambda stored: (
        None if stored is None else tuple(read(item) for read, item in zip(readers, stored, strict=True))
    )


def _many(kind: Any, read_all: Callable[[Reader, Any], Any]) -> Reader:
    read = _reader(kind) or _as_it_is
    return lambda stored: None if stored is None else read_all(read, stored)


def _as_it_is(stored: Any) -> Any:
    return stored
