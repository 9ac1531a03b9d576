"""Everything the dashboard shows, put together once: the page, the export and the e-mail read the same figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import ngettext

from campaigns.models import Agency, JobRun, StaleMark
from reports.figures.data_quality import Missing, listed, missing
from reports.figures.query import Period, ReportFilters
from reports.models import PlatformWeek
from reports.pages.dashboard_charts import Picture, cost_and_revenue, hours_by_platform
from reports.pages.dashboard_headline import Answer, answer
from reports.pages.platform_rows import PlatformRows, platform_rows
from reports.verdicts.flags import Told, waiting
from reports.verdicts.records import Spoken
from reports.verdicts.weekly_changes import Change, changes


@dataclass(frozen=True)
class Freshness:
    """Until when the figures are complete, and whether changes wait to be counted."""

    as_of: datetime | None
    is_updating: bool


@dataclass(frozen=True)
class Board:
    """The dashboard of one period under one set of filters."""

    period: Period
    filters: ReportFilters
    lines: PlatformRows
    answer: Answer
    hours: Picture | None
    money: Picture
    changes: Sequence[Change]
    waiting: Sequence[Told]
    missing: Missing
    freshness: Freshness
    has_any_figures: bool

    @property
    def margin(self) -> Fraction:
        return self.lines.total.margin

    @property
    def has_leads(self) -> bool:
        return bool(self.lines.total.figures.leads_millionths or self.lines.total.figures.sales_millionths)

    @property
    def has_hours(self) -> bool:
        return bool(self.lines.total.figures.minutes or self.lines.total.figures.spend_cents)

    @property
    def not_submitted_words(self) -> str:
        names = [str(person) for person in self.missing.not_submitted]
        pattern = ngettext(
            "%(names)s has not submitted week %(week)s.", "%(names)s have not submitted week %(week)s.", len(names)
        )
        return pattern % {"names": listed(names), "week": self.missing.week} if names else ""

    @property
    def leads_without_platform(self) -> int:
        """How many, a part of one counted whole, so that it is not told as none."""
        return math.ceil(self.missing.leads_without_platform)

    @property
    def judged(self) -> Spoken | None:
        """The newest of the verdicts in the table, for when it was spoken and on what."""
        spoken = [line.verdict for line in self.lines.platforms if line.verdict]
        return max(spoken, key=lambda one: one.week, default=None)


def board(period: Period, filters: ReportFilters, *, agency: Agency, at: datetime) -> Board:
    """Put the dashboard together; the number of queries does not depend on how much was logged."""
    last_complete = agency.last_complete_week(at)
    table = platform_rows(period, filters, margin=agency.margin, last_complete=last_complete)
    lacking = missing(last_complete, period, filters)
    changed = changes(last_complete)
    told = {change.flag.pk for change in changed if change.flag}
    return Board(
        period=period,
        filters=filters,
        lines=table,
        answer=answer(
            table,
            period,
            filters,
            last_complete=last_complete,
            missing_people=len(lacking.not_submitted),
            expected_people=lacking.expected,
        ),
        hours=hours_by_platform(table, period, last_complete),
        money=cost_and_revenue(table.of_week, period, last_complete),
        changes=changed,
        waiting=[one for one in waiting(last_complete, at) if one.flag.pk not in told],
        missing=lacking,
        freshness=freshness(at),
        has_any_figures=not table.is_empty or PlatformWeek.objects.exists(),
    )


def freshness(at: datetime) -> Freshness:
    """Figures are complete now unless a change waits; then they are as complete as the last sweep left them."""
    if not StaleMark.objects.exists():
        return Freshness(at, is_updating=False)
    swept = JobRun.objects.filter(name="sweep").values_list("finished_at", flat=True).first()
    return Freshness(swept, is_updating=True)
