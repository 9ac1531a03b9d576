"""Everything the dashboard shows, arranged from one report of its period."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Agency, JobRun, Platform, StaleMark
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.figures.data_quality import Missing, not_submitted
from reports.figures.query import Period, ReportFilters
from reports.models import PlatformWeek
from reports.pages.dashboard_charts import DashboardChart, cost_and_revenue, hours_by_platform
from reports.pages.dashboard_counts import DashboardCounts
from reports.pages.dashboard_headline import Headline, dashboard_headline
from reports.pages.figure_links import FigureLinks
from reports.pages.next_action import Recommendation, recommendation
from reports.pages.period_report import PeriodReport, read_report
from reports.pages.platform_rows import PlatformRows, purpose_shown
from reports.verdicts.flags import FlagView, flag_views
from reports.verdicts.records import StoredVerdict
from reports.verdicts.weekly_changes import Change, ChangeKind

SUBJECTS_SHOWN = 10
# Percent of a budget from which on nothing of it is left.
USED_UP = 100


@dataclass(frozen=True)
class Freshness:
    """Until when the figures are complete, and whether changes wait to be counted."""

    as_of: datetime | None
    is_updating: bool


@dataclass(frozen=True)
class Dashboard:
    """The dashboard of one period under one set of filters: a report, arranged and put into words."""

    report: PeriodReport
    headline: Headline
    hours: DashboardChart | None
    money: DashboardChart
    waiting: Sequence[FlagView]
    freshness: Freshness
    has_any_figures: bool
    sales_since: int

    @property
    def rows(self) -> PlatformRows:
        return self.report.rows

    @property
    def missing(self) -> Missing:
        return self.report.missing

    @property
    def changes(self) -> list[Change]:
        return new_changes(self.report)

    @property
    def waiting_words(self) -> str:
        """Whose flags still wait, in a line: `Still open: Pinterest, Facebook, 3 budgets (1 used up)`."""
        subjects = [view.subject for view in self.waiting if not view.is_budget]
        if more := len(subjects[SUBJECTS_SHOWN:]):
            subjects[SUBJECTS_SHOWN:] = [ngettext("%(more)s more", "%(more)s more", more) % {"more": more}]
        budgets = [view for view in self.waiting if view.is_budget]
        if budgets:
            subjects.append(_budgets_words(budgets))
        return _("Still open: %(subjects)s") % {"subjects": ", ".join(subjects)}

    @property
    def margin(self) -> Fraction:
        return self.rows.total.margin

    @property
    def has_leads(self) -> bool:
        return bool(self.rows.total.figures.leads_millionths or self.rows.total.figures.sales_millionths)

    @property
    def has_hours(self) -> bool:
        return bool(self.rows.total.figures.minutes or self.rows.total.figures.spend_cents)

    @property
    def has_verdicts(self) -> bool:
        """Whether states are shown: they are spoken on all work for new customers, so not of a client or campaign."""
        filters = self.report.filters
        return filters.campaign is None and filters.client is None and self.purpose_shown is Purpose.REACH

    @property
    def purpose_shown(self) -> Purpose:
        return purpose_shown(self.report.filters)

    @property
    def period_words(self) -> str:
        """What the figures of the platforms' lines count."""
        weeks = self.report.period.weeks
        span = ngettext("In this week", "In these %(weeks)s weeks", weeks) % {"weeks": weeks}
        if self.purpose_shown is Purpose.REACH:
            return _("%(span)s, for new customers") % {"span": span}
        return _("%(span)s: %(purpose)s") % {"span": span, "purpose": self.purpose_shown.label}

    @property
    def recommendation(self) -> Recommendation | None:
        """None where one purpose is chosen: then the other hours, for which a limit leaves room, are not read."""
        return None if self.report.filters.purpose else recommendation(self.rows.platforms)

    @property
    def not_submitted_words(self) -> str:
        return not_submitted(self.missing)

    @property
    def leads_without_platform(self) -> int:
        """How many, a part of one counted whole, so that it is not told as none."""
        return math.ceil(self.missing.leads_without_platform)

    @property
    def judged(self) -> StoredVerdict | None:
        """The newest of the verdicts in the table, for when it was spoken and on what."""
        return self.report.newest_verdict


def read_dashboard(
    period: Period,
    filters: ReportFilters,
    links: FigureLinks,
    *,
    agency: Agency,
    at: datetime,
    platforms: Sequence[Platform] | None = None,
    counts: DashboardCounts | None = None,
) -> Dashboard:
    """Put the dashboard together; the number of queries does not depend on how much was logged.

    `links` lead from the figures of the headline to how they came about. `platforms` are all of them and `counts` those
    of the last complete week, where they were read already.
    """
    last_complete = agency.last_complete_week(at)
    counts = counts or DashboardCounts.read(last_complete)
    report = read_report(
        period,
        filters,
        agency=agency,
        last_complete=last_complete,
        platforms=platforms,
        won_without_sale=counts.won_without_sale,
        compares=False,
    )
    return Dashboard(
        report=report,
        headline=dashboard_headline(report, links),
        hours=hours_by_platform(report.figures, last_complete),
        money=cost_and_revenue(report.figures.of_week, period, last_complete),
        waiting=_waiting(report, at),
        freshness=_freshness(at, counts.swept_at, is_updating=counts.has_stale_marks),
        sales_since=counts.sales_since,
        has_any_figures=not report.rows.is_empty or PlatformWeek.objects.exists(),
    )


def new_changes(report: PeriodReport) -> list[Change]:
    """What the last week changed: a flag of an earlier week is still open, and no change."""
    return [change for change in report.changes if not _is_old(change, report.last_complete)]


def _waiting(report: PeriodReport, at: datetime) -> list[FlagView]:
    """Flags that want attention, but for those that a change of the week tells already."""
    shown = {change.flag.pk for change in new_changes(report) if change.flag}
    waiting = [flag for flag in report.flags if flag.wants_attention(at) and flag.pk not in shown]
    return flag_views(waiting, report.verdicts, at, agency=report.agency, tells_own_share=False)


def _is_old(change: Change, week: Week) -> bool:
    """Whether nothing is new but the hours of one more week above the limit, which an earlier flag calls out."""
    return bool(change.kind is ChangeKind.OVER_LIMIT and change.flag and change.flag.raised_on < week.monday)


def _budgets_words(alerts: Sequence[FlagView]) -> str:
    """How many budgets' alerts wait, and how many of them are of a budget that is used up."""
    words = ngettext("%(count)s budget", "%(count)s budgets", len(alerts)) % {"count": len(alerts)}
    used_up = sum((view.flag.threshold or 0) >= USED_UP for view in alerts)
    if not used_up:
        return words
    rest = ngettext("%(budgets)s (%(count)s used up)", "%(budgets)s (%(count)s used up)", used_up)
    return rest % {"budgets": words, "count": used_up}


def freshness(at: datetime) -> Freshness:
    """Figures are complete now unless a change waits; then they are as complete as the last sweep left them."""
    is_updating = StaleMark.objects.exists()
    swept = JobRun.objects.filter(name="sweep").values_list("finished_at", flat=True).first() if is_updating else None
    return _freshness(at, swept, is_updating=is_updating)


def _freshness(at: datetime, swept_at: datetime | None, *, is_updating: bool) -> Freshness:
    return Freshness(swept_at if is_updating else at, is_updating=is_updating)
