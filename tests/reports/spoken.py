"""Verdicts spoken by hand, so that what pages and letters say of one does not hang on how it was found."""

from dataclasses import replace
from fractions import Fraction

from reports.evaluation import Case, as_json
from reports.figures import Figures
from reports.models import Flag, FlagKind, Verdict
from reports.verdict import Evidence, Window, judge
from tests.reports.world import LAST, NOW


def case(*, cost=1_000_000, revenue=580_000, before=None, found=None, **changes):
    """A platform that cost 10,000 and brought 5,800 in 13 weeks, and what was found of it."""
    window = Window(Fraction(cost), revenue)
    evidence = Evidence(
        now=window, before=before or window, target=Fraction(1), margin=Fraction(1), weeks=13, last_week=LAST,
        first_cost_week=LAST.plus(-40), settling_weeks=13, minutes=6_000,
    )  # fmt: skip
    evidence = replace(evidence, **changes)
    return Case(
        evidence=evidence, judgement=judge(evidence), states={}, figures=Figures(), minutes_before=0, assessment=found
    )


def speak(platform, found, *, week=LAST, **changes):
    """Store the verdict of one week in place of the one that is there."""
    spoken = case(found=found, **changes)
    stored = {"state": spoken.state, "plain_state": spoken.judgement.state, "figures": as_json(spoken)}
    return Verdict.objects.update_or_create(
        platform=platform, week=week.monday, defaults={**stored, "evaluated_at": NOW}
    )[0]


def flag(platform, found, *, week=LAST, kind=FlagKind.LOSING, **changes):
    """A flag raised that week."""
    return Flag.objects.create(
        platform=platform, kind=kind, raised_on=week.monday, figures=as_json(case(found=found, **changes))
    )
