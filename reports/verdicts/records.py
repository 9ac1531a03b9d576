"""Stored verdicts as pages show them, and the last evaluation of a platform."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Case as SqlCase
from django.db.models import F, QuerySet, TextField, When, Window
from django.db.models.functions import Cast, RowNumber
from django.utils.translation import gettext as _

from core.statements import GIVEN_WEEK, Given, Statement
from core.weeks import Week
from reports.models import Evaluation, Flag, Verdict
from reports.statistics.results import Assessment, Range, from_json
from reports.statistics.states import VerdictState
from reports.verdicts import wording
from reports.verdicts.case import Case, case_from_json, case_from_text
from reports.verdicts.wording import state_phrase

# How far back the last verdict may lie: a week that nobody evaluated hides no platform and no change.
RECENT_WEEKS = 5
JUDGED = frozenset({VerdictState.LOSING, VerdictState.WATCH, VerdictState.EARNING})


@dataclass(frozen=True)
class StoredVerdict:
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
    def of(cls, verdict: Verdict) -> "StoredVerdict":
        return cls.with_case(verdict, case_from_json(verdict.figures))

    @classmethod
    def with_case(cls, verdict: Verdict, case: Case | None) -> "StoredVerdict":
        """Where the figures of the verdict were read already."""
        return cls(
            platform_id=verdict.platform_id,
            week=Week(verdict.week),
            state=verdict.state,
            case=case,
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
    def returned(self) -> Range | None:
        """What 1 brings back in the end, with its bounds; None where the method refuses to judge."""
        now = self.assessment.now if self.assessment else None
        return now.returned if now and self.state in JUDGED else None

    @property
    def chance_of_loss(self) -> float | None:
        """The chance that it misses its target, 0 to 1; None where the method refuses to judge."""
        assessment = self.assessment
        if assessment is None or assessment.now is None or assessment.rule == "plain" or self.state not in JUDGED:
            return None
        return assessment.now.p_below

    @property
    def clause(self) -> str:
        """How sure it is, in a few words."""
        return wording.clause(self.case) if self.case else _("not judged yet")

    @property
    def disagreeing_rule(self) -> str:
        """The state by the plain rule, where both judge and it says otherwise; else nothing."""
        return self.plain_state if {self.state, self.plain_state} <= JUDGED and self.plain_state != self.state else ""

    @property
    def disagreeing_words(self) -> str:
        return state_phrase(VerdictState(self.disagreeing_rule)) if self.disagreeing_rule else ""

    @property
    def weeks(self) -> int:
        return self.case.evidence.weeks if self.case else 0

    @property
    def depends_on_model(self) -> bool:
        return self.case is not None and self.case.depends_on_model

    @property
    def return_now(self) -> Fraction | None:
        """What the plain rule's window brought back per 1; not known where no sale is recorded."""
        return self.case.judgement.return_now if self.case and self.state != VerdictState.NO_SALES else None


def recent_verdicts(week: Week) -> list[Any]:
    """Of each platform the last verdict up to this week and the one before, oldest first, for all who look at them.

    The figures of the last one stand in `last_figures`, as text: they are long, and of the others nobody looks at them.
    """
    return _RECENT.rows(monday=week.monday, after=week.plus(-RECENT_WEEKS).monday)


def _recent() -> QuerySet[Any]:
    newest_first = Window(RowNumber(), partition_by="platform", order_by=F("week").desc())
    verdicts = Verdict.objects.filter(week__lte=Given("monday"), week__gt=Given("after")).annotate(rank=newest_first)
    last_figures = SqlCase(When(rank=1, then=Cast("figures", TextField())))
    recent = verdicts.annotate(last_figures=last_figures).defer("figures").filter(rank__lte=2)
    return recent.select_related("platform").order_by("week")


_RECENT: Statement[Any] = Statement(_recent)


def flags_standing_in(week: Week) -> list[Flag]:
    """Those that stand, and those that this week or a later one cleared, with what they are of."""
    return _STANDING.rows(monday=week.monday)


_STANDING = Statement(lambda: Flag.objects.standing_in(GIVEN_WEEK))


def latest_of(verdicts: Iterable[Any]) -> dict[int, StoredVerdict]:
    """For each platform, its last one; `verdicts` are those of `recent_verdicts`."""
    latest = {verdict.platform_id: verdict for verdict in verdicts}
    return {platform_id: _with_last_figures(verdict) for platform_id, verdict in latest.items()}


def _with_last_figures(verdict: Any) -> StoredVerdict:
    return StoredVerdict.with_case(verdict, case_from_text(verdict.last_figures))


def latest_verdicts(week: Week) -> dict[int, StoredVerdict]:
    """For each platform, its last verdict at or before the end of this week."""
    return latest_of(recent_verdicts(week))


def history(platform_id: int, *, weeks: int, until: Week) -> list[StoredVerdict]:
    """The verdicts of the last weeks, newest first."""
    rows = Verdict.objects.filter(platform=platform_id, week__lte=until.monday, week__gt=until.plus(-weeks).monday)
    return [StoredVerdict.of(verdict) for verdict in rows.order_by("-week")]


def assessment_of(platform_id: int, *, until: Week) -> Assessment | None:
    """All that the method last found of a platform, at or before the end of this week; None before it was asked."""
    evaluation = Evaluation.objects.filter(platform=platform_id, week__lte=until.monday).order_by("-week").first()
    return from_json(evaluation.results) if evaluation else None
