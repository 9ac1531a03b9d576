"""How a verdict came about: the formula with its numbers, month by month, with the way to the rows behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from campaigns.models import Platform
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.figures import formatting
from reports.statistics.results import Assessment, EvidenceMonth, WindowEstimate
from reports.verdicts import wording
from reports.verdicts.records import StoredVerdict, assessment_of, latest_verdicts
from reports.verdicts.wording import evidence
from reports.verdicts.wording import return_lag as delay_words
from reports.verdicts.wording.parts import return_range, worth_in_sales


@dataclass(frozen=True)
class Month:
    """Four weeks of time: what work cost in them, what should have come back, what did, and how much that counts."""

    evidence: EvidenceMonth
    target: float

    @property
    def due_cents(self) -> float:
        return self.evidence.due_cents * self.target

    @property
    def query(self) -> str:
        """The rest of the address of the rows behind it."""
        return f"&{urlencode({'from': self.evidence.first_week, 'to': self.evidence.last_week})}"


@dataclass(frozen=True)
class Judged:
    """The verdict of one platform with what it rests on; `months` are those of the evidence, newest first."""

    platform: Platform
    spoken: StoredVerdict
    assessment: Assessment
    months: Sequence[Month]

    @property
    def now(self) -> WindowEstimate | None:
        return self.assessment.now

    @property
    def due_cents(self) -> float:
        """What should have come back by now to reach the target."""
        return self.now.matured_cents * self.assessment.target if self.now else 0.0

    @property
    def chances(self) -> tuple[str, str]:
        """How sure it is that the platform falls short, now and four weeks before."""
        both = (self.now, self.assessment.before)
        now, before = (formatting.in_100(estimate.p_below) if estimate else "" for estimate in both)
        return now, before

    @property
    def target_words(self) -> str:
        return formatting.for_each_unit(self.assessment.target)

    @property
    def return_words(self) -> str:
        """The bounds of what comes back of what the work costs."""
        return return_range(self.now) if self.now else ""

    @property
    def worth(self) -> str:
        """How many usual sales the matured cost is worth."""
        return worth_in_sales(self.now) if self.now else ""

    @property
    def remarks(self) -> list[str]:
        """What stands in for what is not known, and how long returns take."""
        delay = self.assessment.delay
        pace = [delay_words.sentence(delay), delay_words.source(delay, str(self.platform))] if delay else []
        sentences = [
            evidence.stands_in(self.assessment),
            " ".join(pace),
            evidence.recorded_since(self.assessment),
            *wording.refusal_sentences(self.assessment.refusals),
        ]
        return [sentence for sentence in sentences if sentence]

    @property
    def window_query(self) -> str:
        """The rest of the address of the rows of the whole window."""
        if self.now is None or not (self.now.first_week and self.now.last_week):
            return ""
        return f"&{urlencode({'from': self.now.first_week, 'to': self.now.last_week})}"

    @property
    def cost_query(self) -> str:
        """What all rows of work behind a verdict have in common: this platform, new customers."""
        return self._rows_query(Basis.COHORT)

    @property
    def revenue_query(self) -> str:
        """The same for what came back, by the week of the sale."""
        return self._rows_query(Basis.CASH)

    def _rows_query(self, basis: Basis) -> str:
        look = {"platform": str(self.platform.pk), "purpose": Purpose.REACH.value, "basis": basis.value}
        return f"&{urlencode(look)}"


def judged(platform: Platform, week: Week) -> Judged | None:
    """How the last verdict at or before this week came about; None where the evidence was never asked."""
    spoken = latest_verdicts(week).get(platform.pk)
    if spoken is None or spoken.assessment is None:
        return None
    full = assessment_of(platform.pk, until=spoken.week)
    rests_on = full if full and full.week == spoken.assessment.week else spoken.assessment
    return Judged(platform=platform, spoken=spoken, assessment=rests_on, months=_months(rests_on))


def _months(assessment: Assessment) -> list[Month]:
    """The months of the evidence, newest first."""
    return [Month(month, assessment.target) for month in reversed(assessment.months)]
