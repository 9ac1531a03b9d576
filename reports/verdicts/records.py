"""What a verdict or a flag was spoken on, read back from what was stored with it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from core.weeks import Week
from reports.figures.totals import Figures
from reports.models import Evaluation, Verdict
from reports.statistics.results import Assessment, from_json
from reports.statistics.states import VerdictState
from reports.verdicts import wording
from reports.verdicts.evaluation import Case
from reports.verdicts.plain_rule import Doubt, DoubtCode, Evidence, Judgement, Window


def case_from_json(stored: Mapping[str, Any]) -> Case | None:
    """The inverse of `evaluation.as_json`; None for what an older version stored in another shape."""
    try:
        evidence = _evidence(stored["evidence"])
        return Case(
            evidence=evidence,
            judgement=_judgement(stored["judgement"]),
            states={model: VerdictState(state) for model, state in stored["states"].items()},
            figures=Figures.from_json(stored["figures"]),
            minutes_before=int(stored.get("minutes_before", 0)),
            assessment=from_json(stored.get("assessment") or {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _evidence(stored: Mapping[str, Any]) -> Evidence:
    read = dict(stored)
    for name in ("now", "before"):
        read[name] = Window(Fraction(stored[name]["cost"]), stored[name]["revenue_cents"])
    for name in ("target", "margin"):
        read[name] = Fraction(stored[name])
    for name in ("last_week", "first_cost_week"):
        read[name] = _week(stored[name])
    return Evidence(**_known(Evidence, read))


def _judgement(stored: Mapping[str, Any]) -> Judgement:
    read = dict(stored)
    read["state"] = VerdictState(stored["state"])
    for name in ("return_now", "return_before"):
        read[name] = None if stored[name] is None else Fraction(stored[name])
    read["doubts"] = tuple(
        Doubt(DoubtCode(one["code"]), Fraction(one["share"]), one["sale"], one["minutes"]) for one in stored["doubts"]
    )
    return Judgement(**_known(Judgement, read))


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what this version still has a field for."""
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def _week(stored: Any) -> Week | None:
    return None if stored is None else Week(date.fromisoformat(stored["monday"]))


@dataclass(frozen=True)
class Spoken:
    """A stored verdict as pages show it: the states, the week it looks back from, when it was spoken, and why.

    ``plain_state`` is what the plain rule alone says.
    """

    platform_id: int
    week: Week
    state: str
    case: Case | None
    plain_state: str = ""
    evaluated_at: datetime | None = None

    @classmethod
    def of(cls, verdict: Verdict) -> "Spoken":
        return cls(
            platform_id=verdict.platform_id,
            week=Week(verdict.week),
            state=verdict.state,
            case=case_from_json(verdict.figures),
            plain_state=verdict.plain_state or verdict.state,
            evaluated_at=verdict.evaluated_at,
        )

    @property
    def assessment(self) -> Assessment | None:
        return self.case.assessment if self.case else None

    @property
    def sentence(self) -> str:
        return wording.sentence(self.case) if self.case else ""

    @property
    def plain_rule(self) -> str:
        """What the plain rule says beside it; nothing where it is the verdict."""
        return wording.plain_rule_note(self.case) if self.case else ""

    @property
    def weeks(self) -> int:
        return self.case.evidence.weeks if self.case else 0

    @property
    def depends_on_model(self) -> bool:
        return self.case is not None and self.case.depends_on_model

    @property
    def return_now(self) -> Fraction | None:
        return self.case.judgement.return_now if self.case else None


def latest_verdicts(week: Week) -> dict[int, Spoken]:
    """For each platform, its last verdict at or before the end of this week."""
    found: dict[int, Spoken] = {}
    recent = Verdict.objects.filter(week__lte=week.monday, week__gt=week.plus(-5).monday)
    for verdict in recent.order_by("week"):
        found[verdict.platform_id] = Spoken.of(verdict)
    return found


def history(platform_id: int, *, weeks: int, until: Week) -> list[Spoken]:
    """The verdicts of the last weeks, newest first."""
    rows = Verdict.objects.filter(platform=platform_id, week__lte=until.monday, week__gt=until.plus(-weeks).monday)
    return [Spoken.of(verdict) for verdict in rows.order_by("-week")]


def assessment_of(platform_id: int, *, until: Week) -> Assessment | None:
    """All that the method last found of a platform, at or before the end of this week; None before it was asked."""
    found = Evaluation.objects.filter(platform=platform_id, week__lte=until.monday).order_by("-week").first()
    return from_json(found.results) if found else None
