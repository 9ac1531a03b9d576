"""Verdicts spoken by hand, so that what pages and letters say of one does not hang on how it was found."""

from dataclasses import replace
from fractions import Fraction

from reports.figures.totals import Figures
from reports.models import Evaluation, Flag, FlagKind, Verdict
from reports.statistics.results import to_json
from reports.verdicts.case import Case, as_json
from reports.verdicts.plain_rule import PlainRuleEvidence, Window, judge
from tests.reports.world import LAST, NOW


def case(*, cost=1_000_000, revenue=580_000, before=None, found=None, **changes):
    """A platform that cost 10,000 and brought 5,800 in 13 weeks, and what was found of it."""
    window = Window(Fraction(cost), revenue)
    evidence = PlainRuleEvidence(
        now=window, before=before or window, target=Fraction(1), margin=Fraction(1), weeks=13, last_week=LAST,
        first_cost_week=LAST.plus(-40), settling_weeks=13, minutes=6_000,
    )  # fmt: skip
    evidence = replace(evidence, **changes)
    return Case(
        evidence=evidence, judgement=judge(evidence), states={}, figures=Figures(), minutes_before=0, assessment=found
    )


def speak(platform, found, *, week=LAST, **changes):
    """Store what one week found in place of what is there."""
    spoken = case(found=found, **changes)
    verdict = {"state": spoken.state, "plain_state": spoken.judgement.state, "figures": as_json(spoken)}
    of_the_week = {"platform": platform, "week": week.monday}
    Evaluation.objects.filter(**of_the_week).delete()
    if found:
        Evaluation.objects.create(**of_the_week, results=to_json(found), evaluated_at=NOW)
    return Verdict.objects.update_or_create(**of_the_week, defaults={**verdict, "evaluated_at": NOW})[0]


def flag(platform, found, *, week=LAST, kind=FlagKind.LOSING, **changes):
    """A flag raised that week."""
    return Flag.objects.create(
        platform=platform, kind=kind, raised_on=week.monday, figures=as_json(case(found=found, **changes))
    )
