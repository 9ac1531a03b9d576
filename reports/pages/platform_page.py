"""One platform: its verdict and why, its flags, its weeks, its campaigns and the people who spend the hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.models import Platform
from campaigns.models.catalogue import Purpose
from reports.figures.filters import ReportForm
from reports.figures.period_figures import read_period
from reports.figures.query import Breakdown, By, figures_by
from reports.models import Flag
from reports.pages.dashboard_charts import DashboardChart, chance_of_loss, cost_and_revenue, hours_by_platform
from reports.pages.figure_links import FigureLinks
from reports.pages.next_action import Recommendation
from reports.pages.platform_rows import PlatformRow, platform_rows, purpose_shown
from reports.pages.platform_verdict import PlatformVerdict, platform_verdict
from reports.pages.trial_page import TrialLine, trial_lines
from reports.statistics.results import Assessment
from reports.verdicts.flags import FlagView, flag_views
from reports.verdicts.next_steps import NextSteps, next_steps
from reports.verdicts.records import StoredVerdict, assessment_of, history

WEEKS_OF_HISTORY = 26


@dataclass(frozen=True)
class PlatformPage:
    """All that the platform's page shows."""

    platform: Platform
    line: PlatformRow
    reasons: PlatformVerdict | None
    hours: DashboardChart | None
    money: DashboardChart
    chance: DashboardChart | None
    purpose_shown: Purpose
    plain_rule_path: str
    history: Sequence[StoredVerdict]
    flags: Sequence[FlagView]
    campaigns: Breakdown
    people: Breakdown
    next_steps: NextSteps
    recommended: Recommendation | None
    trials: Sequence[TrialLine]


def read_platform_page(platform: Platform, form: ReportForm, *, at: datetime, query: Mapping[str, str]) -> PlatformPage:
    """Put the page together for the period and filters of `form`, which is narrowed to the platform.

    `query` is the page's address, in which a question about fewer hours may stand.
    """
    period, filters, last = form.period, form.filters, form.last_complete
    is_part = any((filters.purpose, filters.campaign, filters.client))
    figures = read_period(period, filters, compares=False)
    table = platform_rows(figures, {}, margin=form.margin)
    past = history(platform.pk, weeks=WEEKS_OF_HISTORY, until=last)
    line = next((each for each in table.platforms if each.key == platform.pk), None)
    if line is None:
        line = replace(table.total, key=platform.pk, label=str(platform))
    verdict = past[0] if past else None
    trials = trial_lines(last.next, platform=platform)
    line = replace(line, verdict=verdict, trial=next((each for each in trials if each.is_open), None))
    assessment = assessment_of(platform.pk, until=last)
    flags = Flag.objects.filter(platform=platform).select_related("platform", "acknowledged_by")
    return PlatformPage(
        platform=platform,
        line=line,
        reasons=_reasons(assessment, platform, form, query),
        hours=hours_by_platform(figures, last),
        money=cost_and_revenue(figures.of_week, period, last),
        chance=chance_of_loss(past),
        purpose_shown=purpose_shown(filters),
        plain_rule_path=FigureLinks({}).to("loss", platform=platform.pk, purpose=Purpose.REACH),
        history=past,
        flags=flag_views(flags, {platform.pk: verdict} if verdict else {}, at),
        campaigns=figures_by(period, By.CAMPAIGN, filters),
        people=figures_by(period, By.MEMBER, filters),
        next_steps=next_steps([verdict] if verdict else []),
        recommended=Recommendation(line, line.advice) if line.advice and not is_part else None,
        trials=trials,
    )


def _reasons(
    assessment: Assessment | None, platform: Platform, form: ReportForm, query: Mapping[str, str]
) -> PlatformVerdict | None:
    if assessment is None:
        return None
    chosen = form.selects["model"].default
    return platform_verdict(assessment, platform=str(platform), chosen_model=chosen, query=query)
