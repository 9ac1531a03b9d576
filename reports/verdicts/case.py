"""What a verdict rests on: one platform's case, how it is stored, and how it is read back.

No job is imported here, nor what they compute with: a page shows a sentence of what was stored.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, fields, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

from core.weeks import Week
from reports.figures.totals import Figures
from reports.statistics.results import Assessment, from_json, to_json
from reports.statistics.states import VerdictState
from reports.verdicts.plain_rule import Doubt, DoubtCode, Judgement, PlainRuleEvidence, Window

log = logging.getLogger(__name__)

# Of so many platforms the last verdicts are read once; one takes about 30 kB.
REMEMBERED_CASES = 64

RecordType = TypeVar("RecordType")
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """One platform's evidence under the agency's attribution model, and what each model would say of it.

    ``judgement`` and ``states`` are the plain rule's; ``assessment`` is what the method found, None for a platform
    without any work to judge and for what was stored before there was one. ``minutes_before`` are of the week before
    the last one, ``limit_before_minutes`` is the limit that was in force in it: a trial may have begun since.
    """

    evidence: PlainRuleEvidence
    judgement: Judgement
    states: Mapping[str, VerdictState]
    figures: Figures
    minutes_before: int
    assessment: Assessment | None = None
    limit_before_minutes: int | None = None

    @property
    def state(self) -> VerdictState:
        """The verdict: the method's, unless nothing was spent in the window that is shown."""
        if self.assessment is None or self.judgement.state is VerdictState.NO_DATA:
            return self.judgement.state
        return VerdictState(self.assessment.state)

    @property
    def depends_on_model(self) -> bool:
        return self.assessment.depends_on_model if self.assessment else len(set(self.states.values())) > 1


# -- to JSON ----------------------------------------------------------------------------------------------------------


def as_json(case: Case) -> dict[str, Any]:
    """The case as plain JSON: exact fractions as text like `3/4`; of the assessment, what lists of platforms show."""
    return {
        "judgement": _plain(asdict(case.judgement)),
        "evidence": _plain(asdict(case.evidence)),
        "figures": case.figures.to_json(),
        "states": {model: state.value for model, state in case.states.items()},
        "minutes_before": case.minutes_before,
        "assessment": to_json(brief(case.assessment)) if case.assessment else None,
        "limit_before_minutes": case.limit_before_minutes,
    }


def brief(assessment: Assessment) -> Assessment:
    """The assessment without what only a platform's own page draws."""
    return replace(assessment, cohorts=(), line=replace(assessment.line, points=()))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction | date):
        return str(value)
    return value


# -- from JSON --------------------------------------------------------------------------------------------------------


class UnreadableCase(ValueError):
    """A stored case lacks something without which no sentence can be said of it."""


def case_from_json(stored: Mapping[str, Any]) -> Case | None:
    """The inverse of `as_json`, for what any version stored; None where there is no evidence to speak of.

    Fields that this version does not know are left out. One that cannot be read has its default, and the log says so.
    """
    try:
        return _case(stored)
    except UnreadableCase as error:
        log.warning("A stored verdict cannot be read, so that its sentence is missing: %s", error)
        return None


@lru_cache(maxsize=REMEMBERED_CASES)
def case_from_text(stored: str) -> Case | None:
    """The same of the JSON as text. A text is always the same case, so that the same one is not read for each page."""
    return case_from_json(json.loads(stored))


def _case(stored: Mapping[str, Any]) -> Case:
    return Case(
        evidence=_record(PlainRuleEvidence, stored.get("evidence"), _EVIDENCE),
        judgement=_record(Judgement, stored.get("judgement"), _JUDGEMENT),
        states=_read(stored, "states", _states, {}),
        figures=_read(stored, "figures", Figures.from_json, Figures()),
        minutes_before=_read(stored, "minutes_before", int, 0),
        assessment=_read(stored, "assessment", from_json, None),
        limit_before_minutes=_read(stored, "limit_before_minutes", int, None),
    )


def _record(kind: type[RecordType], stored: Any, readers: Mapping[str, Reader]) -> RecordType:
    """The fields of a record, each by its reader or as it is; those without a default have to be there."""
    if not isinstance(stored, Mapping):
        raise UnreadableCase(f"{kind.__name__} is missing")
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = _read(stored, field.name, readers.get(field.name, _as_it_is), MISSING)
        if value is not MISSING:
            values[field.name] = value
        elif _is_required(field):
            raise UnreadableCase(f"{kind.__name__} has no {field.name}")
    return kind(**values)


def _read(stored: Mapping[str, Any], name: str, reader: Reader, default: Any) -> Any:
    """What stands under this name, None as None; the default where nothing does, or nothing that can be read."""
    value = stored.get(name, default)
    if value is None or value is default:
        return value
    try:
        return reader(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("%s of a stored verdict cannot be read: %r", name, error)
        return default


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _as_it_is(value: Any) -> Any:
    return value


def _window(stored: Mapping[str, Any]) -> Window:
    return Window(Fraction(stored["cost"]), stored["revenue_cents"])


def _week(stored: Mapping[str, Any]) -> Week:
    return Week(date.fromisoformat(stored["monday"]))


def _doubts(stored: list[Mapping[str, Any]]) -> tuple[Doubt, ...]:
    return tuple(
        Doubt(DoubtCode(doubt["code"]), Fraction(doubt["share"]), doubt["sale"], doubt["minutes"]) for doubt in stored
    )


def _states(stored: Mapping[str, str]) -> dict[str, VerdictState]:
    return {model: VerdictState(state) for model, state in stored.items()}


_EVIDENCE: Mapping[str, Reader] = {
    "now": _window,
    "before": _window,
    "target": Fraction,
    "margin": Fraction,
    "last_week": _week,
    "first_cost_week": _week,
}
_JUDGEMENT: Mapping[str, Reader] = {
    "state": VerdictState,
    "return_now": Fraction,
    "return_before": Fraction,
    "doubts": _doubts,
}
