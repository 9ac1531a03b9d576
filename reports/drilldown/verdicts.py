"""How a verdict came about: the formula with its numbers, month by month, with the way to the rows behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.utils.http import urlencode

from campaigns.models import Platform
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.figures import formatting
from reports.statistics.results import Assessment, Cohort, WindowEstimate
from reports.verdicts import wording
from reports.verdicts.records import StoredVerdict, assessment_of, latest_verdicts
from reports.verdicts.wording import evidence
from reports.verdicts.wording import return_lag as delay_words


@dataclass(frozen=True)
class Month:
    """The work of four weeks: its cost, the part of its returns that should be in, so much of the cost, what came."""

    cohort: Cohort
    share: float

    @property
    def due_cents(self) -> float:
        return self.cohort.cost_cents * self.share

    @property
    def query(self) -> str:
        """The rest of the address of the rows behind it."""
        return f"&{urlencode({'from': self.cohort.first_week, 'to': self.cohort.last_week})}"


@dataclass(frozen=True)
class Judged:
    """The verdict of one platform with what it rests on; `months` are those of the window, youngest first."""

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
    def worth(self) -> str:
        """How many usual sales the matured cost is worth."""
        return evidence.worth_in_sales(self.now) if self.now else ""

    @property
    def remarks(self) -> list[str]:
        """What stands in for what is not known, and how long returns take."""
        delay = self.assessment.delay
        pace = [delay_words.sentence(delay), delay_words.source(delay, str(self.platform))] if delay else []
        sentences = [
            evidence.stands_in(self.assessment),
            " ".join(pace),
            *wording.refusal_sentences(self.assessment.refusals),
        ]
        return [sentence for sentence in sentences if sentence]

    @property
    def window_query(self) -> str:
        """The rest of the address of the rows of the whole window."""
        if not self.months:
            return ""
        return f"&{urlencode({'from': self.months[-1].cohort.first_week, 'to': self.months[0].cohort.last_week})}"

    @property
    def rows_query(self) -> str:
        """What all rows behind a verdict have in common: this platform, new customers, by the week of the work."""
        look = {"platform": str(self.platform.pk), "purpose": Purpose.REACH.value, "basis": Basis.COHORT.value}
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
    """The months of the window, youngest first."""
    if assessment.now is None or assessment.delay is None or not assessment.delay.share:
        return []
    share = assessment.delay.share
    inside = [cohort for cohort in assessment.cohorts if cohort.age < assessment.now.periods]
    return [Month(cohort, share[min(cohort.age, len(share) - 1)]) for cohort in sorted(inside, key=attrgetter("age"))]
